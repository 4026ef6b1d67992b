package integration

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// planned is what the tests look at of plan -o json.
type planned struct {
	Changes []struct {
		Node, Action, Kind, ID, Step string
		Diffs                        []struct{ Name, Before, After string }
	}
	LeftAlone []struct{ Kind, ID string } `json:"left_alone"`
}

func (l *lab) plan(code int) planned {
	l.t.Helper()
	r := l.must(code, "plan", "-o", "json", "--detailed-exitcode")
	var p planned
	if err := json.Unmarshal([]byte(r.out), &p); err != nil {
		l.t.Fatalf("%v: %s", err, r)
	}
	return p
}

// TestQuickstart is the whole story on three bare Debian 12 nodes: each part
// goes on from the one before.
func TestQuickstart(t *testing.T) {
	t.Parallel()
	l := newLab(t, "debian12")
	s := sample(password)

	part := func(name string, f func(t *testing.T)) {
		t.Helper()
		if !t.Run(name, func(t *testing.T) { old := l.t; l.t = t; defer func() { l.t = old }(); f(t) }) {
			s.end(t)
			t.FailNow() // what follows rests on it
		}
	}

	part("a plan on bare nodes lists everything and changes nothing", func(t *testing.T) {
		var before []string
		for _, n := range nodes {
			before = append(before, l.fingerprint(n))
		}
		r := l.must(2, "plan", "--detailed-exitcode")
		contains(t, r, "package pacemaker", "file /etc/nginx/conf.d/quickstart.conf", "agent /usr/lib/ocf/resource.d/acme/beacon",
			"password hacluster", "authentication", "key /etc/corosync/authkey", "corosync.conf", "service corosync",
			"primitive web-ip", "group web", "clone beacon-clone", "promotable clone db-clone", "location constraint",
			"colocation constraint", "order constraint", "property stonith-enabled", "pcs resource create web-ip")
		for _, format := range []string{"json", "markdown"} {
			r := l.must(0, "plan", "-o", format, "-vv")
			contains(t, r, "web-ip")
			noSecret(t, r)
		}
		for i, n := range nodes {
			if after := l.fingerprint(n); after != before[i] {
				t.Errorf("%s was changed by plan:\n%s", n, diffLines(before[i], after))
			}
		}
	})

	part("without a terminal and without --yes nothing is changed", func(t *testing.T) {
		contains(t, l.must(1, "apply"), "--yes")
	})

	part("of two applies one proceeds, the other says who holds the lock", func(t *testing.T) {
		first := l.start("apply", "--yes", "-vv", "--progress", "plain")
		l.until("the first apply holds the lock", func() bool { return strings.Contains(first.out.String(), "observed n1") })
		second := l.must(1, "apply", "--yes")
		contains(t, second, "lock", "root@", fmt.Sprintf("pid %d", first.cmd.Process.Pid), "run apply")
		<-first.done
		r := result{args: []string{"apply", "-vv"}, out: first.plan.String(), err: first.out.String(), code: first.cmd.ProcessState.ExitCode()}
		if r.code != 0 {
			t.Fatalf("the first apply: %s", r)
		}
		contains(t, r, "Apply complete", "verified")
		noSecret(t, r)

		third := l.start("apply", "--yes", "--progress", "plain")
		l.until("the third apply holds the lock", func() bool { return strings.Contains(third.out.String(), "observed n1") })
		third.kill()
		contains(t, l.must(0, "apply", "--yes"), "nothing had to be changed") // the lock is free
	})

	part("every node says so, and the page answers", func(t *testing.T) {
		for _, n := range nodes {
			status := l.ssh(n, "pcs status")
			for _, text := range []string{"Online: [ n1 n2 n3 ]", "partition with quorum", "web-ip", "Promoted: [ n1 ]", "Unpromoted: [ n2 n3 ]", "corosync: active/enabled"} {
				if !strings.Contains(status, text) {
					t.Errorf("pcs status on %s does not say %q:\n%s", n, text, status)
				}
			}
			if strings.Contains(status, "Failed Resource Actions") || strings.Contains(status, "Stopped") {
				t.Errorf("pcs status on %s:\n%s", n, status)
			}
		}
		if body := page(t, l.vip); body != "hello from n1\n" {
			t.Errorf("the page says %q", body)
		}
		contains(t, l.must(0, "status"), "Cluster quickstart", "web-server", "Promoted")
		contains(t, l.must(0, "verify"), "runs as declared", "options are compared by plan", "NO_FENCING")
		contains(t, l.must(0, "verify", "--plan"), "is as declared", "nothing to change")
		contains(t, l.must(1, "verify", "--nagios"), "WARNING", "NO_FENCING")
	})

	part("a second plan and a second apply change nothing", func(t *testing.T) {
		before := l.restarts()
		contains(t, l.must(0, "plan", "--detailed-exitcode"), "No changes")
		contains(t, l.must(0, "apply", "--yes"), "nothing had to be changed", "verified")
		contains(t, l.must(0, "diff", "live"), "No differences.")
		if after := l.restarts(); after != before {
			t.Errorf("something was restarted:\n%s", diffLines(before, after))
		}
	})

	part("one option changed is one change", func(t *testing.T) {
		l.edit("quickstart.yaml", "monitor: {interval: 10s}", "monitor: {interval: 12s}")
		p := l.plan(2)
		if len(p.Changes) != 1 || p.Changes[0].ID != "web-ip" || p.Changes[0].Action != "update" {
			t.Fatalf("expected exactly the change of web-ip: %+v", p)
		}
		onlyReads(t, l)
		if cib := l.ssh("n2", "pcs resource config web-ip"); !strings.Contains(cib, "interval=12s") {
			t.Errorf("the cluster does not have it: %s", cib)
		}
	})

	part("what was changed by hand is drift, what was made by hand is left alone", func(t *testing.T) {
		l.ssh("n2", "pcs resource defaults update resource-stickiness=7 && pcs resource create handmade ocf:pacemaker:Dummy && crm_resource --wait -t 60")
		p := l.plan(2)
		if len(p.Changes) != 1 || p.Changes[0].ID != "resource-stickiness" || p.Changes[0].Diffs[0].Before != "7" || p.Changes[0].Diffs[0].After != "100" {
			t.Fatalf("expected the drift of resource-stickiness from 7 to 100: %+v", p.Changes)
		}
		if len(p.LeftAlone) != 1 || p.LeftAlone[0].ID != "handmade" {
			t.Fatalf("expected handmade to be unmanaged: %+v", p.LeftAlone)
		}
		handmade := l.ssh("n1", `cibadmin -Q -A "//primitive[@id='handmade']"`)
		l.must(0, "apply", "--yes")
		l.plan(0)
		if after := l.ssh("n1", `cibadmin -Q -A "//primitive[@id='handmade']"`); after != handmade {
			t.Errorf("handmade was touched:\n%s\n%s", handmade, after)
		}
		l.ssh("n1", "pcs resource delete handmade")
	})

	part("standby set by a person is respected, a stopped node is found and mended", func(t *testing.T) {
		l.ssh("n1", "pcs node standby n3 && crm_resource --wait -t 60")
		contains(t, l.must(0, "verify"), "NODE_STANDBY")
		l.plan(0)
		l.ssh("n1", "pcs node unstandby n3 && pcs cluster stop n3")
		contains(t, l.must(5, "verify"), "NOT_RUNNING", "NODE_OFFLINE")
		l.must(0, "apply", "--yes")
		l.must(0, "verify")
	})

	part("a node that is off before apply: named, and nothing is changed", func(t *testing.T) {
		l.lab("power", "off", "n3")
		before := l.fingerprint("n1") + l.fingerprint("n2")
		l.edit("quickstart.yaml", "monitor: {interval: 12s}", "monitor: {interval: 14s}")
		contains(t, l.must(4, "apply", "--yes", "--connect-timeout", "5s"), "n3", "no node was changed")
		if after := l.fingerprint("n1") + l.fingerprint("n2"); stable(after) != stable(before) {
			t.Errorf("the others were changed:\n%s", diffLines(before, after))
		}
		l.lab("power", "on", "n3")
		l.must(0, "apply", "--yes")
	})

	part("destroy wants the name, and apply makes a cluster again", func(t *testing.T) {
		contains(t, l.must(1, "destroy"), "--confirm quickstart")
		l.must(64, "destroy", "--confirm", "another")
		l.must(0, "verify")
		contains(t, l.must(0, "destroy", "--confirm", "quickstart"), "cluster")
		l.must(0, "destroy", "--confirm", "quickstart") // nothing left to destroy
		for _, n := range nodes {
			if out := l.ssh(n, "ls /etc/corosync/corosync.conf /var/lib/pacemaker/cib/cib.xml 2>/dev/null; systemctl is-active corosync pacemaker || true"); strings.Contains(out, "/") || strings.Contains(out, "\nactive") || strings.HasPrefix(out, "active") {
				t.Errorf("something is left on %s: %s", n, out)
			}
		}
		r := l.must(0, "apply", "--yes")
		noSecret(t, r)
		l.must(0, "verify")
	})

	s.end(t)
	noSecretInLogs(t, l)
}

