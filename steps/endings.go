package steps

import (
	"context"
	"errors"
	"strings"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/remote"
)

// gaveWay reports whether a step ended because the user asked to stop: before it
// began anything, or cut off.
func (r *Run) gaveWay(ctx context.Context, err error) bool {
	return err != nil && (errors.Is(err, ErrInterrupted) || endedBy(ctx, err))
}

// endedBy reports whether an error comes of the end of the run's context.
func endedBy(ctx context.Context, err error) bool {
	var interrupted *remote.InterruptedError
	var late *remote.TimeoutError
	return ctx.Err() != nil && (errors.As(err, &interrupted) || errors.As(err, &late) || errors.Is(err, context.Cause(ctx)) || errors.Is(err, ctx.Err()))
}

// cut is what a step that gave way was doing when it was cut off, nil when
// nothing was.
func (r *Run) cut(ctx context.Context, s Step, err error) (unknown []string) {
	if ctx.Err() == nil || err == ErrInterrupted { //nolint:errorlint // one that says more is of something that was begun
		return nil
	}
	var each NodeErrors
	if !errors.As(err, &each) {
		return []string{r.mask.Text(s.Name() + ": " + err.Error())}
	}
	for _, e := range each {
		if endedBy(ctx, e) {
			unknown = append(unknown, r.mask.Text(s.Name()+": "+e.Error()))
		}
	}
	return unknown
}

// stoppedAt is the recap of a run that its plan no longer covers.
func (r *Run) stoppedAt(err error) Summary {
	sum := r.summary("", nil)
	sum.Stopped = firstLine(err)
	return sum
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return strings.TrimSuffix(line, ":")
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
