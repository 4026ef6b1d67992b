package integration

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/hadeploy/hadeploy/internal/pcs"
)

// act changes something in the lab; false means that it failed, and was told.
type act func(*walk, *testing.T) bool

// on runs shell on a node; it ends at the first command that fails.
func on(node, script string) act {
	return func(w *walk, t *testing.T) bool {
		t.Helper()
		r := w.shell(t, node, script)
		if r.code != 0 {
			t.Errorf("on %s: %s\nexit %d: %s", node, script, r.code, r.err)
		}
		return r.code == 0
	}
}

// onAll runs shell on every node at once.
func onAll(script string) act {
	return func(w *walk, t *testing.T) bool {
		t.Helper()
		var all sync.WaitGroup
		var bad atomic.Bool
		for _, n := range nodes {
			all.Go(func() {
				if !on(n, script)(w, t) {
					bad.Store(true)
				}
			})
		}
		all.Wait()
		return !bad.Load()
	}
}

func (w *walk) shell(t *testing.T, node, script string) result {
	return w.exec(t, 2*time.Minute, nil, "lab", "ssh", "--dir", w.dir, node, "--", "set -e\n"+script)
}

// install puts a program on every node.
func install(name, path string) act {
	return func(w *walk, t *testing.T) bool {
		t.Helper()
		b, err := os.ReadFile(w.path(name))
		if err != nil {
			t.Error(err)
			return false
		}
		return onAll("cat >"+path+" <<'EOF'\n"+string(b)+"EOF\nchmod 755 "+path)(w, t)
	}
}

// inLab changes the lab itself: power, cables.
func inLab(args ...string) act {
	return func(w *walk, t *testing.T) bool {
		t.Helper()
		r := w.exec(t, time.Minute, nil, append([]string{"lab", args[0], "--dir", w.dir}, args[1:]...)...)
		if r.code != 0 {
			t.Errorf("%s", r)
		}
		return r.code == 0
	}
}

// apply makes the cluster of the playbook; with fresh one without resources.
func apply(fresh bool) act {
	return func(w *walk, t *testing.T) bool {
		t.Helper()
		args := append(w.args("apply"), "--yes")
		if fresh {
			args[1] = "fresh.yaml"
		}
		if r := w.exec(t, 5*time.Minute, nil, args...); r.code != 0 {
			t.Errorf("%s", r)
			return false
		}
		w.running = !fresh
		return true
	}
}

// do ends at the first act that fails.
func (w *walk) do(t *testing.T, acts []act) bool {
	t.Helper()
	for _, a := range acts {
		if !a(w, t) {
			return false
		}
	}
	return true
}

// cond is a condition of the cluster in the eyes of a node. The status is nil
// where the cluster does not run.
type cond func(*pcs.Status) bool

// watching prints the status of a node again and again, each with a line that
// says whether the cluster has come to rest: whether its DC has nothing to do.
const watching = `while :; do
	crm_mon -1 -r --output-as=xml 2>/dev/null
	dc=$(timeout 1 crmadmin -D 2>/dev/null)
	timeout 1 crmadmin -S "${dc##*: }" 2>/dev/null | grep -q S_IDLE && rest=rest || rest=busy
	printf '\n--state-- %s\n' $rest
	sleep 0.4
done`

// tell prints what a person would look at when a state is not reached.
const tell = `crm_mon -1 -r --show-node-attributes --failcounts
crmadmin -D; for n in n1 n2 n3; do timeout 1 crmadmin -S $n; done
stonith_admin -H '*'
journalctl --since -3min --no-pager -q | grep -v sshd | grep -i 'fenc\|lost\|left\|token\|assert\|signal\|dumped\|respawn\|disconnect' | tail -n 40
true`

// await waits for the condition on a node, and until the cluster is at rest.
func (w *walk) await(t *testing.T, what, node string, until cond, busy bool) bool {
	t.Helper()
	why := w.reach(t, node, until, busy)
	if why != "" {
		t.Errorf("%s: %s", what, why)
	}
	return why == ""
}

