package steps

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hadeploy/hadeploy/internal/corosync"
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

const (
	corosyncFile    = "/etc/corosync/corosync.conf"
	corosyncKeyFile = "/etc/corosync/authkey"
	pacemakerKey    = "/etc/pacemaker/authkey"
)

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
	for _, key := range []struct {
		path string
		sum  func(*facts.Facts) string
	}{{corosyncKeyFile, corosyncSum}, {pacemakerKey, pacemakerSum}} {
		source := keySource(t.Cluster, key.sum)
		for _, n := range t.Nodes {
			// Debian's pacemaker package makes a key, on each node another: while it
			// is to come, no key of a node to be is the last word.
			open := coming && !isMember(n)
			if have := key.sum(n.Facts); have == "" || source != nil && have != key.sum(source.Facts) || open {
				c := plan.Change{Node: n.Name, Action: plan.Create, Kind: "key", ID: key.path,
					Diffs: []plan.Diff{{Name: "content", HasAfter: true, Secret: true}}}
				if open {
					c.Open = []string{"content"}
				}
				if have != "" {
					c.Action, c.Diffs[0].HasBefore = plan.Update, true
					if isMember(n) && n.Facts.Running() {
						c.Disruption = plan.Outage
					}
				}
				changes = append(changes, c)
			}
		}
	}
	for _, n := range t.Nodes {
		c, err := compareConf(n, want)
		if err != nil {
			return nil, err
		}
		if c != nil {
			c.At = declaredAt(t.Playbook.Cluster.Pos)
			changes = append(changes, *c)
		}
	}
	return changes, nil
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
	if have == nil || isDefaultCluster(n.Facts) {
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
	if n.Facts.Running() { // else it is read at the start
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
	todo := map[string]map[string]bool{} // path -> node -> true
	for _, c := range changes {
		if c.Disruption == plan.Outage {
			return fmt.Errorf("%s cannot change while the cluster runs", c.ID)
		}
		reload = reload || c.Disruption == plan.Reload
		if todo[c.ID] == nil {
			todo[c.ID] = map[string]bool{}
		}
		todo[c.ID][c.Node] = true
	}
	content := map[string][]byte{corosyncFile: want.Bytes()}
	if content[corosyncKeyFile], err = keyFor(ctx, t.Cluster, corosyncKeyFile, corosyncSum); err != nil {
		return err
	}
	if content[pacemakerKey], err = keyFor(ctx, t.Cluster, pacemakerKey, pacemakerSum); err != nil {
		return err
	}
	order := []remote.File{
		{Path: corosyncKeyFile, Mode: "0400"},
		{Path: pacemakerKey, Mode: "0400", Owner: "hacluster:haclient"},
		{Path: corosyncFile, Mode: "0644"},
	}
	for _, f := range order { // each file on all nodes before the next: the commit is last everywhere
		f.Content = content[f.Path]
		if err := t.eachErr(t.Nodes, func(n *Node) error {
			if !todo[f.Path][n.Name] {
				return nil
			}
			return n.Conn.WriteFile(ctx, f)
		}); err != nil {
			return err
		}
	}
	if reload {
		return reloadCorosync(ctx, t.Cluster)
	}
	return nil
}

// reloadCorosync makes all running members read corosync.conf again. What
// corosync refuses it says by the exit status (3.1.7), or only in its map;
// what it would silently ignore counts as an outage and never comes here.
func reloadCorosync(ctx context.Context, c *Cluster) error {
	for _, n := range c.Nodes {
		if !n.Facts.Running() {
			continue
		}
		res, err := n.Conn.Run(ctx, remote.Cmd{
			Script:  `corosync-cfgtool -R && { corosync-cmapctl -g config.reload_error_message 2>/dev/null || true; }`,
			Timeout: time.Minute, Label: "corosync-cfgtool -R",
		})
		if err != nil {
			return err
		}
		if err := res.Err("corosync-cfgtool -R"); err != nil {
			return err
		}
		if out := string(res.Stdout); strings.Contains(out, "reload_error_message") {
			return fmt.Errorf("corosync did not take the new configuration: %s", remote.Tail(res.Stdout, 3))
		}
		return nil
	}
	return nil
}

// wantedCorosync is the declared corosync.conf, laid over what a member has
// already, so that what pcs or a person added there stays.
func wantedCorosync(c *Cluster) (*corosync.Config, error) {
	var live *corosync.Config
	for _, n := range c.Nodes {
		if n.Facts.Corosync.Config != nil && !isDefaultCluster(n.Facts) && (live == nil || n.Facts.Running()) {
			live = n.Facts.Corosync.Config
			if n.Facts.Running() {
				break
			}
		}
	}
	want, diags := corosync.Build(c.Playbook, c.InventoryNodes())
	if err := diags.Err(); err != nil {
		return nil, err
	}
	return corosync.Merge(live, want)
}

// removedMembers are the members of the running cluster that are not declared.
func removedMembers(c *Cluster) []string {
	declared, _ := corosync.Build(c.Playbook, c.InventoryNodes())
	for _, n := range c.Nodes {
		if n.Facts.Corosync.Config != nil && !isDefaultCluster(n.Facts) && n.Facts.Running() {
			_, removed := corosync.Membership(n.Facts.Corosync.Config, declared)
			return removed
		}
	}
	return nil
}

func corosyncSum(f *facts.Facts) string  { return f.Corosync.Key }
func pacemakerSum(f *facts.Facts) string { return f.Corosync.PacemakerKey }

// keySource is the member whose key the others get: one that runs, else the
// first that has a key and is a member, nil if there is none. A key without a
// corosync.conf is of a set-up that did not come to its end, and as good.
func keySource(c *Cluster, sum func(*facts.Facts) string) *Node {
	var source *Node
	for _, n := range c.Nodes {
		switch {
		case sum(n.Facts) == "":
		case isMember(n) && n.Facts.Running():
			return n
		case source == nil || !isMember(source) && isMember(n):
			source = n
		}
	}
	return source
}

// isMember reports whether a node belongs to a cluster that somebody made. Its
// key outlives Debian's default cluster, which has none of its own: the
// pacemaker package makes one, on each node another.
func isMember(n *Node) bool { return n.Facts.Corosync.Config != nil && !isDefaultCluster(n.Facts) }

// keyFor reads the members' key, or makes one.
func keyFor(ctx context.Context, c *Cluster, path string, sum func(*facts.Facts) string) ([]byte, error) {
	source := keySource(c, sum)
	if source == nil {
		key, err := corosync.Keygen(rand.Reader)
		if err != nil {
			return nil, err
		}
		return []byte(key.Reveal()), nil
	}
	res, err := source.Conn.Run(ctx, remote.Cmd{Argv: []string{"base64", "-w0", "--", path}, Reads: true, Sensitive: true, Timeout: 30 * time.Second, Label: "read " + path})
	if err != nil {
		return nil, err
	}
	if err := res.Err("read " + path); err != nil {
		return nil, err
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(res.Stdout)))
	if err != nil || len(key) == 0 {
		return nil, fmt.Errorf("%s on %s is not readable as a key", path, source.Name)
	}
	return key, nil
}
