package packages

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The package scripts against commands that only play dnf, yum and zypper:
// what their exit codes and words are taken for. Nothing here proves how the
// real ones behave; apt's script is proved on real nodes.

// fakeNode is a folder with commands and the job's files.
type fakeNode struct {
	*testing.T
	bin, state string
}

func newFakeNode(t *testing.T, commands map[string]string) *fakeNode {
	n := &fakeNode{t, filepath.Join(t.TempDir(), "bin"), filepath.Join(t.TempDir(), "state")}
	for _, dir := range []string{n.bin, n.state} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	// The tools that the scripts need, and no other command of this machine.
	for _, tool := range strings.Fields("awk basename cat cut echo env grep head kill ls mkdir mktemp mv printf readlink rm rmdir sed sh sleep sort tail timeout touch tr wc") {
		path, err := exec.LookPath(tool)
		if err != nil {
			t.Skipf("this machine has no %s", tool)
		}
		if err := os.Symlink(path, filepath.Join(n.bin, tool)); err != nil {
			t.Fatal(err)
		}
	}
	for name, body := range commands {
		if err := os.WriteFile(filepath.Join(n.bin, name), []byte("#!/bin/sh\n"+body+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return n
}

// run runs a verb of the manager's script and returns its output.
func (n *fakeNode) run(m Manager, args ...string) string {
	n.Helper()
	script := Script(m)
	for old, new := range map[string]string{
		"dir=/run/hadeploy/packages":                                        "dir=" + n.state,
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin": "PATH=" + n.bin,
	} {
		if strings.Count(script, old) != 1 {
			n.Fatalf("the script has %d times %q", strings.Count(script, old), old)
		}
		script = strings.Replace(script, old, new, 1)
	}
	cmd := exec.Command("sh", append([]string{"-c", script, "sh"}, args...)...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		n.Fatalf("%v: %v\n%s", args, err, out)
	}
	return string(out)
}

func (n *fakeNode) file(name string) string {
	n.Helper()
	data, err := os.ReadFile(filepath.Join(n.state, name))
	if err != nil {
		n.Fatal(err)
	}
	return strings.TrimSpace(string(data))
}

const (
	inactive = `exit 3`
	absent   = `exit 1`
	nothing  = `exit 0`
	// dnf's list knows pacemaker and corosync, of one release and another.
	dnfList = `
case "$*" in
"-q list pacemaker") echo "Available Packages"; echo "pacemaker.x86_64   2.1.7-5.el9   highavailability" ;;
"-q list corosync") echo "Available Packages"; echo "corosync.x86_64    3.1.8-1.el9   highavailability" ;;
"-q list cor*") printf 'corosync.x86_64 3.1.8-1.el9 highavailability\ncorosynclib.x86_64 3.1.8-1.el9 highavailability\n' ;;
"-q list "*) echo "Error: No matching Packages to list"; exit 1 ;;
`
)

func TestDnfScript(t *testing.T) {
	for _, c := range []struct {
		name     string
		names    string
		tool     string // dnf, or yum where there is no dnf
		body     string // of the tool, after its list
		active   string // the unit that runs
		want     string // the result
		progress string // contained in it
	}{
		{name: "plainly", names: "pacemaker corosync", tool: "dnf", body: `*) echo "$*" ;;`, want: "ok", progress: "count 2\nstep downloading\nstep installing"},
		{name: "yum", names: "pacemaker", tool: "yum", body: `*) echo "$*" ;;`, want: "ok", progress: "count 1"},
		{name: "a name that does not exist", names: "pacemaker corosink", tool: "dnf", body: `*) exit 9 ;;`,
			want: "unknown\nwhat corosink\nnear corosync\nnear corosynclib"},
		{name: "a part of a name", names: "coro", tool: "dnf", body: `*) exit 9 ;;`, want: "unknown\nwhat coro\nnear corosync\nnear corosynclib"},
		{name: "no network for the lists", names: "pcs", tool: "dnf",
			body: `esac; exit 0; case x in`, want: "unknown\nwhat pcs"},
		{name: "no network", names: "pacemaker", tool: "dnf",
			body: `*) echo "Error: Error downloading packages:"; echo "  Curl error (6): Could not resolve host name for mirror"; exit 1 ;;`, want: "network"},
		{name: "disk full", names: "pacemaker", tool: "dnf",
			body: `*--downloadonly*) ;; *) echo "Error: Transaction test error:"; echo "  At least 12MB more space needed on the /usr filesystem."; exit 1 ;;`, want: "disk"},
		{name: "something else", names: "pacemaker", tool: "dnf", body: `*) echo "Error: nothing provides libqb needed by pacemaker"; exit 1 ;;`, want: "failed"},
		{name: "a running corosync would be replaced", names: "pacemaker", tool: "dnf", active: "corosync.service",
			body: `*--downloadonly*) printf 'Installing:\n pacemaker x86_64 2 ha 1 M\nUpgrading:\n corosync x86_64 3.1.9 ha 1 M\n\nTransaction Summary\n' ;; *) touch "$0.installed" ;;`, want: "restart\nwhat corosync"},
		{name: "another package is replaced", names: "pacemaker", tool: "dnf", active: "corosync.service",
			body: `*--downloadonly*) printf 'Upgrading:\n libqb x86_64 2.0.9 ha 1 M\n\nInstalling:\n corosync x86_64\n' ;; *) ;;`, want: "ok"},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := newFakeNode(t, map[string]string{
				c.tool: dnfList + c.body + "\nesac", "rpm": absent, "lslocks": nothing,
				"systemctl": `[ "$1 $2 $3" = "is-active -q ` + c.active + `" ]`,
			})
			n.run(dnf{}, append([]string{"job", "careful"}, strings.Fields(c.names)...)...)
			if diff := cmp.Diff(c.want, n.file("result")); diff != "" {
				t.Errorf("%s\n%s", diff, n.file("log"))
			}
			if c.progress != "" && !strings.Contains(n.file("progress"), c.progress) {
				t.Errorf("progress:\n%s", n.file("progress"))
			}
			if _, err := os.Stat(filepath.Join(n.bin, c.tool+".installed")); err == nil {
				t.Error("it was installed all the same")
			}
		})
	}
}

func TestZypperScript(t *testing.T) {
	for _, c := range []struct{ name, body, active, want string }{
		{"plainly", `exit 0`, "", "ok"},
		{"with a reboot wanted", `exit 102`, "", "ok"},
		{"a name that does not exist", `echo "'pacemakr' not found in package names. Trying capabilities."; echo "No provider of 'pacemakr' found."; exit 104`, "", "unknown\nwhat pacemakr"},
		{"a name that does not exist, otherwise said", `echo "Package 'pacemakr' not found."; exit 104`, "", "unknown\nwhat pacemakr"},
		{"not found, in words that nobody knows", `echo "hm"; exit 104`, "", "failed"},
		{"the lock is held", `echo "System management is locked by the application with pid 4 (zypper)."; exit 7`, "", "locked"},
		{"no network", `echo "Download (curl) error for 'x': Could not resolve host: x"; exit 4`, "", "network"},
		{"disk full", `case "$*" in *-only*|*dry-run*) exit 0 ;; esac; echo "installing package x needs 12MB more disk space on the / filesystem"; exit 8`, "", "disk"},
		{"something would go", `printf 'The following package is going to be REMOVED:\n  crmsh\n\nThe following NEW package\n'`, "", "remove\nwhat crmsh"},
		{"a running corosync would be replaced", `printf 'The following 2 packages are going to be upgraded:\n  corosync libcorosync4\n\n'`, "corosync.service", "restart\nwhat corosync"},
		{"a corosync that does not run is replaced", `printf 'The following package is going to be upgraded:\n  corosync\n\n'`, "", "ok"},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := newFakeNode(t, map[string]string{"zypper": c.body, "rpm": absent, "lslocks": nothing,
				"systemctl": `[ "$1 $2 $3" = "is-active -q ` + c.active + `" ]`})
			n.run(zypper{}, "job", "careful", "pacemaker")
			if diff := cmp.Diff(c.want, n.file("result")); diff != "" {
				t.Errorf("%s\n%s", diff, n.file("log"))
			}
		})
	}
}

