package cib

import "github.com/beevik/etree"

// wantedSet is one declared resource set of a constraint.
type wantedSet struct {
	members []string
	attrs   []pair // as declared: sequential, require-all, action, role
}

// element adds the set to a constraint, without an id.
func (s wantedSet) element(parent *etree.Element) *etree.Element {
	x := parent.CreateElement("resource_set")
	for _, a := range s.attrs {
		x.CreateAttr(a.name, a.value)
	}
	for _, id := range s.members {
		x.CreateElement("resource_ref").CreateAttr("id", id)
	}
	return x
}
