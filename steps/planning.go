package steps

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/remote"
	"github.com/hadeploy/hadeploy/internal/secret"
)

// Prepare reads all nodes, which it locks unless the operation only looks, and
// returns the plan: the saved one or, without, a new one. One that may not be
// carried out is refused here, before anybody is asked about it.
func (r *Run) Prepare(ctx context.Context, saved *plan.Plan) (*plan.Plan, error) {
	if !r.op.ReadOnly {
		if err := r.Lock(ctx); err != nil {
			return nil, err
		}
	}
	if err := r.Observe(ctx); err != nil {
		return nil, err
	}
	p := saved
	if p == nil {
		var err error
		if p, err = r.Plan(ctx); err != nil {
			return nil, err
		}
	}
	if !r.op.ReadOnly && !r.op.Ends {
		return p, refuseOutage(p)
	}
	return p, nil
}

// refuseOutage refuses what would stop the whole cluster.
func refuseOutage(p *plan.Plan) error {
	for _, c := range p.Changes {
		if c.Disruption == plan.Outage {
			return &OutageError{c}
		}
	}
	return nil
}

// Lock takes the lock of every node, in inventory order so that two runs
// cannot hold half each for long; when one is taken, those that we got are
// given back and the error is a *remote.LockedError.
func (r *Run) Lock(ctx context.Context) error {
	ctx, done := r.looking(ctx)
	defer done()
	return r.orInterrupted(r.lock(ctx), "taking the lock")
}

func (r *Run) lock(ctx context.Context) error {
	for _, n := range r.All() {
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

// Observe reads all that matters from every node.
func (r *Run) Observe(ctx context.Context) error {
	ctx, done := r.looking(ctx)
	defer done()
	return r.orInterrupted(r.observeAll(ctx), "reading the nodes")
}

func (r *Run) observeAll(ctx context.Context) error {
	began := time.Now()
	if err := joinNodes(r.All(), r.observe(ctx, r.All(), facts.All)); err != nil {
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
	r.observed, r.runs = time.Now(), nil // it may be something else now
	r.emit(Observed{Took: time.Since(began)})
	return nil
}

// Plan compares what is declared with what was observed. It changes nothing.
func (r *Run) Plan(ctx context.Context) (*plan.Plan, error) {
	ctx, done := r.looking(ctx)
	defer done()
	p, err := r.plan(ctx)
	if err == nil && r.stopped() { // a secret that was broken off is only a finding
		err = ErrInterrupted
	}
	if err := r.orInterrupted(err, "planning"); err != nil {
		return nil, err
	}
	r.planned = p
	return p, nil
}

func (r *Run) plan(ctx context.Context) (*plan.Plan, error) {
	p := &plan.Plan{Version: plan.Format, Made: r.made, Cluster: r.Playbook.Name, UUID: r.clusterUUID(), Playbook: r.Playbook.File,
		Changes: []plan.Change{}, Basis: BasisOf(r.Playbook, inventoryNodes(r.Nodes), inventoryNodes(r.Remotes), r.vars)}
	p.Made.Time = time.Now().UTC().Format(time.RFC3339)
	p.Basis.Inventories, p.Basis.Prune = r.inventories, r.prune
	p.Basis.Corosync = corosyncSeen(r.Nodes)
	for _, n := range r.All() {
		p.Nodes = append(p.Nodes, n.Name)
	}
	for _, s := range r.op.Steps {
		if err := r.survey(ctx, s); err != nil {
			return nil, err
		}
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
	r.tellNotStarted(p.Changes, impact)
	p.LeftAlone, p.Impact, p.Findings = r.unmanaged, impact, secret.Words(r.mask, r.findings)
	if live := r.liveCIB(); live != nil {
		p.CIB = live.Epoch()
	}
	p.Tell(r.fencingDevices())
	return p, nil
}

// survey lets a step look at all nodes that has to.
func (r *Run) survey(ctx context.Context, s Step) error {
	if all, ok := s.(Surveyor); ok {
		return all.Survey(ctx, r.Cluster)
	}
	return nil
}

// check asks a step what differs and stamps its name on the answer.
func (r *Run) check(ctx context.Context, s Step, t *Target) ([]plan.Change, error) {
	changes, err := s.Check(ctx, t)
	if err != nil {
		if _, ok := errors.AsType[*RefusedError](err); ok {
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

// reached are the nodes that a step works on: the members and, where it says so,
// the hosts of remote and guest nodes.
func (c *Cluster) reached(s Step) []*Node {
	if onRemotes(s) {
		return c.All()
	}
	return c.Nodes
}

// targets are what a step works on: the cluster, or each living node.
func (r *Run) targets(s Step) []Target {
	if _, ok := s.(ClusterWide); ok {
		return []Target{{Cluster: r.Cluster}}
	}
	var out []Target
	for _, n := range alive(r.reached(s)) {
		out = append(out, Target{Node: n, Cluster: r.Cluster})
	}
	return out
}
