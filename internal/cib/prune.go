package cib

import (
	"maps"
	"slices"
	"strings"

	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/internal/plan"
)

// prune removes what was selected and what cannot be without it: what is below
// it, a container that is left without a member, and what names it. What is
// declared, or stays, and rests on it is an error.
func (e *editor) prune(live *CIB) {
	if len(e.going) == 0 {
		return
	}
	e.withMembers()
	e.needsStop()
	had := maps.Clone(e.ids)
	for _, g := range e.going {
		for _, x := range g.at {
			set := x.Parent()
			if e.drop(x); x.Tag == "nvpair" && set != nil && len(set.ChildElements()) == 0 {
				e.drop(set)
			}
		}
	}
	var trimmed []plan.Change
	for again := true; again; { // what names it may be named itself
		again = false
		for _, section := range referring {
			for _, x := range e.elements(section) {
				if gone := e.goneFrom(x, had); gone != nil {
					trimmed, again = append(trimmed, e.follow(x, gone)...), true
				}
			}
		}
		again = again && len(e.errs) == 0
	}
	e.checkSharing(had)
	e.stage(live)
	// pcs does not delete what is named by others.
	var named, tree []plan.Change
	for _, g := range e.going {
		c := plan.Change{Step: Step, Action: plan.Delete, Kind: g.kind, ID: g.id, Diffs: []plan.Diff{plan.Was("content", g.value)}, Note: g.why, Pcs: g.pcs}
		if isResource(g.at[0]) || g.at[0].Tag == "template" {
			tree = append(tree, c)
		} else {
			named = append(named, c)
		}
	}
	e.delta.Changes = slices.Concat(trimmed, named, tree, e.delta.Changes)
}

// withMembers adds the resources in a container that goes, and the containers
// of which no member stays, and puts the tree in the document's order.
func (e *editor) withMembers() {
	sec := e.cfg.SelectElement("resources")
	add := func(x *etree.Element, why string) {
		kind, id := e.elementKind(x), attr(x, "id")
		e.notLeft(kind, id)
		e.going = append(e.going, &going{kind: kind, id: id, value: cut(e.resourceText(x)), pcs: e.pcsDelete(x), at: []*etree.Element{x}, why: why})
	}
	stays := func(m *etree.Element) bool { return !e.selected(m) }
	var visit func(x *etree.Element)
	visit = func(x *etree.Element) {
		list := members(x)
		for _, m := range list {
			switch {
			case !isContainer(x) || !e.selected(x) || e.selected(m):
			case e.managed[m]:
				e.errorf("%s %q would be pruned and holds %q, which the playbook declares; take that out of it first", e.elementKind(x), attr(x, "id"), attr(m, "id"))
			default:
				add(m, "")
			}
			visit(m)
		}
		if isContainer(x) && stays(x) && !e.managed[x] && len(list) > 0 && !slices.ContainsFunc(list, stays) {
			add(x, "nothing is left in it")
		}
	}
	if sec == nil {
		return
	}
	visit(sec)
	place := map[*etree.Element]int{}
	for _, templates := range []bool{false, true} { // they go when nothing is made of them any more
		walk(sec, func(x *etree.Element) {
			if (x.Tag == "template") == templates {
				place[x] = len(place)
			}
		})
	}
	slices.SortStableFunc(e.going, func(a, b *going) int { return place[a.at[0]] - place[b.at[0]] })
	for _, g := range e.going {
		if in := g.at[0].Parent(); isResource(g.at[0]) && isContainer(in) && e.selected(in) {
			g.why, g.pcs = "it goes with "+attr(in, "id"), ""
		}
	}
}

// goneFrom are the ids that an element names and that are gone.
func (e *editor) goneFrom(x *etree.Element, had map[string]*etree.Element) (gone []string) {
	for _, r := range references(x) {
		if had[r.id] != nil && e.ids[r.id] == nil && !slices.Contains(gone, r.id) {
			gone = append(gone, r.id)
		}
	}
	return gone
}

// follow takes out of an element what names something that is gone, as pcs
// does; the element goes where it says nothing without. The changes are those
// of one that stays.
func (e *editor) follow(x *etree.Element, gone []string) []plan.Change {
	word, id, was, names := e.wordOf(x), attr(x, "id"), e.textOf(x), strings.Join(gone, " and ")
	why := "it names " + names + ", which goes"
	if len(gone) > 1 {
		why = "it names " + names + ", which go"
	}
	if e.managed[x] {
		e.errorf("%s %q, which the playbook declares, names %s, which it does not declare and would prune; declare that too, or leave it out of prune", word, id, names)
		return nil
	}
	e.notLeft(word, id)
	pcs := e.pcsDelete(x)
	if trim(x, gone) {
		e.going = append(e.going, &going{kind: word, id: id, value: cut(was), pcs: pcs, at: []*etree.Element{x}, why: why})
		e.drop(x)
		return nil
	}
	return []plan.Change{{Step: Step, Action: plan.Update, Kind: word, ID: id, Note: why,
		Diffs: []plan.Diff{plan.Changes("content", cut(was), cut(e.textOf(x)))}}}
}

// checkSharing finds what stays and rests on what is gone: a primitive on its
// template, a set on another one that it shares.
func (e *editor) checkSharing(had map[string]*etree.Element) {
	walk(e.cfg, func(x *etree.Element) {
		for _, name := range []string{"template", "id-ref"} {
			id := attr(x, name)
			if id == "" || had[id] == nil || e.ids[id] != nil {
				continue
			}
			owner := x
			for attr(owner, "id") == "" && owner.Parent() != nil {
				owner = owner.Parent()
			}
			e.errorf("<%s> %q stays and rests on %q, which would be pruned: prune both, or neither", owner.Tag, attr(owner, "id"), id)
		}
	})
}

// notLeft takes an object that goes with another one from those that are left
// alone.
func (e *editor) notLeft(kind, id string) {
	e.delta.LeftAlone = slices.DeleteFunc(e.delta.LeftAlone, func(o plan.Object) bool { return o.Kind == kind && o.ID == id })
}
