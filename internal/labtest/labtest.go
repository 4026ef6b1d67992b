// Package labtest is for tests only: it builds the program, boots nodes with
// hadeploy lab, and runs the program as a user does, without a terminal and
// with no secret in its environment.
package labtest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// labs counts the labs of this process; each has a name of its own.
var labs atomic.Int64

// build builds the program under test. Remove takes it away again.
func build() (binary string, remove func(), err error) {
	dir, err := os.MkdirTemp("", "hadeploy-it-")
	if err != nil {
		return "", nil, err
	}
	remove = func() { _ = os.RemoveAll(dir) }
	binary = filepath.Join(dir, "hadeploy")
	build := exec.CommandContext(context.Background(), "go", "build", "-o", binary, "github.com/hadeploy/hadeploy/cmd/hadeploy")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		remove()
		return "", nil, fmt.Errorf("building hadeploy: %w\n%s", err, out)
	}
	return binary, remove, nil
}

// Main runs the tests of a package with the program built, whose path is then in
// binary. Without root nothing is built, and it says so of what.
func Main(m *testing.M, what string, binary *string) int {
	if os.Getuid() != 0 {
		fmt.Fprintln(os.Stdout, what+" skipped: real nodes need root")
		return m.Run()
	}
	built, remove, err := build()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer remove()
	*binary = built
	return m.Run()
}

// NeedRoot skips a test that cannot have nodes.
func NeedRoot(t testing.TB) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("needs root: the nodes are containers with their own systemd and network")
	}
}

// Lab is a set of nodes that a test made, and a folder to work in.
type Lab struct {
	Binary string
	Dir    string // inventory.yaml, id_ed25519, known_hosts, lab.json
	Work   string // playbooks; where the program runs
	State  State
}

// State is what the tests read of lab.json.
type State struct {
	Name      string
	Networks  []string
	FreeFirst string `json:"free_first"`
	Nodes     []struct {
		Name, Address string
		Links         []string
		Powered       bool
	}
}

// Up boots the nodes n1, n2 and n3, which belong to this process. Down ends
// them, also when Up fails.
func Up(ctx context.Context, binary, dir, work, image string, more ...string) (*Lab, error) {
	l := &Lab{Binary: binary, Dir: dir, Work: work}
	name := fmt.Sprintf("it%d-%d", os.Getpid(), labs.Add(1))
	args := append([]string{"lab", "up", "--image", image, "--dir", dir, "--name", name, "--owner", fmt.Sprint(os.Getpid()), "--replace"}, more...)
	if r := l.Exec(ctx, 15*time.Minute, nil, args...); r.Code != 0 {
		return l, fmt.Errorf("lab up: %s", r)
	}
	var err error
	l.State, err = l.Read()
	return l, err
}

// Read reads the state anew.
func (l *Lab) Read() (s State, err error) {
	b, err := os.ReadFile(filepath.Join(l.Dir, "lab.json"))
	if err == nil {
		err = json.Unmarshal(b, &s)
	}
	if err == nil && s.FreeFirst == "" {
		err = errors.New("it names no free address")
	}
	if err != nil {
		return s, fmt.Errorf("lab.json: %w: %s", err, b)
	}
	return s, nil
}

// Down ends the lab and leaves nothing of it.
func (l *Lab) Down() error {
	if r := l.Exec(context.Background(), 2*time.Minute, nil, "lab", "down", "--dir", l.Dir); r.Code != 0 {
		return fmt.Errorf("lab down: %s", r)
	}
	return nil
}

// Result is what a run of the program gave. Code is -1 when it could not be
// run or was ended by a signal.
type Result struct {
	Args     []string
	Out, Err string
	Code     int
	Took     time.Duration
}

func (r Result) String() string {
	return fmt.Sprintf("hadeploy %s: exit %d after %s\n--- stdout\n%s\n--- stderr\n%s", strings.Join(r.Args, " "), r.Code, r.Took.Round(time.Millisecond), r.Out, r.Err)
}

// Command is the program, ready to be run; the playbooks are in its folder.
func (l *Lab) Command(ctx context.Context, env []string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, l.Binary, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 30 * time.Second
	cmd.Dir = l.Work
	cmd.Env = append(os.Environ(), append([]string{"NO_COLOR=1", "XDG_STATE_HOME=" + filepath.Join(l.Work, "state")}, env...)...)
	return cmd
}

// Exec runs the program to its end; after the timeout it is told to end.
func (l *Lab) Exec(ctx context.Context, timeout time.Duration, env []string, args ...string) Result {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return Finish(l.Command(ctx, env, args...), args)
}

// Finish runs a command to its end.
func Finish(cmd *exec.Cmd, args []string) Result {
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	began := time.Now()
	err := cmd.Run()
	r := Result{Args: args, Out: out.String(), Err: errs.String(), Took: time.Since(began)}
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		r.Code = exit.ExitCode()
	case err != nil:
		r.Code, r.Err = -1, r.Err+err.Error()
	}
	return r
}
