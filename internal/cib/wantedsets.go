package cib

import (
	"fmt"
	"slices"
	"strings"

	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/internal/pacemaker"
)

// onlySets reports whether a live constraint has the form with sets that can be
// declared: sets, and neither rules nor a lifetime.
func onlySets(x *etree.Element) bool {
	kids := x.ChildElements()
	return len(kids) > 0 && !slices.ContainsFunc(kids, func(k *etree.Element) bool { return k.Tag != "resource_set" })
}

// sameSets reports whether a live constraint has sets of the same meaning, or
// like the wanted one has none.
func sameSets(w *object, x *etree.Element) bool {
	want, live := w.element(), x
	if len(w.sets) == 0 || !onlySets(x) {
		return len(w.sets) == 0 && !onlySets(x)
	}
	if slices.Equal(setWords(want), setWords(live)) {
		return true
	}
	// Sets that are split or joined otherwise are the same where they come down to
	// the same pairs. Where one needs any of its members only, Pacemaker makes no
	// pairs of it.
	if !plainSetsOnly(want) || !plainSetsOnly(live) || !slices.Equal(setMembersOf(want), setMembersOf(live)) {
		return false
	}
	a, b := pairWords(w.kind, want), pairWords(w.kind, live)
	return len(a) > 0 && slices.Equal(a, b)
}

// setWords are the sets of a constraint, each with what it means.
func setWords(x *etree.Element) (list []string) {
	for _, set := range children(x, "resource_set") {
		if ref := attr(set, "id-ref"); ref != "" {
			if named := (reader{constraints: x.Parent()}).setNamed(ref); named != nil {
				set = named
			}
		}
		var members, attrs []string
		for _, r := range children(set, "resource_ref") {
			members = append(members, attr(r, "id"))
		}
		for _, a := range set.Attr {
			value := a.Value
			switch a.Key {
			case "id":
				continue
			case "role":
				value = canonAttr("role", value, nil)
			case "action":
				if value == "start" {
					value = ""
				}
			case "sequential", "require-all":
				// A set of one has nothing to be sequential.
				if value = strings.ToLower(value); value == "true" || a.Key == "sequential" && len(members) == 1 {
					value = ""
				}
			}
			if value != "" {
				attrs = append(attrs, a.Key+"="+value)
			}
		}
		slices.Sort(attrs)
		list = append(list, fmt.Sprintf("%q %q", members, attrs))
	}
	return list
}

// plainSetsOnly reports whether all sets have members of their own, need all of
// them, and have nothing that pairs do not tell.
func plainSetsOnly(x *etree.Element) bool {
	return !slices.ContainsFunc(children(x, "resource_set"), func(set *etree.Element) bool {
		return slices.ContainsFunc(set.Attr, func(a etree.Attr) bool {
			switch a.Key {
			case "id", "role", "action", "sequential":
				return false
			}
			return a.Key != "require-all" || !strings.EqualFold(a.Value, "true")
		})
	})
}

// pairWords are the pairs that sets come down to, sorted.
func pairWords(k *kind, x *etree.Element) (list []string) {
	for _, c := range k.binds(reader{}, x) {
		list = append(list, fmt.Sprintf("%q %s with %s %s after %q %s %s", c.Resources, canonAttr("role", c.Role, nil), c.With, canonAttr("role", c.WithRole, nil),
			c.First, c.FirstAction, c.ThenAction))
	}
	slices.Sort(list)
	return list
}

// setMembersOf are the resources of all sets, sorted.
func setMembersOf(x *etree.Element) (list []string) {
	walk(x, func(y *etree.Element) {
		if y.Tag == "resource_ref" {
			list = append(list, attr(y, "id"))
		}
	})
	slices.Sort(list)
	return list
}

// sameMembers reports whether a live constraint has the same resources in its
// sets, however they stand there, or like the wanted one has none.
func sameMembers(w *object, x *etree.Element) bool {
	return slices.Equal(setMembersOf(w.element()), setMembersOf(x))
}

// writeSets makes the sets of a constraint anew, with ids that pcs would give
// them; one that another constraint refers to has to stay.
func (e *editor) writeSets(w *object, x *etree.Element) {
	for _, old := range children(x, "resource_set") {
		id := attr(old, "id")
		for _, other := range e.elements("constraints") {
			for _, set := range children(other, "resource_set") {
				if id != "" && attr(set, "id-ref") == id {
					e.errorf("%s %q would change, and %s %q uses its resource set %q; give the latter sets of its own first",
						w.kind.word, attr(x, "id"), e.wordOf(other), attr(other, "id"), id)
				}
			}
		}
		e.drop(old)
	}
	for _, s := range w.sets {
		set := s.element(x)
		if role := attr(set, "role"); role != "" {
			set.CreateAttr("role", pacemaker.RoleFor(role, e.roles))
		}
		e.setID(set, attr(x, "id")+"_set")
	}
}

// autoID is the id that pcs gives to an object that has none, with roles in the
// words of the CIB's schema.
func (e *editor) autoID(w *object) string {
	x := w.element()
	if role := attr(x, "rsc-role"); role != "" {
		x.CreateAttr("rsc-role", pacemaker.RoleFor(role, e.roles))
	}
	return autoID(w.kind, x)
}

// autoID is the one that pcs would give to a live constraint: with sets, it
// tells the first and the last letter of each of the first three resources
// (create_id in pcs's lib/cib/constraint/constraint.py).
func autoID(k *kind, x *etree.Element) string {
	if k.setsID == "" || !onlySets(x) {
		return k.autoID(getter(x))
	}
	id, n := k.setsID, 0
	walk(x, func(y *etree.Element) {
		if name := attr(y, "id"); y.Tag == "resource_ref" && name != "" && n < 3 {
			id, n = id+name[:1]+name[len(name)-1:], n+1
		}
	})
	return id
}