// reach is await, and returns why the condition was not reached.
func (w *walk) reach(t *testing.T, node string, until cond, busy bool) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, "lab", "ssh", "--dir", w.dir, node, "--", watching)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return err.Error()
	}
	defer func() {
		cancel()
		_ = cmd.Wait() // it was told to end
	}()
	var doc []string
	var last *pcs.Status
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		rest, ends := strings.CutPrefix(lines.Text(), "--state-- ")
		if !ends {
			doc = append(doc, lines.Text())
			continue
		}
		st, err := pcs.ParseStatusXML([]byte(strings.Join(doc, "\n")))
		if err != nil {
			st = nil
		}
		last = st
		if until(st) && (busy || rest == "rest") {
			return ""
		}
		doc = nil
	}
	r := w.shell(t, node, tell)
	return fmt.Sprintf("not reached in the eyes of %s (%v); to be home it has not: %s; it says\n%s%s", node, errors.Join(lines.Err(), ctx.Err()), strings.Join(away(last), ", "), r.out, r.err)
}

// home waits until the cluster runs as it did before the trip; if it does not,
// failures and fencing are forgotten and it waits once more. Pacemaker's
// controller ends by itself at times (2.1.5, 3.0.0), cleaned up while it is
// busy, and then also leaves MIXED-VERSION behind.
func (w *walk) home(t *testing.T) {
	t.Helper()
	why := w.reach(t, "n1", atHome, false)
	if why != "" {
		t.Logf("the way back: %s\nforgotten, and once more", why)
		w.do(t, []act{on("n1", "crm_resource --cleanup"), forgetFencing})
		if w.lost = !w.await(t, "the way back", "n1", atHome, false); w.lost {
			for _, n := range nodes {
				r := w.shell(t, n, "tail -n 400 /var/log/pacemaker/pacemaker.log; journalctl -u corosync --no-pager | tail -n 50")
				t.Logf("%s wrote:\n%s%s", n, r.out, r.err)
			}
		}
	}
	w.do(t, []act{on("n1", `if crm_mon -1 | grep -q MIXED-VERSION; then attrd_updater --refresh; fi
while corosync-cfgtool -s | grep -q disconnected; do sleep 0.2; done`)})
	// One that has just booted starts it last.
	w.do(t, []act{onAll("until systemctl is-active -q pcsd; do sleep 0.2; done")})
}

// homeHas is what the cluster is like after the first apply.
var homeHas = []struct {
	what string
	cond cond
}{
	{"three nodes online", online("n1", "n2", "n3")},
	{"quorum", func(s *pcs.Status) bool { return s.Quorum }},
	{"no maintenance, nothing stopped", func(s *pcs.Status) bool { return !s.Maintenance && !s.StopAll }},
	{"no failure", func(s *pcs.Status) bool { return len(s.FailedActions)+len(s.FailCounts) == 0 }},
	{"no fencing", func(s *pcs.Status) bool { return len(s.Fencing) == 0 }},
	{"no ticket", func(s *pcs.Status) bool { return len(s.Tickets) == 0 }},
	{"no ban by hand", func(s *pcs.Status) bool {
		return !slices.ContainsFunc(s.Bans, func(b pcs.Ban) bool { return strings.HasPrefix(b.ID, "cli-") })
	}},
	{"all managed and enabled", func(s *pcs.Status) bool {
		return !slices.ContainsFunc(s.Resources, func(r pcs.Resource) bool { return !r.Managed || r.Disabled || r.Orphaned || r.Failed })
	}},
	{"fence up", started("fence")},
	{"vip and app on n1", and(started("vip", "n1"), started("app", "n1"))},
	{"web on n2", and(started("web1", "n2"), started("web2", "n2"))},
	{"roam on n3", started("roam", "n3")},
	{"ping on three", started("ping", "n1", "n2", "n3")},
	{"g on three", started("g", "n1", "n2", "n3")},
	{"four num", instances("num", 4)},
	{"three db, one promoted", and(instances("db", 3), func(s *pcs.Status) bool { return len(active(s, "db", pcs.Promoted)) == 1 })},
}

