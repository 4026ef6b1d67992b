package lab

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// shortTask bounds the small commands (ip, mount, dpkg-deb): they take
// milliseconds, so one that takes longer than this hangs.
const shortTask = 20 * time.Second

// command is one external program to run to its end.
type command struct {
	args    []string
	stdin   string
	stdout  io.Writer // nil: returned as text
	stderr  io.Writer // nil: kept for the error only
	timeout time.Duration
	env     []string // nil: the caller's
	// deathSign is sent to the program when the calling thread ends.
	deathSign syscall.Signal
}

// run starts c, waits for it and returns its standard output. The program gets
// a process group of its own, so that an interrupt from the terminal reaches
// only this program, which then ends the child in an orderly way.
// The error names the command and holds the end of its standard error.
func (c command) run(ctx context.Context) (string, error) {
	if c.timeout == 0 {
		c.timeout = shortTask
	}
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, c.args[0], c.args[1:]...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: c.deathSign}
	cmd.WaitDelay = 2 * time.Second
	cmd.Env = c.env
	if c.stdin != "" {
		cmd.Stdin = strings.NewReader(c.stdin)
	}
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = c.stdout, &errOut
	if c.stdout == nil {
		cmd.Stdout = &out
	}
	if c.stderr != nil {
		cmd.Stderr = io.MultiWriter(&errOut, c.stderr)
	}
	err := cmd.Run()
	if err == nil {
		return out.String(), nil
	}
	if ctx.Err() != nil {
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return out.String(), fmt.Errorf("%s: no end after %s%s", c, c.timeout, said(errOut.String()))
		}
		return out.String(), fmt.Errorf("%s: %w", c, ctx.Err())
	}
	return out.String(), fmt.Errorf("%s: %w%s", c, err, said(errOut.String()))
}

// String is the command as a person would recognise it.
func (c command) String() string {
	s := strings.Join(c.args, " ")
	if len(s) > 160 {
		s = s[:160] + " ..."
	}
	return s
}

// said renders the end of a program's output as the tail of an error.
func said(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	if len(lines) > 12 {
		lines = lines[len(lines)-12:]
	}
	if len(lines) == 1 && lines[0] == "" {
		return ""
	}
	return ": " + strings.Join(lines, "\n  ")
}

// run is command.run for the common case.
func run(ctx context.Context, args ...string) (string, error) {
	return command{args: args}.run(ctx)
}

// runInput is run with text on standard input.
func runInput(ctx context.Context, stdin string, args ...string) error {
	_, err := command{args: args, stdin: stdin}.run(ctx)
	return err
}

// poll calls done every step until it says true, fails, or ctx ends.
func poll(ctx context.Context, step time.Duration, done func() (bool, error)) error {
	tick := time.NewTicker(step)
	defer tick.Stop()
	for {
		ok, err := done()
		if ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}
