package cib

import (
	"maps"
	"slices"
	"strings"

	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/internal/plan"
)

// ownProperty tells the cluster properties that Pacemaker and its tools write
// for themselves.
func ownProperty(name string) bool {
	switch name {
	case "cluster-infrastructure", "cluster-name", "dc-version", "have-watchdog", "last-lrm-refresh":
		return true
	}
	return strings.HasSuffix(name, "-watchdog-timeout")
}

// operatorAttribute tells the node attributes that people and tools set on a
// running cluster.
func operatorAttribute(name string) bool {
	return name == "standby" || name == "maintenance" || strings.HasPrefix(name, "#")
}

// unmanaged lists what the live CIB has and the playbook does not declare.
func (e *editor) unmanaged() {
	e.unmanagedProperties()
	e.unmanagedDefaults("rsc_defaults", kindRscDefault, e.want.rscDefaults)
	e.unmanagedDefaults("op_defaults", kindOpDefault, e.want.opDefaults)
	e.unmanagedResources()
	e.delta.LeftAlone = append(e.delta.LeftAlone, e.spared...)
	e.unmanagedNodeAttributes()
	for _, x := range e.children("constraints") {
		if id := attr(x, "id"); !e.managed[x] && !strings.HasPrefix(id, "cli-") {
			e.leave(constraintKind(x.Tag), id, constraintText(x))
		}
	}
	for _, x := range e.children("fencing-topology") {
		e.leave("fencing level", attr(x, "id"), levelText(x))
	}
	for _, x := range e.children("tags") {
		e.leave("tag", attr(x, "id"), refsText(x))
	}
	for _, x := range e.children("acls") {
		e.leave(strings.ReplaceAll(x.Tag, "_", " "), attr(x, "id"), refsText(x))
	}
	for _, x := range e.children("alerts") {
		e.leave("alert", attr(x, "id"), attr(x, "path"))
	}
}

// leave notes an object once: of a property in two sets, the one that counts
// comes first.
func (e *editor) leave(kind, id, value string) {
	if !slices.ContainsFunc(e.delta.LeftAlone, func(o plan.Object) bool { return o.Kind == kind && o.ID == id }) {
		e.delta.LeftAlone = append(e.delta.LeftAlone, plan.Object{Kind: kind, ID: id, Value: cut(value)})
	}
}

func (e *editor) children(section string) []*etree.Element {
	s := e.cfg.SelectElement(section)
	if s == nil {
		return nil
	}
	return s.ChildElements()
}

func hasPair(list []pair, name string) bool {
	return slices.ContainsFunc(list, func(p pair) bool { return p.name == name })
}

func (e *editor) unmanagedProperties() {
	sec := e.cfg.SelectElement("crm_config")
	for _, set := range plainSets(sec, "cluster_property_set") {
		if attr(set, "id") == handoverSet {
			continue
		}
		for _, nv := range children(set, "nvpair") {
			if name := e.nvName(nv); !ownProperty(name) && !hasPair(e.want.properties, name) {
				e.leave(kindProperty, name, shown(name, e.nvValue(nv)))
			}
		}
	}
	for _, set := range otherSets(sec, "cluster_property_set") {
		e.leave("property set", setName(set), e.setText(set))
	}
}

// setName names a set with a rule, or a reference to a set.
func setName(set *etree.Element) string {
	if id := attr(set, "id"); id != "" {
		return id
	}
	return attr(set, "id-ref")
}

func (e *editor) unmanagedDefaults(section, kind string, want []defaultSet) {
	sec := e.cfg.SelectElement(section)
	for _, set := range plainSets(sec, "meta_attributes") {
		for _, nv := range children(set, "nvpair") {
			name := e.nvName(nv)
			if !slices.ContainsFunc(want, func(d defaultSet) bool { return hasPair(d.pairs, name) }) {
				e.leave(kind, name, shown(name, e.nvValue(nv)))
			}
		}
	}
	for _, set := range otherSets(sec, "meta_attributes") {
		e.leave(kind+" set", setName(set), e.setText(set))
	}
}

func (e *editor) unmanagedResources() {
	sec := e.cfg.SelectElement("resources")
	walk(sec, func(x *etree.Element) {
		switch {
		case x.Tag == "template":
			e.leave("template", attr(x, "id"), e.primitiveText(x))
		case isResource(x) && !e.managed[x]:
			e.leave(e.elementKind(x), attr(x, "id"), e.resourceText(x))
		case isResource(x):
			e.undeclarable(x)
			// Sets that hold only under a rule, or stand elsewhere, cannot be
			// declared and are not touched.
			for _, tag := range []string{"instance_attributes", "meta_attributes"} {
				for _, set := range otherSets(x, tag) {
					e.leave(strings.ReplaceAll(tag, "_", " ")+" of "+attr(x, "id"), setName(set), e.setText(set))
				}
			}
		}
	})
}

// undeclarable lists what a declared resource may have in the CIB and no
// playbook can say: utilization, and options of a container, which its members
// inherit.
func (e *editor) undeclarable(x *etree.Element) {
	parts := map[string]string{"utilization": "utilization"}
	if x.Tag != "primitive" {
		parts["instance_attributes"] = "option"
	}
	for _, tag := range slices.Sorted(maps.Keys(parts)) {
		for _, set := range plainSets(x, tag) {
			for _, nv := range children(set, "nvpair") {
				name := e.nvName(nv)
				e.leave(parts[tag]+" of "+e.elementKind(x)+" "+attr(x, "id"), name, shown(name, e.nvValue(nv)))
			}
		}
	}
}

func (e *editor) unmanagedNodeAttributes() {
	for _, node := range children(e.cfg.SelectElement("nodes"), "node") {
		name := attr(node, "uname")
		var want nodeSet
		for _, n := range e.want.nodes {
			if n.name == name {
				want = n
			}
		}
		for _, part := range []struct {
			tag, kind string
			pairs     []pair
		}{{"instance_attributes", kindNodeAttr, want.attributes}, {"utilization", kindUtilization, want.utilization}} {
			for _, set := range plainSets(node, part.tag) {
				for _, nv := range children(set, "nvpair") {
					if a := e.nvName(nv); !operatorAttribute(a) && !hasPair(part.pairs, a) {
						e.leave(part.kind, name+" "+a, shown(a, e.nvValue(nv)))
					}
				}
			}
		}
	}
}
