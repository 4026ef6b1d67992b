package playbook

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// event is an action of a resource, or, of one that holds others, where the
// action begins or has ended for all of them.
type event struct {
	id, action string
	end        bool
}

// edge says that an event waits for another: for an order constraint, by its
// number in the file, or because the one holds the other (-1).
type edge struct {
	to    event
	order int
}

// waits is what waits for what.
type waits map[event][]edge

func (w waits) add(from, to event, order int) { w[from] = append(w[from], edge{to, order}) }

// opposite is what a symmetrical order makes wait in reverse.
var opposite = map[string]string{"start": "stop", "stop": "start", "promote": "demote", "demote": "promote"}

// actions are those that an order may name, and what else may wait for them.
var actions = []string{"start", "promote", "demote", "stop"}

// checkOrders finds orders that go in a circle. Pacemaker cannot carry out a
// transition that holds one: "Transition failed: terminated", and nothing in it
// starts (tried with crm_simulate 2.1.5, orders of kind Optional and Serialize
// too). These matter only where both actions fall into one transition, so they
// are a warning.
func (l *loader) checkOrders(p *Playbook) {
	reported := map[int]bool{} // those that a circle was told of
	for _, kinds := range []func(string) bool{
		func(kind string) bool { return kind == "Mandatory" },
		func(string) bool { return true },
	} {
		w := p.structure()
		var taken []int
		for i, o := range p.Constraints.Order {
			kind, _ := o.Options.Get("kind")
			if kinds(cmp.Or(kind.Text, "Mandatory")) && o.First != "" && o.Then != "" && o.First != o.Then && !p.holds(o.First, o.Then) {
				w.order(i, o)
				taken = append(taken, i)
			}
		}
		w.peel()
		for _, i := range taken {
			if reported[i] {
				continue
			}
			circle := w.circle(i, p.Constraints.Order[i])
			for _, k := range circle {
				reported[k] = true
			}
			if circle != nil {
				l.tellCircle(p, circle)
			}
		}
	}
}

// maxParts bounds how many orders of a circle are named.
const maxParts = 6

// tellCircle reports a circle at the last of its constraints.
func (l *loader) tellCircle(p *Playbook, circle []int) {
	var parts []string
	mandatory := true
	for _, i := range circle {
		o := p.Constraints.Order[i]
		kind, _ := o.Options.Get("kind")
		mandatory = mandatory && cmp.Or(kind.Text, "Mandatory") == "Mandatory"
		parts = append(parts, fmt.Sprintf("%s %s before %s %s (line %d)", cmp.Or(o.FirstAction, "start"), o.First, cmp.Or(o.ThenAction, "start"), o.Then, o.Pos.Line))
	}
	last := slices.Max(circle)
	o, path := p.Constraints.Order[last], yamldoc.Path("constraints.order").Index(last)
	if n := len(parts) - maxParts; n > 0 {
		parts = append(append(parts[:maxParts-1:maxParts-1], fmt.Sprintf("%d more", n)), parts[len(parts)-1])
	}
	said := strings.Join(parts, ", ")
	switch {
	case len(circle) == 1:
		l.judgeAt(o.Pos, path, "remove it", "%s, and the order inside of the group or clone says the opposite: Pacemaker would start neither", said)
	case mandatory:
		l.judgeAt(o.Pos, path, "remove one of them", "these orders go in a circle, and Pacemaker would start none of it: %s", said)
	default:
		l.warnAt(o.Pos, path, "remove one of them", "these orders go in a circle: whenever these actions fall into one transition, Pacemaker can carry out none of them: %s", said)
	}
}

// holds reports whether one resource is the container of another.
func (p *Playbook) holds(outer, inner string) bool {
	for i := range p.Resources {
		if r := &p.Resources[i]; r.ID == outer {
			return slices.ContainsFunc(r.Primitives(), func(x *Primitive) bool { return x.ID == inner && r.Primitive == nil })
		}
	}
	return false
}

