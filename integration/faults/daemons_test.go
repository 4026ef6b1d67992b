package faults

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// daemonFaults: programs of the nodes that fail, hang, or are killed.
func daemonFaults() []fault {
	plan := []string{"plan", "--detailed-exitcode"}
	return []fault{
		{name: "cibadmin fails while Pacemaker runs", rule: 4,
			what: "the copy of the CIB on the disk is not the cluster: no plan is made from it",
			ready: func(c *cluster) {
				for _, n := range nodes {
					c.spoil(n, "/usr/sbin/cibadmin", "echo 'Call failed: Transport endpoint is not connected' >&2; exit 1")
				}
			},
			run: plan, right: right{exit: []int{1, 3}, says: []string{"cibadmin"}, never: []string{"No changes", "Plan:"}}},
		{name: "cibadmin answers with nothing", rule: 4,
			what: "exit status 0 and no answer is no empty cluster",
			ready: func(c *cluster) {
				for _, n := range nodes {
					c.spoil(n, "/usr/sbin/cibadmin", "exit 0")
				}
			},
			run: plan, right: right{exit: []int{1, 3}, never: []string{"No changes", "Plan:"}}},
		{name: "dpkg-query fails on one node", rule: 4,
			what: "that is not a node without packages",
			ready: func(c *cluster) {
				c.spoil("n2", "/usr/bin/dpkg-query", "echo 'dpkg-query: error: cannot read' >&2; exit 2")
			},
			run: plan, right: right{exit: []int{1, 3}, says: []string{"n2", "dpkg-query"}, never: []string{"No changes", "+ package"}}},
		{name: "every answer of a node is broken in every way", rule: 4,
			what: "each program that an observation runs fails, says nothing, says something else, or is cut after each line",
			run:  plan, right: right{exit: []int{0}, says: []string{"No changes"}}, // as long as nothing is broken
			holds: func(c *cluster) {
				if c.all {
					c.brokenAnswers(0)
				} else {
					c.brokenAnswers(answersTime)
				}
			}},
		{name: "pcs hangs on one node", rule: 5,
			what:  "a finding on that node; the others are judged",
			ready: func(c *cluster) { c.spoil("n2", "/usr/sbin/pcs", "exec sleep 300") },
			run:   []string{"verify", "-o", "json"}, right: right{exit: []int{5}, says: []string{`"n2"`}},
			also: func(c *cluster, r end) { c.findings(r, "n2") }},
		{name: "pcs floods on one node", rule: 5,
			what:  "the same with an answer that has no end",
			ready: func(c *cluster) { c.spoil("n2", "/usr/sbin/pcs", "exec yes flood") },
			run:   []string{"verify", "-o", "json"}, right: right{exit: []int{5}, says: []string{`"n2"`}},
			also: func(c *cluster, r end) { c.findings(r, "n2") }},
		{name: "a node reboots while verify waits", rule: 5,
			what:  "waiting goes on, until the node is back",
			ready: func(c *cluster) { c.on("n3", "systemctl stop pacemaker") },
			run:   []string{"verify", "--wait"}, when: told("waiting"),
			then:  func(c *cluster) { c.lab("power", "cycle", "n3") },
			right: right{exit: []int{0}, says: []string{"as declared"}}},
		{name: "crm_resource fails", rule: 10,
			what: "the agent's metadata cannot be had: the node is to blame, not a line of the playbook",
			edit: func(c *cluster) { c.declare(dummy) },
			ready: func(c *cluster) {
				for _, n := range nodes {
					c.spoil(n, "/usr/sbin/crm_resource", "echo 'crm_resource: Could not connect' >&2; exit 102")
				}
			},
			run: plan, right: right{exit: []int{3}, says: []string{"crm_resource"}, never: []string{"No changes", playbook + ":"}}},
		{name: "the DC's controller is killed while the CIB is changed",
			what: "Pacemaker starts it again; the run ends well, or says what failed",
			edit: func(c *cluster) { c.declare(dummies(10)...) },
			run:  apply, when: told(" cib: "),
			then:  func(c *cluster) { c.on(c.dc(), "kill -9 $(pidof pacemaker-controld)") },
			right: right{exit: []int{0, 3, 5}}},
		{name: "every daemon of Pacemaker is killed on one node",
			what: "pacemakerd and all its children at once, while the CIB is changed",
			edit: func(c *cluster) { c.declare(dummies(10)...) },
			run:  apply, when: told(" cib: "),
			then:  func(c *cluster) { c.on("n3", "systemctl kill -s KILL pacemaker") },
			right: right{exit: []int{0, 3, 5}}},
		{name: "Corosync stands still on one node",
			what: "SIGSTOP until the others have given it up; then it goes on",
			edit: func(c *cluster) { c.declare(dummy) },
			run:  apply, when: told("observed"),
			then: func(c *cluster) {
				c.on("n3", "kill -STOP $(pidof corosync)")
				time.Sleep(6 * time.Second) // longer than the token
				c.on("n3", "kill -CONT $(pidof corosync)")
			},
			right: right{exit: []int{0, 3, 5}},
			heal:  (*cluster).joined},
		{name: "pcsd does not run where nodes are authenticated",
			what:  "it cannot be started on n2: named, and no half of a cluster is started",
			gone:  true,
			ready: func(c *cluster) { c.on("n2", "systemctl mask --runtime pcsd 2>&1; systemctl kill -s KILL pcsd") },
			run:   apply, right: right{exit: []int{1, 3}, says: []string{"n2", "pcsd"}, never: []string{"Apply complete"}},
			heal: func(c *cluster) { c.on("n2", "systemctl unmask --runtime pcsd 2>&1") }},
		{name: "a node cannot fork",
			what:  "its limit of processes is reached: told about that node, and in bounded time",
			ready: func(c *cluster) { c.pids("n2", 2) },
			run:   apply, right: right{exit: []int{1, 3, 4, 5}, says: []string{"n2"}, never: []string{"Apply complete"}},
			heal: func(c *cluster) { c.pids("n2", -1) }},
		{name: "a value that the release cannot keep", rule: 8, image: "debian11", slow: true,
			what: "Pacemaker 2.0.5 damages what is not ASCII: the plan says so",
			edit: func(c *cluster) { c.editFile(playbook, "message: lit", "message: grün") },
			run:  plan, right: right{exit: []int{1, 3, 64}, never: []string{"No changes", "Plan:"}},
			heal: func(c *cluster) { c.files() }},
	}
}

