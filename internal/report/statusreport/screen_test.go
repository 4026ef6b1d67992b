package statusreport

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/hadeploy/hadeploy/internal/report/reporttest"
)

// On a terminal the text is replaced in place, whatever its length and the
// window's; what stood above stays, and at the end the whole text does.
func TestStatusScreen(t *testing.T) {
	vt := reporttest.NewScreen(t, 30, 8)
	_, _ = io.WriteString(vt, "$ hadeploy status --watch\n")
	s := &Screen{W: vt, TTY: true, Size: func() (int, int) { return vt.Width, vt.Height }}
	show := func(text, want string) {
		t.Helper()
		if err := s.Show(time.Now(), text); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(append(vt.History, vt.String()), "\n"); strings.TrimSpace(got) != strings.TrimSpace(want) {
			t.Fatalf("got:\n%s\nwant:\n%s", got, want)
		}
	}
	show("one\ntwo\nthree\n", "$ hadeploy status --watch\n\none\ntwo\nthree")
	show("uno\n", "$ hadeploy status --watch\n\nuno")
	show("a\nb\nc\nd\ne\nf\ng\nh\n", "$ hadeploy status --watch\n\na\nb\nc\nd\ne\n... 3 lines more: enlarge the ")
	show(strings.Repeat("w", 40)+"\nb\n", "$ hadeploy status --watch\n\n"+strings.Repeat("w", 30)+"\nb")
	vt.Resize(20, 5)
	if err := s.Show(time.Now(), "a\nb\nc\nd\n"); err != nil {
		t.Fatal(err)
	}
	if err := s.End(); err != nil {
		t.Fatal(err)
	}
	seen := strings.Join(vt.History, "\n") + "\n" + vt.String()
	if !strings.HasSuffix(strings.TrimSpace(seen), "\na\nb\nc\nd") || strings.Count(seen, "hadeploy") != 1 || strings.Contains(seen, "more") {
		t.Errorf("at the end:\n%s", seen)
	}
	if err := s.End(); err != nil {
		t.Fatal(err)
	}
}

// Without a terminal there are no codes, and each block says of when it is.
func TestStatusScreenOfAPipe(t *testing.T) {
	var b bytes.Buffer
	s := &Screen{W: &b}
	for i := range 2 {
		if err := s.Show(time.Date(2026, 11, 23, 6, 0, i, 0, time.UTC), "all well\n"); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.End(); err != nil {
		t.Fatal(err)
	}
	if want := "---- 2026-11-23T06:00:00Z ----\nall well\n\n---- 2026-11-23T06:00:01Z ----\nall well\n\n"; b.String() != want {
		t.Errorf("got %q", b.String())
	}
	if err := (&Screen{W: reporttest.BrokenPipe{}}).Show(time.Now(), "x"); err == nil {
		t.Error("a closed pipe is no error")
	}
}
