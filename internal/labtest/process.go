package labtest

import (
	"bytes"
	"context"
	"os/exec"
	"sync"
	"time"
)

// Process is a run of the program that goes on in the background.
type Process struct {
	Cmd  *exec.Cmd
	Out  *Output // stdout
	Err  *Output // stderr: the progress
	Done chan struct{}
	args []string
	took time.Duration
}

// Start runs the program in the background.
func (l *Lab) Start(ctx context.Context, env []string, args ...string) (*Process, error) {
	return l.StartKilledAt(ctx, 0, env, args...)
}

// StartKilledAt kills it outright when it has told so many lines of progress.
func (l *Lab) StartKilledAt(ctx context.Context, line int, env []string, args ...string) (*Process, error) {
	p := &Process{Cmd: l.Command(ctx, env, args...), Out: &Output{}, Err: &Output{at: line}, Done: make(chan struct{}), args: args}
	p.Err.then = func() { _ = p.Cmd.Process.Kill() }
	p.Cmd.Stdout, p.Cmd.Stderr = p.Out, p.Err
	began := time.Now()
	if err := p.Cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = p.Cmd.Wait() // the exit status is in ProcessState
		p.took = time.Since(began)
		close(p.Done)
	}()
	return p, nil
}

// Result waits for the end.
func (p *Process) Result() Result {
	<-p.Done
	return Result{Args: p.args, Out: p.Out.String(), Err: p.Err.String(), Code: p.Cmd.ProcessState.ExitCode(), Took: p.took}
}

// Output is what a program prints; it can call somebody at a certain line.
type Output struct {
	mu    sync.Mutex
	buf   bytes.Buffer
	lines int
	at    int
	then  func()
}

// Write implements io.Writer.
func (o *Output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, c := range b {
		if c == '\n' {
			if o.lines++; o.lines == o.at {
				o.then()
			}
		}
	}
	return o.buf.Write(b)
}

func (o *Output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}
