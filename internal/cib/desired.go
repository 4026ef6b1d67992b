package cib

import (
	"slices"

	"github.com/hadeploy/hadeploy/internal/agent"
	"github.com/hadeploy/hadeploy/playbook"
)

// checkLevel is the one attribute of an operation that the CIB keeps in a set.
const checkLevel = "OCF_CHECK_LEVEL"

type primitive struct {
	id, at               string
	class, provider, typ string
	template             string // "": none; what it gives does not stand here
	isTemplate           bool
	options, meta        []pair
	utilization          []pair
	description          pair
	ops                  []operation
	opsKnown             bool // the agent's metadata was there
	onlyOps              bool // none but the declared ones
	agent                *agent.Agent
	opWords              []string // what a person types after "op"
	ignored              ignored
}

func (p *primitive) kind() string {
	switch {
	case p.isTemplate:
		return kindTemplate
	case p.class == "stonith":
		return kindDevice
	}
	return kindPrimitive
}

// agentName is the agent, or the template that says it.
func (p *primitive) agentName() string {
	if p.template != "" {
		return "template " + p.template
	}
	return agentOf(p.class, p.provider, p.typ)
}

// operation is one op: its attributes, name and interval among them, and
// OCF_CHECK_LEVEL, which the CIB keeps in a set below it.
type operation struct {
	id    string // of one in the live CIB
	attrs []pair
	own   []pair // the other options in that set
}

func (o operation) get(name string) string {
	for _, a := range o.attrs {
		if a.name == name {
			return a.value
		}
	}
	return ""
}

// container is one entry of the resource tree: a primitive, or a group, clone
// or promotable clone of what is below.
type container struct {
	kind        string // kindPrimitive, kindGroup, kindClone, kindPromotable, kindBundle
	id, at      string
	prim        *primitive // of kindPrimitive
	children    []*container
	meta        []pair
	description pair        // of all but a primitive, which has its own
	bundle      *bundleBody // of kindBundle
	ignored     ignored
}

// bundleBody is what a bundle has besides its primitive and its meta attributes.
type bundleBody struct {
	container      string // the element: podman
	options        []pair // its attributes
	network        []pair
	ports, storage []bundleMap
}

// bundleMap is one port-mapping or storage-mapping.
type bundleMap struct {
	id    string // empty: pcs's own
	attrs []pair
}

// What properties, and whole sets of them, are called.
const (
	kindProperty    = "property"
	kindPropertySet = "property set"
)

// Kinds of resources, in pcs's words.
const (
	kindDevice     = "fencing device"
	kindPrimitive  = "primitive"
	kindTemplate   = "template"
	kindGroup      = "group"
	kindClone      = "clone"
	kindPromotable = "promotable clone"
	kindBundle     = "bundle"
)

// declaresOpName reports whether the playbook itself has an op of that name.
func (p *primitive) declaresOpName(name string) bool { return slices.Contains(p.opWords, name) }

// leaf is a declared primitive with the container that it is declared in.
type leaf struct {
	*primitive
	in string
}

func leaves(list []*container, in string) (out []leaf) {
	for _, c := range list {
		if c.prim != nil {
			out = append(out, leaf{c.prim, in})
		}
		out = append(out, leaves(c.children, c.id)...)
	}
	return out
}

// ignored is what of an object is left as it is once the object exists.
type ignored []playbook.Ignored

// of tells the names of one part (options, meta, op) that are left as they
// are.
func (g ignored) of(part string) func(name string) bool {
	return func(name string) bool {
		return slices.ContainsFunc(g, func(x playbook.Ignored) bool { return x.Part == part && (x.Name == "" || x.Name == name) })
	}
}
