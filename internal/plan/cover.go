package plan

import (
	"cmp"
	"slices"
	"strings"
)

// Coverage is what a step finds to do, held against a plan.
type Coverage struct {
	Due   []Change // found, and planned so
	Done  []Change // planned, and no longer needed
	Moved []Moved  // found, and not planned so: nobody has agreed to it
}

// Moved is a change that a plan does not cover.
type Moved struct {
	Planned *Change `json:"planned,omitempty"` // of the same object; nil: none
	Now     Change  `json:"now"`
}

// Cover holds what a step finds now against what was planned for it. A change
// is covered when the plan has one of the same object with the same action,
// the same attributes before and after, and at least the same cost; or fewer
// attributes, when the others have come about meanwhile. What the plan left
// open may become known within what it announced (Change.Open), and nothing
// else.
func Cover(planned, found []Change) Coverage {
	var c Coverage
	met := make([]bool, len(planned))
	for _, now := range found {
		at := slices.IndexFunc(planned, func(p Change) bool { return sameObject(p, now) })
		switch {
		case at < 0:
			c.Moved = append(c.Moved, Moved{Now: now})
		case !covers(planned[at], now):
			met[at] = true
			c.Moved = append(c.Moved, Moved{Planned: &planned[at], Now: now})
		default:
			met[at] = true
			c.Due = append(c.Due, now)
			if rest := without(planned[at], now); rest != nil {
				c.Done = append(c.Done, *rest)
			}
		}
	}
	for i, p := range planned {
		if !met[i] {
			c.Done = append(c.Done, p)
		}
	}
	return c
}

func sameObject(a, b Change) bool {
	return a.Step == b.Step && a.Node == b.Node && a.Kind == b.Kind && a.ID == b.ID
}

func covers(p, now Change) bool {
	if now.Action != p.Action && (len(p.Open) == 0 || now.Action == Delete || p.Action == Delete) {
		return false
	}
	if now.Disruption.rank() > p.Disruption.rank() {
		return false
	}
	if len(p.Open) == 0 && slices.ContainsFunc(now.Interrupts, func(i Interruption) bool { return !slices.ContainsFunc(p.Interrupts, i.sameAs) }) {
		return false
	}
	return !slices.ContainsFunc(now.Diffs, func(d Diff) bool { return !coversDiff(p, d) })
}

func (i Interruption) sameAs(j Interruption) bool {
	return i.What == j.What && i.Node == j.Node && i.How == j.How
}

func coversDiff(p Change, now Diff) bool {
	open := p.leavesOpen(now.Name)
	at := slices.IndexFunc(p.Diffs, func(d Diff) bool { return d.Name == now.Name })
	if at < 0 {
		return open
	}
	d := p.Diffs[at]
	same := d.Secret || d.After == now.After
	if open && !same {
		// An agent's metadata adds attributes to a declared operation, and may
		// say something else than what is assumed without it.
		same = d.Default || containsWords(now.After, d.After) && slices.ContainsFunc(p.Open, func(o string) bool { return strings.HasSuffix(o, ".*") })
	}
	if d.HasAfter != now.HasAfter || d.Secret != now.Secret || !same {
		return false
	}
	if open {
		return true
	}
	if d.Seal != "" && now.Seal != "" && d.Seal != now.Seal {
		return false
	}
	return d.HasBefore == now.HasBefore && (d.Secret || d.Before == now.Before)
}

func containsWords(text, words string) bool {
	have := strings.Fields(text)
	return !slices.ContainsFunc(strings.Fields(words), func(w string) bool { return !slices.Contains(have, w) })
}

// leavesOpen reports whether Open names an attribute: exactly, or by a
// beginning that ends with a star.
func (c Change) leavesOpen(name string) bool {
	return slices.ContainsFunc(c.Open, func(o string) bool {
		head, star := strings.CutSuffix(o, "*")
		return o == name || star && strings.HasPrefix(name, head)
	})
}

// without is what of a planned change is no longer to be done, nil when all of
// it is. What was open does not count: it was never certain.
func without(p, now Change) *Change {
	rest := p
	rest.Diffs = slices.DeleteFunc(slices.Clone(p.Diffs), func(d Diff) bool {
		return p.leavesOpen(d.Name) || slices.ContainsFunc(now.Diffs, func(n Diff) bool { return n.Name == d.Name })
	})
	if len(rest.Diffs) == 0 {
		return nil
	}
	rest.Unknown, rest.Pcs = "", ""
	return &rest
}

// NewImpact are the interruptions that were not planned, by what, where and how.
// What was to move away from a node, and to stop where it went, may as well stop
// before it has moved.
func NewImpact(planned, now []Interruption) []Interruption {
	has := func(what, node, how string) bool {
		return slices.ContainsFunc(planned, func(p Interruption) bool {
			return p.What == what && (p.Node == node || p.Node == "" || node == "") && p.How == how
		})
	}
	return slices.DeleteFunc(slices.Clone(now), func(i Interruption) bool {
		return has(i.What, i.Node, i.How) ||
			i.How == Moves && has(i.What, i.Node, Restarts) ||
			i.How == Stops && has(i.What, i.Node, Moves) && has(i.What, "", Stops)
	})
}

// NewObjects are the objects of now that before has not, or with another value.
func NewObjects(before, now []Object) []Object {
	return slices.DeleteFunc(slices.Clone(now), func(o Object) bool { return slices.Contains(before, o) })
}

// Of are the changes of one step, on one node: empty for a cluster-wide step,
// which takes those of all nodes.
func (p *Plan) Of(step, node string) []Change {
	return slices.DeleteFunc(slices.Clone(p.Changes), func(c Change) bool {
		return c.Step != step || node != "" && cmp.Or(c.Node, node) != node
	})
}
