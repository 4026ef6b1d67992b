package cib

import (
	"slices"
	"strings"

	"github.com/beevik/etree"
)

// referring are the sections whose elements name resources.
var referring = []string{"acls", "constraints", "tags", "fencing-topology"}

// reference is one place that names a resource, or another object, by its id.
type reference struct {
	x    *etree.Element
	attr string
	id   string
}

// references are those in an element and below it.
func references(x *etree.Element) (list []reference) {
	walk(x, func(y *etree.Element) {
		for _, a := range y.Attr {
			switch {
			case slices.Contains([]string{"rsc", "with-rsc", "first", "then", "reference"}, a.Key),
				a.Key == "id" && (y.Tag == "resource_ref" || y.Tag == "obj_ref" || y.Tag == "role"):
				list = append(list, reference{y, a.Key, a.Value})
			case a.Key == "devices":
				for _, device := range strings.Split(a.Value, ",") {
					list = append(list, reference{y, a.Key, device})
				}
			}
		}
	})
	return list
}

// follow makes the place name another id.
func (r reference) follow(id string) {
	if r.attr != "devices" {
		r.x.CreateAttr(r.attr, id)
		return
	}
	devices := strings.Split(attr(r.x, r.attr), ",")
	for i := range devices {
		if devices[i] == r.id {
			devices[i] = id
		}
	}
	r.x.CreateAttr(r.attr, strings.Join(devices, ","))
}

// checkReferences finds constraints, tags and fencing levels about resources that are not there,
// or would not be there any more: Pacemaker refuses such a CIB.
func (e *editor) checkReferences() {
	for _, x := range slices.Concat(e.elements("constraints"), e.elements("tags"), e.elements("fencing-topology"), e.elements("acls")) {
		for _, r := range references(x) {
			switch word := e.wordOf(x); {
			case e.ids[r.id] != nil:
			case e.managed[x]:
				e.errorf("%s %q names %q, which is neither in the playbook nor in the CIB", word, attr(x, "id"), r.id)
			case e.selected(x): // it goes too
			case len(e.members[r.id]) > 0:
				noun := word[strings.LastIndexByte(word, ' ')+1:]
				e.errorf("%s %q, which the playbook does not declare, names %q, which goes because the playbook takes its members out; "+
					"remove the %s, or declare it with another resource", word, attr(x, "id"), r.id, noun)
			}
		}
	}
}

// trim takes out of an element the places that name ids, and reports whether it
// says nothing any more.
func trim(x *etree.Element, gone []string) (empty bool) {
	for _, r := range references(x) {
		switch {
		case !slices.Contains(gone, r.id):
		case r.attr == "devices":
			left := slices.DeleteFunc(strings.Split(attr(r.x, r.attr), ","), func(id string) bool { return slices.Contains(gone, id) })
			r.x.CreateAttr(r.attr, strings.Join(left, ","))
			empty = empty || r.x == x && len(left) == 0
		case r.x == x: // rsc, first: one of two ends
			return true
		default:
			set := r.x.Parent()
			if set.RemoveChild(r.x); set != x && len(set.ChildElements()) == 0 {
				set.Parent().RemoveChild(set)
			}
		}
	}
	switch x.Tag {
	case "fencing-level":
		return empty
	case "acl_role", "acl_target", "acl_group":
		return false
	}
	return len(x.ChildElements()) == 0
}
