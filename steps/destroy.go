package steps

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/remote"
)

// PlanDestroy says what Destroy would do. A node that belongs to another
// cluster is refused by name; one that belongs to none is left alone.
func (r *Run) PlanDestroy() (*plan.Plan, error) {
	p := &plan.Plan{Version: plan.Format, Cluster: r.Playbook.Name, Playbook: r.Playbook.File, Changes: []plan.Change{}}
	var refused []plan.Finding
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
		}
		c.Diffs = append(c.Diffs, plan.Was("state", state))
		if cib := n.Facts.CIB; cib != nil {
			c.Diffs = append(c.Diffs, plan.Was("resources", fmt.Sprint(len(cib.ResourceIDs()))))
		}
		p.Changes = append(p.Changes, c)
	}
	if refused != nil {
		return nil, &RefusedError{refused}
	}
	p.Tell(nil)
	return p, nil
}

// undeclaredMembers refuses to destroy a part of a cluster.
func undeclaredMembers(c *Cluster, n *Node) []plan.Finding {
	if n.Facts.Corosync == nil || n.Facts.Corosync.ClusterName() != c.Playbook.Name {
		return nil
	}
	var others []string
	for _, m := range memberNames(n.Facts.Corosync) {
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

// hasCluster reports whether anything of a cluster is on the node.
func hasCluster(f *Facts) bool {
	if isDefaultCluster(f) {
		return false // the package's own, not the declared one
	}
	return f.Corosync != nil || f.HasCIB || f.CorosyncKey != "" || f.Units[unitCorosync].Running() || f.Units[unitPacemaker].Running()
}

// Destroy removes the cluster from its nodes: daemons stopped and not started
// at boot, corosync.conf, keys and CIB gone. Packages, files, agents, the
// hacluster account and pcsd's tokens stay, and apply makes a cluster again.
// All nodes go at once: a cluster that is half destroyed would fence itself.
func (r *Run) Destroy(ctx context.Context) (Summary, error) {
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
		res, err := n.Conn.Run(ctx, remote.Cmd{Argv: []string{"pcs", "cluster", "destroy"}, Mutates: true, Timeout: 5 * time.Minute, Label: "pcs cluster destroy"})
		if err != nil {
			return err
		}
		if err := res.Err("pcs cluster destroy"); err != nil {
			return err
		}
		if err := n.observe(ctx, r.ask(n, []Section{SectionUnits, SectionCorosync, SectionCIB})); err != nil {
			return err
		}
		if hasCluster(n.Facts) {
			return fmt.Errorf("pcs cluster destroy ended well, and yet something of the cluster is left on the node")
		}
		n.changes++
		r.emit(NodeChanged{Step: "destroy", Node: n.Name, Changes: gone, Took: time.Since(began)})
		return nil
	})
	for i, n := range doomed {
		if errs[i] != nil {
			n.failedAt, n.err = "destroy", errs[i]
			r.emit(NodeFailed{Step: "destroy", Node: n.Name, Err: errs[i]})
		}
	}
	sum := r.summary("", nil)
	r.emit(StepDone{Step: "destroy", Changes: sum.Changes, Took: time.Since(began)})
	switch {
	case ctx.Err() != nil:
		return sum, ErrInterrupted
	case len(r.Live()) < len(r.Nodes):
		return sum, &FailedError{sum}
	}
	return sum, nil
}
