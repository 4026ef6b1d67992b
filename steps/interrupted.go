package steps

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/plural"
)

// The user may ask to stop at any moment. What only reads is broken off at once;
// what changes a node is finished, and nothing new is begun. Only when the run's
// context ends as well is a change cut off, and what became of it not known.

// InterruptedError says that the user asked to stop, and how far the run was.
// It is an ErrInterrupted.
type InterruptedError struct {
	While string // what was being done: "connecting to the nodes"
	// Changed says that changes were under way, or made; else nothing was.
	Changed bool
	Made    int // changes that were made and proved
	Left    int // planned ones that were not begun
	Unknown bool
}

func (e *InterruptedError) Unwrap() error { return ErrInterrupted }

func (e *InterruptedError) Error() string {
	s := "interrupted while " + e.While
	switch {
	case !e.Changed:
		return s + "; nothing was changed"
	case e.Unknown:
		return fmt.Sprintf("%s and cut off: %s known to be made", s, plural.As(e.Made, "change is", "changes are"))
	case e.Made == 0:
		return fmt.Sprintf("%s; nothing was changed, %s left", s, plural.As(e.Left, "change is", "changes are"))
	}
	return fmt.Sprintf("%s: %s made, %d left", s, plural.As(e.Made, "change was", "changes were"), e.Left)
}

// UntilStopped is a context that ends when stop is closed, with ErrInterrupted
// as its cause, for what may be broken off at any moment. A nil stop is never
// closed. The function that comes with it must be called.
func UntilStopped(parent context.Context, stop <-chan struct{}) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(parent)
	if stop == nil {
		return ctx, func() { cancel(nil) }
	}
	select {
	case <-stop: // before anything is begun
		cancel(ErrInterrupted)
		return ctx, func() {}
	default:
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		select {
		case <-stop:
			cancel(ErrInterrupted)
		case <-ctx.Done():
		}
	}()
	return ctx, func() { cancel(nil); <-ended }
}

func (c *Cluster) stopped() bool {
	select {
	case <-c.stop:
		return true
	default:
		return false
	}
}

// looking is the context of what only reads.
func (c *Cluster) looking(ctx context.Context) (context.Context, func()) {
	return UntilStopped(ctx, c.stop)
}

// orInterrupted is the error of something that only read. Whatever a reading
// says that was broken off, the reason is that the user asked for it.
func (c *Cluster) orInterrupted(err error, while string) error {
	var known *InterruptedError
	if err == nil || errors.As(err, &known) || !c.stopped() && !errors.Is(err, context.Canceled) {
		return err
	}
	return &InterruptedError{While: while}
}

// Lock takes the lock of every node, in inventory order so that two runs
// cannot hold half each for long; when one is taken, those that we got are
// given back and the error is a *remote.LockedError.
func (r *Run) Lock(ctx context.Context) error {
	ctx, done := r.looking(ctx)
	defer done()
	return r.orInterrupted(r.lock(ctx), "taking the lock")
}

// Observe reads all that matters from every node.
func (r *Run) Observe(ctx context.Context) error {
	ctx, done := r.looking(ctx)
	defer done()
	return r.orInterrupted(r.observeAll(ctx), "reading the nodes")
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

// Verify reads `pcs status` on every node and says whether the cluster does
// what the file declares. What is not yet so may still come: it looks again
// until all is well or within is over; 0 looks once. A node that cannot be
// reached, or does not answer in its time, is a finding, and the others are
// judged; while it waits, it connects again to one that comes back. An error
// means that the context ended, or, a *VerifyInterruptedError, that the user
// asked to stop: what was seen until then is no verdict.
func (r *Run) Verify(ctx context.Context, within time.Duration) (*Verification, error) {
	ctx, done := r.looking(ctx)
	defer done()
	r.seen = nil
	v, err := r.verify(ctx, within)
	if !r.stopped() && !errors.Is(err, context.Canceled) && !errors.Is(err, ErrInterrupted) {
		return v, err
	}
	no := &VerifyInterruptedError{Looked: r.seen != nil}
	if r.seen != nil {
		no.Findings = r.seen.Findings
	}
	return nil, no
}

// StepLeft is what an interrupted run has left of a step's planned changes.
type StepLeft struct {
	Step    string `json:"step"`
	Changes int    `json:"changes"`
}

// left are the changes of a plan that were not made, by step, in the order of
// the run.
func (r *Run) left(p *plan.Plan) (out []StepLeft) {
	for _, s := range r.op.Steps {
		n := -r.madeIn[s.Name()]
		for _, c := range p.Changes {
			if c.Step == s.Name() {
				n++
			}
		}
		for _, c := range r.done {
			if c.Step == s.Name() {
				n--
			}
		}
		if n > 0 {
			out = append(out, StepLeft{s.Name(), n})
		}
	}
	return out
}

// interruptedAt is how an apply ends that the user asked to stop, before a step
// or in it. unknown is what of the step was under way and cut off, which is not
// left either.
func (r *Run) interruptedAt(p *plan.Plan, while string, skipped, unknown []string) (Summary, error) {
	sum := r.summary("", skipped)
	sum.Interrupted, sum.Left, sum.Unknown = true, r.left(p), unknown
	if unknown != nil && len(sum.Left) > 0 {
		sum.Left = sum.Left[1:]
	}
	e := &InterruptedError{While: while, Changed: true, Made: sum.Changes, Unknown: unknown != nil}
	for _, l := range sum.Left {
		e.Left += l.Changes
	}
	return sum, e
}
