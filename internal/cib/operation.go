package cib

import (
	"cmp"
	"slices"
	"strings"

	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/internal/plan"
)

// opAutoID is the id that pcs gives to an operation.
func opAutoID(rsc string, o operation) string {
	return sanitizeID(rsc + "-" + o.get("name") + "-interval-" + o.get("interval"))
}

// liveOp reads an op's element.
func liveOp(l *etree.Element) operation {
	o := operation{id: attr(l, "id")}
	for _, a := range l.Attr {
		if a.Key != "id" {
			o.attrs = append(o.attrs, pair{name: a.Key, value: a.Value})
		}
	}
	for _, set := range plainSets(l, "instance_attributes") {
		for _, nv := range children(set, "nvpair") {
			if p := (pair{name: attr(nv, "name"), value: attr(nv, "value")}); p.name == checkLevel {
				o.attrs = append(o.attrs, p)
			} else {
				o.own = append(o.own, p)
			}
		}
	}
	return o
}

// opText shows an operation in one line, without its name.
func opText(o operation) string {
	var words []string
	for _, a := range o.attrs {
		if a.name != "name" {
			words = append(words, a.name+"="+shown(a.name, a.value))
		}
	}
	for _, a := range o.own {
		words = append(words, "options."+a.name+"="+shown(a.name, a.value))
	}
	return strings.Join(words, " ")
}

// writeOp fills a new op element.
func (e *editor) writeOp(l *etree.Element, p *primitive, o operation) {
	for _, a := range o.attrs {
		if a.name != checkLevel {
			l.CreateAttr(a.name, e.opValue(a))
		}
	}
	e.setID(l, opAutoID(p.id, o))
	for _, x := range o.inSet() {
		e.addPair(pairSet{parent: l, tag: "instance_attributes", newID: attr(l, "id") + "-instance_attributes"}, x)
	}
}

// inSet are the options that the CIB keeps in a set of the operation.
func (o operation) inSet() (list []pair) {
	if level := o.get(checkLevel); level != "" {
		list = []pair{{name: checkLevel, value: level}}
	}
	return append(list, o.own...)
}

func (e *editor) opValue(a pair) string {
	if a.name == "role" {
		return pacemaker.RoleFor(a.value, e.roles)
	}
	return a.value
}

// updateOp makes a live op equal to the wanted one, attribute by attribute.
func (e *editor) updateOp(name string, l *etree.Element, p *primitive, o operation) []plan.Diff {
	was := liveOp(l)
	auto := was.id == opAutoID(p.id, was)
	var diffs []plan.Diff
	for _, a := range o.attrs {
		if a.name == checkLevel {
			continue
		}
		old := l.SelectAttr(a.name)
		switch {
		case old == nil && sameOpAttr(a.name, a.value, ""):
		case old == nil:
			diffs = append(diffs, plan.Becomes(name+"."+a.name, a.value))
			l.CreateAttr(a.name, e.opValue(a))
		case !sameOpAttr(a.name, a.value, old.Value):
			diffs = append(diffs, plan.Changes(name+"."+a.name, old.Value, a.value))
			l.CreateAttr(a.name, e.opValue(a))
		}
	}
	for _, a := range was.attrs {
		if l.SelectAttr(a.name) == nil || slices.ContainsFunc(o.attrs, func(w pair) bool { return w.name == a.name }) ||
			sameOpAttr(a.name, "", a.value) || keepOpAttr(p, l, a) {
			continue
		}
		diffs = append(diffs, plan.Was(name+"."+a.name, a.value))
		l.RemoveAttr(a.name)
	}
	for _, d := range e.setPairs(pairSet{parent: l, tag: "instance_attributes", newID: attr(l, "id") + "-instance_attributes",
		want: o.inSet(), keep: func(string) bool { return false }}) {
		if d.Name != checkLevel {
			d.Name = "options." + d.Name
		}
		d.Name = name + "." + d.Name
		diffs = append(diffs, d)
	}
	if len(diffs) > 0 && auto && opAutoID(p.id, o) != was.id {
		e.setID(l, opAutoID(p.id, o))
	}
	return diffs
}

// sameOp reports whether updateOp would have nothing to do.
func sameOp(p *primitive, l *etree.Element, o operation) bool {
	was := liveOp(l)
	for _, a := range o.attrs {
		if !sameOpAttr(a.name, a.value, was.get(a.name)) {
			return false
		}
	}
	if len(o.own) != len(was.own) || slices.ContainsFunc(o.own, func(x pair) bool {
		return !slices.ContainsFunc(was.own, func(y pair) bool { return x.name == y.name && x.value == y.value })
	}) {
		return false
	}
	return !slices.ContainsFunc(was.attrs, func(a pair) bool {
		return !hasPair(o.attrs, a.name) && !sameOpAttr(a.name, "", a.value) && !keepOpAttr(p, l, a)
	})
}

// sameOpAttr compares what two texts mean; an attribute that is not there has
// its default.
func sameOpAttr(name, a, b string) bool {
	switch name {
	case "interval":
		return sameTime(a, b)
	case "timeout", "start-delay":
		x, ok1 := pacemaker.Milliseconds(a)
		y, ok2 := pacemaker.Milliseconds(b)
		return a == b || ok1 && ok2 && x == y
	case "role":
		return sameRole(a, b)
	case "enabled":
		return a == b || a == "" && b == "true" || a == "true" && b == ""
	}
	return a == b
}

// keepOpAttr: `pcs resource unmanage --monitor` switches monitors off together
// with is-managed; it is a person's doing on a running resource like that one.
func keepOpAttr(p *primitive, l *etree.Element, a pair) bool {
	if a.name != "enabled" {
		return false
	}
	rsc := l.Parent().Parent()
	for _, set := range plainSets(rsc, "meta_attributes") {
		for _, nv := range children(set, "nvpair") {
			if handMeta(attr(nv, "name")) && attr(nv, "name") != targetRole &&
				!slices.ContainsFunc(p.meta, func(m pair) bool { return m.name == attr(nv, "name") }) {
				return true
			}
		}
	}
	return false
}

func sameTime(a, b string) bool {
	if a == b {
		return true
	}
	x, ok1 := pacemaker.Milliseconds(cmp.Or(a, "0"))
	y, ok2 := pacemaker.Milliseconds(cmp.Or(b, "0"))
	return ok1 && ok2 && x == y
}

func defaultInterval(op string) string {
	if op == "monitor" {
		return "60s"
	}
	return "0s"
}
