package main

import (
	"fmt"
	"os"

	xterm "golang.org/x/term"

	"github.com/hadeploy/hadeploy/internal/report/term"
	"github.com/hadeploy/hadeploy/internal/secret"
	"github.com/hadeploy/hadeploy/steps"
)

// passphrase asks the person at the terminal, and leaves the terminal as it was
// when that person presses Ctrl-C instead.
func passphrase(s *session, path string) (secret.Value, error) {
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		return secret.Value{}, fmt.Errorf("the key %s has a passphrase and there is no terminal to ask for it; use an ssh agent", path)
	}
	fd := int(tty.Fd())
	before, err := xterm.GetState(fd)
	if err != nil {
		_ = tty.Close()
		return secret.Value{}, err
	}
	type answer struct {
		text []byte
		err  error
	}
	typed := make(chan answer, 1)
	fmt.Fprintf(tty, "Passphrase for %s: ", term.Clean(path))
	go func() { // ends with the line, or with the program, which then has the terminal open still
		b, err := xterm.ReadPassword(fd)
		typed <- answer{b, err}
	}()
	ctx, done := steps.UntilStopped(s.ctx, s.stop)
	defer done()
	select {
	case a := <-typed:
		fmt.Fprintln(tty)
		_ = tty.Close()
		if a.err != nil {
			return secret.Value{}, a.err
		}
		return secret.New(string(a.text)), nil
	case <-ctx.Done():
		_ = xterm.Restore(fd, before)
		fmt.Fprintln(tty)
		return secret.Value{}, steps.ErrInterrupted
	}
}
