package steps

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/remote"
	"github.com/hadeploy/hadeploy/internal/secret"
)

// PlanDestroy says what Destroy would do. A node that belongs to another
// cluster is refused by name; one that belongs to none is left alone. What
// runs is asked of one node, which speaks for all.
func (r *Run) PlanDestroy(ctx context.Context) (*plan.Plan, error) {
	ctx, done := r.looking(ctx)
	defer done()
	p := &plan.Plan{Version: plan.Format, Cluster: r.Playbook.Name, Playbook: r.Playbook.File, Changes: []plan.Change{}}
	var refused []plan.Finding
	runs := r.whatRuns(ctx)
	for _, n := range r.Nodes {
		p.Nodes = append(p.Nodes, n.Name)
		refused = append(refused, checkForeign(&Target{Cluster: r.Cluster}, n)...)
		refused = append(refused, undeclaredMembers(r.Cluster, n)...)
		if !hasCluster(n.Facts) {
			continue
		}
		c := plan.Change{Step: "destroy", Node: n.Name, Action: plan.Delete, Kind: "cluster", ID: r.Playbook.Name, Disruption: plan.Outage, Pcs: "pcs cluster destroy"}
		state := "stopped"
		if n.Facts.Running() {
			state = "running"
			c.Interrupts, c.Note = runs.on(n)
		}
		c.Diffs = append(c.Diffs, plan.Was("state", state))
		if cib := n.Facts.CIB.Live; cib != nil {
			c.Diffs = append(c.Diffs, plan.Was("resources", fmt.Sprint(len(cib.ResourceIDs()))))
		}
		p.Changes = append(p.Changes, c)
	}
	if refused != nil {
		return nil, &RefusedError{refused}
	}
	r.maskChanges(p.Changes)
	p.Tell(nil)
	if r.stopped() {
		return nil, &InterruptedError{While: "planning"}
	}
	return p, nil
}

// running is what the cluster runs now, by the word of one of its nodes.
type running struct {
	status *pcs.Status
	err    error // why that is not known
}

// whatRuns asks the first node on which the cluster runs and that answers.
func (r *Run) whatRuns(ctx context.Context) running {
	var out running
	for _, n := range r.Nodes {
		if n.Conn == nil || !n.Facts.Running() {
			continue
		}
		if out.status, out.err = crmMon(ctx, n); out.err == nil {
			if !out.status.Unknown() {
				break
			}
			out.err = out.status.Problem()
		}
	}
	return out
}

// on are the resources that stop on a node, or a note that they are not known:
// an empty list would say that nothing runs there. Fencing devices are left
// out, for nobody is served by them.
func (w running) on(n *Node) (stops []plan.Interruption, note string) {
	switch {
	case w.err != nil:
		return nil, "what runs there is not known: " + w.err.Error()
	case w.status == nil:
		return nil, "what runs there is not known: no node tells it"
	}
	if m := findNode(w.status, n.NodeName); m == nil || !m.Online {
		return nil, "what runs there is not known: the cluster does not see it online"
	}
	for _, res := range w.status.Resources {
		i := plan.Interruption{What: res.ID, Node: n.Name, How: plan.Stops, Why: "the cluster is destroyed"}
		if slices.Contains(res.Nodes, n.NodeName) && !res.IsFencing() && !slices.Contains(stops, i) {
			stops = append(stops, i)
		}
	}
	return stops, ""
}

// undeclaredMembers refuses to destroy a part of a cluster.
func undeclaredMembers(c *Cluster, n *Node) []plan.Finding {
	if n.Facts.Corosync.Config == nil || n.Facts.Corosync.Config.ClusterName() != c.Playbook.Name {
		return nil
	}
	var others []string
	for _, m := range memberNames(n.Facts.Corosync.Config) {
		if !slices.Contains(c.NodeNames(), m) {
			others = append(others, m)
		}
	}
	if others == nil {
		return nil
	}
	return []plan.Finding{{Code: "MEMBER_NOT_DECLARED", Severity: plan.Error, Node: n.Name,
		Message: fmt.Sprintf("cluster %q has members that the inventory does not name: %s; destroying a part of it would leave them to themselves", c.Playbook.Name, strings.Join(others, ", ")),
		Fix:     "add them to the inventory"}}
}