func TestJobScript(t *testing.T) {
	t.Run("who holds the lock", func(t *testing.T) {
		pid := os.Getpid()
		n := newFakeNode(t, map[string]string{"systemctl": inactive,
			"lslocks": `echo "` + strconv.Itoa(pid) + ` /var/lib/dpkg/lock-frontend"; echo "1 /run/other.lock"; echo "` + strconv.Itoa(pid) + ` /var/lib/dpkg/lock"; echo "4194999 /var/lib/apt/lists/lock"`})
		got := n.run(apt{}, "look")
		if !strings.HasPrefix(got, "holder "+strconv.Itoa(pid)+" ") || strings.Count(got, "\n") != 1 {
			t.Errorf("got %q", got)
		}
	})
	t.Run("a job is at work", func(t *testing.T) {
		n := newFakeNode(t, map[string]string{"systemctl": `echo ActiveState=activating`, "lslocks": nothing})
		if got := n.run(apt{}, "look"); got != "job\n" {
			t.Errorf("got %q", got)
		}
		if got := n.run(apt{}, "start", "careful", "pcs"); got != "running\n" {
			t.Errorf("got %q", got)
		}
	})
	t.Run("the newest of many lines of a status", func(t *testing.T) {
		n := newFakeNode(t, map[string]string{"systemctl": inactive, "lslocks": nothing})
		n.write("progress", "count 3\npmstatus:a:1:A\nstep installing\npmstatus:b:2:B\n")
		n.write("result", "unknown\nwhat x\n")
		n.write("log", "first\nsecond\n")
		want := "count 3\nstep installing\npmstatus:b:2:B\nend unknown\nwhat x\nlog first\nlog second\n"
		if diff := cmp.Diff(want, n.run(apt{}, "follow")); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("no result", func(t *testing.T) {
		n := newFakeNode(t, map[string]string{"systemctl": inactive, "lslocks": nothing})
		if got := n.run(apt{}, "follow"); got != "end vanished\n" {
			t.Errorf("got %q", got)
		}
	})
}

func (n *fakeNode) write(name, text string) {
	n.Helper()
	if err := os.WriteFile(filepath.Join(n.state, name), []byte(text), 0o600); err != nil {
		n.Fatal(err)
	}
}
