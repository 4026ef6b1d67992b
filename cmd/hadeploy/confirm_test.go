package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/hadeploy/hadeploy/internal/report/progress"
	"github.com/hadeploy/hadeploy/steps"
)

// TestConfirmWithoutTerminal: nothing goes on unasked, and nothing hangs.
func TestConfirmWithoutTerminal(t *testing.T) {
	var out strings.Builder
	a := &app{in: strings.NewReader("yes\n"), err: &out}
	err := a.confirm(&session{}, "Go on? ", "yes", "--yes")
	if err == nil || !strings.Contains(err.Error(), "no terminal to ask on, and nothing was changed") || exitCode(err) != 1 {
		t.Errorf("%v", err)
	}
	var h interface{ Hint() string }
	if !errors.As(err, &h) || !strings.Contains(h.Hint(), "--yes") {
		t.Errorf("the hint does not name --yes: %v", err)
	}
	if out.Len() > 0 {
		t.Errorf("it asked: %s", out.String())
	}
}

// TestConfirm: at a terminal only the very word goes on.
func TestConfirm(t *testing.T) {
	for typed, want := range map[string]string{
		"yes\n":    "",
		" yes \n":  "",
		"y\n":      "not confirmed; nothing was changed",
		"YES\n":    "not confirmed; nothing was changed",
		"yes no\n": "not confirmed; nothing was changed",
		"\n":       "not confirmed; nothing was changed",
		"\x04":     "not confirmed; nothing was changed", // Ctrl-D: the end of input
	} {
		t.Run(fmt.Sprintf("%q", typed), func(t *testing.T) {
			person, terminal := openTerminal(t)
			var out strings.Builder
			a := &app{in: terminal, err: &out}
			if _, err := person.WriteString(typed); err != nil {
				t.Fatal(err)
			}
			got := ""
			if err := a.confirm(asking(t, nil), "Go on? ", "yes", "--yes"); err != nil {
				got = err.Error()
			}
			if got != want {
				t.Errorf("got %q, want %q", got, want)
			}
			if !strings.Contains(out.String(), "Go on? ") {
				t.Errorf("it did not ask: %q", out.String())
			}
		})
	}
}

// TestConfirmInterrupted: Ctrl-C at the question leaves, with its own exit
// status.
func TestConfirmInterrupted(t *testing.T) {
	_, terminal := openTerminal(t)
	stop := make(chan struct{})
	time.AfterFunc(50*time.Millisecond, func() { close(stop) })
	a := &app{in: terminal, err: &strings.Builder{}}
	err := a.confirm(asking(t, stop), "Go on? ", "yes", "--yes")
	if !errors.Is(err, steps.ErrInterrupted) || exitCode(err) != 130 {
		t.Errorf("%v", err)
	}
}

func asking(t *testing.T, stop chan struct{}) *session {
	t.Helper()
	p, err := progress.New("quiet", progress.Options{W: &strings.Builder{}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return &session{ctx: context.Background(), progress: p, stop: stop}
}

// openTerminal makes a pseudo terminal: what the person types is written to
// the one end, and the program has the other.
func openTerminal(t *testing.T) (person, terminal *os.File) {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("no pseudo terminals here: %v", err)
	}
	t.Cleanup(func() { _ = person.Close() })
	n, err := unix.IoctlGetInt(int(person.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Skipf("no pseudo terminals here: %v", err)
	}
	if err := unix.IoctlSetPointerInt(int(person.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	terminal, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("no pseudo terminals here: %v", err)
	}
	t.Cleanup(func() { _ = terminal.Close() })
	return person, terminal
}

// TestQuestionsBreakBetweenWords: no word of a question is cut by the edge of a
// terminal, and the blank to type behind stays.
func TestQuestionsBreakBetweenWords(t *testing.T) {
	got := wrapped("This interrupts what runs now: web-server-with-a-long-name on n1, vip on n1, database-one on n2.\n"+
		"Do you want to make these changes? Only 'yes' will be accepted: ", 80)
	want := "This interrupts what runs now: web-server-with-a-long-name on n1, vip on\n" +
		"n1, database-one on n2.\n" +
		"Do you want to make these changes? Only 'yes' will be accepted: "
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
