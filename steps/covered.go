package steps

import (
	"context"
	"slices"
	"time"

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
		if err := r.survey(ctx, s); err != nil {
			return err
		}
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
		nodes := alive(r.reached(s))
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
	owner, _ := s.(Owner)
	for _, m := range c.Moved {
		if m.Planned == nil && owner != nil && owner.Own(m.Now) {
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