// onlyReads goes over every command that the commands which only look send to
// the nodes of a running cluster that is to be changed, and finds each marked as
// reading, and the nodes as they were. Then apply changes them.
func onlyReads(t *testing.T, l *lab) {
	l.ssh("n2", "echo hacluster:another-7f3a9 | chpasswd") // as Debian hashes it: it is compared on the node
	var before []string
	for _, n := range nodes {
		before = append(before, stable(l.fingerprint(n)))
	}
	inventory := filepath.Join(l.dir, "inventory.yaml")
	for _, c := range []struct {
		args  []string
		code  int
		wants []string // commands that it cannot do without
	}{
		{l.cmdArgs("plan"), 0, []string{"observe", "compare the hacluster password", "crm_simulate"}},
		{l.cmdArgs("verify", "--plan"), 5, []string{"pcs status", "observe", "compare the hacluster password", "crm_simulate"}},
		{l.cmdArgs("verify", "--wait"), 0, []string{"pcs status"}},
		{l.cmdArgs("status"), 0, []string{"pcs status"}},
		{l.cmdArgs("diff", "live"), 2, []string{"observe"}},
		{[]string{"import", "-i", inventory}, 0, []string{"observe", "packages of files"}},
		{l.cmdArgs("history"), 0, []string{"list backups"}},
		{[]string{"agents", "-i", inventory}, 0, []string{"list agents"}},
		{[]string{"agents", "describe", "IPaddr2", "-i", inventory}, 0, []string{"list agents", "metadata of ocf:heartbeat:IPaddr2"}},
	} {
		sent := l.sent(c.code, c.args...)
		for _, s := range sent {
			if !s.Reads {
				t.Errorf("hadeploy %s sent %q to %s, which is not marked as reading", c.args[0], s.Label, s.Node)
			}
		}
		for _, label := range c.wants {
			if !slices.ContainsFunc(sent, func(s sentCommand) bool { return s.Label == label }) {
				t.Errorf("hadeploy %s did not send %q: %v", c.args[0], label, sent)
			}
		}
	}
	for i, n := range nodes {
		if after := stable(l.fingerprint(n)); after != before[i] {
			t.Errorf("%s was changed by what only reads:\n%s", n, diffLines(before[i], after))
		}
	}
	sent := l.sent(0, l.cmdArgs("apply", "--yes")...)
	for label, reads := range map[string]bool{"observe": true, "chpasswd": false, "keep a backup": false, "cibadmin --patch": false} {
		if !slices.ContainsFunc(sent, func(s sentCommand) bool { return s.Label == label && s.Reads == reads }) {
			t.Errorf("apply did not send %q (reads: %v): %v", label, reads, sent)
		}
	}
}

