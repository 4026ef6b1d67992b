package cib

import (
	"slices"

	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/playbook"
)

// undeclared notes an element that the playbook does not declare: it goes where
// the playbook says so, else it is left alone.
func (e *editor) undeclared(x *etree.Element, kind, id, value string) {
	if !e.prunes(x, kind, id) {
		e.leave(kind, id, value)
		return
	}
	for _, g := range e.going {
		if g.kind == kind && g.id == id {
			g.at = append(g.at, x)
			return
		}
	}
	e.going = append(e.going, &going{kind: kind, id: id, value: cut(value), pcs: e.pcsDelete(x), at: []*etree.Element{x}})
}

// prunes reports whether an element that is not declared is to go.
func (e *editor) prunes(x *etree.Element, kind, id string) bool {
	return !operatorSwitch(x) && slices.ContainsFunc(e.want.prune, func(r playbook.PruneRule) bool {
		return r.Selects(kind, id) && (r.Names(kind) || !writtenByOthers(x))
	})
}

// writtenByOthers tells what agents and tools write for themselves, where nobody
// can tell it from what a person wrote: attributes of nodes, and properties in a
// set of their own (redis, SAPHanaSR). It goes only where its kind is named.
func writtenByOthers(x *etree.Element) bool {
	set := x.Parent()
	return x.Tag == "nvpair" && set != nil &&
		(set.Tag == "cluster_property_set" && attr(set, "id") != bootstrapOptions || set.Parent() != nil && set.Parent().Tag == "node")
}

// operatorSwitch tells the properties by which a person holds the cluster still:
// they never go.
func operatorSwitch(x *etree.Element) bool {
	return x.Tag == "nvpair" && x.Parent() != nil && x.Parent().Tag == "cluster_property_set" &&
		(attr(x, "name") == "maintenance-mode" || attr(x, "name") == "stop-all-resources")
}
