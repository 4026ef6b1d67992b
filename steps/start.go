package steps

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/hadeploy/hadeploy/internal/cib"
	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/remote"
)

// start starts Corosync and Pacemaker and waits until every member is online
// and a DC is elected.
//
// A new cluster's first DC would take dc-deadtime, 20 s. So the first start
// reads a seed: an empty CIB that says dc-deadtime=2s and, since members that
// were not yet seen must not be fenced, stonith-enabled=false. The step
// cibConf puts the real properties in its place once all are online.
type start struct{}

func (start) Name() string { return "start" }
func (start) ClusterWide() {}
func (start) Touches() []facts.Section {
	return []facts.Section{facts.SectionUnits, facts.SectionCorosync, facts.SectionCIB}
}

const cibFile = "/var/lib/pacemaker/cib/cib.xml"

func (start) Check(_ context.Context, t *Target) ([]plan.Change, error) {
	if !t.Playbook.Cluster.Start {
		return nil, nil
	}
	var changes []plan.Change
	for _, n := range t.Nodes {
		for _, unit := range []string{facts.Corosyncd, facts.Pacemakerd} {
			u := n.Facts.Units[unit]
			if u.Running() {
				continue
			}
			before := stateOf(u)
			if n.Facts.Default != nil && n.Facts.Default.Running {
				before = "running the packaged default cluster"
			}
			c := plan.Change{Node: n.Name, Action: plan.Update, Kind: "service", ID: strings.TrimSuffix(unit, ".service"),
				Diffs: []plan.Diff{plan.Changes("state", before, "active")}, Pcs: "pcs cluster start " + n.NodeName,
				Note: joining(t.Cluster), Open: []string{"state"}} // until then it comes and goes: an earlier step stops it, or brings it
			changes = append(changes, c)
		}
	}
	return changes, nil
}

// joining is what a member that joins a running cluster means for the others.
func joining(c *Cluster) string {
	if live := c.liveCIB(); live == nil || len(live.ResourceIDs()) == 0 {
		return ""
	}
	return "once it is a member, Pacemaker may move resources to it"
}

// Apply starts the daemons that the changes name.
func (start) Apply(ctx context.Context, t *Target, changes []plan.Change) error {
	nodes, of := byNode(t.Cluster, changes)
	if err := seed(ctx, t.Cluster, nodes); err != nil {
		return fmt.Errorf("preparing the first start: %w", err)
	}
	if err := t.eachErr(nodes, func(n *Node) error {
		words := []string{"start"}
		for _, c := range of[n] {
			words = append(words, c.ID+".service")
		}
		return systemctl(ctx, n, words...)
	}); err != nil {
		return err
	}
	return awaitMembers(ctx, t.Cluster, "start")
}

// seed writes the first CIB, on the nodes that are to start, when no member has
// one.
func seed(ctx context.Context, c *Cluster, nodes []*Node) error {
	for _, n := range c.Nodes {
		if n.Facts.CIB.OnDisk || n.Facts.Running() {
			return nil
		}
	}
	return c.eachErr(nodes, func(n *Node) error {
		// The feature set must be the installed Pacemaker's own: a newer one
		// stalls the cluster for good.
		res, err := n.Conn.Run(ctx, remote.Cmd{Argv: []string{"cibadmin", "--empty"}, Reads: true, Timeout: 30 * time.Second, Label: "cibadmin --empty"})
		if err != nil {
			return err
		}
		if err := res.Err("cibadmin --empty"); err != nil {
			return err
		}
		doc, err := cib.Seed(res.Stdout)
		if err != nil {
			return err
		}
		return n.Conn.WriteFile(ctx, remote.File{Path: cibFile, Content: doc, Mode: "0600", Owner: "hacluster:haclient"})
	})
}
