package cib

import (
	"cmp"
	"slices"
	"strings"

	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/internal/yamlout"
)

// nodes are the attributes and the utilization of nodes. What operators and
// Pacemaker set stands under kept.
func (x *exporter) nodes() *yamlout.Node {
	all, kept := yamlout.NewMap(), yamlout.NewMap()
	for _, n := range children(x.cfg.SelectElement("nodes"), "node") {
		name := cmp.Or(attr(n, "uname"), attr(n, "id"))
		one := yamlout.NewMap()
		one.Set("attributes", x.options(n, "instance_attributes", "", operatorAttribute).Node())
		one.Set("utilization", x.options(n, "utilization", "", nil).Node())
		all.Set(name, one.Node())
		kept.Set(name, x.options(n, "instance_attributes", "", func(a string) bool { return !operatorAttribute(a) }).Node())
	}
	x.kept.Set("nodes", kept.Node())
	return all.Node()
}

// emptySections are those that stand there and hold nothing.
func (x *exporter) emptySections() *yamlout.Node {
	var names []string
	for _, s := range x.cfg.ChildElements() {
		switch s.Tag {
		case "rsc_defaults", "op_defaults", "fencing-topology", "acls", "tags", "alerts":
			if len(telling(s)) == 0 {
				names = append(names, s.Tag)
			}
		}
	}
	return yamlout.Texts(names...)
}

func (x *exporter) levels() *yamlout.Node {
	var list []*yamlout.Node
	for _, f := range x.elements(fencingLevels.section) {
		m := yamlout.NewMap()
		if id := attr(f, "id"); id != levelID(getter(f)) {
			m.SetText("id", id)
		}
		m.SetText("level", attr(f, "index"))
		for _, a := range []string{"target", "target-pattern", "target-attribute", "target-value"} {
			if hasAttr(f, a) {
				m.Set(strings.ReplaceAll(a, "-", "_"), text(attr(f, a)))
			}
		}
		m.Set("devices", yamlout.Texts(strings.Split(attr(f, "devices"), ",")...))
		list = append(list, m.Node())
	}
	return yamlout.List(list...)
}

func (x *exporter) tags() *yamlout.Node {
	var list []*yamlout.Node
	for _, t := range x.elements("tags") {
		list = append(list, yamlout.NewMap().SetText("id", attr(t, "id")).Set("resources", yamlout.Texts(refIDs(t)...)).Node())
	}
	return yamlout.List(list...)
}

func (x *exporter) alerts() *yamlout.Node {
	var list []*yamlout.Node
	for _, a := range x.elements("alerts") {
		m := yamlout.NewMap().SetText("id", attr(a, "id"))
		m.Set("path", text(attr(a, "path")))
		x.notice(m, a)
		if s := a.SelectElement("select"); s != nil {
			var sorts, names []string
			for _, c := range s.ChildElements() {
				sorts = append(sorts, strings.TrimPrefix(c.Tag, "select_"))
				for _, n := range children(c, "attribute") {
					names = append(names, attr(n, "name"))
				}
			}
			m.Set("select", yamlout.Texts(sorts...)).Set("attributes", yamlout.Texts(names...))
		}
		var recipients []*yamlout.Node
		for i, r := range children(a, "recipient") {
			one := yamlout.NewMap()
			if id := attr(r, "id"); i > 0 || id != attr(a, "id")+"-recipient" {
				one.SetText("id", id)
			}
			one.Set("value", text(attr(r, "value")))
			x.notice(one, r)
			recipients = append(recipients, one.Node())
		}
		list = append(list, m.Set("recipients", yamlout.List(recipients...)).Node())
	}
	return yamlout.List(list...)
}

// notice is what an alert and its recipients have alike.
func (x *exporter) notice(m *yamlout.Map, a *etree.Element) {
	m.Set("description", described(a))
	m.Set("options", x.options(a, "instance_attributes", "", nil).Node())
	m.Set("meta", x.options(a, "meta_attributes", "", nil).Node())
}

func (x *exporter) acls() *yamlout.Node {
	m := yamlout.NewMap()
	var roles, users, groups []*yamlout.Node
	for _, a := range x.elements("acls") {
		switch a.Tag {
		case "acl_role":
			roles = append(roles, x.aclRole(a))
		case "acl_target":
			users = append(users, aclMember(a))
		case "acl_group":
			groups = append(groups, aclMember(a))
		}
	}
	return m.Set("roles", yamlout.List(roles...)).Set("users", yamlout.List(users...)).Set("groups", yamlout.List(groups...)).Node()
}

func (x *exporter) aclRole(r *etree.Element) *yamlout.Node {
	m := yamlout.NewMap().SetText("id", attr(r, "id")).Set("description", described(r))
	var list []*yamlout.Node
	for _, p := range children(r, "acl_permission") {
		one := yamlout.NewMap()
		for _, name := range []string{"kind", "xpath", "reference", "object-type", "attribute", "description"} {
			if hasAttr(p, name) {
				one.Set(strings.ReplaceAll(name, "-", "_"), text(attr(p, name)))
			}
		}
		list = append(list, one.Node())
	}
	return m.Set("permissions", yamlout.List(list...)).Node()
}

func aclMember(a *etree.Element) *yamlout.Node {
	var roles []string
	for _, r := range children(a, "role") {
		if id := attr(r, "id"); !slices.Contains(roles, id) {
			roles = append(roles, id)
		}
	}
	return yamlout.NewMap().SetText("id", attr(a, "id")).Set("roles", yamlout.Texts(roles...)).Node()
}
