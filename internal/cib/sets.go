package cib

import (
	"cmp"
	"slices"
	"strings"

	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/internal/pacemaker"
)

// resourceSet is one resource_set of a constraint.
type resourceSet struct {
	members    []string // tags as their members
	sequential bool     // its members depend on one another
	requireAll bool     // of an order: what follows needs all of them, not any
	role       string
	action     string // "" start
	score      string // for what binds its members, "" the constraint's
	kind       string // of an order, the same
}

// resourceSets are those of a constraint, also where one is a reference to
// another constraint's.
func (r reader) resourceSets(e *etree.Element) (sets []resourceSet) {
	for _, x := range children(e, "resource_set") {
		if ref := attr(x, "id-ref"); ref != "" {
			if x = r.setNamed(ref); x == nil {
				continue
			}
		}
		s := resourceSet{sequential: attr(x, "sequential") != "false", requireAll: attr(x, "require-all") != "false",
			role: pacemaker.Role(attr(x, "role")), action: attr(x, "action"), score: attr(x, "score"), kind: attr(x, "kind")}
		for _, ref := range children(x, "resource_ref") {
			s.members = append(s.members, r.members(attr(ref, "id"))...)
		}
		if len(s.members) > 0 {
			sets = append(sets, s)
		}
	}
	return sets
}

func (r reader) setNamed(id string) (set *etree.Element) {
	walk(r.constraints, func(e *etree.Element) {
		if e.Tag == "resource_set" && attr(e, "id") == id {
			set = e
		}
	})
	return set
}

// bindOnly are one for each set: a location or a ticket binds its members and
// not one to another.
func bindOnly(base Constraint, sets []resourceSet) (list []Constraint) {
	if len(sets) == 0 {
		return []Constraint{base}
	}
	for _, s := range sets {
		one := base
		one.Resources, one.Role = s.members, cmp.Or(s.role, base.Role)
		if s.score != "" {
			one.Score, _ = pacemaker.Score(s.score)
		}
		list = append(list, one)
	}
	return list
}

// colocationSets makes pairs of a colocation with sets, as crm_simulate of
// Pacemaker 2.0.5, 2.1.5 and 3.0.0 was seen to take them. In a sequential set
// each member has to be with the one before it, or apart from all of them. The
// members of a set have to be with those of the next; of a sequential set that
// is its first, and the last of the next.
func colocationSets(base Constraint, sets []resourceSet) (list []Constraint) {
	pair := func(score float64, dependents []string, role, with, withRole string) {
		one := base
		one.Score, one.Resources, one.Role, one.With, one.WithRole = score, dependents, role, with, withRole
		list = append(list, one)
	}
	for i, s := range sets {
		score := base.Score
		if s.score != "" {
			score, _ = pacemaker.Score(s.score)
		}
		for k := 0; s.sequential && k+1 < len(s.members); k++ {
			dependents := s.members[k+1:]
			if score >= 0 {
				dependents = dependents[:1]
			}
			pair(score, dependents, s.role, s.members[k], s.role)
		}
		if i+1 == len(sets) {
			break
		}
		next, dependents := sets[i+1], s.members
		with := next.members
		if s.sequential {
			dependents = dependents[:1]
		}
		if next.sequential {
			with = with[len(with)-1:]
		}
		for _, w := range with {
			pair(base.Score, dependents, s.role, w, next.role)
		}
	}
	return list
}

// orderSets makes pairs of an order with sets, seen in the same way. In a
// sequential set each member follows the one before. The members of a set (its
// first, if it is sequential) follow all those of the set before (its last); or
// any of them, without require-all. Left out is an order with a set that has a
// kind of its own, which pcs cannot make: there the scheduler does more than it
// is asked for (2.1.5: what follows an Optional set needs all of its members).
func orderSets(base Constraint, sets []resourceSet) (list []Constraint) {
	if slices.ContainsFunc(sets, func(s resourceSet) bool { return s.kind != "" }) {
		return nil
	}
	pair := func(first []string, action string, then []string, thenAction string) {
		one := base
		one.First, one.FirstAction, one.Resources, one.ThenAction = first, cmp.Or(action, "start"), then, cmp.Or(thenAction, "start")
		list = append(list, one)
	}
	for i, s := range sets {
		for k := 0; s.sequential && k+1 < len(s.members); k++ {
			pair(s.members[k:k+1], s.action, s.members[k+1:k+2], s.action)
		}
		if i+1 == len(sets) {
			break
		}
		next := sets[i+1]
		then := next.members
		if next.sequential {
			then = then[:1]
		}
		switch {
		case !s.requireAll:
			pair(s.members, s.action, then, next.action)
		case s.sequential:
			pair(s.members[len(s.members)-1:], s.action, then, next.action)
		default:
			for k := range s.members {
				pair(s.members[k:k+1], s.action, then, next.action)
			}
		}
	}
	return list
}

// setsText are the resource sets of a constraint: set a b role=Promoted.
func setsText(x *etree.Element) string {
	var list []string
	for _, set := range children(x, "resource_set") {
		list = append(list, "set")
		if ref := attr(set, "id-ref"); ref != "" {
			list = append(list, ref)
		}
		for _, r := range children(set, "resource_ref") {
			list = append(list, attr(r, "id"))
		}
		names := []string{"action", "role", "sequential", "require-all"}
		for _, a := range set.Attr {
			if a.Key != "id" && a.Key != "id-ref" && !slices.Contains(names, a.Key) {
				names = append(names, a.Key)
			}
		}
		for _, a := range names {
			if t := named(set, a); t != "" {
				list = append(list, t)
			}
		}
	}
	return strings.Join(list, " ")
}
