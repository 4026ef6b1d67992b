package steps

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/sourcegraph/conc/iter"

	"github.com/hadeploy/hadeploy/internal/agent"
	"github.com/hadeploy/hadeploy/internal/cib"
	"github.com/hadeploy/hadeploy/internal/facts"
	pkgs "github.com/hadeploy/hadeploy/internal/packages"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/remote"
	"github.com/hadeploy/hadeploy/internal/secret"
	"github.com/hadeploy/hadeploy/inventory"
	"github.com/hadeploy/hadeploy/playbook"
)

// Node is one member: what the inventory says of it, the connection to it, and
// what was last observed on it.
type Node struct {
	inventory.Node
	Conn  remote.Conn
	Facts *facts.Facts // without Debian's default cluster

	seen     *facts.Facts // as they were read
	changes  int
	failedAt string // the step, empty: alive
	err      error  // why it failed, or cannot be reached
	away     away   // why there is no connection, see connect
	deaf     bool   // it told nothing when it was last asked for the status
}

// Cluster is what a run works on.
type Cluster struct {
	Playbook *playbook.Playbook
	Nodes    []*Node // every declared member, in inventory order

	op       Operation
	forks    int
	emit     func(Event)
	dial     func(context.Context, inventory.Node) (remote.Conn, error)
	stop     <-chan struct{} // closed when the user asks to stop; nil: never
	mask     *secret.Masker  // of the nodes' words; nil: none
	findings []plan.Finding
	// clusterChanges counts the changes made that belong to no single node.
	clusterChanges int

	// simulated is the version of the CIB that the simulator was last asked about
	// while a plan is applied. bringsMembers says that this run starts the cluster
	// on a node: from then on resources start and move by themselves, and what was
	// asked before anything was done has to do.
	simulated     string
	bringsMembers bool
	// approved is the plan that is being applied, nil while one is made.
	approved *plan.Plan

	mu      sync.Mutex
	secrets map[string]resolved
	runs    *running // what the step destroy found last
	// What the step configuration found last, and beside its changes.
	delta     *cib.Delta
	unmanaged []plan.Object
}

type resolved struct {
	value secret.Value
	err   error
}

// Live are the nodes that have not failed.
func (c *Cluster) Live() []*Node {
	return slices.DeleteFunc(slices.Clone(c.Nodes), func(n *Node) bool { return n.failedAt != "" })
}

// NodeNames are Pacemaker's names of the members, in inventory order.
func (c *Cluster) NodeNames() []string {
	names := make([]string, len(c.Nodes))
	for i, n := range c.Nodes {
		names[i] = n.NodeName
	}
	return names
}

// InventoryNodes returns the members as the inventory has them.
func (c *Cluster) InventoryNodes() []inventory.Node {
	nodes := make([]inventory.Node, len(c.Nodes))
	for i, n := range c.Nodes {
		nodes[i] = n.Node
	}
	return nodes
}

// byNode sorts changes of a cluster-wide step by the node that each is made on.
// The nodes are in inventory order.
func byNode(c *Cluster, changes []plan.Change) (nodes []*Node, of map[*Node][]plan.Change) {
	of = map[*Node][]plan.Change{}
	for _, n := range c.Nodes {
		for _, ch := range changes {
			if ch.Node == n.Name {
				of[n] = append(of[n], ch)
			}
		}
		if of[n] != nil {
			nodes = append(nodes, n)
		}
	}
	return nodes, of
}

// Secret resolves a reference once a run; the controller's environment, files
// and commands are asked no more often than that.
func (c *Cluster) Secret(ctx context.Context, ref playbook.SecretRef) (secret.Value, error) {
	key := fmt.Sprintf("%s\x00%s\x00%s\x00%s", ref.Env, ref.File, strings.Join(ref.Command, "\x01"), ref.Plain.Reveal())
	c.mu.Lock()
	defer c.mu.Unlock()
	if r, ok := c.secrets[key]; ok {
		return r.value, r.err
	}
	v, err := ref.Resolve(ctx, c.Playbook.Dir)
	c.mask.Add(v)
	if c.secrets == nil {
		c.secrets = map[string]resolved{}
	}
	c.secrets[key] = resolved{v, err}
	return v, err
}

// each runs fn on the nodes at once, at most forks at a time, and returns
// their errors in the nodes' order.
func (c *Cluster) each(nodes []*Node, fn func(*Node) error) []error {
	return iter.Mapper[*Node, error]{MaxGoroutines: c.forks}.Map(nodes, func(n **Node) error { return fn(*n) })
}

// eachErr is each for cluster-wide steps: all nodes' errors as one.
func (c *Cluster) eachErr(nodes []*Node, fn func(*Node) error) error {
	return joinNodes(nodes, c.each(nodes, fn))
}

// report stores a finding and shows it. A finding seen twice counts once.
func (c *Cluster) report(f plan.Finding) {
	c.mu.Lock()
	known := slices.Contains(c.findings, f)
	if !known {
		c.findings = append(c.findings, f)
	}
	c.mu.Unlock()
	if !known {
		c.emit(FindingSeen{f})
	}
}

// ask is what an observation of these sections asks of the node.
func (c *Cluster) ask(n *Node, sections []facts.Section) facts.Ask {
	q := facts.Ask{Sections: sections, Units: []string{facts.Corosyncd, facts.Pacemakerd, unitPcsd, unitSBD}}
	q.Units = append(q.Units, slices.Sorted(maps.Keys(systemdResources(c.Playbook)))...)
	for _, m := range c.Nodes {
		q.Names = append(q.Names, m.NodeName)
	}
	q.Packages = pkgs.Watched(c.Playbook)
	for _, f := range c.Playbook.Files {
		q.Files = append(q.Files, f.Path)
	}
	for _, a := range c.Playbook.Agents {
		q.Files = append(q.Files, a.Path())
	}
	q.Agents = agent.Names(c.Playbook)
	if n == c.Nodes[0] { // one node's word for what an agent's options are is enough
		q.Metadata = q.Agents
	}
	return q
}

