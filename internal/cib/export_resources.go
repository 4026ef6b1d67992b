package cib

import (
	"slices"

	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/internal/yamlout"
)

// resources are the fencing devices, all other resources, and the templates.
func (x *exporter) resources() (devices, resources, templates *yamlout.Node) {
	var fences, others, common []*yamlout.Node
	for _, r := range x.elements("resources") {
		switch {
		case r.Tag == "template":
			common = append(common, x.primitive(r).Node())
		case r.Tag == "primitive" && attr(r, "class") == "stonith":
			fences = append(fences, x.primitive(r).Node())
		case isResource(r):
			others = append(others, x.resource(r).Node())
		}
	}
	return yamlout.List(fences...), yamlout.List(others...), yamlout.List(common...)
}

// resource is one resource with all that is in it.
func (x *exporter) resource(r *etree.Element) *yamlout.Map {
	if r.Tag == "primitive" {
		return x.primitive(r)
	}
	m := yamlout.NewMap().SetText("id", attr(r, "id")).Set("description", described(r))
	inside := members(r)
	skip := func(string) bool { return false }
	switch r.Tag {
	case "group":
		m.Set("group", x.group(inside))
	case "clone", "master":
		key := "clone"
		if x.elementKind(r) == kindPromotable {
			key, skip = "promotable", func(name string) bool { return name == "promotable" }
		}
		if len(inside) != 1 {
			break
		}
		in := x.resource(inside[0])
		m.Set(key, in.Node())
	case "bundle":
		x.bundle(m, r)
		if len(inside) == 1 {
			m.Set("primitive", x.primitive(inside[0]).Node())
		}
	}
	m.Set("meta", x.meta(r, skip).Node())
	return m
}

func (x *exporter) group(inside []*etree.Element) *yamlout.Node {
	var list []*yamlout.Node
	for _, p := range inside {
		if p.Tag == "primitive" {
			list = append(list, x.primitive(p).Node())
		}
	}
	return yamlout.List(list...)
}

// described is the text of an element for people.
func described(r *etree.Element) *yamlout.Node {
	if d := attr(r, describedAs); d != "" {
		return text(d)
	}
	return nil
}

// meta are the meta attributes of a resource, with a word on those that an
// operator has set.
func (x *exporter) meta(r *etree.Element, skip func(string) bool) *yamlout.Map {
	m := yamlout.NewMap()
	for _, set := range plainSets(r, "meta_attributes") {
		x.pairs(m, set, "", skip)
	}
	if role, ok := m.Text(targetRole); ok {
		now := pacemaker.Role(role)
		m.Replace(targetRole, yamlout.Text(now))
		if now == "Stopped" {
			m.Comment(targetRole, "Disabled, as by pcs resource disable "+attr(r, "id")+": without this line it is left as an operator sets it.")
		}
	}
	if v, ok := m.Text("is-managed"); ok && pacemaker.False(v) {
		m.Comment("is-managed", "Not managed: the cluster neither starts nor stops it.")
	}
	return m
}

// primitive is a primitive, a fencing device or a template.
func (x *exporter) primitive(p *etree.Element) *yamlout.Map {
	id := attr(p, "id")
	m := yamlout.NewMap().SetText("id", id)
	fence := attr(p, "class") == "stonith"
	switch {
	case attr(p, "template") != "" && !hasAttr(p, "class"):
		m.SetText("template", attr(p, "template"))
	case fence && p.Parent().Tag == "resources":
		m.SetText("agent", attr(p, "type"))
	default:
		m.SetText("agent", agentOf(attr(p, "class"), attr(p, "provider"), attr(p, "type")))
	}
	m.Set("description", described(p))
	m.Set("options", x.options(p, "instance_attributes", id+" options", nil).Node())
	m.Set("meta", x.meta(p, nil).Node())
	x.ops(m, p)
	m.Set("utilization", x.options(p, "utilization", "", nil).Node())
	return m
}

