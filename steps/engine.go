package steps

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/remote"
	"github.com/hadeploy/hadeploy/internal/secret"
	"github.com/hadeploy/hadeploy/inventory"
	"github.com/hadeploy/hadeploy/playbook"
)

// Config is what a run needs.
type Config struct {
	Playbook *playbook.Playbook
	Nodes    []inventory.Node
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
	Inventory       string // as it was given with -i
	// Mask takes the secrets that the run knows out of the nodes' words; nil:
	// nothing is masked.
	Mask *secret.Masker
}

// Run is an open run: connections to every member.
type Run struct {
	*Cluster
	op        Operation
	madeIn    map[string]int // step: changes made
	seen      *Verification  // of the last whole look
	planned   *plan.Plan     // made by this run itself
	holder    string
	made      plan.Made
	vars      map[string]string
	inventory string
	began     time.Time
	observed  time.Time // when all nodes were last read
	unlocks   []func()
	done      []plan.Change // planned, and found to be done already
	since     []plan.Object // undeclared, and new since the plan was made
	partly    []string      // what a step that failed had written
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
	c.know(cfg.Nodes)
	names := make([]string, len(cfg.Nodes))
	for i, n := range cfg.Nodes {
		c.Nodes = append(c.Nodes, &Node{Node: n})
		names[i] = n.Name
	}
	emit(RunStarted{Command: op.Name, Cluster: name, Nodes: names, ShowsFindings: op.ShowsFindings()})
	return c, nil
}

// Open connects to every member. When one cannot be reached, and the operation
// is not Partial, the error is an *UnreachableError that names all such members,
// and no connection stays.
func Open(ctx context.Context, op Operation, cfg Config) (*Run, error) {
	c, err := newCluster(op, cfg.Playbook.Name, cfg)
	if err != nil {
		return nil, err
	}
	r := &Run{Cluster: c, op: op, holder: cfg.Holder, began: time.Now(),
		made: plan.Made{Hadeploy: cfg.Version, Commit: cfg.Commit}, vars: cfg.Vars, inventory: cfg.Inventory}
	ctx, done := c.looking(ctx)
	defer done()
	reached := 0
	var mu sync.Mutex
	err = c.eachErr(c.Nodes, func(n *Node) error {
		began := time.Now()
		conn, err := cfg.Dial(ctx, n.Node)
		if err != nil {
			n.err = err
			n.away.note(err, waitedPause)
			return err
		}
		mu.Lock()
		reached++
		mu.Unlock()
		if op.ReadOnly {
			conn = remote.ReadOnly(conn)
		}
		n.Conn = conn
		c.emit(NodeConnected{Node: n.Name, Took: time.Since(began)})
		return nil
	})
	if err != nil && op.Partial && reached > 0 && ctx.Err() == nil {
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
	for _, n := range r.Nodes {
		if n.Conn != nil {
			_ = n.Conn.Close()
		}
	}
}

func (r *Run) lock(ctx context.Context) error {
	for _, n := range r.Nodes {
		unlock, err := n.Conn.Lock(ctx, r.holder)
		if err != nil {
			for _, u := range r.unlocks {
				u()
			}
			r.unlocks = nil
			return err
		}
		r.unlocks = append(r.unlocks, unlock)
	}
	return nil
}

func (r *Run) observeAll(ctx context.Context) error {
	began := time.Now()
	if err := joinNodes(r.Nodes, r.observe(ctx, r.Nodes, facts.All)); err != nil {
		if ctx.Err() != nil {
			return &InterruptedError{While: "reading the nodes"}
		}
		var lost *remote.LostError
		var failed NodeErrors
		if errors.As(err, &lost) && errors.As(err, &failed) {
			return &UnreachableError{failed} // gone before anything was done
		}
		return err
	}
	r.observed = time.Now()
	r.emit(Observed{Took: time.Since(began)})
	return nil
}

func (r *Run) plan(ctx context.Context) (*plan.Plan, error) {
	p := &plan.Plan{Version: plan.Format, Made: r.made, Cluster: r.Playbook.Name, UUID: r.clusterUUID(), Playbook: r.Playbook.File,
		Changes: []plan.Change{}, Basis: BasisOf(r.Playbook, r.InventoryNodes(), r.vars)}
	p.Made.Time = time.Now().UTC().Format(time.RFC3339)
	p.Basis.Inventory = r.inventory
	p.Basis.Corosync = corosyncSeen(r.Nodes)
	for _, n := range r.Nodes {
		p.Nodes = append(p.Nodes, n.Name)
	}
	for _, s := range r.op.Steps {
		targets := r.targets(s)
		for i := range targets {
			changes, err := r.check(ctx, s, &targets[i])
			if err != nil {
				return nil, err
			}
			p.Changes = append(p.Changes, changes...)
		}
	}
	impact, err := simulate(ctx, r.Cluster)
	if err != nil {
		return nil, err
	}
	p.LeftAlone, p.Impact, p.Findings = r.unmanaged, impact, secret.Words(r.mask, r.findings)
	if live := r.liveCIB(); live != nil {
		p.CIB = live.Epoch()
	}
	p.Tell(r.fencingDevices())
	return p, nil
}

// check asks a step what differs and stamps its name on the answer.
func (r *Run) check(ctx context.Context, s Step, t *Target) ([]plan.Change, error) {
	changes, err := s.Check(ctx, t)
	if err != nil {
		var refused *RefusedError
		if errors.As(err, &refused) {
			return nil, err
		}
		if t.Node != nil {
			return nil, NodeErrors{{Node: t.Node.Name, Err: fmt.Errorf("%s: %w", s.Name(), err)}}
		}
		return nil, fmt.Errorf("%s: %w", s.Name(), err)
	}
	r.maskChanges(changes)
	for i := range changes {
		changes[i].Step = s.Name()
		if t.Node != nil {
			changes[i].Node = t.Node.Name
		}
	}
	return changes, nil
}

// targets are what a step works on: the cluster, or each living node.
func (r *Run) targets(s Step) []Target {
	if _, ok := s.(ClusterWide); ok {
		return []Target{{Cluster: r.Cluster}}
	}
	var out []Target
	for _, n := range r.Live() {
		out = append(out, Target{Node: n, Cluster: r.Cluster})
	}
	return out
}

func (r *Run) fail(n *Node, s Step, err error) {
	var one NodeErrors
	if errors.As(err, &one) && len(one) == 1 && one[0].Node == n.Name {
		err = one[0].Err // the node is named beside it
	}
	n.failedAt, n.err = s.Name(), err
	r.emit(NodeFailed{Step: s.Name(), Node: n.Name, Err: err})
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
	for _, n := range r.Nodes {
		line := NodeSummary{Node: n.Name, Changes: n.changes, FailedAt: n.failedAt}
		if n.err != nil {
			line.Error = n.err.Error()
		}
		sum.Nodes = append(sum.Nodes, line)
		sum.Changes += n.changes
	}
	return secret.Words(r.mask, sum)
}

func touched(s Step) []facts.Section {
	if t, ok := s.(Toucher); ok {
		return slices.Clone(t.Touches())
	}
	return facts.All
}
