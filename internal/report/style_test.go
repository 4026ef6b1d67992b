package report

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/steps"
)

// openPty gives a real terminal of 70x20 and the side that reads it.
func openPty(t *testing.T) (master, tty *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("no pseudo terminals here: ", err)
	}
	t.Cleanup(func() { _ = master.Close() })
	fd := int(master.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Skip("no pseudo terminals here: ", err)
	}
	slave, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.TIOCGPTPEER, unix.O_RDWR|unix.O_NOCTTY)
	if errno != 0 {
		t.Skip("no pseudo terminals here: ", errno)
	}
	tty = os.NewFile(slave, "tty")
	t.Cleanup(func() { _ = tty.Close() })
	if err := unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Col: 70, Row: 20}); err != nil {
		t.Fatal(err)
	}
	return master, tty
}

func TestStyleFor(t *testing.T) {
	_, tty := openPty(t)
	file, err := os.Create(t.TempDir() + "/log")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for _, c := range []struct {
		name string
		f    *os.File
		env  string
		want Style
	}{
		{"a terminal", tty, "TERM=xterm", Style{true, 70}},
		{"a dumb terminal", tty, "TERM=dumb", Style{false, 70}},
		{"no colour wanted", tty, "TERM=xterm NO_COLOR=1", Style{false, 70}},
		{"no colour beats force", tty, "NO_COLOR=1 CLICOLOR_FORCE=1", Style{false, 70}},
		{"the terminal's width beats COLUMNS", tty, "COLUMNS=33", Style{true, 70}},
		{"a file", file, "TERM=xterm", Style{false, noTermWidth}},
		{"a file, colour forced", file, "CLICOLOR_FORCE=1", Style{true, noTermWidth}},
		{"a file, colour not forced", file, "CLICOLOR_FORCE=0", Style{false, noTermWidth}},
		{"a file with COLUMNS", file, "COLUMNS=132", Style{false, 132}},
		{"nonsense in COLUMNS", file, "COLUMNS=-3", Style{false, noTermWidth}},
		{"no stream", nil, "", Style{false, noTermWidth}},
	} {
		got := StyleFor(c.f, func(name string) string {
			for _, kv := range strings.Fields(c.env) {
				if k, v, _ := strings.Cut(kv, "="); k == name {
					return v
				}
			}
			return ""
		})
		if got != c.want {
			t.Errorf("%s: got %+v, want %+v", c.name, got, c.want)
		}
	}
}

// On a real terminal auto is tty, and what stays is what the golden screen has.
func TestAutoOnARealTerminal(t *testing.T) {
	t.Setenv("TERM", "xterm")
	master, tty := openPty(t)
	text := make(chan string)
	go func() {
		var all strings.Builder
		buf := make([]byte, 4096)
		for !strings.Contains(all.String(), "the end") {
			n, err := master.Read(buf)
			if err != nil {
				break
			}
			all.Write(buf[:n])
		}
		text <- all.String()
	}()
	c := &clock{testStart}
	p, err := NewProgress("auto", ProgressOptions{W: tty, Now: c.now, Tick: make(chan time.Time)})
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := p.(*ttyProgress); !ok {
		t.Fatalf("auto is %T", p)
	}
	playOn(p, c, aRun(testStart.Add(time.Second)), func(timed) {})
	p.Close()
	_, _ = tty.WriteString("the end\n")
	s := newScreen(t, 70, 20)
	// The driver has made \r\n of each \n.
	_, _ = s.Write([]byte(strings.ReplaceAll(<-text, "\r\n", "\n")))
	stays(t, s.all())

	p, err = NewProgress("auto", ProgressOptions{W: &strings.Builder{}})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if _, ok := p.(*plainProgress); !ok {
		t.Errorf("auto without a terminal is %T", p)
	}
}

func TestCells(t *testing.T) {
	for text, want := range map[string]int{
		"": 0, "abc": 3, "日本": 4, "e\u0301": 1, "\x1b[31mred\x1b[0m": 3, "ü": 1, "한": 2, "😀": 2,
	} {
		if got := cells(text); got != want {
			t.Errorf("cells(%q) = %d, want %d", text, got, want)
		}
	}
}

func TestFit(t *testing.T) {
	for _, c := range []struct {
		text string
		n    int
		want string
	}{
		{"short", 5, "short"}, {"longer", 5, "lo..."}, {"日本語日本語", 8, "日本..."}, {"abcdef", 3, "..."}, {"abcdef", 0, ""}, {"abcdef", -1, ""},
	} {
		if got := fit(c.text, c.n); got != c.want || cells(got) > max(0, c.n) {
			t.Errorf("fit(%q, %d) = %q, want %q", c.text, c.n, got, c.want)
		}
	}
}

func TestFlow(t *testing.T) {
	words := strings.Fields("a bb ccc dddd eeeee")
	for _, c := range []struct {
		first, rest int
		want        []string
	}{
		{80, 80, []string{"a bb ccc dddd eeeee"}},
		{4, 8, []string{"a bb", "ccc dddd", "eeeee"}},
		{0, 8, []string{"", "a bb ccc", "dddd", "eeeee"}},
		{2, 2, []string{"a", "bb", "ccc", "dddd", "eeeee"}},
	} {
		if d := cmp.Diff(c.want, flow(words, c.first, c.rest)); d != "" {
			t.Errorf("%d, %d:\n%s", c.first, c.rest, d)
		}
	}
}