// hasCluster reports whether anything of a cluster is on the node; the package's
// own is none.
func hasCluster(f *facts.Facts) bool {
	return f.Corosync.Config != nil || f.CIB.OnDisk || f.Corosync.Key != "" || f.Units[facts.Corosyncd].Running() || f.Units[facts.Pacemakerd].Running()
}

// destroyLimit is how long a node has for it: a resource's stop may take
// minutes.
const destroyLimit = 5 * time.Minute

// Destroy removes the cluster from its nodes: daemons stopped and not started
// at boot, corosync.conf, keys and CIB gone. Packages, files, agents, the
// hacluster account and pcsd's tokens stay, and apply makes a cluster again.
// All nodes go at once: a cluster that is half destroyed would fence itself.
func (r *Run) Destroy(ctx context.Context) (Summary, error) {
	if r.stopped() {
		return r.Summary(), &InterruptedError{While: "planning"}
	}
	var doomed []*Node
	var names []string
	for _, n := range r.Nodes {
		if hasCluster(n.Facts) {
			doomed, names = append(doomed, n), append(names, n.Name)
		}
	}
	gone := []plan.Change{{Step: "destroy", Action: plan.Delete, Kind: "cluster", ID: r.Playbook.Name}}
	began := time.Now()
	r.emit(StepStarted{Step: "destroy", Index: 1, Total: 1, Nodes: names, Changes: len(doomed)})
	errs := r.each(doomed, func(n *Node) error {
		began := time.Now()
		w := Waiting{Step: "destroy", Node: n.Name, For: "pcs cluster destroy", Since: began, Limit: destroyLimit}
		if n.Facts.Running() {
			w.Detail = "resources stop, then the daemons"
		}
		r.emit(w)
		res, err := n.Conn.Run(ctx, remote.Cmd{Argv: []string{"pcs", "cluster", "destroy"}, Timeout: destroyLimit, Label: "pcs cluster destroy"})
		w.Done = true
		r.emit(w)
		if err != nil {
			return err
		}
		if err := res.Err("pcs cluster destroy"); err != nil {
			return err
		}
		if err := act(ctx, n, "remove the record of corosync.conf", "rm -f "+facts.CorosyncRecord+" "+facts.CorosyncReloaded); err != nil {
			return err
		}
		if err := r.read(ctx, n, []facts.Section{facts.SectionUnits, facts.SectionCorosync, facts.SectionCIB}); err != nil {
			return err
		}
		if hasCluster(n.Facts) {
			return fmt.Errorf("pcs cluster destroy ended well, and yet something of the cluster is left on the node")
		}
		n.changes++
		r.emit(NodeChanged{Step: "destroy", Node: n.Name, Changes: gone, Took: time.Since(began)})
		return nil
	})
	var unknown []string
	for i, n := range doomed {
		if errs[i] != nil && endedBy(ctx, errs[i]) {
			unknown = append(unknown, NodeError{n.Name, errs[i]}.Error())
			continue
		}
		if errs[i] != nil {
			n.failedAt, n.err = "destroy", errs[i]
			r.emit(NodeFailed{Step: "destroy", Node: n.Name, Err: errs[i]})
		}
	}
	sum := r.summary("", nil)
	r.emit(StepDone{Step: "destroy", Changes: sum.Changes, Took: time.Since(began)})
	switch {
	case unknown != nil:
		sum.Interrupted, sum.Unknown = true, secret.Words(r.mask, unknown)
		return sum, &InterruptedError{While: "the cluster was destroyed", Changed: true, Made: sum.Changes, Unknown: true}
	case len(r.Live()) < len(r.Nodes):
		return sum, &FailedError{sum}
	}
	return sum, nil
}