func dummies(n int) (lines []string) {
	for i := range n {
		lines = append(lines, strings.Replace(dummy, "more", "more"+string(rune('a'+i)), 1))
	}
	return lines
}

// dc is the node that is the DC.
func (c *cluster) dc() string {
	f := strings.Fields(c.on("n1", "timeout 10 crmadmin -D 2>&1"))
	if len(f) == 0 {
		return "n1"
	}
	return f[len(f)-1]
}

// findings: verify's document has one on this node, and says of the others
// that they are online.
func (c *cluster) findings(r end, node string) {
	c.t.Helper()
	var told struct {
		Findings []struct{ Severity, Code, Node, Message string }
	}
	if err := json.Unmarshal([]byte(r.Out), &told); err != nil {
		c.t.Errorf("%v: %s", err, r)
		return
	}
	on := 0
	for _, f := range told.Findings {
		switch {
		case f.Severity != "error":
		case f.Node == node:
			on++
		default:
			c.t.Errorf("a healthy node is blamed: %+v", f)
		}
	}
	if on == 0 {
		c.t.Errorf("nothing is found on %s: %s", node, r.Out)
	}
}

// pids lets a node have so many processes more than it has, and no others;
// negative: as many as it likes.
func (c *cluster) pids(node string, more int) {
	c.t.Helper()
	pids := strings.Fields(c.outside("ip", "netns", "pids", "hadlab."+c.State.Name+"."+node))
	limit := "max"
	if more >= 0 {
		limit = strconv.Itoa(len(pids) + more)
	}
	for _, root := range []string{"/sys/fs/cgroup", "/sys/fs/cgroup/unified"} { // cgroup2 with the controller
		max := filepath.Join(root, "hadlab."+c.State.Name, node, "pids.max")
		if _, err := os.Stat(max); err == nil {
			if err := os.WriteFile(max, []byte(limit), 0o644); err != nil {
				c.t.Fatal(err)
			}
			return
		}
	}
	// The controller is in the old hierarchy: the node gets a group there.
	const old = "/sys/fs/cgroup/pids"
	if _, err := os.Stat(filepath.Join(old, "cgroup.procs")); err != nil {
		c.t.Skip("this machine has no controller for the number of processes (pids)")
	}
	group := filepath.Join(old, "hadlab."+c.State.Name+"."+node)
	if more < 0 {
		_ = os.WriteFile(filepath.Join(group, "pids.max"), []byte(limit), 0o644)
		c.until("the group of processes is empty", 10*time.Second, func() bool {
			left, _ := os.ReadFile(filepath.Join(group, "cgroup.procs"))
			for _, pid := range strings.Fields(string(left)) {
				_ = os.WriteFile(filepath.Join(old, "cgroup.procs"), []byte(pid), 0o644)
			}
			err := os.Remove(group)
			return err == nil || errors.Is(err, fs.ErrNotExist)
		})
		return
	}
	if err := os.MkdirAll(group, 0o755); err != nil {
		c.t.Fatal(err)
	}
	for _, pid := range pids { // one that has ended meanwhile is none
		_ = os.WriteFile(filepath.Join(group, "cgroup.procs"), []byte(pid), 0o644)
	}
	if err := os.WriteFile(filepath.Join(group, "pids.max"), []byte(limit), 0o644); err != nil {
		c.t.Fatal(err)
	}
}

// outside runs a command of this machine.
func (c *cluster) outside(argv ...string) string {
	c.t.Helper()
	out, err := exec.Command(argv[0], argv[1:]...).CombinedOutput()
	if err != nil {
		c.t.Errorf("%s: %v: %s", strings.Join(argv, " "), err, out)
	}
	return string(out)
}
