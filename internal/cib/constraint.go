package cib

import (
	"slices"
	"strings"

	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/playbook"
)

// What the kinds of constraints have in common: an element with attributes that
// means the same under any id.

// constraint makes the object of a constraint of attributes and, behind them,
// of options; what is empty is left out.
func (b *builder) constraint(id string, pos diag.Pos, options playbook.Options, attrs ...pair) *object {
	w := &object{id: id, at: pos.InFile()}
	for _, a := range attrs {
		if a.value != "" {
			w.attrs = append(w.attrs, a)
		}
	}
	for _, o := range b.pairs(options) {
		switch {
		case o.name == "id" && w.id == "":
			w.id = o.value
		case o.name != "id" && w.get(o.name) == "":
			w.attrs = append(w.attrs, o)
		}
	}
	return w
}

// byTool tells the constraints that pcs resource move and ban, and
// crm_resource, have made: they are an operator's.
func byTool(x *etree.Element) bool { return strings.HasPrefix(attr(x, "id"), "cli-") }

// ends are the attributes that name the two sides of a constraint.
type ends [2]string

// simple reports whether a live constraint has the form that the playbook
// declares: one pair of ends, without rules, sets or a lifetime, and a location
// for every role.
func (n ends) simple(x *etree.Element) bool {
	return len(x.ChildElements()) == 0 && canonAttr("role", attr(x, "role"), nil) == "" && attr(x, n[0]) != "" && attr(x, n[1]) != ""
}

// alike finds for each declared constraint the live one that it stands for: by
// id, then one that says the same, then one with the same key, which is one
// with other settings, then one between the same two. What Pacemaker's own
// tools put there is never taken.
func alike(between ends, key ...string) func(e *editor, k *kind, want []*object) []*etree.Element {
	return func(e *editor, k *kind, want []*object) []*etree.Element {
		out := byID(e, k, want)
		matched := map[*etree.Element]bool{}
		for i, x := range out {
			if x != nil && !between.simple(x) && (k.setsID == "" || !onlySets(x)) {
				e.taken(want[i], x)
				out[i] = nil
			}
			matched[x] = true
		}
		var live []*etree.Element
		for _, x := range e.elements(k.section) {
			if x.Tag == k.tag && (between.simple(x) || k.setsID != "" && onlySets(x)) && !k.keeps(x) {
				live = append(live, x)
			}
		}
		pass := func(fits func(w *object, x *etree.Element) bool) {
			for i, w := range want {
				for _, x := range live {
					if out[i] == nil && !matched[x] && onlySets(x) == (len(w.sets) > 0) && fits(w, x) {
						out[i], matched[x] = x, true
					}
				}
			}
		}
		pass(func(w *object, x *etree.Element) bool {
			return sameAttrs(attrNames(w, x), w.get, getter(x)) && sameSets(w, x)
		})
		pass(func(w *object, x *etree.Element) bool { return sameAttrs(key, w.get, getter(x)) && sameSets(w, x) })
		pass(func(w *object, x *etree.Element) bool {
			return sameAttrs(between[:], w.get, getter(x)) && sameMembers(w, x)
		})
		return out
	}
}

// attrNames are the names of all attributes of either, id left out, in the
// order in which differences are shown.
func attrNames(w *object, x *etree.Element) []string {
	var names []string
	for _, a := range w.attrs {
		names = append(names, a.name)
	}
	for _, a := range x.Attr {
		if a.Key != "id" && !slices.Contains(names, a.Key) {
			names = append(names, a.Key)
		}
	}
	return names
}

func writeConstraint(e *editor, w *object, x *etree.Element, c *plan.Change) {
	if x == nil {
		id := w.id
		if id == "" {
			id = e.autoID(w)
		}
		x = e.make(w, id)
		e.managed[x] = true
		e.writeAttrs(w, x)
		e.writeSets(w, x)
		for _, a := range w.attrs {
			c.Diffs = append(c.Diffs, plan.Becomes(a.name, a.value))
		}
		if text := setsText(x); text != "" {
			c.Diffs = append(c.Diffs, plan.Becomes("sets", text))
		}
		c.ID = attr(x, "id")
		return
	}
	e.managed[x] = true
	was := x.Copy()
	get := getter(was)
	for _, name := range attrNames(w, x) {
		if sameAttrs([]string{name}, w.get, get) {
			continue
		}
		c.Diffs = append(c.Diffs, diff(name, get(name), w.get(name), hasAttr(was, name), w.get(name) != "", false))
	}
	if !sameSets(w, x) {
		before, after := setsText(x), setsText(w.element())
		c.Diffs = append(c.Diffs, diff("sets", before, after, before != "", after != "", false))
	}
	if len(c.Diffs) == 0 {
		return
	}
	// Nothing of the old is left: what was only the default said aloud may
	// contradict the new.
	id := attr(x, "id")
	x.Attr = nil
	x.CreateAttr("id", id)
	e.writeAttrs(w, x)
	switch {
	case w.id != "" && w.id != id:
		c.Diffs = append(c.Diffs, plan.Changes("id", id, w.id))
		e.setID(x, w.id)
	case w.id == "" && id == autoID(w.kind, was):
		// An id that tells the score is not left telling the old one.
		e.setID(x, e.autoID(w))
	}
	e.writeSets(w, x)
	c.ID = attr(x, "id")
}

// writeAttrs writes the attributes of an object, roles in the words of the
// CIB's schema.
func (e *editor) writeAttrs(w *object, x *etree.Element) {
	for _, a := range w.attrs {
		switch a.name {
		case "rsc-role", "with-rsc-role", "role":
			a.value = pacemaker.RoleFor(a.value, e.roles)
		}
		x.CreateAttr(a.name, a.value)
	}
}

// besides are the attributes of an object less the named ones.
func (w *object) besides(names ...string) []pair {
	return slices.DeleteFunc(slices.Clone(w.attrs), func(a pair) bool { return slices.Contains(names, a.name) })
}

// withID adds the declared id to the options of a pcs command.
func (w *object) withID(options []pair) []pair {
	if w.id == "" {
		return options
	}
	return append(options, pair{name: "id", value: w.id})
}

// pcsInstead begins the command for a constraint that takes the place of
// another: pcs cannot change one.
func pcsInstead(x *etree.Element) string {
	if x == nil {
		return ""
	}
	return "pcs constraint delete " + shellWord(attr(x, "id")) + " && "
}

// setConstraint makes the object of a constraint with resource sets.
func (b *builder) setConstraint(id string, pos diag.Pos, sets []playbook.ResourceSet, options playbook.Options, attrs ...pair) *object {
	w := b.constraint(id, pos, options, attrs...)
	for _, s := range sets {
		set := wantedSet{members: s.Resources, attrs: b.pairs(s.Options)}
		for i, a := range set.attrs {
			if a.name == "role" {
				set.attrs[i].value = pacemaker.Role(a.value)
			}
		}
		w.sets = append(w.sets, set)
	}
	return w
}
