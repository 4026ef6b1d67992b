package cib

import (
	"slices"
	"strings"

	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/internal/pacemaker"
)

// meantResources are the resources and templates, each for itself.
func (e *editor) meantResources() (list []*said) {
	walk(e.cfg.SelectElement("resources"), func(x *etree.Element) {
		if isResource(x) || x.Tag == "template" {
			list = append(list, e.meantResource(x))
		} else if in := x.Parent(); in.Tag == "resources" {
			list = append(list, e.meantElement(x))
		}
	})
	return list
}

func (e *editor) meantResource(x *etree.Element) *said {
	m := &said{kind: e.elementKind(x), sort: x.Tag, id: attr(x, "id")}
	attrs, tags := []string{describedAs}, []string{"primitive", "group", "clone", "master", "operations"}
	switch x.Tag {
	case "primitive", "template":
		m.say("agent", liveAgent(x), "="+liveAgent(x))
		attrs = append(attrs, "class", "provider", "type", "template")
	case "master":
		m.sort = "clone"
		e.meantMembers(m, x, "resource")
	case "clone":
		e.meantMembers(m, x, "resource")
	case "group":
		e.meantMembers(m, x, "members")
	case "bundle":
		e.meantMembers(m, x, "resource")
		tags = append(tags, m.bundle(x)...)
	}
	if x.Tag == "template" {
		m.kind = kindTemplate
	}
	if in := x.Parent(); isContainer(in) {
		m.say("in", attr(in, "id"), "="+attr(in, "id"))
	}
	if text := attr(x, describedAs); text != "" {
		m.say(describedAs, text, "="+text)
	}
	for _, part := range pairTags {
		tags = append(tags, part.tag)
		var known []pacemaker.Option
		if part.tag == "meta_attributes" {
			known = pacemaker.MetaAttributes()
		}
		for _, s := range e.meantPairs(x, part.tag, part.prefix, known) {
			if s.name == "meta.promotable" && (m.kind == kindPromotable || pacemaker.False(s.text)) {
				continue // the kind says it
			}
			m.says = append(m.says, s)
		}
	}
	e.meantOps(m, x)
	m.besides(x, attrs, tags)
	return m
}

func (e *editor) meantMembers(m *said, x *etree.Element, name string) {
	var ids []string
	for _, c := range members(x) {
		ids = append(ids, attr(c, "id"))
	}
	if text := strings.Join(ids, " "); text != "" {
		m.say(name, text, "="+text)
	}
}

// bundle says what runs the containers, their network and their storage, and
// returns the elements that this is.
func (m *said) bundle(x *etree.Element) (tags []string) {
	attrsOf := func(y *etree.Element, prefix string) {
		for _, a := range y.Attr {
			name, means := a.Key, "="+a.Value
			switch name {
			case "id":
				continue
			case "masters":
				name = "promoted-max"
			case "add-host":
				if means = ""; !pacemaker.True(a.Value) { // the default is to add them
					means = "=false"
				}
			}
			m.say(prefix+name, a.Value, means)
		}
	}
	maps := func(box *etree.Element, tag, word string, by ...string) {
		for _, y := range children(box, tag) {
			name := word
			for _, key := range by {
				if value := attr(y, key); value != "" {
					name += "." + value
					break
				}
			}
			m.say(name, attrsText(y), "="+elementText(y, false))
		}
	}
	for _, y := range x.ChildElements() {
		switch {
		case slices.Contains(containers, y.Tag):
			m.say("container", y.Tag, "="+y.Tag)
			attrsOf(y, "container.")
		case y.Tag == "network":
			attrsOf(y, "network.")
			maps(y, "port-mapping", "port-map", "port", "range")
		case y.Tag == "storage":
			attrsOf(y, "storage.")
			maps(y, "storage-mapping", "storage-map", "target-dir")
		}
	}
	return append([]string{"network", "storage"}, containers...)
}

// meantOps are the operations of a primitive. What `pcs resource unmanage
// --monitor` has switched off is an operator's, as is-managed itself is.
func (e *editor) meantOps(m *said, x *etree.Element) {
	unmanaged := slices.ContainsFunc(m.says, func(s statement) bool { return s.kept == operators && s.name != "meta."+targetRole })
	for _, l := range children(x.SelectElement("operations"), "op") {
		o := liveOp(l)
		if off := o.get("enabled"); unmanaged && off != "" {
			m.says = append(m.says, statement{name: "op." + o.get("name") + "[" + o.get("interval") + "].enabled", text: off, means: "=" + off, kept: operators})
			o.attrs = slices.DeleteFunc(o.attrs, func(a pair) bool { return a.name == "enabled" })
		}
		for i, a := range o.attrs {
			if a.name == "role" {
				o.attrs[i].value = pacemaker.Role(a.value)
			}
		}
		for _, s := range e.meantPairs(l, "meta_attributes", "meta.", pacemaker.OperationOptions()) {
			o.own = append(o.own, pair{name: s.name, value: s.text})
		}
		for _, set := range otherSets(l, "instance_attributes") {
			o.own = append(o.own, pair{name: "sets", value: elementText(set, true)})
		}
		m.ops = append(m.ops, o)
	}
}
