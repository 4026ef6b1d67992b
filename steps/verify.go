package steps

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/remote"
)

// Verification is what a look at the running cluster found.
type Verification struct {
	OK       bool           `json:"ok"`
	Checks   []string       `json:"checks"`   // what was looked at and is well, in words
	Findings []plan.Finding `json:"findings"` // what is not
	Took     time.Duration  `json:"took_ns"`
}

// view is the cluster as one node sees it.
type view struct {
	node      *Node
	status    *pcs.Status
	err       error
	addresses []netip.Addr
}

// Verify reads `pcs status` on every node and says whether the cluster does
// what the file declares. What is not yet so may still come: it looks again
// until all is well or within is over; 0 looks once. An error means that the
// cluster could not be read at all.
func (r *Run) Verify(ctx context.Context, within time.Duration) (*Verification, error) {
	began := time.Now()
	deadline := began.Add(within)
	limited, cancel := context.WithTimeout(ctx, within+2*time.Minute)
	defer cancel()
	w := wait{emit: r.emit, Waiting: Waiting{Step: "verify", For: "the declared state", Since: began, Limit: within}}
	defer w.end()
	if within > 0 && r.clusterChanges > 0 { // it will not be there at once
		if err := r.settle(limited, deadline, &w); err != nil {
			return nil, err
		}
	}
	for {
		v, err := r.look(limited)
		if err != nil {
			return nil, err
		}
		v.Took = time.Since(began)
		if v.OK || time.Now().After(deadline) || r.stopped() {
			w.end()
			for _, f := range v.Findings {
				r.report(f)
			}
			return v, nil
		}
		w.tell(firstError(v.Findings))
		select {
		case <-limited.Done():
			return nil, context.Cause(limited)
		case <-time.After(time.Second):
		}
		if err := r.settle(limited, deadline, &w); err != nil {
			return nil, err
		}
	}
}

// wait tells what is waited for: once for the same trouble, though its words
// may hold a time, and not more often than a person can read.
type wait struct {
	Waiting
	emit  func(Event)
	open  bool
	about string
	told  time.Time
}

const tellEvery = 2 * time.Second

func (w *wait) tell(about, detail string) {
	if w.open && (about == w.about || time.Since(w.told) < tellEvery) {
		return
	}
	w.open, w.about, w.Detail, w.told = true, about, detail, time.Now()
	w.emit(w.Waiting)
}

func (w *wait) end() {
	if w.open {
		w.open, w.Done = false, true
		w.emit(w.Waiting)
	}
}

