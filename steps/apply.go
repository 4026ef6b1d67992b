package steps

import (
	"context"
	"errors"
	"time"

	"github.com/hadeploy/hadeploy/internal/plan"
)

// Apply carries out a plan, step by step, and proves each by checking again.
// What differs now and is not covered by the plan stops the run before that
// step changes anything: the error is then a *MovedOnError. It is a
// *FailedError when a node or a cluster-wide step failed, an *InterruptedError
// when the user asked to stop.
func (r *Run) Apply(ctx context.Context, p *plan.Plan) (Summary, error) {
	if p == r.planned && len(p.Changes) == 0 {
		return r.Summary(), nil // a saved one says that there is nothing to do, which may have changed
	}
	r.approved, r.madeIn = p, map[string]int{}
	if time.Since(r.observed) > freshFor { // somebody has read the plan, or slept over it
		if err := r.Observe(ctx); err != nil {
			return r.Summary(), err
		}
	}
	if err := r.stillCovered(ctx); err != nil {
		if errors.Is(err, ErrInterrupted) {
			return r.interruptedAt(p, "looking at the nodes again", nil, nil)
		}
		return r.stoppedAt(err), err
	}
	if err := r.backUp(ctx, p); err != nil {
		return r.stoppedAt(err), err
	}
	var failure, blocked string // blocked: why cluster-wide steps, and what rests on them, are not run
	var skipped []string
	for i, s := range r.op.Steps {
		if r.stopped() || ctx.Err() != nil {
			if len(r.left(p)) == 0 && failure == "" && blocked == "" && len(r.Live()) == len(r.All()) {
				break // it came too late to stop anything; verify will heed it
			}
			return r.interruptedAt(p, r.doing(", before step "+s.Name()), skipped, nil)
		}
		_, clusterWide := s.(ClusterWide)
		if clusterWide && blocked == "" {
			blocked = r.whyNot()
		}
		switch {
		case blocked != "":
			skipped = append(skipped, s.Name()+": "+blocked)
			r.emit(Skipped{Step: s.Name(), Reason: blocked})
		case clusterWide:
			err := r.applyCluster(ctx, s, i+1, len(r.op.Steps))
			if _, ok := errors.AsType[*MovedOnError](err); ok {
				return r.stoppedAt(err), err
			}
			if r.gaveWay(ctx, err) {
				return r.interruptedAt(p, r.doing(", in step "+s.Name()), skipped, r.cut(ctx, s, err))
			}
			if err != nil {
				if partly, ok := errors.AsType[*PartlyError](err); ok {
					r.partly = partly.Wrote
				}
				failure = s.Name() + ": " + err.Error()
				blocked = "the cluster failed at " + s.Name()
				r.emit(NodeFailed{Step: s.Name(), Err: err})
			}
		default:
			err := r.applyNodes(ctx, s, i+1, len(r.op.Steps))
			if r.gaveWay(ctx, err) {
				return r.interruptedAt(p, r.doing(", in step "+s.Name()), skipped, r.cut(ctx, s, err))
			}
			if err != nil {
				return r.stoppedAt(err), err
			}
		}
	}
	sum := r.summary(failure, skipped)
	if failure != "" || len(r.Live()) < len(r.All()) {
		return sum, &FailedError{sum}
	}
	return sum, nil
}

// VerifyApplied is Verify for what was applied, within the time that the file
// gives it. It is nil where there is nothing to look at: the cluster is gone, or
// neither runs nor is to be started, or is not what the file declares: restored.
func (r *Run) VerifyApplied(ctx context.Context) (*Verification, error) {
	if r.op.Ends || r.target != nil || !r.Playbook.Cluster.Start && r.liveCIB() == nil {
		return nil, nil
	}
	return r.Verify(ctx, r.Playbook.Verify.Within)
}

// doing says what is under way, and where it is: of a single step there is no
// more to say.
func (r *Run) doing(where string) string {
	if len(r.op.Steps) == 1 {
		where = ""
	}
	return r.op.Doing + where
}

// stillCovered is covered, broken off when the user asks to stop.
func (r *Run) stillCovered(ctx context.Context) error {
	ctx, done := r.looking(ctx)
	defer done()
	return r.orInterrupted(r.covered(ctx), "looking at the nodes again")
}

// whyNot says why a cluster-wide step cannot run now: a node is gone.
func (r *Run) whyNot() string {
	for _, n := range r.All() {
		if n.failedAt != "" {
			return n.Name + " failed at " + n.failedAt
		}
	}
	return ""
}