// observe reads the sections on the nodes, all at once.
func (c *Cluster) observe(ctx context.Context, nodes []*Node, sections []facts.Section) []error {
	errs := c.each(nodes, func(n *Node) error { return c.read(ctx, n, sections) })
	c.mu.Lock()
	c.runs = nil // it may be something else now
	c.mu.Unlock()
	if slices.Contains(sections, facts.SectionCIB) && !c.op.Ends { // what is divided may go
		c.agree(ctx, nodes, errs)
	}
	return errs
}

// How long, and how often, nodes are asked whose CIBs are not the same: one that
// has just been changed, or that joins, has the others' in a moment.
const (
	agreeLimit = 5 * time.Second
	agreeEvery = 300 * time.Millisecond
)

// agree makes it an error of a node when its CIB stays behind another's: it is cut
// off from the others, and what it has is not the cluster's.
func (c *Cluster) agree(ctx context.Context, nodes []*Node, errs []error) {
	for began := time.Now(); ; {
		newest, behind := c.behindOthers(nodes, errs)
		if behind == nil {
			return
		}
		if time.Since(began) > agreeLimit || ctx.Err() != nil {
			for _, i := range behind {
				errs[i] = &facts.Error{Command: "cibadmin --query", Why: fmt.Sprintf("its CIB is at version %s, and that of %s at %s: "+
					"it is cut off from the others, or still joins them; look at pcs status on both", nodes[i].Facts.CIB.Live.Epoch(), newest.Name, newest.Facts.CIB.Live.Epoch())}
			}
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(agreeEvery):
		}
		again := c.each(nodes, func(n *Node) error { return c.read(ctx, n, []facts.Section{facts.SectionCIB}) })
		for i, err := range again {
			if errs[i] == nil {
				errs[i] = err
			}
		}
	}
}

// behindOthers are the nodes, by their place, whose live CIB is older than that of
// the newest.
func (c *Cluster) behindOthers(nodes []*Node, errs []error) (newest *Node, behind []int) {
	member := func(i int, n *Node) bool { // of the declared cluster: preflight tells of others
		f := n.Facts
		return errs[i] == nil && f.CIB.Live != nil && f.Corosync.Config != nil && f.Corosync.Config.ClusterName() == c.Playbook.Name
	}
	for i, n := range nodes {
		if member(i, n) && (newest == nil || newest.Facts.CIB.Live.Before(n.Facts.CIB.Live)) {
			newest = n
		}
	}
	for i, n := range nodes {
		if member(i, n) && n.Facts.CIB.Live.Before(newest.Facts.CIB.Live) {
			behind = append(behind, i)
		}
	}
	return newest, behind
}

// read reads the sections on one node, and learns what of it is secret.
func (c *Cluster) read(ctx context.Context, n *Node, sections []facts.Section) error {
	err := n.observe(ctx, c.ask(n, sections))
	if n.Facts != nil {
		c.learn(n.Facts.CIB.Live)
		c.learn(n.Facts.CIB.Disk)
	}
	return err
}

// wait polls until done says true. It tells what is waited for as soon as the
// wait is longer than a moment, and each time the detail changes.
func (c *Cluster) wait(ctx context.Context, w Waiting, every time.Duration, poll func(context.Context) (done bool, detail string, err error)) error {
	ctx, cancel := context.WithTimeoutCause(ctx, w.Limit, errWaitedTooLong)
	defer cancel()
	w.Since = time.Now()
	c.emit(w)
	defer func() { w.Done = true; c.emit(w) }()
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		done, detail, err := poll(ctx)
		if done {
			return nil
		}
		if detail != w.Detail && detail != "" {
			w.Detail = detail
			c.emit(w)
		}
		if err != nil && ctx.Err() == nil {
			return err
		}
		select {
		case <-ctx.Done():
			if context.Cause(ctx) == errWaitedTooLong {
				return &WaitError{For: w.For, Detail: w.Detail, Limit: w.Limit}
			}
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
}

// serialised makes events arrive one at a time.
func serialised(events func(Event)) func(Event) {
	if events == nil {
		return func(Event) {}
	}
	var mu sync.Mutex
	return func(e Event) {
		mu.Lock()
		defer mu.Unlock()
		events(e)
	}
}

// liveCIB is the CIB of the first node on which Pacemaker runs, nil when it
// runs on none.
func (c *Cluster) liveCIB() *cib.CIB {
	for _, n := range c.Nodes {
		if n.Facts != nil && n.Facts.CIB.Live != nil {
			return n.Facts.CIB.Live
		}
	}
	return nil
}

// fencingDevices are the ids of the declared fencing devices and of those in
// the live CIB.
func (c *Cluster) fencingDevices() []string {
	var ids []string
	for _, d := range c.Playbook.Stonith.Devices {
		ids = append(ids, d.ID)
	}
	if live := c.liveCIB(); live != nil {
		ids = append(ids, live.FencingIDs()...)
	}
	return ids
}

// clusterUUID is the id that pcs gave to the cluster, "" where it has none.
func (c *Cluster) clusterUUID() string {
	for _, n := range c.Nodes {
		if n.Facts != nil && n.Facts.Corosync.Config != nil {
			if id, ok := n.Facts.Corosync.Config.Get("totem.cluster_uuid"); ok {
				return id
			}
		}
	}
	return ""
}
