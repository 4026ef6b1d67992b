package integration

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// start runs the program in the background.
func (l *lab) start(verb string, more ...string) *running {
	l.t.Helper()
	p := &running{done: make(chan struct{})}
	p.cmd = exec.Command(binary, l.cmdArgs(verb, more...)...)
	p.cmd.Dir = l.work
	p.cmd.Env = append(os.Environ(), "NO_COLOR=1", "XDG_STATE_HOME="+filepath.Join(l.work, "state"))
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.out
	if err := p.cmd.Start(); err != nil {
		l.t.Fatal(err)
	}
	go func() { p.err = p.cmd.Wait(); close(p.done) }()
	return p
}

type running struct {
	cmd  *exec.Cmd
	out  bytes.Buffer // read it after done
	err  error
	done chan struct{}
}

// killAfter kills the program outright, unless it ends before.
func (p *running) killAfter(d time.Duration) (killed bool) {
	select {
	case <-p.done:
		return false
	case <-time.After(d):
	}
	_ = p.cmd.Process.Kill()
	<-p.done
	return true
}

// lastLine is how far it had come.
func (p *running) lastLine() string {
	lines := strings.Split(strings.TrimSpace(p.out.String()), "\n")
	return lines[len(lines)-1]
}

// configuration is all that makes two clusters the same.
func (l *lab) configuration() string {
	l.t.Helper()
	var b strings.Builder
	b.WriteString(l.ssh("n1", "cibadmin -Q -o configuration"))
	for _, n := range nodes {
		b.WriteString(l.ssh(n, `cat /etc/corosync/corosync.conf; systemctl is-enabled corosync pacemaker pcsd; systemctl is-active corosync pacemaker pcsd
ls /run | grep hadeploy | grep -v '^hadeploy\.lock\|^hadeploy$' ; ls /etc/corosync /etc/pacemaker /var/lib/pcsd`))
	}
	keys := map[string]bool{}
	for _, n := range nodes {
		keys[l.ssh(n, "sha256sum /etc/corosync/authkey /etc/pacemaker/authkey")] = true
	}
	if len(keys) != 1 {
		l.t.Errorf("the nodes have different keys: %v", keys)
	}
	return b.String()
}

// TestKilledController kills a first apply outright at ten moments. Running it
// again must always end in the same cluster, and once more must change nothing.
func TestKilledController(t *testing.T) {
	l := newLab(t, "debian12", "--preinstalled")
	began := time.Now()
	l.must(0, "apply", "--yes")
	whole := time.Since(began)
	want := l.configuration()
	for i := range 10 {
		l.must(0, "destroy", "--confirm", "quickstart")
		p := l.start("apply", "--yes")
		moment := whole * time.Duration(i+1) / 11
		killed := p.killAfter(moment)
		t.Logf("%2d: killed=%v after %s, at %q", i+1, killed, moment.Round(100*time.Millisecond), p.lastLine())
		r := l.must(0, "apply", "--yes")
		contains(t, r, "verified")
		if got := l.configuration(); got != want {
			t.Errorf("not the same cluster after a kill at %s:\n%s", moment, diffLines(want, got))
		}
		contains(t, l.must(0, "plan", "--detailed-exitcode"), "No changes")
		if t.Failed() {
			return
		}
	}
}

// TestTenCycles destroys and applies ten times in a row.
func TestTenCycles(t *testing.T) {
	l := newLab(t, "debian12", "--preinstalled")
	for i := range 10 {
		r := l.must(0, "apply", "--yes")
		contains(t, r, "verified")
		if body := page(t, l.vip); body != "hello from n1\n" {
			t.Errorf("the page says %q", body)
		}
		d := l.must(0, "destroy", "--confirm", "quickstart")
		t.Logf("%2d: apply %s, destroy %s", i+1, r.took.Round(100*time.Millisecond), d.took.Round(100*time.Millisecond))
	}
}

// TestNodeLostInTheMiddle switches a node off while apply works on it.
func TestNodeLostInTheMiddle(t *testing.T) {
	l := newLab(t, "debian12", "--preinstalled")
	p := l.start("apply", "--yes", "--progress", "plain")
	l.until("corosync.conf is on n3", func() bool {
		return strings.Contains(l.ssh("n3", "ls /etc/nginx/conf.d"), "quickstart.conf")
	})
	l.lab("power", "off", "n3")
	select {
	case <-p.done:
	case <-time.After(5 * time.Minute):
		_ = p.cmd.Process.Kill()
		<-p.done
		t.Fatalf("apply hangs after a node was lost: %s", p.out.String())
	}
	out := p.out.String()
	if code := p.cmd.ProcessState.ExitCode(); code != 3 {
		t.Fatalf("expected exit 3, got %d:\n%s", code, out)
	}
	recap := out[strings.LastIndex(out, "NODE  "):]
	if !strings.Contains(recap, "n3") || !strings.Contains(recap, "failed") {
		t.Errorf("the recap does not name n3 and the step:\n%s", recap)
	}
	t.Logf("the recap:\n%s", recap)
	l.lab("power", "on", "n3")
	contains(t, l.must(0, "apply", "--yes"), "verified")
	contains(t, l.must(0, "plan", "--detailed-exitcode"), "No changes")
}

// until waits for a condition on a node.
func (l *lab) until(what string, ok func() bool) {
	l.t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !ok(); {
		if time.Now().After(deadline) {
			l.t.Fatalf("waited in vain: %s", what)
		}
		time.Sleep(50 * time.Millisecond)
	}
}
