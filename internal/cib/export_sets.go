package cib

import (
	"cmp"
	"slices"

	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/internal/yamlout"
)

// properties are the one set that holds always, and the others. Pacemaker's own
// stand under kept.
func (x *exporter) properties() {
	plain, kept, own := yamlout.NewMap(), yamlout.NewMap(), []string{}
	var others []*yamlout.Node
	sec := x.cfg.SelectElement("crm_config")
	common := commonSet(sec)
	for _, set := range children(sec, "cluster_property_set") {
		if set != common {
			if attr(set, "id") != SeedID {
				others = append(others, x.set(set, "options", attr(set, "id")))
			}
			continue
		}
		for _, nv := range children(set, "nvpair") {
			name, value := x.nvName(nv), x.nvValue(nv)
			to := plain
			if slices.Contains(pacemaker.OwnProperties(), name) {
				if to = kept; name == "cluster-name" {
					x.out.Name = cmp.Or(x.out.Name, value)
				}
			} else if pacemaker.Find(pacemaker.Properties(), name) == nil && !slices.Contains(own, name) {
				own = append(own, name)
			}
			if !slices.Contains(to.Keys(), name) && name != "" && !sealed(name, value) {
				to.Set(name, text(value))
			}
		}
	}
	for name, note := range propertyNotes(plain) {
		plain.Comment(name, note)
	}
	x.add("own_names", yamlout.Texts(x.ownNames(own)...))
	x.add("properties", plain.Node())
	x.add("property_sets", yamlout.List(others...))
	x.kept.Set("properties", kept.Node())
}

// commonSet is the set of what holds always, nil where there is none.
func commonSet(sec *etree.Element) *etree.Element {
	for _, set := range plainSets(sec, "cluster_property_set") {
		if attr(set, "id") == bootstrapOptions || setScore(attr(set, "score")) == "" {
			return set
		}
	}
	return nil
}

// ownNames are those of properties and meta attributes that Pacemaker does not
// know: an agent or a tool reads them.
func (x *exporter) ownNames(names []string) []string {
	walk(x.cfg, func(set *etree.Element) {
		if set.Tag != "meta_attributes" || set.Parent().Tag == "op_defaults" || set.Parent().Tag == "alert" || set.Parent().Tag == "recipient" || set.Parent().Tag == "op" {
			return
		}
		for _, nv := range children(set, "nvpair") {
			if name := x.nvName(nv); name != "" && pacemaker.Find(pacemaker.MetaAttributes(), name) == nil && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	})
	return names
}

// propertyNotes are what a person has to decide about properties.
func propertyNotes(m *yamlout.Map) map[string]string {
	notes := map[string]string{}
	off := func(name string) bool { v, ok := m.Text(name); return ok && pacemaker.False(v) }
	on := func(name string) bool { v, ok := m.Text(name); return ok && pacemaker.True(v) }
	switch {
	case off("stonith-enabled"):
		notes["stonith-enabled"] = "Fencing is off: a node that cannot be reached may go on writing to shared data."
	case off("stonith_enabled"):
		notes["stonith_enabled"] = "Fencing is off: a node that cannot be reached may go on writing to shared data."
	}
	if on("maintenance-mode") {
		notes["maintenance-mode"] = "The cluster is in maintenance: nothing is monitored, started or stopped."
	}
	if on("stop-all-resources") {
		notes["stop-all-resources"] = "All resources are stopped by this."
	}
	return notes
}

// defaults are the sets of one section of defaults.
func (x *exporter) defaults(section string) *yamlout.Node {
	var list []*yamlout.Node
	first := true
	for _, set := range children(x.cfg.SelectElement(section), "meta_attributes") {
		id := attr(set, "id")
		if first && !hasAttr(set, "score") && set.SelectElement("rule") == nil {
			id, first = "", false
		}
		list = append(list, x.set(set, "meta", id))
	}
	return yamlout.List(list...)
}

// set is one whole set of options.
func (x *exporter) set(set *etree.Element, key, id string) *yamlout.Node {
	m := yamlout.NewMap().SetText("id", id)
	if r := set.SelectElement("rule"); r != nil {
		m.Set("rule", text(ruleText(r)))
	}
	m.SetText("score", attr(set, "score"))
	options := yamlout.NewMap()
	x.pairs(options, set, "", nil)
	return m.Set(key, options.Node()).Node()
}