func TestDuration(t *testing.T) {
	for d, want := range map[time.Duration][2]string{
		-time.Second:                        {"0.0s", "0s"},
		0:                                   {"0.0s", "0s"},
		340 * time.Millisecond:              {"0.3s", "0s"},
		9960 * time.Millisecond:             {"10s", "9s"},
		41*time.Second + 900e6:              {"42s", "41s"},
		time.Minute:                         {"60s", "60s"},
		71 * time.Second:                    {"71s", "71s"},
		123 * time.Second:                   {"2m03s", "2m03s"},
		5 * time.Minute:                     {"5m00s", "5m"},
		59*time.Minute + 59*time.Second:     {"59m59s", "59m59s"},
		62*time.Minute + 10*time.Second:     {"1h02m", "1h02m"},
		25*time.Hour + 30*time.Minute + 1e9: {"25h30m", "25h30m"},
	} {
		if got := [2]string{duration(d), seconds(d)}; got != want {
			t.Errorf("%v: got %v, want %v", d, got, want)
		}
	}
}

func TestByReason(t *testing.T) {
	got := byReason([]string{"auth: n2 failed at packages", "odd", "cib: n2 failed at packages", "verify: cib: failed"})
	if d := cmp.Diff([]string{"auth, cib: n2 failed at packages", "odd", "verify: cib: failed"}, got); d != "" {
		t.Error(d)
	}
}

var _ steps.Event = steps.RunDone{} // the renderers take the engine's own events

func TestFold(t *testing.T) {
	on := func(node, kind, id string) plan.Change {
		return plan.Change{Node: node, Action: plan.Create, Kind: kind, ID: id}
	}
	pcs := func(c plan.Change, pcs string) plan.Change { c.Pcs = pcs; return c }
	for _, c := range []struct {
		name    string
		changes []plan.Change
		want    string // sections: nodes: kind ids [pcs]
	}{
		{"the same on all", []plan.Change{on("n1", "package", "a"), on("n2", "package", "a"), on("n3", "package", "a")}, "n1 n2 n3: package a"},
		{"in the order of the inventory", []plan.Change{on("n3", "package", "a"), on("n1", "package", "a")}, "n1 n3: package a"},
		{"several ids", []plan.Change{on("n1", "package", "a"), on("n1", "package", "b")}, "n1: package a,b"},
		{"common first, the cluster last", []plan.Change{on("", "group", "g"), on("n2", "file", "f"), on("n1", "package", "a"), on("n2", "package", "a")},
			"n1 n2: package a; n2: file f; : group g"},
		{"the same twice", []plan.Change{on("n1", "package", "a"), on("n1", "package", "a")}, "n1: package a,a"},
		{"the node's own name", []plan.Change{pcs(on("n1", "authentication", "n1"), "pcs x n1"), pcs(on("n2", "authentication", "n2"), "pcs x n2")},
			"n1 n2: authentication  [pcs x NODE]"},
		{"on one node it keeps its name", []plan.Change{pcs(on("n1", "authentication", "n1"), "pcs x n1")}, "n1: authentication n1 [pcs x n1]"},
		{"a command for all", []plan.Change{pcs(on("n1", "x", "y"), "pcs x n1 n2"), pcs(on("n2", "x", "y"), "pcs x n1 n2")}, "n1 n2: x y [pcs x n1 n2]"},
		{"different commands", []plan.Change{pcs(on("n1", "x", "y"), "pcs a"), pcs(on("n2", "x", "y"), "pcs b")}, "n1: x y [pcs a]; n2: x y [pcs b]"},
		{"unknown nodes go last", []plan.Change{on("zz", "x", "y"), on("n3", "x", "y")}, "n3 zz: x y"},
	} {
		var got []string
		for _, sec := range fold(&plan.Plan{Nodes: threeNodes, Changes: c.changes}) {
			var items []string
			for _, it := range sec.items {
				item := it.Kind + " " + strings.Join(it.ids, ",")
				if it.Pcs != "" {
					item += " [" + it.Pcs + "]"
				}
				items = append(items, item)
			}
			got = append(got, strings.Join(sec.nodes, " ")+": "+strings.Join(items, " + "))
		}
		if s := strings.Join(got, "; "); s != c.want {
			t.Errorf("%s: got %q, want %q", c.name, s, c.want)
		}
	}
}

// No change may be lost, whatever the folding does.
func TestFoldKeepsEveryChange(t *testing.T) {
	for _, p := range []*plan.Plan{barePlan(), driftPlan(), hostilePlan()} {
		n := 0
		for _, sec := range fold(p) {
			n += sec.changes()
		}
		if n != len(p.Changes) {
			t.Errorf("%d of %d changes", n, len(p.Changes))
		}
	}
}
