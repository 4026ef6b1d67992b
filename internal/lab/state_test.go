package lab

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func testPaths(t *testing.T) paths {
	t.Helper()
	dir := t.TempDir()
	return paths{state: filepath.Join(dir, "state"), cache: filepath.Join(dir, "cache"), run: filepath.Join(dir, "run")}
}

func TestStateRoundTrip(t *testing.T) {
	p := testPaths(t)
	if _, err := p.read("demo"); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("no lab: %v, want fs.ErrNotExist", err)
	}
	s := &State{Name: "demo", Dir: t.TempDir(), Image: "debian12", Links: 2, Slot: 3, Phase: phaseReady, BootID: bootID(),
		Created: time.Now().UTC().Truncate(time.Second)}
	s.address(2)
	s.Nodes[1].Cut = []int{1}
	s.Nodes[1].Guard = &Process{PID: 7, Start: 8}
	if err := os.MkdirAll(p.lab("demo"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := p.write(s); err != nil {
		t.Fatal(err)
	}
	got, err := p.read("demo")
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(s, got); d != "" {
		t.Error(d)
	}
	if user, err := readUserState(s.Dir); err != nil || user.Name != "demo" {
		t.Errorf("state in the user's folder: %+v, %v", user, err)
	}
	if names, err := p.names(); err != nil || !cmp.Equal(names, []string{"demo"}) {
		t.Errorf("names = %v, %v", names, err)
	}
	if _, err := s.node("n3"); err == nil || !strings.Contains(err.Error(), "n1 to n2") {
		t.Errorf("node n3: %v, want an error that says which nodes there are", err)
	}
}

func TestAbandoned(t *testing.T) {
	self, err := identify(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	reused := Process{PID: self.PID, Start: self.Start + 1}
	here := bootID()
	for _, c := range []struct {
		name string
		s    State
		dead bool
	}{
		{"ready, no owner", State{Phase: phaseReady, BootID: here}, false},
		{"ready, owner lives", State{Phase: phaseReady, BootID: here, Owner: &self}, false},
		{"ready, owner's pid is another process's now", State{Phase: phaseReady, BootID: here, Owner: &reused}, true},
		{"being made", State{Phase: phaseCreating, BootID: here, Owner: &self}, false},
		{"maker was killed", State{Phase: phaseCreating, BootID: here, Owner: &reused}, true},
		{"no record but the folder", State{Phase: phaseCreating, BootID: here}, true},
		{"before a restart", State{Phase: phaseReady, BootID: "00000000"}, true},
	} {
		why, dead := c.s.abandoned()
		if dead != c.dead || (why != "") != c.dead {
			t.Errorf("%s: %v %q, want %v", c.name, dead, why, c.dead)
		}
	}
}

func TestProcess(t *testing.T) {
	cmd := exec.Command("sleep", "60")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p, err := identify(cmd.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	self := Process{PID: os.Getpid()}
	found := false
	for _, c := range self.children() {
		found = found || c == p
	}
	if !p.Alive() || !found {
		t.Errorf("alive %v, among our children %v; want both", p.Alive(), found)
	}
	other := Process{PID: p.PID, Start: p.Start + 1}
	if err := other.kill(); err != nil || other.Alive() || !p.Alive() {
		t.Errorf("kill of an earlier owner of the pid: %v; it must not touch the process that has it now", err)
	}
	if err := p.kill(); err != nil {
		t.Fatal(err)
	}
	if !p.gone(context.Background(), 5*time.Second) {
		t.Error("a zombie counts as alive")
	}
	cmd.Wait()
	if p.Alive() || p.kill() != nil {
		t.Error("a process that is gone: want not alive, and kill to be no error")
	}
}

func TestParseStat(t *testing.T) {
	fields := " S 17 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 4711 1 2"
	for text, want := range map[string]uint64{
		"42 (sh)" + fields:             4711,
		"42 (a (b) c) S 9)" + fields:   4711,
		"42 (sh) S 17":                 0,
		"":                             0,
		"42 (sh" + fields:              0,
		"42 (sh) S x 1 1" + fields[5:]: 0,
	} {
		_, _, start, err := parseStat(text)
		if start != want || (err == nil) != (want != 0) {
			t.Errorf("%q: start %d, %v; want %d", text, start, err, want)
		}
	}
}

func TestLock(t *testing.T) {
	p := testPaths(t)
	ctx := context.Background()
	first, err := p.lock(ctx, "demo", nil)
	if err != nil {
		t.Fatal(err)
	}
	short, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
	defer cancel()
	var said []string
	if _, err := p.lock(short, "demo", func(l string) { said = append(said, l) }); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("second holder: %v, want to wait until the context ends", err)
	}
	if len(said) != 1 {
		t.Errorf("said %q, want one line that names the holder", said)
	}
	if _, err := acquire(ctx, filepath.Join(p.run, "demo.lock"), 0, nil); err == nil || !strings.Contains(err.Error(), "held by process") {
		t.Errorf("without waiting: %v", err)
	}
	other, err := p.lock(ctx, "other", nil)
	if err != nil {
		t.Fatal(err)
	}
	other.remove()
	// A waiter must not end up with the removed file while a third makes a new one.
	got := make(chan error, 2)
	for range 2 {
		go func() {
			l, err := p.lock(ctx, "demo", nil)
			if err == nil {
				l.remove()
			}
			got <- err
		}()
	}
	first.remove()
	for range 2 {
		if err := <-got; err != nil {
			t.Error(err)
		}
	}
	if left, _ := filepath.Glob(p.run + "/*"); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestLimit(t *testing.T) {
	dir := t.TempDir()
	limit, saved := filepath.Join(dir, "limit"), filepath.Join(dir, "saved")
	set := func(v string) {
		if err := os.WriteFile(limit, []byte(v+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	expect := func(what string, value int, kept bool) {
		t.Helper()
		v, err := readInt(limit)
		_, serr := os.Stat(saved)
		if err != nil || v != value || (serr == nil) != kept {
			t.Errorf("%s: limit %d (%v), old value kept %v; want %d, %v", what, v, err, serr == nil, value, kept)
		}
	}
	for _, step := range []struct {
		what  string
		do    func() error
		value int
		kept  bool
	}{
		{"raise", func() error { set("128"); return raiseLimit(limit, saved) }, 8192, true},
		{"raise again", func() error { return raiseLimit(limit, saved) }, 8192, true},
		{"restore", func() error { return restoreLimit(limit, saved) }, 128, false},
		{"restore again", func() error { return restoreLimit(limit, saved) }, 128, false},
		{"high already", func() error { set("9999"); return raiseLimit(limit, saved) }, 9999, false},
		{"changed by someone else meanwhile", func() error {
			set("128")
			if err := raiseLimit(limit, saved); err != nil {
				return err
			}
			set("500")
			return restoreLimit(limit, saved)
		}, 500, false},
	} {
		if err := step.do(); err != nil {
			t.Errorf("%s: %v", step.what, err)
		}
		expect(step.what, step.value, step.kept)
	}
}
