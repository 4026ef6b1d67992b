package steps

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hadeploy/hadeploy/internal/cib"
	"github.com/hadeploy/hadeploy/internal/plan"
)

// freshFor is how old an observation may be for a plan to be applied without
// another look.
const freshFor = 2 * time.Second

// covered holds all that every step finds now against the plan, before anything
// is changed. It notes what is done already, and what is new and undeclared.
func (r *Run) covered(ctx context.Context) error {
	if id := r.clusterUUID(); r.approved.UUID != "" && id != r.approved.UUID {
		return &OtherClusterError{Planned: r.approved.UUID, Now: id}
	}
	var moved []plan.Moved
	where := ""
	for _, s := range r.op.Steps {
		for _, t := range r.targets(s) {
			found, err := r.check(ctx, s, &t)
			if err != nil {
				return err
			}
			c := r.cover(s, &t, found)
			if c.Moved != nil && where == "" {
				where = s.Name()
			}
			moved = append(moved, c.Moved...)
			r.noteDone(c.Done)
		}
	}
	r.since = plan.NewObjects(r.approved.LeftAlone, r.unmanaged)
	if moved != nil {
		return r.movedOn(where, moved, nil)
	}
	r.bringsMembers = slices.ContainsFunc(r.Nodes, func(n *Node) bool { return !n.Facts.Running() })
	if r.delta == nil || len(r.delta.Changes) == 0 {
		return nil
	}
	return r.sameImpact(ctx, r.liveCIB(), r.delta)
}

// due are the changes that a step has to make: what it finds now, if the plan
// covers all of it. What was read long ago is read again before it is believed.
func (r *Run) due(ctx context.Context, s Step, t *Target) ([]plan.Change, []plan.Moved, error) {
	found, err := r.check(ctx, s, t)
	if err != nil {
		return nil, nil, err
	}
	if len(found) > 0 && time.Since(r.observed) > 5*freshFor {
		nodes := r.Live()
		if t.Node != nil {
			nodes = []*Node{t.Node}
		}
		if err := joinNodes(nodes, r.observe(ctx, nodes, touched(s))); err != nil {
			return nil, nil, err
		}
		if found, err = r.check(ctx, s, t); err != nil {
			return nil, nil, err
		}
	}
	c := r.cover(s, t, found)
	return c.Due, c.Moved, nil
}

// cover holds what one step finds on one target against the plan.
func (r *Run) cover(s Step, t *Target, found []plan.Change) plan.Coverage {
	node := ""
	if t.Node != nil {
		node = t.Node.Name
	}
	c := plan.Cover(r.approved.Of(s.Name(), node), found)
	var moved []plan.Moved
	for _, m := range c.Moved {
		if m.Planned == nil && s.Name() == "cib" && cib.Own(m.Now) {
			c.Due = append(c.Due, m.Now)
		} else {
			moved = append(moved, m)
		}
	}
	c.Moved = moved
	if k, ok := s.(Keeper); ok {
		c.Moved = append(c.Moved, k.Kept(t, r.approved, found)...)
	}
	return c
}

// noteDone keeps what was planned for certain and is done already.
func (r *Run) noteDone(done []plan.Change) {
	for _, c := range done {
		if c.Unknown == "" {
			r.done = append(r.done, c)
		}
	}
}

// sameImpact asks the simulator again: what runs where may have changed since
// the plan was made, or what somebody else declared, and the same change then
// stops something that the plan does not name. What would happen anyway is
// nobody's surprise.
func (c *Cluster) sameImpact(ctx context.Context, live *cib.CIB, delta *cib.Delta) error {
	if live == nil {
		return nil // nothing runs
	}
	next, err := delta.Foreseen()
	if err != nil {
		return err
	}
	with, err := transition(ctx, c, next)
	if err != nil {
		return err
	}
	text, err := live.Text()
	if err != nil {
		return err
	}
	without, err := transition(ctx, c, text)
	if err != nil {
		return err
	}
	tell := func(impact []plan.Impact) []plan.Interruption {
		p := plan.Plan{Impact: impact}
		p.Tell(c.fencingDevices())
		return p.Interruptions
	}
	planned := append(tell(without), c.approved.Interruptions...)
	if more := plan.NewImpact(planned, tell(with)); len(more) > 0 {
		return c.movedOn("cib", nil, more)
	}
	c.simulated = live.Epoch()
	return nil
}

// movedOn is the error of a plan that no longer fits, with what the nodes tell
// of who changed what and when.
func (c *Cluster) movedOn(step string, moved []plan.Moved, impact []plan.Interruption) *MovedOnError {
	e := &MovedOnError{Step: step, Moved: moved, Impact: impact, PlannedCIB: c.approved.CIB}
	inCIB := len(impact) > 0
	told := map[string]bool{}
	for _, m := range moved {
		if m.Now.Step == "cib" {
			inCIB = true
			continue
		}
		path := m.Now.ID
		for _, n := range c.Nodes {
			if at, ok := n.Facts.Modified(path); n.Name == m.Now.Node && ok && !told[n.Name+path] {
				told[n.Name+path] = true
				e.Who = append(e.Who, fmt.Sprintf("%s on %s was last modified %s", path, n.Name, at.UTC().Format(time.RFC3339)))
			}
		}
	}
	live := c.liveCIB()
	if live == nil {
		return e
	}
	e.NowCIB = live.Epoch()
	if inCIB && e.NowCIB != e.PlannedCIB {
		e.Who = append(e.Who, whoWrote(live))
	}
	return e
}

// whoWrote puts what the CIB says of its last writer in words. A client is a
// program (crm_resource, cibadmin, crmd), the origin a node.
func whoWrote(live *cib.CIB) string {
	w := live.LastWritten()
	words := []string{"the CIB was last written"}
	for _, part := range [][2]string{{"", w.Time}, {"by user ", w.User}, {"with ", w.Client}, {"on ", w.Origin}} {
		if part[1] != "" {
			words = append(words, part[0]+part[1])
		}
	}
	if len(words) == 1 {
		return "the CIB does not say who wrote it last"
	}
	return strings.Join(words, " ")
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