// away is what is not as it was.
func away(s *pcs.Status) (list []string) {
	if s == nil {
		return []string{"running"}
	}
	for _, h := range homeHas {
		if !h.cond(s) {
			list = append(list, h.what)
		}
	}
	return list
}

func atHome(s *pcs.Status) bool { return len(away(s)) == 0 }

// all of the conditions; false where the cluster does not run.
func all(s *pcs.Status, conds ...cond) bool {
	return s != nil && !slices.ContainsFunc(conds, func(c cond) bool { return !c(s) })
}

func and(conds ...cond) cond { return func(s *pcs.Status) bool { return all(s, conds...) } }

func not(c cond) cond { return func(s *pcs.Status) bool { return s != nil && !c(s) } }

func down(s *pcs.Status) bool { return s == nil }

// node: what a node is.
func node(name string, is func(*pcs.Node) bool) cond {
	return func(s *pcs.Status) bool {
		n := s.Node(name)
		return n != nil && is(n)
	}
}

func online(names ...string) cond {
	return func(s *pcs.Status) bool {
		for _, name := range names {
			n := s.Node(name)
			if n == nil || !n.Online || n.Pending || n.Standby || n.StandbyOnFail || n.Maintenance || n.Unclean {
				return false
			}
		}
		return true
	}
}

func offline(name string) cond {
	return node(name, func(n *pcs.Node) bool { return !n.Online && !n.Unclean && !n.Pending })
}

// started: on exactly these nodes, or with none named on any.
func started(id string, where ...string) cond {
	return func(s *pcs.Status) bool {
		on := active(s, id, pcs.Started)
		return len(on) > 0 && len(where) == 0 || slices.Equal(on, where)
	}
}

// stopped: active nowhere, and known.
func stopped(ids ...string) cond {
	return func(s *pcs.Status) bool {
		for _, id := range ids {
			if known := s.Find(id); len(known) == 0 || slices.ContainsFunc(known, func(r pcs.Resource) bool { return r.Active() }) {
				return false
			}
		}
		return true
	}
}

// role: the resource has it on some node.
func role(id, role string) cond {
	return func(s *pcs.Status) bool {
		return slices.ContainsFunc(s.Find(id), func(r pcs.Resource) bool { return r.ID == id && r.Role == role })
	}
}

// instances: so many are active, in whatever role.
func instances(id string, n int) cond {
	return func(s *pcs.Status) bool {
		count := 0
		for _, r := range s.Find(id) {
			if r.ID == id && r.Active() {
				count += max(len(r.Nodes), len(r.Instances))
			}
		}
		return count == n
	}
}

// resource: some entry of the resource is so.
func resource(id string, is func(*pcs.Resource) bool) cond {
	return func(s *pcs.Status) bool {
		return slices.ContainsFunc(s.Find(id), func(r pcs.Resource) bool { return r.ID == id && is(&r) })
	}
}

// failed: an operation of the resource failed on each of the nodes.
func failed(id string, where ...string) cond {
	return func(s *pcs.Status) bool {
		for _, n := range where {
			if !slices.ContainsFunc(s.FailedActions, func(a pcs.FailedAction) bool { return a.Resource == id && a.Node == n }) {
				return false
			}
		}
		return true
	}
}

// fencing: the last action against the node has this status.
func fencing(target, status string) cond {
	return func(s *pcs.Status) bool {
		return slices.ContainsFunc(s.Fencing, func(e pcs.FencingEvent) bool { return e.Target == target && e.Status == status })
	}
}

// active is where a resource has a role, sorted.
func active(s *pcs.Status, id, role string) (on []string) {
	for _, r := range s.Find(id) {
		if r.ID == id && r.Role == role {
			on = append(on, r.Nodes...)
		}
	}
	slices.Sort(on)
	return on
}