// sentCommand is a command as the log tells of it.
type sentCommand struct {
	Msg, Node, Label string
	Reads            bool
}

// sent runs the program and returns what its log says was sent to the nodes.
func (l *lab) sent(code int, args ...string) (out []sentCommand) {
	l.t.Helper()
	path := filepath.Join(l.work, "state", "sent.log")
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		l.t.Fatal(err)
	}
	r := l.exec(l.t, 5*time.Minute, nil, append(args, "--log-file", path)...)
	if r.code != code {
		l.t.Fatalf("expected exit %d: %s", code, r)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		l.t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		var c sentCommand
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			l.t.Fatalf("%v: %s", err, line)
		}
		if strings.HasPrefix(c.Msg, "command") {
			out = append(out, c)
		}
	}
	return out
}

// lab runs a lab command of this lab.
func (l *lab) lab(args ...string) {
	l.t.Helper()
	if r := l.exec(l.t, 2*time.Minute, nil, append(append([]string{"lab"}, args...), "--dir", l.dir)...); r.code != 0 {
		l.t.Fatal(r)
	}
}

// page is what the web server answers.
func page(t *testing.T, vip string) string {
	t.Helper()
	client := &http.Client{Timeout: 10 * time.Second}
	res, err := client.Get("http://" + vip + ":8080/")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// noSecret looks through what a run printed.
func noSecret(t *testing.T, r result) {
	t.Helper()
	if strings.Contains(r.out, password) || strings.Contains(r.err, password) {
		t.Errorf("the secret was printed by hadeploy %s", strings.Join(r.args, " "))
	}
}

// noSecretInLogs looks through the logs that all runs left.
func noSecretInLogs(t *testing.T, l *lab) {
	t.Helper()
	count := 0
	err := filepath.WalkDir(filepath.Join(l.work, "state"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		count++
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if strings.Contains(string(b), password) || strings.Contains(string(b), "$6$") {
			t.Errorf("a secret is in the log %s", path)
		}
		return nil
	})
	if err != nil || count == 0 {
		t.Errorf("%d logs: %v", count, err)
	}
}

// stable leaves out what a cluster writes by itself while it runs.
func stable(fingerprint string) string {
	var keep []string
	for line := range strings.Lines(fingerprint) {
		if !strings.Contains(line, "/var/lib/pacemaker/") && !strings.Contains(line, "/var/lib/corosync/") {
			keep = append(keep, line)
		}
	}
	return strings.Join(keep, "")
}

// diffLines are the lines that only one of two texts has.
func diffLines(a, b string) string {
	var out []string
	in := func(text string) map[string]bool {
		m := map[string]bool{}
		for line := range strings.Lines(text) {
			m[line] = true
		}
		return m
	}
	am, bm := in(a), in(b)
	for line := range strings.Lines(a) {
		if !bm[line] {
			out = append(out, "- "+line)
		}
	}
	for line := range strings.Lines(b) {
		if !am[line] {
			out = append(out, "+ "+line)
		}
	}
	return strings.Join(out, "")
}
