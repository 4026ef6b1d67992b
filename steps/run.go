package steps

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/remote"
	"github.com/hadeploy/hadeploy/internal/secret"
	"github.com/hadeploy/hadeploy/inventory"
	"github.com/hadeploy/hadeploy/playbook"
)

// Config is what a run needs.
type Config struct {
	Playbook *playbook.Playbook
	Nodes    []inventory.Node // the members
	Remotes  []inventory.Node // the hosts of the playbook's remote and guest nodes
	// Dial connects to one node.
	Dial func(context.Context, inventory.Node) (remote.Conn, error)
	// Forks is how many nodes are worked on at once; at least 1.
	Forks int
	// Events receives what happens, one event at a time.
	Events func(Event)
	// Stop, when closed, ends the run before the next change; what runs is
	// finished.
	Stop <-chan struct{}
	// Holder names this run to others who find the lock taken.
	Holder string
	// Version is hadeploy's own, Commit that of the playbook's repository, empty
	// where there is none. Vars are those of -e. All for the plan to name.
	Version, Commit string
	Vars            map[string]string
	Inventories     []string // as they were given with -i
	Prune           []string // as they were given with --prune
	// Mask takes the secrets that the run knows out of the nodes' words; nil:
	// nothing is masked.
	Mask *secret.Masker
}

// Run is an open run: connections to every node.
type Run struct {
	*Cluster
	op          Operation
	madeIn      map[string]int // step: changes made
	seen        *Verification  // of the last whole look
	planned     *plan.Plan     // made by this run itself
	holder      string
	made        plan.Made
	vars        map[string]string
	inventories []string
	prune       []string
	began       time.Time
	observed    time.Time // when all nodes were last read
	unlocks     []func()
	done        []plan.Change // planned, and found to be done already
	since       []plan.Object // undeclared, and new since the plan was made
	partly      []string      // what a step that failed had written
}

// newCluster is what a run works on, before any node was asked. name is what the
// events call it.
func newCluster(op Operation, name string, cfg Config) (*Cluster, error) {
	if cfg.Forks < 1 {
		return nil, fmt.Errorf("forks must be at least 1, not %d", cfg.Forks)
	}
	switch {
	case len(cfg.Nodes) > 0:
	case cfg.Playbook == nil:
		return nil, errors.New("no nodes: the inventory has none")
	default:
		return nil, errors.New("no nodes: the playbook's hosts select nothing from the inventory")
	}
	emit := maskEvents(cfg.Mask, serialised(cfg.Events))
	c := &Cluster{Playbook: cfg.Playbook, strict: op.Secrets, divided: op.Ends, forks: cfg.Forks, emit: emit, dial: cfg.Dial, stop: cfg.Stop, mask: cfg.Mask}
	for _, n := range cfg.Nodes {
		c.Nodes = append(c.Nodes, &Node{Node: n})
	}
	c.know(cfg.Nodes)
	if op.SetsUpRemotes() {
		c.know(cfg.Remotes)
		if err := c.addRemotes(cfg.Remotes); err != nil {
			return nil, err
		}
	}
	names := namesOf(c.All())
	emit(RunStarted{Command: op.Name, Cluster: name, Nodes: names, ShowsFindings: op.ShowsFindings()})
	return c, nil
}

// addRemotes makes nodes of the hosts of remote and guest nodes.
func (c *Cluster) addRemotes(hosts []inventory.Node) error {
	for i := range c.Playbook.Remotes {
		r := &c.Playbook.Remotes[i]
		at := slices.IndexFunc(hosts, func(h inventory.Node) bool { return h.NodeName == r.Name })
		if at < 0 {
			return fmt.Errorf("the inventory has no host for the node %s", r.Name)
		}
		c.Remotes = append(c.Remotes, &Node{Node: hosts[at], Remote: r})
	}
	return nil
}

// Open connects to every node. When one cannot be reached, and the operation
// is not Partial, the error is an *UnreachableError that names all such members,
// and no connection stays.
func Open(ctx context.Context, op Operation, cfg Config) (*Run, error) {
	c, err := newCluster(op, cfg.Playbook.Name, cfg)
	if err != nil {
		return nil, err
	}
	r := &Run{Cluster: c, op: op, holder: cfg.Holder, began: time.Now(),
		made: plan.Made{Hadeploy: cfg.Version, Commit: cfg.Commit}, vars: cfg.Vars, inventories: cfg.Inventories, prune: cfg.Prune}
	ctx, done := c.looking(ctx)
	defer done()
	guard := func(conn remote.Conn) remote.Conn { return conn }
	if op.ReadOnly {
		guard = remote.ReadOnly
	}
	err = c.eachErr(c.All(), func(n *Node) error {
		n.err = c.connect(ctx, n, waitedPause, guard)
		return n.err
	})
	reached := slices.ContainsFunc(c.Nodes, func(n *Node) bool { return n.Conn != nil })
	if err != nil && op.Partial && reached && ctx.Err() == nil {
		return r, nil
	}
	if err != nil {
		r.Close()
		if ctx.Err() != nil {
			return nil, &InterruptedError{While: "connecting to the nodes"}
		}
		var failed NodeErrors
		errors.As(err, &failed)
		return nil, &UnreachableError{failed}
	}
	return r, nil
}

// Close gives the locks back and closes every connection.
func (r *Run) Close() {
	for _, unlock := range r.unlocks {
		unlock()
	}
	r.unlocks = nil
	for _, n := range r.All() {
		if n.Conn != nil {
			_ = n.Conn.Close()
		}
	}
}

// Paused takes the time that a person needed to answer out of the run's. What
// was observed before the question is not believed any more, however quick the
// answer was.
func (r *Run) Paused(d time.Duration) {
	r.began = r.began.Add(d)
	r.observed = time.Time{}
}

// Summary is the recap so far, of a run that did not fail.
func (r *Run) Summary() Summary { return r.summary("", nil) }

func (r *Run) summary(failure string, skipped []string) Summary {
	sum := Summary{Command: r.op.Name, Ends: r.op.Ends, Cluster: r.Playbook.Name, Failure: failure, Skipped: skipped, Partly: r.partly,
		Changes: r.clusterChanges, Done: plan.PublicChanges(r.done), Since: r.since, Took: time.Since(r.began)}
	for _, n := range r.All() {
		line := NodeSummary{Node: n.Name, Changes: n.changes, FailedAt: n.failedAt}
		if n.err != nil {
			line.Error = n.err.Error()
		}
		sum.Nodes = append(sum.Nodes, line)
		sum.Changes += n.changes
	}
	return secret.Words(r.mask, sum)
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
