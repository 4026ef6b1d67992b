package remotetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/hadeploy/hadeploy/internal/remote"
)

// recorder is a testing.TB that keeps what would have failed the test.
type recorder struct {
	testing.TB
	errors  []string
	cleanup []func()
}

func (r *recorder) Helper()                   {}
func (r *recorder) Errorf(f string, a ...any) { r.errors = append(r.errors, fmt.Sprintf(f, a...)) }
func (r *recorder) Cleanup(f func())          { r.cleanup = append(r.cleanup, f) }

func (r *recorder) finish() []string {
	for _, f := range r.cleanup {
		f()
	}
	return r.errors
}

func TestAnswers(t *testing.T) {
	c := New(t, Script{
		{Label: "status", Stdout: "one\ntwo\n"},
		{Argv: []string{"id", "-u"}, Stdout: "0\n", Times: 2},
		{Script: "cibadmin", Args: []string{"x"}, Stdin: "<cib/>", Status: 3, Stderr: "bad"},
		{Label: "gone", Err: &remote.LostError{Node: "n1"}},
		{Label: "sometimes", Times: Any},
	})
	var lines []string
	res, err := c.Run(t.Context(), remote.Cmd{Label: "status", Argv: []string{"pcs", "status"}, OnLine: func(l string) { lines = append(lines, l) }})
	if err != nil || string(res.Stdout) != "one\ntwo\n" || strings.Join(lines, ",") != "one,two" {
		t.Errorf("got %+v, %q, %v", res, lines, err)
	}
	for range 2 {
		if res, err := c.Run(t.Context(), remote.Cmd{Argv: []string{"id", "-u"}}); err != nil || string(res.Stdout) != "0\n" {
			t.Errorf("got %+v, %v", res, err)
		}
	}
	res, err = c.Run(t.Context(), remote.Cmd{Script: "cibadmin --replace", Args: []string{"x"}, Stdin: strings.NewReader("<cib/>")})
	var failed *remote.CommandError
	if err != nil || !errors.As(res.Err("push"), &failed) || failed.Node != "n1" || failed.Status != 3 || failed.Stderr != "bad" {
		t.Errorf("got %+v, %v", res, err)
	}
	var lost *remote.LostError
	if _, err := c.Run(t.Context(), remote.Cmd{Label: "gone", Argv: []string{"x"}}); !errors.As(err, &lost) {
		t.Errorf("got %v", err)
	}
	if err := c.WriteFile(t.Context(), remote.File{Path: "/a", Content: []byte("b")}); err != nil || len(c.Files()) != 1 || c.Files()[0].Path != "/a" {
		t.Errorf("got %v, %v", c.Files(), err)
	}
	if got := c.Commands(); len(got) != 5 || got[3].Stdin != "<cib/>" || got[3].Reads {
		t.Errorf("got %v", got)
	}
	unlock, err := c.Lock(t.Context(), "me")
	if err != nil {
		t.Fatal(err)
	}
	var locked *remote.LockedError
	if _, err := c.Lock(t.Context(), "you"); !errors.As(err, &locked) {
		t.Errorf("got %v", err)
	}
	unlock()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Run(ctx, remote.Cmd{Argv: []string{"x"}}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	c.Die()
	<-c.Lost()
	if err := c.WriteFile(t.Context(), remote.File{Path: "/a"}); !errors.As(err, &lost) {
		t.Errorf("got %v", err)
	}
}

func TestRefuses(t *testing.T) {
	r := &recorder{TB: t}
	c := New(r, Script{{Argv: []string{"once"}}, {Label: "never"}})
	if _, err := c.Run(t.Context(), remote.Cmd{Argv: []string{"once"}}); err != nil {
		t.Error(err)
	}
	for _, argv := range [][]string{{"once"}, {"other", "a b"}} {
		if _, err := c.Run(t.Context(), remote.Cmd{Argv: argv}); err == nil {
			t.Errorf("%q was answered", argv)
		}
	}
	got := r.finish()
	if len(got) != 3 || !strings.Contains(got[1], "unexpected command: argv 'other' 'a b'") || !strings.Contains(got[2], "never run") {
		t.Errorf("got %q", got)
	}
}