// order adds a constraint, and what it says of the way back.
func (w waits) order(i int, o Order) {
	first, then := cmp.Or(o.FirstAction, "start"), cmp.Or(o.ThenAction, "start")
	w.add(event{o.First, first, true}, event{o.Then, then, false}, i)
	kind, _ := o.Options.Get("kind")
	if s, ok := o.Options.Get("symmetrical"); ok && pacemaker.False(s.Text) || kind.Text == "Serialize" {
		return
	}
	w.add(event{o.Then, opposite[then], true}, event{o.First, opposite[first], false}, i)
}

// structure is what waits for what without any constraint: an action ends after
// it began, the members of a group act one after the other, a clone acts when
// what it runs does, and nothing is promoted before it has started.
func (p *Playbook) structure() waits {
	w := waits{}
	for i := range p.Resources {
		r := &p.Resources[i]
		members, ordered := r.Primitives(), r.Group != nil
		for _, c := range []*Cloned{r.Clone, r.Promotable} {
			ordered = ordered || c != nil && c.Group != nil
		}
		if v, ok := r.Meta.Get("ordered"); ok && r.Group != nil && pacemaker.False(v.Text) {
			ordered = false
		}
		w.acts(r.ID, r.promotes())
		if r.Primitive != nil {
			continue
		}
		for k, m := range members {
			w.acts(m.ID, r.promotes())
			for _, action := range actions {
				w.add(event{r.ID, action, false}, event{m.ID, action, false}, -1)
				w.add(event{m.ID, action, true}, event{r.ID, action, true}, -1)
			}
			if k > 0 && ordered {
				w.add(event{members[k-1].ID, "start", true}, event{m.ID, "start", false}, -1)
				w.add(event{m.ID, "stop", true}, event{members[k-1].ID, "stop", false}, -1)
			}
		}
	}
	return w
}

// acts adds the actions of one resource.
func (w waits) acts(id string, promotable bool) {
	for _, action := range actions {
		w.add(event{id, action, false}, event{id, action, true}, -1)
	}
	if promotable {
		w.add(event{id, "start", true}, event{id, "promote", false}, -1)
		w.add(event{id, "demote", true}, event{id, "stop", false}, -1)
	}
}

// peel takes away what no circle leads through, as all is where there is none:
// what waits for nothing, and then what waited for that alone.
func (w waits) peel() {
	before := map[event]int{} // how many of those that are left come before
	for _, edges := range w {
		for _, e := range edges {
			before[e.to]++
		}
	}
	var free []event
	for at := range w {
		if before[at] == 0 {
			free = append(free, at)
		}
	}
	for ; len(free) > 0; free = free[1:] {
		for _, e := range w[free[0]] {
			if before[e.to]--; before[e.to] == 0 {
				free = append(free, e.to)
			}
		}
		delete(w, free[0])
	}
}

// circle is the shortest way from a constraint back to it, as the constraints on
// it in their order; nil when there is none.
func (w waits) circle(i int, o Order) []int {
	first, then := cmp.Or(o.FirstAction, "start"), cmp.Or(o.ThenAction, "start")
	from, goal := event{o.Then, then, false}, event{o.First, first, true}
	if w[from] == nil || w[goal] == nil {
		return nil
	}
	type step struct {
		at    event
		order int
	}
	came := map[event]step{from: {}}
	for queue := []event{from}; len(queue) > 0; queue = queue[1:] {
		at := queue[0]
		if at == goal {
			circle := []int{i}
			for at != from {
				s := came[at]
				if s.order >= 0 && !slices.Contains(circle, s.order) {
					circle = append(circle, s.order)
				}
				at = s.at
			}
			slices.Reverse(circle[1:])
			return circle
		}
		for _, e := range w[at] {
			if _, seen := came[e.to]; !seen {
				came[e.to] = step{at, e.order}
				queue = append(queue, e.to)
			}
		}
	}
	return nil
}
