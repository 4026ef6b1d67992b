package cib

import (
	"strconv"
	"strings"

	"github.com/beevik/etree"
)

// An element that is made has the id that pcs would give it, or the one that the
// playbook says in its place (section ids). What is there already keeps its id.

// setID gives an element the id that is made for it.
func (e *editor) setID(x *etree.Element, id string) {
	e.forgetID(x)
	e.putID(x, e.idFor(x, id))
}

// setIDOf is setID where another pcs makes another id for the same: the playbook
// may say either.
func (e *editor) setIDOf(x *etree.Element, id, other string) {
	e.forgetID(x)
	if is := e.want.ids[e.madeID(x.Parent(), other)]; is != "" && e.ids[is] == nil && e.want.ids[e.madeID(x.Parent(), id)] == "" {
		e.putID(x, is)
		return
	}
	e.putID(x, e.idFor(x, id))
}

// putID gives an element just this id.
func (e *editor) putID(x *etree.Element, id string) {
	e.forgetID(x)
	x.CreateAttr("id", id)
	e.ids[id] = x
}

func (e *editor) forgetID(x *etree.Element) {
	if old := attr(x, "id"); old != "" && e.ids[old] == x {
		delete(e.ids, old)
	}
}

// idFor is the id for an element that is made, given the one that pcs would make,
// with a number where that is taken, as pcs does.
func (e *editor) idFor(x *etree.Element, id string) string {
	made := e.madeID(x.Parent(), id)
	for n, suffix := 0, ""; ; suffix = "-" + strconv.Itoa(n) {
		is, said := e.want.ids[made+suffix]
		if !said {
			is = id + suffix
		}
		if n++; e.ids[is] == nil {
			return is
		}
	}
}

// madeID is the id that would be made if the playbook said no ids, given the one
// that is made: that begins with the id of an element around it. in is the closest
// of these.
func (e *editor) madeID(in *etree.Element, id string) string {
	for y := in; y != nil; y = y.Parent() {
		if rest, below := strings.CutPrefix(id, attr(y, "id")); below && hasOwnID(y) && attr(y, "id") != "" {
			return e.madeIDOf(y) + rest
		}
	}
	return id
}

// madeIDOf is the same of an element that has its id.
func (e *editor) madeIDOf(x *etree.Element) string {
	if made := e.want.madeIDs[attr(x, "id")]; made != "" {
		return made
	}
	return e.madeID(x.Parent(), attr(x, "id"))
}

// saysID gives an element that pcs makes without an id the one that the playbook
// says: <operations>.
func (e *editor) saysID(x *etree.Element, id string) {
	if is := e.want.ids[id]; is != "" && e.ids[is] == nil {
		e.putID(x, is)
	}
}
