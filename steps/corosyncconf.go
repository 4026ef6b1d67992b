package steps

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/corosync"
	"github.com/hadeploy/hadeploy/internal/excerpt"
	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/remote"
)

// corosyncConf gives every member the same corosync.conf and the same keys.
// The keys go first and corosync.conf last: its presence is what makes a node
// a member, so it is the commit.
type corosyncConf struct{}

func (corosyncConf) Name() string             { return "corosync" }
func (corosyncConf) ClusterWide()             {}
func (corosyncConf) Touches() []facts.Section { return []facts.Section{facts.SectionCorosync} }

const corosyncFile = facts.CorosyncConf

func (corosyncConf) Check(_ context.Context, t *Target) ([]plan.Change, error) {
	want, err := wantedCorosync(t.Cluster)
	if err != nil {
		return nil, err
	}
	if gone := removedMembers(t.Cluster); gone != nil {
		return nil, &RefusedError{[]plan.Finding{{Code: "MEMBER_REMOVED", Severity: plan.Error,
			Message: fmt.Sprintf("the running cluster has the members %s, which the inventory does not name; this release removes no members", strings.Join(gone, ", ")),
			Fix:     "add them to the inventory, or first remove them: pcs cluster node remove " + strings.Join(gone, " ")}}}
	}
	var changes []plan.Change
	coming := slices.ContainsFunc(t.Nodes, func(n *Node) bool { return comes(&Target{Node: n, Cluster: t.Cluster}, "pacemaker") })
	for _, key := range sharedKeys() {
		o, err := key.origin(t.Cluster, want.next)
		if err != nil {
			return nil, err
		}
		changes = append(changes, key.changes(t.Cluster, o, coming)...)
	}
	for _, n := range t.Nodes {
		c, err := compareConf(n, want.next)
		if err != nil {
			return nil, err
		}
		if c != nil {
			c.At = declaredAt(t.Playbook.Cluster.Pos)
			changes = append(changes, *c)
		}
	}
	return append(changes, runtimeChanges(t.Cluster, want.next, changes)...), nil
}

// Kept finds a corosync.conf that somebody else wrote since the plan was made:
// what they added stays, so no change of ours shows it.
func (corosyncConf) Kept(t *Target, p *plan.Plan, found []plan.Change) (moved []plan.Moved) {
	is := func(list []plan.Change, node string) *plan.Change {
		for i, c := range list {
			if c.Node == node && c.ID == corosyncFile {
				return &list[i]
			}
		}
		return nil
	}
	now := corosyncSeen(t.Nodes)
	for _, n := range t.Nodes {
		then, was := p.Basis.Corosync[n.Name]
		planned, due := is(p.Changes, n.Name), is(found, n.Name)
		if !was || now[n.Name] == then || planned != nil && due == nil {
			continue // not there then, the same, or changed as it was planned
		}
		moved = append(moved, plan.Moved{Planned: planned, Now: plan.Change{Step: "corosync", Node: n.Name, Action: plan.Update,
			Kind: "corosync.conf", ID: corosyncFile, Note: "somebody has changed the file since the plan was made"}})
	}
	return moved
}

// compareConf says how a node's corosync.conf differs, nil if it does not.
func compareConf(n *Node, want *corosync.Config) (*plan.Change, error) {
	c := &plan.Change{Node: n.Name, Action: plan.Create, Kind: "corosync.conf", ID: corosyncFile}
	have := n.Facts.Corosync.Config
	if have == nil {
		c.Diffs = []plan.Diff{{Name: "content", After: strings.ToValidUTF8(string(want.Bytes()), "\uFFFD"), HasAfter: true, Lines: true}}
		if _, holdsKey := want.Get("totem.key"); holdsKey {
			c.Diffs[0] = plan.Diff{Name: "content", HasAfter: true, Secret: true}.Sealed(nil, want.Bytes())
		}
		return c, nil
	}
	c.Action = plan.Update
	diffs, err := corosync.Compare(have, want)
	if err != nil {
		return nil, err
	}
	for _, d := range diffs {
		c.Diffs = append(c.Diffs, d.Diff())
	}
	if c.Diffs == nil {
		return nil, nil
	}
	if n.Facts.Units[facts.Corosyncd].Alive() { // else it is read at the start
		c.Disruption = corosync.Worst(diffs).Disruption()
	}
	return c, nil
}

