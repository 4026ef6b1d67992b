package cib

import (
	"errors"
	"fmt"
	"slices"

	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/internal/pacemaker"
)

// Configuration is one side of Differences: all that a CIB says, or all that a
// playbook declares, with what of that is not known.
type Configuration struct {
	doc *CIB
	// declared says that it is a playbook's: what operators keep elsewhere is meant
	// where it stands here.
	declared bool
	members  []string // names of the members of a playbook
	part     bool     // a <configuration> alone: it may lack members
	// open are the primitives of which the default operations are not known, for
	// want of the agent's metadata.
	open map[string]openOps
	// ignored is what a playbook leaves as it is, by the object's id.
	ignored map[string]ignored
}

// openOps is what is known of the operations of such a primitive.
type openOps struct {
	agent    string
	declared []string // the names of those that the playbook itself has
}

// Format keeps every printer from what may be secret.
func (c *Configuration) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprint(f, "a configuration")
}

// Configuration is all that a CIB says.
func (c *CIB) Configuration() *Configuration {
	return &Configuration{doc: c, part: c.FeatureSet() == "" && c.Schema() == ""}
}

// ParseConfiguration reads a whole CIB, or its <configuration> alone, as pcs
// cluster cib scope=configuration and render write it.
func ParseConfiguration(b []byte) (*CIB, error) {
	if len(b) > maxBytes {
		return Parse(b)
	}
	root, err := parseTree(b)
	if err != nil || root.Tag != "configuration" {
		return Parse(b)
	}
	doc := etree.NewDocument()
	doc.CreateElement("cib").AddChild(root)
	return &CIB{doc}, nil
}

// Configuration is all that a playbook declares, as it would stand in a new
// cluster with a release of Pacemaker.
func (d *Desired) Configuration(r pacemaker.Release) (*Configuration, error) {
	schema, err := r.Schema()
	if err != nil {
		return nil, err
	}
	delta, err := alone(d, schema)
	if err != nil {
		return nil, err
	}
	if delta.doc == nil {
		return nil, errors.New("nothing came of the playbook")
	}
	c := &Configuration{doc: &CIB{delta.doc}, declared: true, open: map[string]openOps{}, ignored: map[string]ignored{}}
	for name := range d.nodeIDs {
		c.members = append(c.members, name)
	}
	for _, p := range append(d.templates, d.devices...) {
		c.note(p)
	}
	for _, t := range d.resources {
		c.noteAll(t)
	}
	return c, nil
}

func (c *Configuration) noteAll(t *container) {
	c.ignored[t.id] = t.ignored
	if t.prim != nil {
		c.note(t.prim)
	}
	for _, child := range t.children {
		c.noteAll(child)
	}
}

func (c *Configuration) note(p *primitive) {
	c.ignored[p.id] = p.ignored
	if p.opsKnown {
		return
	}
	o := openOps{agent: p.agentName()}
	for _, op := range p.ops {
		if name := op.get("name"); p.declaresOpName(name) {
			o.declared = append(o.declared, name)
		}
	}
	c.open[p.id] = o
}

// meaning is all that a configuration says, in the order in which it is shown.
func (c *Configuration) meaning() []*said {
	e := newEditor(c.doc, &Desired{}, kinds)
	e.resolve()
	list := e.meantSets(properties, propertySets, "options.", pacemaker.Properties())
	list = append(list, e.meantSets(resourceDefaults, resourceDefaultSets, "meta.", pacemaker.MetaAttributes())...)
	list = append(list, e.meantSets(operationDefaults, operationDefaultSets, "meta.", pacemaker.OperationOptions())...)
	list = append(list, e.meantResources()...)
	list = append(list, e.meantNodes(c.members, !c.declared && !c.part)...)
	told := []string{"crm_config", "rsc_defaults", "op_defaults", "resources", "nodes"}
	var sections []string
	for _, k := range kinds {
		if !slices.Contains(told, k.section) && !slices.Contains(sections, k.section) {
			sections = append(sections, k.section)
		}
	}
	for _, s := range e.cfg.ChildElements() {
		if !slices.Contains(told, s.Tag) && !slices.Contains(sections, s.Tag) {
			sections = append(sections, s.Tag)
		}
	}
	for _, name := range sections {
		for _, x := range e.elements(name) {
			list = append(list, e.meantElement(x))
		}
	}
	return list
}