// settle waits until the resources are in their roles by the cheapest question
// there is: crm_mon on one node, 30 ms, where pcs status costs every node a
// Python start and the cluster the time to start resources.
func (r *Run) settle(ctx context.Context, deadline time.Time, w *wait) error {
	tick := time.NewTicker(settleEvery)
	defer tick.Stop()
	for time.Now().Before(deadline) && !r.stopped() {
		st, err := crmMon(ctx, r.reachable())
		if err != nil {
			return nil // the full look will say so
		}
		left := errorsOnly(append(checkFailedActions(st), checkResources(r.Cluster, st)...))
		if len(left) == 0 || !allOnline(r.Cluster, st) {
			return nil
		}
		w.tell(firstError(left))
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
	return nil
}

const settleEvery = 300 * time.Millisecond

func allOnline(c *Cluster, st *pcs.Status) bool {
	return !slices.ContainsFunc(c.NodeNames(), func(name string) bool {
		n := findNode(st, name)
		return n == nil || !n.Online
	})
}

// reachable is the first node that there is a connection to.
func (r *Run) reachable() *Node {
	for _, n := range r.Nodes {
		if n.Conn != nil {
			return n
		}
	}
	return r.Nodes[0]
}

// look reads the cluster once, from every node.
func (r *Run) look(ctx context.Context) (*Verification, error) {
	views := make([]view, len(r.Nodes))
	index := map[*Node]int{}
	for i, n := range r.Nodes {
		index[n] = i
	}
	if err := r.eachErr(r.Nodes, func(n *Node) error {
		v, err := lookAt(ctx, n)
		views[index[n]] = v
		return err
	}); err != nil {
		return nil, err
	}
	v := &Verification{}
	add := func(ok string, found []plan.Finding) {
		if len(errorsOnly(found)) == 0 && ok != "" {
			v.Checks = append(v.Checks, ok)
		}
		v.Findings = append(v.Findings, found...)
	}
	v.Findings = checkReadable(views)
	good := slices.DeleteFunc(slices.Clone(views), func(v view) bool { return v.status == nil })
	if len(good) > 0 {
		dc := good[0].status.DC
		add(counted(len(r.Nodes), "node", "nodes")+" online", checkMembers(r.Cluster, good))
		add("quorum, DC "+dc, checkPartition(good))
		add("daemons active", checkDaemons(r.Cluster, good))
		st := good[0].status
		add(counted(countDeclared(r.Playbook), "resource", "resources")+" as declared", checkResources(r.Cluster, st))
		add("no failed action", checkFailedActions(st))
		if vips := addressResources(r.Playbook); len(vips) > 0 {
			add(counted(len(vips), "address", "addresses")+" where pcs says", checkAddressesUp(good, vips))
		}
	}
	if probes := r.Playbook.Verify.Probes; len(probes) > 0 && len(errorsOnly(v.Findings)) == 0 {
		add(counted(len(probes), "probe", "probes")+" answered", checkProbes(ctx, probes))
	}
	v.OK = len(errorsOnly(v.Findings)) == 0
	return v, nil
}

// lookAt runs pcs status on the node, and reads its addresses, in one go.
func lookAt(ctx context.Context, n *Node) (view, error) {
	const cut = "--hadeploy-addresses--"
	v := view{node: n}
	if n.Conn == nil {
		v.err = n.err
		return v, nil
	}
	res, err := n.Conn.Run(ctx, remote.Cmd{
		Script:  `ip -o addr show 2>/dev/null; echo; echo "$1"; exec pcs status`,
		Args:    []string{cut},
		Timeout: time.Minute, Limit: 16 << 20, Label: "pcs status",
	})
	if err != nil {
		return v, err
	}
	addrs, text, _ := strings.Cut(string(res.Stdout), cut+"\n")
	for _, p := range parseAddresses(addrs) {
		v.addresses = append(v.addresses, p.Addr())
	}
	if res.Status != 0 && strings.TrimSpace(text) == "" {
		text = string(res.Stderr)
	}
	v.status, v.err = pcs.ParseStatus([]byte(text))
	if v.err == nil && res.Status != 0 {
		v.err = res.Err("pcs status")
	}
	if v.err != nil {
		v.status = nil
	}
	return v, nil
}

// checkReadable reports the nodes whose status cannot be read, or not in full.
func checkReadable(views []view) (found []plan.Finding) {
	for _, v := range views {
		var down *pcs.NotRunningError
		switch {
		case v.node.Conn == nil:
			found = append(found, plan.Finding{Code: "NODE_UNREACHABLE", Severity: plan.Error, Node: v.node.Name,
				Message: "the node cannot be reached, so it was not asked: " + v.err.Error(), Expected: "reachable", Seen: "unreachable",
				Fix: "is it switched on? can you log in by ssh?"})
		case errors.As(v.err, &down):
			found = append(found, plan.Finding{Code: "NOT_RUNNING", Severity: plan.Error, Node: v.node.Name,
				Message: "the cluster does not run on this node", Expected: "running", Seen: "not running", Fix: "pcs cluster start " + v.node.NodeName})
		case v.err != nil:
			found = append(found, plan.Finding{Code: "STATUS_UNKNOWN", Severity: plan.Error, Node: v.node.Name,
				Message: "pcs status cannot be read: " + v.err.Error(), Fix: "run pcs status on the node"})
		case v.status.Unknown():
			found = append(found, plan.Finding{Code: "STATUS_UNKNOWN", Severity: plan.Error, Node: v.node.Name,
				Message: "pcs status was not understood in full, so nothing can be said for certain: " + v.status.Problem().Error(),
				Fix:     "look at pcs status on the node"})
		}
	}
	return found
}

func checkMembers(c *Cluster, views []view) (found []plan.Finding) {
	for _, n := range c.Nodes {
		for _, v := range views {
			s := findNode(v.status, n.NodeName)
			f := plan.Finding{Code: "NODE_OFFLINE", Severity: plan.Error, Node: n.Name, Expected: "online"}
			switch {
			case s == nil:
				f.Seen, f.Message = "absent", fmt.Sprintf("%s is not a member in the eyes of %s", n.NodeName, v.node.NodeName)
			case s.Unclean:
				f.Seen, f.Message, f.Fix = "UNCLEAN", fmt.Sprintf("%s is UNCLEAN: it has to be fenced before its resources can run elsewhere", n.NodeName), "find out what happened to the node; is there a fencing device?"
			case !s.Online:
				f.Seen, f.Message, f.Fix = "offline", fmt.Sprintf("%s is offline in the eyes of %s", n.NodeName, v.node.NodeName), "pcs cluster start "+n.NodeName
			case s.Pending:
				f.Seen, f.Message = "pending", fmt.Sprintf("%s is still joining", n.NodeName)
			case s.Standby || s.StandbyOnFail:
				f = plan.Finding{Code: "NODE_STANDBY", Severity: plan.Warning, Node: n.Name, Seen: "standby", Expected: "online",
					Message: n.NodeName + " is in standby, as a person set it: it runs no resources", Fix: "pcs node unstandby " + n.NodeName}
			case s.Maintenance:
				f = plan.Finding{Code: "NODE_MAINTENANCE", Severity: plan.Warning, Node: n.Name, Seen: "maintenance", Expected: "online",
					Message: n.NodeName + " is in maintenance, as a person set it: its resources are not watched", Fix: "pcs node unmaintenance " + n.NodeName}
			default:
				continue
			}
			found = append(found, f)
			break // one node's word is enough
		}
	}
	return found
}

// checkPartition compares what the nodes say of quorum and DC: nodes that
// disagree are in different partitions.
func checkPartition(views []view) (found []plan.Finding) {
	dcs := map[string][]string{}
	for _, v := range views {
		if !v.status.Quorum {
			found = append(found, plan.Finding{Code: "NO_QUORUM", Severity: plan.Error, Node: v.node.Name, Expected: "quorum", Seen: "no quorum",
				Message: "its partition has no quorum: resources are stopped there", Fix: "look at corosync-quorumtool -s and at the network between the nodes"})
		}
		if v.status.DC == "" {
			found = append(found, plan.Finding{Code: "NO_DC", Severity: plan.Error, Node: v.node.Name, Expected: "a DC", Seen: "none",
				Message: "no DC is elected: nothing is decided"})
			continue
		}
		dcs[v.status.DC] = append(dcs[v.status.DC], v.node.NodeName)
	}
	if len(dcs) > 1 {
		var says []string
		for dc, nodes := range dcs {
			says = append(says, fmt.Sprintf("%s for %s", dc, strings.Join(nodes, ", ")))
		}
		slices.Sort(says)
		found = append(found, plan.Finding{Code: "PARTITIONED", Severity: plan.Error, Expected: "one DC", Seen: strings.Join(says, "; "),
			Message: "the nodes do not see the same cluster; the DC is " + strings.Join(says, "; "), Fix: "look at the network between the nodes: corosync-cfgtool -s"})
	}
	return found
}

func checkDaemons(c *Cluster, views []view) (found []plan.Finding) {
	boot := "enabled"
	if !c.Playbook.Cluster.Enable {
		boot = "disabled"
	}
	for _, v := range views {
		want := map[string]string{"corosync": "active/" + boot, "pacemaker": "active/" + boot, "pcsd": "active/enabled"}
		for _, daemon := range []string{"corosync", "pacemaker", "pcsd"} {
			seen, ok := v.status.Daemons[daemon]
			if !ok {
				seen = "not shown"
			}
			if seen != want[daemon] {
				found = append(found, plan.Finding{Code: "DAEMON", Severity: plan.Error, Node: v.node.Name, Object: daemon, Expected: want[daemon], Seen: seen,
					Message: fmt.Sprintf("the daemon %s is %s, not %s", daemon, seen, want[daemon]), Fix: "hadeploy apply, or systemctl status " + daemon})
			}
		}
	}
	return found
}

func errorsOnly(fs []plan.Finding) []plan.Finding {
	return slices.DeleteFunc(slices.Clone(fs), func(f plan.Finding) bool { return f.Severity != plan.Error })
}

// firstError names the first error by what stays the same in it, and tells it.
func firstError(fs []plan.Finding) (what, detail string) {
	bad := errorsOnly(fs)
	if len(bad) == 0 {
		return "", ""
	}
	// The failed action is the reason of what is stopped.
	slices.SortStableFunc(bad, func(a, b plan.Finding) int {
		return cmp.Compare(boolRank(b.Code == "FAILED_ACTION"), boolRank(a.Code == "FAILED_ACTION"))
	})
	what, detail = fmt.Sprint(bad[0].Code, bad[0].Node, bad[0].Object, len(bad)), bad[0].Message
	if len(bad) > 1 {
		detail = fmt.Sprintf("%s, and %d more", detail, len(bad)-1)
	}
	return what, detail
}

func boolRank(b bool) int {
	if b {
		return 1
	}
	return 0
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
