package steps

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/remote"
)

// destroy removes the cluster from its nodes: daemons stopped and not started at
// boot, corosync.conf, keys and CIB gone. Packages, files, agents, the hacluster
// account and pcsd's tokens stay, and apply makes a cluster again. All nodes go
// at once: a cluster that is half destroyed would fence itself.
type destroy struct{}

func (destroy) Name() string { return "destroy" }
func (destroy) Touches() []facts.Section {
	return []facts.Section{facts.SectionUnits, facts.SectionCorosync, facts.SectionCIB}
}

// Survey refuses, naming them all, nodes that belong to another cluster, and a
// part of a cluster. What runs is asked of one node, which speaks for all.
func (destroy) Survey(ctx context.Context, c *Cluster) error {
	var refused []plan.Finding
	for _, n := range c.Nodes {
		refused = append(refused, notToDestroy(c, n)...)
	}
	if refused != nil {
		return &RefusedError{refused}
	}
	if c.runs == nil {
		c.runs = c.whatRuns(ctx)
	}
	return nil
}

func notToDestroy(c *Cluster, n *Node) []plan.Finding {
	return append(checkForeign(&Target{Cluster: c}, n), undeclaredMembers(c, n)...)
}

// Check leaves a node alone that belongs to no cluster.
func (destroy) Check(_ context.Context, t *Target) ([]plan.Change, error) {
	if refused := notToDestroy(t.Cluster, t.Node); refused != nil {
		return nil, &RefusedError{refused}
	}
	f := t.Node.Facts
	if !hasCluster(f) {
		return nil, nil
	}
	c := plan.Change{Action: plan.Delete, Kind: "cluster", ID: t.Playbook.Name, Disruption: plan.Outage, Pcs: "pcs cluster destroy"}
	state := "stopped"
	if f.Running() {
		// In a cluster that is in trouble daemons end, and what they ran moves on:
		// no reason to stop before what ends it. What is new in it is one.
		state, c.Open = "running", []string{"state"}
		c.Interrupts, c.Note = t.runs.on(t.Node)
	}
	c.Diffs = append(c.Diffs, plan.Was("state", state))
	if live := f.CIB.Live; live != nil {
		c.Diffs = append(c.Diffs, plan.Was("resources", fmt.Sprint(len(live.ResourceIDs()))))
	} else if f.Running() { // Pacemaker does not answer yet, or any more
		c.Open = append(c.Open, "resources")
	}
	return []plan.Change{c}, nil
}

// destroyLimit is how long a node has for it: a resource's stop may take
// minutes.
const destroyLimit = 5 * time.Minute

// Apply makes the one change that there is of a node.
func (destroy) Apply(ctx context.Context, t *Target, changes []plan.Change) error {
	n := t.Node
	w := Waiting{Step: "destroy", Node: n.Name, For: "pcs cluster destroy", Since: time.Now(), Limit: destroyLimit}
	if n.Facts.Running() {
		w.Detail = "resources stop, then the daemons"
	}
	t.emit(w)
	err := run(ctx, n, remote.Cmd{Argv: []string{"pcs", "cluster", "destroy"}, Timeout: destroyLimit, Label: "pcs cluster destroy"})
	w.Done = true
	t.emit(w)
	if err != nil {
		return err
	}
	if units := unitsThatStop(n, changes); units != nil {
		if err := systemctl(ctx, n, append([]string{"stop"}, units...)...); err != nil {
			return err
		}
	}
	return act(ctx, n, "remove the record of corosync.conf", "rm -f "+facts.CorosyncRecord+" "+facts.CorosyncReloaded)
}

// unitsThatStop are the units of the resources that a node ran. Pacemaker stops
// them as it ends; in one of some hundred times nginx was found running where no
// cluster was any more, and no cause was found.
func unitsThatStop(n *Node, changes []plan.Change) (units []string) {
	if n.Facts.CIB.Live == nil {
		return nil
	}
	for unit, ids := range n.Facts.CIB.Live.Units() {
		if slices.ContainsFunc(changes, func(c plan.Change) bool {
			return slices.ContainsFunc(c.Interrupts, func(i plan.Interruption) bool { return slices.Contains(ids, i.What) })
		}) {
			units = append(units, unit)
		}
	}
	slices.Sort(units)
	return units
}

// whatRuns asks the first node on which the cluster runs and that answers.
func (c *Cluster) whatRuns(ctx context.Context) *running {
	out := &running{}
	for _, n := range c.Nodes {
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
func (w *running) on(n *Node) (stops []plan.Interruption, note string) {
	switch {
	case w == nil:
		return nil, "what runs there is not known: nobody was asked"
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
		// What is not managed goes on without the cluster.
		if slices.Contains(res.Nodes, n.NodeName) && !res.IsFencing() && res.Managed && !slices.Contains(stops, i) {
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
