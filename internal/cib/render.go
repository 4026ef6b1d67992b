package cib

import (
	"cmp"
	"slices"
	"strings"

	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/internal/pacemaker"
)

// Rendered is what a playbook declares, as it would stand in the CIB of a
// cluster that has nothing else. It holds no secret, if Build was told to mask
// them.
type Rendered struct {
	Configuration []byte   // the element <configuration>, indented
	Schema        string   // what it is written for: pacemaker-3.9
	Pcs           []string // the commands that a person would type for it, in their order
}

// sectionOrder is that in which Pacemaker and pcs write the sections.
var sectionOrder = []string{"crm_config", "nodes", "resources", "constraints", "fencing-topology", "rsc_defaults", "op_defaults", "acls", "tags", "alerts"}

// Render writes the desired configuration for a release of Pacemaker, without
// any live CIB, and what it has noted of a live one (kept). The ids, and the order of all that is a list, are those that
// apply gives to a new cluster.
func Render(want *Desired, r pacemaker.Release) (*Rendered, error) {
	schema, err := r.Schema()
	if err != nil {
		return nil, err
	}
	d, err := alone(want, schema)
	if err != nil {
		return nil, err
	}
	e := newEditor(&CIB{d.doc}, want, kinds)
	e.writeKept()
	cfg := e.doc.Root().SelectElement("configuration")
	sections := cfg.ChildElements()
	place := func(x *etree.Element) int {
		if i := slices.Index(sectionOrder, x.Tag); i >= 0 {
			return i
		}
		return len(sectionOrder)
	}
	slices.SortStableFunc(sections, func(a, b *etree.Element) int { return cmp.Compare(place(a), place(b)) })
	out := etree.NewDocument()
	root := out.CreateElement("configuration")
	for _, s := range sections {
		root.AddChild(s.Copy())
	}
	text, err := written(out)
	if err != nil {
		return nil, err
	}
	rendered := &Rendered{Configuration: []byte(text.Reveal()), Schema: schema}
	for _, c := range d.Changes {
		if c.Pcs != "" {
			rendered.Pcs = append(rendered.Pcs, c.Pcs)
		}
	}
	return rendered, nil
}

// alone puts what is desired into a CIB that has nothing else.
func alone(want *Desired, schema string) (*Delta, error) {
	empty, err := Parse([]byte(`<cib validate-with="` + schema + `"><configuration><crm_config/><nodes/><resources/><constraints/></configuration></cib>`))
	if err != nil {
		return nil, err
	}
	return Compare(empty, want)
}

// writeKept puts what is kept into a CIB that has nothing else than what is
// declared, with the ids that Pacemaker's own tools make (crm_xml_sanitize_id).
func (e *editor) writeKept() {
	write := func(s pairSet, pairs []pair) {
		for _, p := range pairs {
			set := e.madeSet(s)
			nv := set.CreateElement("nvpair")
			e.setID(nv, attr(set, "id")+"-"+strings.NewReplacer("#", ".", ":", ".").Replace(p.name))
			nv.CreateAttr("name", p.name)
			nv.CreateAttr("value", p.value)
		}
	}
	others := e.wholeSets(properties.section)
	for _, w := range e.want.of(properties) {
		if w.in != "" {
			others[e.ids[w.in]] = true
		}
	}
	write(pairSet{parent: e.madeSection(properties.section), tag: properties.tag, newID: bootstrapOptions, besides: others}, e.want.kept.properties)
	for _, name := range e.want.kept.sections {
		e.madeSection(name)
	}
	for _, n := range e.want.kept.nodes {
		node := e.madeNode(n.name)
		write(pairSet{parent: node, tag: nodeParts[0].tag, newID: "nodes-" + attr(node, "id")}, n.attributes)
	}
}
