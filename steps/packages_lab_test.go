package steps

// The packages and default-cluster steps against bare nodes, each of a lab of
// its own that the test makes and ends:
//
//	HADEPLOY_TEST_LAB=debian12,debian13 go test ./steps -run TestLabPackages

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/lab"
	pkgs "github.com/hadeploy/hadeploy/internal/packages"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/remote"
	"github.com/hadeploy/hadeploy/inventory"
	"github.com/hadeploy/hadeploy/playbook"
)

// bareNode is one node with nothing of a cluster on it, and a run about it.
type bareNode struct {
	*testing.T
	lab    *lab.Lab
	name   string
	target Target
	events *eventLog
}

type eventLog struct {
	mu     sync.Mutex
	events []Event
}

func (l *eventLog) add(e Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.events = append(l.events, e)
}

// text is all that was shown, one event a line.
func (l *eventLog) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var b strings.Builder
	for _, e := range l.events {
		switch e := e.(type) {
		case Waiting:
			fmt.Fprintf(&b, "waiting for %s: %s (done %t)\n", e.For, e.Detail, e.Done)
		case Working:
			fmt.Fprintf(&b, "working: %s\n", e.Text)
		}
	}
	return b.String()
}

// eachImage runs a test on a node of every image that was asked for.
func eachImage(t *testing.T, test func(n *bareNode)) {
	images := os.Getenv("HADEPLOY_TEST_LAB")
	if images == "" {
		t.Skip("HADEPLOY_TEST_LAB is not set: no lab nodes are made (set it to debian12 or to a list of images)")
	}
	for image := range strings.SplitSeq(images, ",") {
		t.Run(image, func(t *testing.T) { test(newBareNode(t, image)) })
	}
}