// ops are the operations of a primitive. Those that its agent advises are left
// out of the playbook as far as it is known which they are.
func (x *exporter) ops(m *yamlout.Map, p *etree.Element) {
	var live []operation
	for _, l := range children(p.SelectElement("operations"), "op") {
		live = append(live, liveOp(l))
	}
	declared := map[string]bool{}
	agent := x.agents[agentOf(attr(p, "class"), attr(p, "provider"), attr(p, "type"))]
	advised, only := []operation(nil), false
	if attr(p, "template") == "" || hasAttr(p, "class") {
		if agent != nil {
			advised = defaultOperations(agent, attr(p, "class") == "stonith", nil)
		}
		only = agent == nil
	}
	for _, o := range live {
		name := o.get("name")
		if !writtenAlike(opsNamed(live, name), opsNamed(advised, name)) {
			declared[name] = true
		}
	}
	for _, o := range advised {
		// What the agent advises and is not there is not to come.
		only = only || len(opsNamed(live, o.get("name"))) == 0
	}
	ops := yamlout.NewMap()
	for _, o := range live {
		name := o.get("name")
		if !only && !declared[name] || slices.Contains(ops.Keys(), name) {
			continue
		}
		var list []*yamlout.Node
		for _, o := range opsNamed(live, name) {
			list = append(list, x.op(o))
		}
		if len(list) == 1 {
			ops.Set(name, list[0])
		} else {
			ops.Set(name, yamlout.List(list...))
		}
	}
	m.Set("op", ops.Node())
	if only {
		m.SetText("default_operations", "false")
	}
}

func opsNamed(ops []operation, name string) []operation {
	return slices.DeleteFunc(slices.Clone(ops), func(o operation) bool { return o.get("name") != name })
}

// writtenAlike reports whether two lists hold the same operations, written alike.
func writtenAlike(a, b []operation) bool {
	return slices.EqualFunc(a, b, func(a, b operation) bool {
		if len(a.own)+len(b.own) > 0 || len(a.attrs) != len(b.attrs) {
			return false
		}
		for _, p := range a.attrs {
			if !hasPair(b.attrs, p.name) || b.get(p.name) != p.value {
				return false
			}
		}
		return true
	})
}

func (x *exporter) op(o operation) *yamlout.Node {
	m := yamlout.NewMap()
	for _, a := range o.attrs {
		switch a.name {
		case "name", "id":
			continue
		case "interval":
			if sameTime(a.value, defaultInterval(o.get("name"))) {
				continue
			}
		case "role":
			a.value = pacemaker.Role(a.value)
		}
		m.Set(a.name, text(a.value))
	}
	own := yamlout.NewMap()
	for _, a := range o.own {
		if sealed(a.name, a.value) {
			continue // a loss: no reference may stand there
		}
		own.Set(a.name, text(a.value))
	}
	m.Set("options", own.Node())
	if m.Len() == 0 { // a mapping there has to be
		return yamlout.Empty()
	}
	return m.Node()
}

func (x *exporter) bundle(m *yamlout.Map, b *etree.Element) {
	for _, tag := range containers {
		if c := b.SelectElement(tag); c != nil {
			inner := yamlout.NewMap().SetText("container", tag)
			for _, a := range c.Attr {
				name := a.Key
				if name == "masters" && !hasAttr(c, "promoted-max") {
					name = "promoted-max"
				}
				inner.Set(name, text(a.Value))
			}
			m.Set("bundle", inner.Node())
		}
	}
	net, box := b.SelectElement("network"), b.SelectElement("storage")
	if net != nil {
		m.Set("network", attrsMap(net, "").Node())
	}
	m.Set("ports", mappings(net, "port-mapping"))
	m.Set("storage", mappings(box, "storage-mapping"))
}

func mappings(in *etree.Element, tag string) *yamlout.Node {
	var list []*yamlout.Node
	for _, x := range children(in, tag) {
		list = append(list, attrsMap(x, "").Node())
	}
	return yamlout.List(list...)
}

// attrsMap are the attributes of an element under their own names, without its
// id unless it is given another key.
func attrsMap(x *etree.Element, idKey string) *yamlout.Map {
	m := yamlout.NewMap()
	for _, a := range x.Attr {
		switch {
		case a.Key != "id":
			m.Set(a.Key, text(a.Value))
		case idKey != "":
			m.Set(idKey, text(a.Value))
		}
	}
	return m
}
