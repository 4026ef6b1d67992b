// Package remotetest is a scripted node for tests: it answers the commands
// that a test expects and refuses every other.
package remotetest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hadeploy/hadeploy/internal/remote"
)

// Call is a command that is expected, and its answer. Of the first fields,
// those that are set must match.
type Call struct {
	Label  string
	Argv   []string
	Script string   // a part of the script
	Args   []string // of the script
	Stdin  string   // all of it

	Stdout, Stderr string
	Status         int
	Err            error // given in place of a result

	Times int // 0: once; Any: as often as it comes, or never
}

// Any lets a Call match any number of times.
const Any = -1

// Script is what a node expects. A command takes the first Call that matches
// and is not used up.
type Script []Call

// Command is a command as it came.
type Command struct {
	Label  string
	Argv   []string
	Script string
	Args   []string
	Stdin  string
	Reads  bool
}

func (c Command) String() string {
	text := c.Label
	if len(c.Argv) > 0 {
		text += " argv " + remote.Quote(c.Argv...)
	}
	if c.Script != "" {
		text += fmt.Sprintf(" script %q args %q", c.Script, c.Args)
	}
	if c.Stdin != "" {
		text += fmt.Sprintf(" stdin %q", c.Stdin)
	}
	return strings.TrimSpace(text)
}

// Conn is the scripted node. It implements remote.Conn. Set its fields before
// use.
type Conn struct {
	Name      string                  // in errors; New sets "n1"
	LockedBy  string                  // somebody else who holds the lock
	FailWrite func(remote.File) error // asked before each WriteFile, may be nil

	t    testing.TB
	lost chan struct{}

	mu       sync.Mutex
	script   Script
	used     []int
	commands []Command
	files    []remote.File
	locked   bool
	dead     error
}

// New makes a node. When the test ends, calls that were expected and did not
// come are errors.
func New(t testing.TB, script Script) *Conn {
	c := &Conn{Name: "n1", t: t, script: script, used: make([]int, len(script)), lost: make(chan struct{})}
	t.Cleanup(func() {
		t.Helper()
		for _, left := range c.Unused() {
			t.Errorf("%s: expected and never run: %+v", c.Name, left)
		}
	})
	return c
}

// Unused are the expected calls that have not come.
func (c *Conn) Unused() []Call {
	c.mu.Lock()
	defer c.mu.Unlock()
	var left []Call
	for i, call := range c.script {
		if call.Times != Any && c.used[i] < max(call.Times, 1) {
			left = append(left, call)
		}
	}
	return left
}

// Commands are the commands that came, in order.
func (c *Conn) Commands() []Command {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.commands)
}

// Files are the files that were written, in order.
func (c *Conn) Files() []remote.File {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.files)
}

// Die ends the connection, as a power loss does.
func (c *Conn) Die() { c.end(errors.New("the node went away")) }

func (c *Conn) end(why error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.dead == nil {
		c.dead = why
		close(c.lost)
	}
}

// Node is the inventory name.
func (c *Conn) Node() string { return c.Name }

// Lost implements remote.Conn.
func (c *Conn) Lost() <-chan struct{} { return c.lost }

// Close implements remote.Conn.
func (c *Conn) Close() error {
	c.end(errors.New("the connection was closed"))
	return nil
}

// ready is an error when the context or the connection has ended.
func (c *Conn) ready(ctx context.Context, label string) error {
	if ctx.Err() != nil {
		return &remote.InterruptedError{Node: c.Name, Label: label, Err: context.Cause(ctx)}
	}
	if c.dead != nil {
		return &remote.LostError{Node: c.Name, Label: label, Err: c.dead}
	}
	return nil
}

// Run implements remote.Conn.
func (c *Conn) Run(ctx context.Context, cmd remote.Cmd) (remote.Result, error) {
	c.t.Helper()
	if (len(cmd.Argv) > 0) == (cmd.Script != "") {
		c.t.Errorf("%s: %s: exactly one of Argv and Script must be set", c.Name, cmd.Label)
	}
	got := Command{Label: cmd.Label, Argv: cmd.Argv, Script: cmd.Script, Args: cmd.Args, Reads: cmd.Reads}
	if cmd.Stdin != nil {
		b, err := io.ReadAll(cmd.Stdin)
		if err != nil {
			return remote.Result{}, fmt.Errorf("%s: %s: reading its input: %w", c.Name, cmd.Label, err)
		}
		got.Stdin = string(b)
	}
	call, err := c.answer(ctx, got)
	if err != nil {
		return remote.Result{}, err
	}
	limit := cmd.Limit
	if limit <= 0 {
		limit = remote.DefaultLimit
	}
	if len(call.Stdout) > limit {
		return remote.Result{}, &remote.LimitError{Node: c.Name, Label: cmd.Label, Stream: "stdout", Limit: limit, Unknown: !cmd.Reads}
	}
	if cmd.OnLine != nil {
		for line := range strings.Lines(call.Stdout) {
			cmd.OnLine(strings.TrimSuffix(line, "\n"))
		}
	}
	return remote.Result{Node: c.Name, Stdout: []byte(call.Stdout), Stderr: []byte(call.Stderr), Status: call.Status, Took: time.Millisecond}, nil
}

// answer finds the call that a command matches.
func (c *Conn) answer(ctx context.Context, got Command) (Call, error) {
	c.t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.ready(ctx, got.Label); err != nil {
		return Call{}, err
	}
	c.commands = append(c.commands, got)
	for i, call := range c.script {
		if call.matches(got) && (call.Times == Any || c.used[i] < max(call.Times, 1)) {
			c.used[i]++
			return call, call.Err
		}
	}
	c.t.Errorf("%s: unexpected command: %s", c.Name, got)
	return Call{}, fmt.Errorf("%s: unexpected command: %s", c.Name, got)
}

func (call Call) matches(got Command) bool {
	return (call.Label == "" || call.Label == got.Label) &&
		(call.Argv == nil || slices.Equal(call.Argv, got.Argv)) &&
		(call.Script == "" || strings.Contains(got.Script, call.Script)) &&
		(call.Args == nil || slices.Equal(call.Args, got.Args)) &&
		(call.Stdin == "" || call.Stdin == got.Stdin)
}

// WriteFile implements remote.Conn.
func (c *Conn) WriteFile(ctx context.Context, f remote.File) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.ready(ctx, "write "+f.Path); err != nil {
		return err
	}
	if c.FailWrite != nil {
		if err := c.FailWrite(f); err != nil {
			return err
		}
	}
	f.Content = slices.Clone(f.Content)
	c.files = append(c.files, f)
	return nil
}

// Lock implements remote.Conn.
func (c *Conn) Lock(ctx context.Context, _ string) (func(), error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.ready(ctx, "lock"); err != nil {
		return nil, err
	}
	if c.locked || c.LockedBy != "" {
		return nil, &remote.LockedError{Node: c.Name, Holder: c.LockedBy}
	}
	c.locked = true
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.locked = false
	}, nil
}

var _ remote.Conn = (*Conn)(nil)