func newBareNode(t *testing.T, image string) *bareNode {
	t.Helper()
	dir := t.TempDir()
	name := "pkg" + strings.TrimPrefix(image, "debian")
	l, err := lab.Up(t.Context(), lab.Options{Name: name, Dir: filepath.Join(dir, "lab"), Image: image, Nodes: 1, Links: 1,
		Replace: true, Owner: os.Getpid(), Progress: func(line string) { t.Log(line) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := l.Down(ctx, nil); err != nil {
			t.Error(err)
		}
	})
	n := &bareNode{T: t, lab: l, name: l.State().Nodes[0].Name, events: &eventLog{}}
	n.target = dialTarget(t, filepath.Join(dir, "lab"), l.State().Nodes[0].Address, n.events.add)
	n.observe()
	return n
}

// dialTarget connects to a node as a run would.
func dialTarget(t testing.TB, dir, address string, events func(Event)) Target {
	t.Helper()
	d := &remote.Dialer{ConfigFile: "none", AgentSocket: "none"}
	conn, err := d.Dial(context.Background(), remote.Settings{Name: "n1", Host: address, User: "root",
		IdentityFiles: []string{filepath.Join(dir, "id_ed25519")}, KnownHosts: []string{filepath.Join(dir, "known_hosts")}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(); d.Close() })
	node := &Node{Node: inventory.Node{Name: "n1", NodeName: "n1", Host: address}, Conn: conn}
	return Target{Node: node, Cluster: &Cluster{Playbook: &playbook.Playbook{Name: "web"}, Nodes: []*Node{node}, forks: 1, emit: serialised(events)}}
}

func (n *bareNode) observe() {
	n.Helper()
	if err := n.target.Node.observe(n.Context(), n.target.ask(n.target.Node, facts.All)); err != nil {
		n.Fatal(err)
	}
}

// sh runs a script on the node, not by our own connection.
func (n *bareNode) sh(script string) string {
	n.Helper()
	out, err := n.lab.Run(n.Context(), n.name, script)
	if err != nil {
		n.Fatalf("%s: %v\n%s", script, err, out)
	}
	return strings.TrimSpace(out)
}

// apply checks, applies, observes and checks again, as the engine does.
func (n *bareNode) apply(s Step) ([]plan.Change, error) {
	n.Helper()
	n.observe()
	changes, err := s.Check(n.Context(), &n.target)
	if err != nil || changes == nil {
		return changes, err
	}
	began := time.Now()
	err = s.Apply(n.Context(), &n.target, changes)
	n.Logf("%s: %d changes, %.1f s, %v", s.Name(), len(changes), time.Since(began).Seconds(), err)
	if err != nil {
		return changes, err
	}
	n.observe()
	left, err := s.Check(n.Context(), &n.target)
	if err != nil {
		return changes, err
	}
	if left != nil {
		return changes, &LeftoverError{left}
	}
	return changes, nil
}

func (n *bareNode) mustApply(s Step) []plan.Change {
	n.Helper()
	changes, err := n.apply(s)
	if err != nil {
		n.Fatalf("%v\n%s\non the node: %s", err, n.events.text(), n.sh("tail -n 80 /run/hadeploy/packages/log"))
	}
	return changes
}

// noCluster wants the node as a first installation leaves it: everything there,
// enabled as Debian does it, no default cluster, nothing left behind.
func (n *bareNode) noCluster() {
	n.Helper()
	got := n.sh(`systemctl is-active corosync pacemaker pcsd; systemctl is-enabled corosync pacemaker pcsd
ls /etc/corosync/corosync.conf /var/lib/pacemaker/cib/cib.xml /run/systemd/system/*hadeploy* /run/systemd/system/corosync* /run/hadeploy/packages/held 2>/dev/null
dpkg --audit; pgrep -x corosync; pgrep -x pacemakerd; true`)
	want := "inactive\ninactive\nactive\nenabled\nenabled\nenabled"
	if got != want {
		n.Errorf("after the installation the node has\n%s\nwant\n%s", got, want)
	}
}

func TestLabPackagesOnABareNode(t *testing.T) {
	eachImage(t, func(n *bareNode) {
		changes := n.mustApply(packages{})
		if len(changes) != 5 {
			n.Errorf("changes: %v", changes)
		}
		n.noCluster()
		if again := n.mustApply(packages{}); again != nil {
			n.Errorf("a second run wants %v", again)
		}
		if left := n.mustApply(defaultCluster{}); left != nil {
			n.Errorf("a default cluster is left: %v", left)
		}
		if shown := n.events.text(); !strings.Contains(shown, " packages, ") || !strings.Contains(shown, "%, unpacking ") {
			n.Errorf("progress shows\n%s", shown)
		}
	})
}

func TestLabPackagesUnknownName(t *testing.T) {
	eachImage(t, func(n *bareNode) {
		before := n.sh("dpkg-query -W | sha256sum")
		n.target.Playbook.Packages = playbook.Packages{Install: []string{"fence-vitr", "nosuchthing.at+all"}}
		n.sh("apt-get -q update")
		offers, err := askOffers(n.Context(), n.target.Node, []string{"fence-vitr", "corosync", "nosuchthing.at+all"})
		if want := (pkgs.Offers{Unknown: map[string]string{"fence-vitr": "fence-virt", "nosuchthing.at+all": ""}}); err != nil || !reflect.DeepEqual(offers, want) {
			n.Errorf("the lists: %v, %+v", err, offers)
		}
		_, err = n.apply(packages{})
		var failed *pkgs.Error
		if !errors.As(err, &failed) || failed.Class != "unknown" {
			n.Fatalf("got %v", err)
		}
		if want := `there is no package "fence-vitr", did you mean "fence-virt"?; there is no package "nosuchthing.at+all"`; failed.Message != want {
			n.Errorf("got %q, want %q", failed.Message, want)
		}
		if after := n.sh("dpkg-query -W | sha256sum"); after != before {
			n.Error("something was installed all the same")
		}
	})
}

// holdLock makes a process on the node hold a lock of dpkg for a while, as apt
// would, and returns its pid.
func (n *bareNode) holdLock(path string, seconds int) string {
	return n.sh(fmt.Sprintf(`cat >/run/holder.py <<'END'
import fcntl, sys, time
f = open(sys.argv[1], "a")
fcntl.lockf(f, fcntl.LOCK_EX)
print("held", flush=True)
time.sleep(float(sys.argv[2]))
END
mkfifo /run/holder.said 2>/dev/null
setsid python3 /run/holder.py %s %d >/run/holder.said 2>/dev/null </dev/null & echo $!; read x </run/holder.said`, path, seconds))
}

func TestLabPackagesLockHeld(t *testing.T) {
	eachImage(t, func(n *bareNode) {
		n.target.Playbook.Packages = playbook.Packages{Set: []string{"fence-virt"}}
		pid := n.holdLock("/var/lib/dpkg/lock-frontend", 5)
		n.mustApply(packages{})
		want := fmt.Sprintf("waiting for the package lock: held by python3 /run/holder.py /var/lib/dpkg/lock-frontend 5 (pid %s)", pid)
		if shown := n.events.text(); !strings.Contains(shown, want) {
			n.Errorf("shown:\n%s\nwant %s", shown, want)
		}

		// One that never ends is named, and left alone.
		pid = n.holdLock("/var/lib/apt/lists/lock", 600)
		in := &installation{t: &n.target, manager: aptManager, names: []string{"chrony"}, lockLimit: 2 * time.Second, lockEvery: 200 * time.Millisecond, quiet: time.Minute}
		err := in.run(n.Context())
		var failed *pkgs.Error
		if !errors.As(err, &failed) || failed.Class != "locked" || !strings.Contains(err.Error(), "(pid "+pid+")") {
			n.Errorf("got %v", err)
		}
		n.sh("kill " + pid)
	})
}

// installAside installs by hand, as another person might, and returns at once.
func (n *bareNode) installAside(packages string) {
	n.sh("apt-get -qq update; DEBIAN_FRONTEND=noninteractive systemd-run --quiet --unit=aside -p KillMode=process apt-get -q -y --no-install-recommends install " + packages)
}

func TestLabPackagesDpkgInterrupted(t *testing.T) {
	eachImage(t, func(n *bareNode) {
		n.installAside("pacemaker pacemaker-cli-utils corosync pcs resource-agents")
		// Power-like: apt and dpkg both, when some packages are unpacked.
		n.sh(`i=0
until dpkg-query -W -f '${db:Status-Abbrev}\n' 2>/dev/null | grep -c '^iU' | grep -q '[2-9][0-9]'; do
  i=$((i+1)); [ $i -lt 600 ] || { echo "never got there"; systemctl status aside; exit 1; }; sleep 0.1
done
apt=$(systemctl show -p MainPID --value aside); dpkg=$(ps -o pid= --ppid $apt)
kill -9 $apt $dpkg; while [ -d /proc/$apt ]; do sleep 0.1; done; dpkg --audit >/run/audit; test -s /run/audit || ls /var/lib/dpkg/updates`)
		changes := n.mustApply(packages{})
		if changes[0].Kind != "dpkg" || changes[0].ID != interruptedID {
			n.Errorf("the first change is %v", changes[0])
		}
		if shown := n.events.text(); !strings.Contains(shown, "dpkg was interrupted earlier") {
			n.Errorf("shown:\n%s", shown)
		}
		n.noCluster()
		n.Log(n.events.text())
	})
}

// TestLabPackagesController is not a test but the controller that another test
// kills: it installs the cluster set.
func TestLabPackagesController(t *testing.T) {
	dir, address := os.Getenv("HADEPLOY_TEST_CONTROLLER_DIR"), os.Getenv("HADEPLOY_TEST_CONTROLLER_NODE")
	if dir == "" {
		t.Skip("run by TestLabPackagesControllerKilled only")
	}
	target := dialTarget(t, dir, address, func(e Event) {
		if w, ok := e.(Working); ok {
			fmt.Println("at: " + w.Text)
		}
	})
	if err := target.Node.observe(t.Context(), target.ask(target.Node, facts.All)); err != nil {
		t.Fatal(err)
	}
	changes, err := packages{}.Check(t.Context(), &target)
	if err == nil {
		err = packages{}.Apply(t.Context(), &target, changes)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestLabPackagesControllerKilled(t *testing.T) {
	eachImage(t, func(n *bareNode) {
		cmd := exec.CommandContext(n.Context(), os.Args[0], "-test.run=^TestLabPackagesController$")
		cmd.Env = append(os.Environ(), "HADEPLOY_TEST_CONTROLLER_DIR="+n.lab.State().Dir, "HADEPLOY_TEST_CONTROLLER_NODE="+n.lab.State().Nodes[0].Address)
		reader, writer, err := os.Pipe()
		if err != nil {
			n.Fatal(err)
		}
		cmd.Stdout, cmd.Stderr = writer, writer
		if err := cmd.Start(); err != nil {
			n.Fatal(err)
		}
		writer.Close()
		var seen bytes.Buffer
		buf := make([]byte, 4096)
		for !strings.Contains(seen.String(), "unpacking") {
			k, err := reader.Read(buf)
			seen.Write(buf[:k])
			if err != nil {
				n.Fatalf("the controller ended early: %s", seen.String())
			}
		}
		if err := cmd.Process.Kill(); err != nil {
			n.Fatal(err)
		}
		_ = cmd.Wait()
		reader.Close()
		if state := n.sh("systemctl is-active hadeploy-packages"); state != "active" {
			n.Fatalf("after the controller's death the job is %s", state)
		}
		n.mustApply(packages{})
		n.noCluster()
		if shown := n.events.text(); !strings.Contains(shown, "an earlier run's installation still goes on") {
			n.Errorf("shown:\n%s", shown)
		}
	})
}

// killJob ends the job, apt and dpkg with SIGKILL some time after dpkg began
// to change something.
const killJob = `main() { systemctl show -p MainPID --value hadeploy-packages; }
i=0
until ps -o args= -C dpkg | grep -qE -e '--(unpack|configure)'; do
  i=$((i+1)); [ $i -lt 400 ] && sleep 0.05 || exit 0
done
sleep DELAY
main=$(main); [ "$main" -gt 0 ] || exit 0
all=$main; for a in $(ps -o pid= --ppid $main); do all="$all $a $(ps -o pid= --ppid $a)"; done
kill -9 $all 2>/dev/null; true`

func TestLabPackagesJobKilled(t *testing.T) {
	eachImage(t, func(n *bareNode) {
		for _, delay := range []string{"0.2", "0.7", "0", "1.6", "0.4", "2.5", "1.1"} {
			done := make(chan error, 1)
			n.observe()
			go func() {
				changes, err := packages{}.Check(n.Context(), &n.target)
				if err == nil {
					err = packages{}.Apply(n.Context(), &n.target, changes)
				}
				done <- err
			}()
			n.sh(strings.Replace(killJob, "DELAY", delay, 1))
			err := <-done
			var failed *pkgs.Error
			if err == nil {
				n.Logf("after %s s it was ready", delay)
			} else if !errors.As(err, &failed) || failed.Class != "vanished" {
				n.Errorf("after %s s: got %v", delay, err)
			}
			if left := n.sh("ls -d /run/systemd/system/corosync.service.d /run/hadeploy/packages/held 2>/dev/null; true"); left != "" {
				n.Errorf("the killed job left %s", left)
			}
			n.Logf("after %s s: %s", delay, n.sh("dpkg-query -W -f '${db:Status-Abbrev}\n' | sort | uniq -c | tr '\n' ' '"))
		}
		n.mustApply(packages{})
		n.mustApply(defaultCluster{})
		n.noCluster()

		// The rarest state, for which neither dpkg nor apt has a cure of its
		// own: unpacked, and killed just before that was noted as done.
		n.sh("sed -i '/^Package: libcmap4$/,/^$/s/^Status: .*/Status: install reinstreq unpacked/' /var/lib/dpkg/status; apt-mark auto libcmap4")
		n.target.Playbook.Packages.Install = []string{"fence-virt"}
		n.mustApply(packages{})
		n.noCluster()
		if n.sh("apt-mark showauto libcmap4") != "libcmap4" {
			n.Error("the repair marked a library as asked for by hand")
		}
	})
}

func TestLabDefaultCluster(t *testing.T) {
	eachImage(t, func(n *bareNode) {
		n.sh("apt-get -qq update; DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install pacemaker pacemaker-cli-utils corosync pcs resource-agents >/dev/null 2>&1")
		n.sh("i=0; until cibadmin -Q >/dev/null 2>&1; do i=$((i+1)); [ $i -lt 300 ] || exit 1; sleep 0.2; done; systemctl is-active corosync pacemaker")
		n.observe()
		if n.target.Node.Facts.Default == nil {
			n.Fatal("the running default cluster is not recognised")
		}
		// Somebody uses it: then it is nobody's default any more.
		n.sh("cibadmin -C -o resources -X '<primitive id=\"theirs\" class=\"ocf\" provider=\"pacemaker\" type=\"Dummy\"/>'")
		n.observe()
		if n.target.Node.Facts.Default != nil {
			n.Error("a cluster with a resource is taken for the default one")
		}
		n.sh("cibadmin -D -o resources -X '<primitive id=\"theirs\"/>'")

		tokens := n.sh("ls -la /var/lib/pcsd")
		changes := n.mustApply(defaultCluster{})
		if len(changes) != 1 || changes[0].Action != plan.Delete || changes[0].ID != "debian" {
			n.Errorf("changes: %v", changes)
		}
		n.noCluster()
		if after := n.sh("ls -la /var/lib/pcsd"); after != tokens {
			n.Errorf("pcsd's files changed from\n%s\nto\n%s", tokens, after)
		}
		if again := n.mustApply(packages{}); again != nil {
			n.Errorf("the packages step wants %v", again)
		}
		n.sh("echo hacluster:lab-only | chpasswd; pcs host auth n1 addr=127.0.0.1 -u hacluster -p lab-only && grep -q n1 /var/lib/pcsd/known-hosts")
	})
}