// applyNodes runs a step on all living nodes at once. A node that fails drops
// out; the others go on. The error is a *MovedOnError, before any node was
// changed.
func (r *Run) applyNodes(ctx context.Context, s Step, index, total int) error {
	type answer struct {
		due   []plan.Change
		moved []plan.Moved
	}
	live := alive(r.reached(s))
	found := make([]answer, len(live))
	place := map[*Node]int{}
	for i, n := range live {
		place[n] = i
	}
	failures := r.each(live, func(n *Node) (err error) {
		f := &found[place[n]]
		f.due, f.moved, err = r.due(ctx, s, &Target{Node: n, Cluster: r.Cluster})
		return err
	})
	todo := make(map[*Node][]plan.Change)
	var busy []*Node
	var names []string
	count := 0
	var moved []plan.Moved
	for i, n := range live {
		if r.gaveWay(ctx, failures[i]) {
			return ErrInterrupted
		}
		if failures[i] != nil {
			r.fail(n, s, failures[i])
			continue
		}
		moved = append(moved, found[i].moved...)
		if changes := found[i].due; len(changes) > 0 {
			todo[n] = changes
			busy, names, count = append(busy, n), append(names, n.Name), count+len(changes)
		}
	}
	if moved != nil {
		return r.movedOn(s.Name(), moved, nil)
	}
	if count > 0 && r.stopped() {
		return ErrInterrupted
	}
	began := time.Now()
	r.emit(StepStarted{Step: s.Name(), Index: index, Total: total, Nodes: names, Changes: count})
	made := 0
	errs := r.each(busy, func(n *Node) error {
		began := time.Now()
		t := Target{Node: n, Cluster: r.Cluster}
		if err := s.Apply(ctx, &t, todo[n]); err != nil {
			return err
		}
		if err := r.read(ctx, n, touched(s)); err != nil {
			return err
		}
		left, err := r.check(ctx, s, &t)
		if err != nil {
			return err
		}
		if len(left) > 0 {
			return &LeftoverError{left}
		}
		r.emit(NodeChanged{Step: s.Name(), Node: n.Name, Changes: todo[n], Took: time.Since(began)})
		return nil
	})
	var gaveWay NodeErrors
	for i, n := range busy {
		switch {
		case r.gaveWay(ctx, errs[i]):
			gaveWay = append(gaveWay, NodeError{n.Name, errs[i]})
		case errs[i] != nil:
			r.fail(n, s, errs[i])
		default:
			n.changes += len(todo[n])
			made += len(todo[n])
		}
	}
	r.madeIn[s.Name()] += made
	r.emit(StepDone{Step: s.Name(), Changes: made, Took: time.Since(began)})
	if gaveWay != nil {
		return gaveWay
	}
	return nil
}

// applyCluster runs a cluster-wide step once.
func (r *Run) applyCluster(ctx context.Context, s Step, index, total int) error {
	t := Target{Cluster: r.Cluster}
	changes, moved, err := r.due(ctx, s, &t)
	if r.gaveWay(ctx, err) {
		return ErrInterrupted
	}
	if err != nil {
		return err
	}
	if moved != nil {
		return r.movedOn(s.Name(), moved, nil)
	}
	if len(changes) > 0 && r.stopped() {
		return ErrInterrupted
	}
	began := time.Now()
	r.emit(StepStarted{Step: s.Name(), Index: index, Total: total, Nodes: r.nodesOf(changes), Changes: len(changes)})
	if len(changes) > 0 {
		if err := s.Apply(ctx, &t, changes); err != nil {
			return err
		}
		if err := joinNodes(r.reached(s), r.observe(ctx, r.reached(s), touched(s))); err != nil {
			return err
		}
		left, err := r.check(ctx, s, &t)
		if err != nil {
			return err
		}
		if len(left) > 0 {
			return &LeftoverError{left}
		}
		r.madeIn[s.Name()] += len(changes)
		for _, c := range changes {
			for _, n := range r.All() {
				if c.Node == n.Name {
					n.changes++
				}
			}
			if c.Node == "" {
				r.clusterChanges++
			}
		}
		r.emit(NodeChanged{Step: s.Name(), Changes: changes, Took: time.Since(began)})
	}
	r.emit(StepDone{Step: s.Name(), Changes: len(changes), Took: time.Since(began)})
	return nil
}

// nodesOf are the nodes that changes of a cluster-wide step are made on, in
// inventory order; nil where one of them belongs to the cluster itself.
func (c *Cluster) nodesOf(changes []plan.Change) (names []string) {
	for _, ch := range changes {
		if ch.Node == "" {
			return nil
		}
	}
	nodes, _ := byNode(c, changes)
	return namesOf(nodes)
}

func (r *Run) fail(n *Node, s Step, err error) {
	var one NodeErrors
	if errors.As(err, &one) && len(one) == 1 && one[0].Node == n.Name {
		err = one[0].Err // the node is named beside it
	}
	n.failedAt, n.err = s.Name(), err
	r.emit(NodeFailed{Step: s.Name(), Node: n.Name, Err: err})
}
