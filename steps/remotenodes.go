package steps

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/remote"
)

// remoteNodes gives the hosts of remote and guest nodes the cluster's key, and
// runs pacemaker_remote there, now and after a boot. The resources that connect
// to them are the step cibConf's, which comes later: what they find there is
// ready. Where the cluster has no key yet, the step corosyncConf makes it.
type remoteNodes struct{}

func (remoteNodes) Name() string { return "remote" }
func (remoteNodes) ClusterWide() {}
func (remoteNodes) OnRemotes()   {}
func (remoteNodes) Touches() []facts.Section {
	return []facts.Section{facts.SectionUnits, facts.SectionCorosync}
}

const pacemakerRemote = "pacemaker_remote"

func (remoteNodes) Check(_ context.Context, t *Target) ([]plan.Change, error) {
	if len(t.Remotes) == 0 {
		return nil, nil
	}
	key := pacemakerKey()
	o, err := key.origin(t.Cluster, nil)
	if err != nil {
		return nil, err
	}
	var changes []plan.Change
	for _, n := range t.Remotes {
		at := declaredAt(n.Remote.Pos)
		for _, c := range append(keyOfRemote(t.Cluster, n, key, o), remoted(n)...) {
			c.Node, c.At = n.Name, at
			if c.ID == pacemakerRemote && differs(c, "state") && knows(t.Cluster, n) {
				c.Note = "the cluster is then asked to connect again, as pcs resource cleanup " + n.Remote.Name + " does"
			}
			changes = append(changes, c)
		}
	}
	return changes, nil
}

// keyOfRemote is the change of a host that does not have the members' key.
func keyOfRemote(c *Cluster, n *Node, key sharedKey, o origin) []plan.Change {
	have := key.sum(n.Facts)
	open := o.from == nil || !isMember(o.from) && comes(&Target{Node: o.from, Cluster: c}, "pacemaker") ||
		!installed(n.Facts.Units[facts.PacemakerRemoted]) // its package may bring a key
	if !open && have == key.sum(o.from.Facts) {
		return nil
	}
	ch := plan.Change{Action: plan.Create, Kind: "key", ID: key.Path, Note: "the key of the members",
		Diffs: []plan.Diff{{Name: "content", HasAfter: true, Secret: true}}}
	if open {
		ch.Open = []string{"content"}
	}
	if have != "" {
		ch.Action, ch.Diffs[0].HasBefore = plan.Update, true
	}
	if have != "" && n.serves() {
		ch.Note += "; pacemaker_remote runs there with another: a connection that stands is kept, and where there is none it is restarted"
	}
	return []plan.Change{ch}
}

// remoted is the change of a host whose daemon does not run, or not after a boot.
func remoted(n *Node) []plan.Change {
	u := n.Facts.Units[facts.PacemakerRemoted]
	c := plan.Change{Action: plan.Update, Kind: "service", ID: pacemakerRemote, Pcs: "systemctl enable --now " + pacemakerRemote}
	if !installed(u) {
		c.Unknown, c.Open = "until packages are installed", []string{atBoot}
	}
	if !u.Running() {
		c.Diffs, c.Open = append(c.Diffs, plan.Changes("state", stateOf(u), "active")), append(c.Open, "state")
	}
	if u.Enabled != "enabled" {
		c.Diffs = append(c.Diffs, plan.Changes(atBoot, bootOf(u), "enabled"))
	}
	if c.Diffs == nil {
		return nil
	}
	return []plan.Change{c}
}

// Apply writes the key first: the daemon reads it when a member connects.
func (remoteNodes) Apply(ctx context.Context, t *Target, changes []plan.Change) error {
	nodes, of := byNode(t.Cluster, changes)
	key := pacemakerKey()
	if hasChange(changes, key.Path) {
		o, err := key.origin(t.Cluster, nil)
		if err != nil {
			return err
		}
		if o.from == nil {
			return errors.New("no member has " + key.Path + ", which the step before should have made")
		}
		if key.Content, err = key.content(ctx, o); err != nil {
			return err
		}
	}
	return t.eachErr(nodes, func(n *Node) error {
		if hasChange(of[n], key.Path) {
			if err := n.Conn.WriteFile(ctx, key.File); err != nil {
				return err
			}
		}
		switch u := n.Facts.Units[facts.PacemakerRemoted]; {
		case hasChange(of[n], pacemakerRemote):
			if err := systemctl(ctx, n, "enable", "--now", facts.PacemakerRemoted); err != nil {
				return err
			}
			if u.Running() { // it was to start at boot, no more
				return nil
			}
			return tryAgain(ctx, t.Cluster, n)
		case u.Running():
			return takeKey(ctx, t.Cluster, n)
		}
		return nil
	})
}

// tryAgain has the cluster connect to a node that it knows already, and that it
// may have given up: after a failure Pacemaker 3.0 does not look again before
// cluster-recheck-interval is over, and for a guest node not before the failure is
// cleaned up.
func tryAgain(ctx context.Context, c *Cluster, n *Node) error {
	if !knows(c, n) {
		return nil
	}
	label := "crm_resource --cleanup --resource " + n.Remote.Name
	res, err := c.Nodes[0].Conn.Run(ctx, remote.Cmd{Argv: []string{"crm_resource", "--cleanup", "--resource", n.Remote.Name}, Timeout: time.Minute, Limit: 64 << 10, Label: label})
	if err != nil {
		return err
	}
	return res.Err(label)
}

// takeKey has a daemon take its new key at once, where no member is connected to
// it: nothing of the cluster runs there then. A connection that stands goes on
// with the key it began with.
func takeKey(ctx context.Context, c *Cluster, n *Node) error {
	if c.liveCIB() != nil {
		st, err := crmMon(ctx, c.Nodes[0])
		if _, down := errors.AsType[*pcs.NotRunningError](err); err != nil && !down {
			return err
		}
		if st != nil {
			if s := findNode(st, n.Remote.Name); s != nil && s.Online {
				return nil
			}
		}
	}
	if err := systemctl(ctx, n, "restart", facts.PacemakerRemoted); err != nil {
		return err
	}
	return tryAgain(ctx, c, n)
}

// knows reports whether the cluster that runs has the remote or guest node.
func knows(c *Cluster, n *Node) bool {
	live := c.liveCIB()
	return live != nil && slices.Contains(live.RemoteNodes(), n.Remote.Name)
}
