package cib

import (
	"errors"
	"strings"

	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/internal/secret"
)

// What runs is stopped before it is removed, as pcs resource delete does: what
// Pacemaker no longer finds in the configuration it stops in no order, with the
// options that it remembers, and not at all where stop-orphan-resources is
// false.

// needsStop notes the primitives and bundles that go, and which of them are not
// switched off yet. A fencing device is only registered: nothing stops.
func (e *editor) needsStop() {
	for _, g := range e.going {
		x := g.at[0]
		if x.Tag != "bundle" && (x.Tag != "primitive" || attr(x, "class") == "stonith") {
			continue
		}
		e.delta.removed = append(e.delta.removed, g.id)
		if role := e.metaOf(x, "target-role"); strings.EqualFold(role, "Stopped") {
			continue
		}
		managed := e.metaOf(x, "is-managed")
		maintained := e.metaOf(x, "maintenance")
		switch {
		case e.maintained():
			e.errorf("%s %q would be removed and has to be stopped for that, and the cluster, or a node of it, is in maintenance: nothing is stopped there; end the maintenance first", g.kind, g.id)
		case pacemaker.False(managed) || pacemaker.True(maintained):
			e.errorf("%s %q would be removed and has to be stopped for that, and it is not managed: it would go on running, and nobody would know; pcs resource manage %s first", g.kind, g.id, g.id)
		}
		e.delta.unstopped = append(e.delta.unstopped, g.id)
	}
}

// metaOf is a meta attribute of a resource: its own, or that of what it is in,
// or the default of all resources.
func (e *editor) metaOf(x *etree.Element, name string) (value string) {
	in := func(parent *etree.Element) bool {
		for _, s := range plainSets(parent, "meta_attributes") {
			for _, nv := range children(s, "nvpair") {
				if e.nvName(nv) == name {
					value = e.nvValue(nv)
					return true
				}
			}
		}
		return false
	}
	for ; x != nil && isResource(x); x = x.Parent() {
		if in(x) {
			return value
		}
	}
	in(e.cfg.SelectElement("rsc_defaults"))
	return value
}

// stage makes the CIB in which what goes is stopped, and all else is as it was
// but for two things: what ties something that stays to it is gone already, and
// a member has left the group of those that stay. Otherwise these would stop
// with it.
func (e *editor) stage(live *CIB) {
	if len(e.delta.unstopped) == 0 || live == nil || len(e.errs) > 0 {
		return
	}
	s := newEditor(live, e.want, e.known)
	going := map[string]bool{}
	for _, g := range e.going {
		for _, x := range g.at {
			going[attr(x, "id")] = true
		}
	}
	for _, x := range s.elements("constraints") {
		var named []string
		stays := false
		for _, r := range references(x) {
			if going[r.id] {
				named = append(named, r.id)
			} else {
				stays = true
			}
		}
		if stays && named != nil && (going[attr(x, "id")] || trim(x, named)) {
			s.drop(x)
		}
	}
	for _, id := range e.delta.unstopped {
		x := s.ids[id]
		group := x.Parent()
		if group.Tag == "group" && !going[attr(group, "id")] && group.Parent().Tag == "resources" {
			top := group.Parent()
			group.RemoveChild(x)
			top.InsertChildAt(group.Index()+1, x)
		}
		s.setPairs(pairSet{parent: x, tag: "meta_attributes", newID: id + "-meta_attributes", want: []pair{{name: "target-role", value: "Stopped"}}})
	}
	e.delta.staged = s.doc
}

// Removed are the ids of the primitives and bundles that are pruned, fencing
// devices left out. They must not run any more when Result is pushed.
func (d *Delta) Removed() []string { return d.removed }

// StopsFirst reports whether some of Removed may run: then Stopping is to be
// pushed, and waited for, before anything else.
func (d *Delta) StopsFirst() bool { return d.staged != nil }

// Stopping is the live CIB in which Removed are switched off.
func (d *Delta) Stopping() (secret.Value, error) {
	if d.staged == nil {
		return secret.Value{}, errors.New("nothing is to be stopped")
	}
	return written(d.staged.Copy())
}
