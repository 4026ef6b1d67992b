package remote

import (
	"errors"
	"strings"
	"testing"
)

func TestResultErr(t *testing.T) {
	if err := (Result{Status: 0, Stderr: []byte("warning")}).Err("x"); err != nil {
		t.Error(err)
	}
	r := Result{Node: "n1", Status: 3, Stderr: []byte("1\n2\n3\n\n4\n5\r\n6 \x1b[31mred\x1b]52;c;x\x07\u202e\xff\n")}
	err := r.Err("do it")
	var c *CommandError
	if !errors.As(err, &c) || c.Node != "n1" || c.Label != "do it" || c.Status != 3 {
		t.Fatalf("got %#v", err)
	}
	if want := "2\n3\n4\n5\n" + `6 \x1b[31mred\x1b]52;c;x\a\u202e\ufffd`; c.Stderr != want {
		t.Errorf("got  %q\nwant %q", c.Stderr, want)
	}
	if got := err.Error(); !strings.HasPrefix(got, "n1: do it: exit status 3: 2\n") {
		t.Errorf("got %q", got)
	}
	r.sensitive = true
	if got := r.Err("do it").Error(); got != "n1: do it: exit status 3" {
		t.Errorf("a sensitive command is quoted: %q", got)
	}
	huge := Result{Status: 1, Stderr: []byte(strings.Repeat("x", 50<<20))}
	if got := huge.Err("x").Error(); len(got) > 2000 {
		t.Errorf("%d characters", len(got))
	}
}
