package steps

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hadeploy/hadeploy/internal/cib"
	"github.com/hadeploy/hadeploy/internal/excerpt"
	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/remote"
)

// start starts Corosync and Pacemaker and waits until every member is online
// and a DC is elected.
//
// A new cluster's first DC would take dc-deadtime, 20 s. So the first start
// reads a seed: an empty CIB that says dc-deadtime=2s and, since members that
// were not yet seen must not be fenced, stonith-enabled=false. The step
// configuration puts the real properties in its place once all are online.
type start struct{}

func (start) Name() string { return "start" }
func (start) ClusterWide() {}
func (start) Touches() []facts.Section {
	return []facts.Section{facts.SectionUnits, facts.SectionCorosync, facts.SectionCIB}
}

const (
	cibFile    = "/var/lib/pacemaker/cib/cib.xml"
	startLimit = 3 * time.Minute
	pollEvery  = 200 * time.Millisecond
	// reviveEvery is how often daemons that should be coming up are looked at.
	reviveEvery = 3 * time.Second
)

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

// awaitMembers waits until all members are online and there is a DC. A daemon
// that ends meanwhile is started again, once a node: the plan takes it for one
// that runs. Then its last words are the error.
func awaitMembers(ctx context.Context, c *Cluster, step string) error {
	again := map[*Node]bool{}
	looked := time.Now()
	return c.wait(ctx, Waiting{Step: step, For: "all members online and a DC", Limit: startLimit}, pollEvery, func(ctx context.Context) (bool, string, error) {
		st, err := crmMon(ctx, c.Nodes[0])
		var notYet *pcs.NotRunningError
		var half *pcs.SyntaxError
		look := func() error {
			if time.Since(looked) < reviveEvery {
				return nil
			}
			looked = time.Now()
			return revive(ctx, c, step, again)
		}
		switch {
		case errors.As(err, &notYet), errors.As(err, &half): // while it starts, crm_mon says little
			return false, "Pacemaker is starting on " + c.Nodes[0].Name, look()
		case err != nil:
			return false, "", err
		}
		online, missing := 0, []string(nil)
		for _, n := range c.Nodes {
			if s := findNode(st, n.NodeName); s != nil && s.Online && !s.Pending && !s.Unclean {
				online++
			} else {
				missing = append(missing, n.NodeName)
			}
		}
		dc := "no DC yet"
		if st.DC != "" {
			dc = "DC " + st.DC
		}
		detail := fmt.Sprintf("%d of %d members online, %s", online, len(c.Nodes), dc)
		if missing != nil && online > 0 {
			detail += "; not yet: " + strings.Join(missing, ", ")
		}
		if missing == nil && st.DC != "" && st.Quorum {
			return true, detail, nil
		}
		return false, detail, look()
	})
}

// revive starts the daemons of nodes where they have ended, unless that was
// done before.
func revive(ctx context.Context, c *Cluster, step string, again map[*Node]bool) error {
	var ended []*Node
	words := make([]string, len(c.Nodes))
	index := map[*Node]int{}
	for i, n := range c.Nodes {
		index[n] = i
	}
	if err := c.eachErr(c.Nodes, func(n *Node) error {
		res, err := n.Conn.Run(ctx, remote.Cmd{
			Script: `for u in corosync pacemaker; do case $(systemctl is-active $u) in failed | inactive)
  printf '%s is %s: ' $u "$(systemctl is-active $u)"; journalctl -q --no-pager -o cat -n 3 -u $u 2>/dev/null | tr '\n' '|' ;; esac; done`,
			Reads:   true,
			Timeout: 30 * time.Second, Limit: 64 << 10, Label: "systemctl is-active corosync pacemaker",
		})
		words[index[n]] = excerpt.Tail(res.Stdout, 1)
		return err
	}); err != nil {
		return err
	}
	for i, n := range c.Nodes {
		switch {
		case words[i] == "":
		case again[n]:
			return fmt.Errorf("the cluster does not stay up on %s: %s", n.Name, words[i])
		default:
			again[n] = true
			ended = append(ended, n)
			c.emit(Working{Step: step, Node: n.Name, Text: words[i] + " starting it again"})
		}
	}
	return c.eachErr(ended, func(n *Node) error { return systemctl(ctx, n, "start", facts.Corosyncd, facts.Pacemakerd) })
}

// crmMon reads the cluster's state as one node sees it: 30 ms, no Python.
func crmMon(ctx context.Context, n *Node) (*pcs.Status, error) {
	res, err := n.Conn.Run(ctx, remote.Cmd{Argv: []string{"crm_mon", "-1", "-r"}, Reads: true, Timeout: 30 * time.Second, Limit: 8 << 20, Label: "crm_mon -1 -r",
		Sensitive: true}) // agents' own words
	if err != nil {
		return nil, err
	}
	if res.Status != 0 && len(res.Stdout) == 0 {
		st, err := pcs.ParseStatus(res.Stderr)
		if err == nil {
			err = &remote.CommandError{Node: res.Node, Label: "crm_mon -1 -r", Status: res.Status, Stderr: excerpt.Tail(res.Stderr, 5)}
		}
		return st, err
	}
	return pcs.ParseStatus(res.Stdout)
}

func findNode(st *pcs.Status, name string) *pcs.Node {
	for i := range st.Nodes {
		if st.Nodes[i].Name == name {
			return &st.Nodes[i]
		}
	}
	return nil
}
