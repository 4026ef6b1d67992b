package steps

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/sourcegraph/conc/iter"

	"github.com/hadeploy/hadeploy/internal/cib"
	"github.com/hadeploy/hadeploy/internal/corosync"
	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/remote"
	"github.com/hadeploy/hadeploy/internal/secret"
	"github.com/hadeploy/hadeploy/inventory"
	"github.com/hadeploy/hadeploy/playbook"
)

// Cluster is what a run works on.
type Cluster struct {
	Playbook *playbook.Playbook
	Nodes    []*Node // every declared member, in inventory order
	// Remotes are the hosts of the remote and guest nodes that are set up here, in
	// the playbook's order: they run no Corosync and are no members. None where the
	// operation has nothing to do there.
	Remotes []*Node

	forks    int
	emit     func(Event)
	dial     func(context.Context, inventory.Node) (remote.Conn, error)
	stop     <-chan struct{} // closed when the user asks to stop; nil: never
	mask     *secret.Masker  // of the nodes' words; nil: none
	findings []plan.Finding
	strict   bool // every secret of the playbook must be at hand
	divided  bool // members whose CIBs are not the same are no error
	offered  bool // the nodes were asked what their package lists have
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
	runs    *running // as the step destroy surveyed it, nil after each reading of all nodes
	// target, when set, is the CIB whose configuration is to be restored, in the
	// place of what the playbook declares.
	target *cib.CIB
	// kept is the corosync.conf of that backup, nil where it has none.
	kept *corosync.Config
	// What the step cib found last, and beside its changes.
	delta     *cib.Delta
	unmanaged []plan.Object
}

type resolved struct {
	value secret.Value
	err   error
}

// All are the members, then the hosts of remote and guest nodes.
func (c *Cluster) All() []*Node { return slices.Concat(c.Nodes, c.Remotes) }

// Live are the nodes that have not failed, members or not.
func (c *Cluster) Live() []*Node { return alive(c.All()) }

func alive(nodes []*Node) []*Node {
	return slices.DeleteFunc(slices.Clone(nodes), func(n *Node) bool { return n.failedAt != "" })
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
func (c *Cluster) InventoryNodes() []inventory.Node { return inventoryNodes(c.Nodes) }

func inventoryNodes(nodes []*Node) []inventory.Node {
	out := make([]inventory.Node, len(nodes))
	for i, n := range nodes {
		out[i] = n.Node
	}
	return out
}

// byNode sorts changes of a cluster-wide step by the node that each is made on.
// The nodes are in inventory order.
func byNode(c *Cluster, changes []plan.Change) (nodes []*Node, of map[*Node][]plan.Change) {
	of = map[*Node][]plan.Change{}
	for _, n := range c.All() {
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

// joinNodes names the nodes in a list of errors.
func joinNodes(nodes []*Node, errs []error) error {
	var failed NodeErrors
	for i, err := range errs {
		if err != nil {
			failed = append(failed, NodeError{Node: nodes[i].Name, Err: err})
		}
	}
	if failed == nil {
		return nil
	}
	return failed
}

// namesOf are the inventory names of nodes.
func namesOf(nodes []*Node) []string {
	names := make([]string, len(nodes))
	for i, n := range nodes {
		names[i] = n.Name
	}
	return names
}

// knownCIB is the live CIB or, of a cluster that does not run, the one that it
// would start with.
func (c *Cluster) knownCIB() *cib.CIB {
	if live := c.liveCIB(); live != nil {
		return live
	}
	for _, n := range c.Nodes {
		if n.Facts.CIB.Disk != nil {
			return n.Facts.CIB.Disk
		}
	}
	return nil
}

// running is what the cluster runs now, by the word of one of its nodes.
type running struct {
	status *pcs.Status
	err    error // why that is not known
}
