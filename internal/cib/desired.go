package cib

import (
	"fmt"

	"github.com/hadeploy/hadeploy/internal/agent"
	"github.com/hadeploy/hadeploy/internal/pcs"
)

// checkLevel is the one attribute of an operation that the CIB keeps in a set.
const checkLevel = "OCF_CHECK_LEVEL"

// Desired is a playbook's configuration in the CIB's terms. Build makes it,
// Compare holds it against a live CIB.
type Desired struct {
	dialect   pcs.Dialect
	nodeIDs   map[string]string // name -> id in the cluster
	devices   []*primitive
	resources []*container
	objects   []*object // of the flat kinds, in the order of kinds
}

// Format keeps every printer from what may be secret.
func (d *Desired) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "desired configuration of %d resources", len(d.resources)+len(d.devices))
}

type primitive struct {
	id, at               string
	class, provider, typ string
	options, meta        []pair
	ops                  []operation
	opsKnown             bool // the agent's metadata was there
	agent                *agent.Agent
	pcsOps               []string // what a person types after "op"
	ignored              ignored
}

func (p *primitive) kind() string {
	if p.class == "stonith" {
		return kindDevice
	}
	return kindPrimitive
}

func (p *primitive) agentName() string { return agentOf(p.class, p.provider, p.typ) }

func agentOf(class, provider, typ string) string {
	if provider == "" {
		return class + ":" + typ
	}
	return class + ":" + provider + ":" + typ
}

// of are the declared objects of a kind.
func (d *Desired) of(k *kind) (list []*object) {
	for _, w := range d.objects {
		if w.kind == k {
			list = append(list, w)
		}
	}
	return list
}

// operation is one op: its attributes, name and interval among them, and
// OCF_CHECK_LEVEL, which the CIB keeps in a set below it.
type operation struct {
	id    string // of one in the live CIB
	attrs []pair
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
	kind     string // kindPrimitive, kindGroup, kindClone, kindPromotable
	id, at   string
	prim     *primitive // of kindPrimitive
	children []*container
	meta     []pair
	ignored  ignored
}

// kindPropertySet is what hadeploy's own sets of properties are called.
const kindPropertySet = "property set"

// Kinds of resources, in pcs's words.
const (
	kindDevice     = "fencing device"
	kindPrimitive  = "primitive"
	kindGroup      = "group"
	kindClone      = "clone"
	kindPromotable = "promotable clone"
)