func (corosyncConf) Apply(ctx context.Context, t *Target, changes []plan.Change) error {
	want, err := wantedCorosync(t.Cluster)
	if err != nil {
		return err
	}
	reload := false
	todo := map[string][]*Node{} // what -> where
	var wrote []string           // and stays, whatever happens after it
	for _, c := range changes {
		if c.Disruption == plan.Outage {
			return fmt.Errorf("%s cannot change while the cluster runs", c.ID)
		}
		reload = reload || c.Disruption == plan.Reload
		i := slices.IndexFunc(t.Nodes, func(n *Node) bool { return n.Name == c.Node })
		todo[c.ID] = append(todo[c.ID], t.Nodes[i])
	}
	for _, key := range sharedKeys() { // each file on all nodes before the next: the commit is last everywhere
		if todo[key.Path] == nil {
			continue
		}
		o, err := key.origin(t.Cluster, want.next)
		if err != nil {
			return err
		}
		if key.Content, err = key.content(ctx, o); err != nil {
			return err
		}
		wrote = append(wrote, key.Path+" on "+excerpt.List(namesOf(todo[key.Path])))
		if err := t.eachErr(todo[key.Path], func(n *Node) error { return n.Conn.WriteFile(ctx, key.File) }); err != nil {
			return partly(wrote, err)
		}
	}
	nodes := todo[corosyncFile]
	if nodes == nil {
		if reload {
			return partly(wrote, reloadCorosync(ctx, t.Cluster, want.next))
		}
		return nil
	}
	// While the file changes, the record names what was written and what will be:
	// a run that is cut off forgets nothing of it.
	both := maps.Clone(want.record)
	for _, was := range want.records {
		for path, value := range was {
			if _, known := both[path]; !known {
				both[path] = value
			}
		}
	}
	if err := writeRecord(ctx, t.Cluster, both); err != nil {
		return partly(wrote, err)
	}
	if err := replaceConf(ctx, t.Cluster, nodes, want.next, reload); err != nil || maps.Equal(both, want.record) {
		return partly(wrote, err)
	}
	return writeRecord(ctx, t.Cluster, want.record)
}

// writeRecord gives all members the record of what hadeploy wrote into
// corosync.conf. It is our own memory and no change of a plan: a node whose file
// stays has to know it too.
func writeRecord(ctx context.Context, c *Cluster, record corosync.Written) error {
	return c.eachErr(c.Nodes, func(n *Node) error {
		return n.Conn.WriteFile(ctx, remote.File{Path: facts.CorosyncRecord, Content: record.Bytes(), Mode: "0644"})
	})
}

// wanted is the declared corosync.conf, laid over what a member has already, so
// that what pcs or a person added there stays.
type wanted struct {
	next    *corosync.Config
	records []corosync.Written // on the nodes
	record  corosync.Written   // of next
}

func wantedCorosync(c *Cluster) (w wanted, err error) {
	var live *corosync.Config
	var of string
	for _, n := range c.Nodes {
		if isMember(n) && (live == nil || n.Facts.Running()) {
			live, of = n.Facts.Corosync.Config, n.Name
			if n.Facts.Running() {
				break
			}
		}
	}
	want, diags := corosync.Build(c.Playbook, c.InventoryNodes())
	if err := diags.Err(); err != nil {
		return w, err
	}
	for _, n := range c.Nodes {
		if err := n.Facts.Corosync.RecordErr; err != nil {
			return w, NodeErrors{{Node: n.Name, Err: fmt.Errorf("%s: %w; it says which settings of corosync.conf were written by hadeploy: "+
				"remove the file, and what is no longer declared stays in corosync.conf", facts.CorosyncRecord, err)}}
		}
		if n.Facts.Corosync.Record != nil {
			w.records = append(w.records, n.Facts.Corosync.Record)
		}
	}
	if c.kept != nil { // a backup's, as it stands there
		w.next = c.kept
		w.record = corosync.Record(live, w.next, want, w.records...)
		return w, nil
	}
	base := live
	if live != nil {
		base = corosync.Forget(live, want, w.records...)
	}
	if w.next, err = corosync.Merge(base, want); err != nil {
		return w, err
	}
	if err := w.next.CheckTimes(); err != nil {
		return w, &RefusedError{[]plan.Finding{{Code: "COROSYNC_REFUSES", Severity: plan.Error, Node: of, Object: corosyncFile,
			Message: err.Error() + "; part of it is not declared, and stands in the file of the node",
			Fix:     "declare all of these settings, or remove the line from corosync.conf on every node"}}}
	}
	w.record = corosync.Record(live, w.next, want, w.records...)
	return w, nil
}

// removedMembers are the members of the running cluster that are not declared.
func removedMembers(c *Cluster) []string {
	declared, _ := corosync.Build(c.Playbook, c.InventoryNodes())
	for _, n := range c.Nodes {
		if isMember(n) && n.Facts.Running() {
			_, removed := corosync.Membership(n.Facts.Corosync.Config, declared)
			return removed
		}
	}
	return nil
}
