package cib

import (
	"fmt"
	"strings"

	"github.com/hadeploy/hadeploy/internal/agent"
	"github.com/hadeploy/hadeploy/internal/pcs"
)

// Names of the sets that pcs and Pacemaker make.
const (
	bootstrapOptions = "cib-bootstrap-options"
	rscDefaultsSet   = "rsc_defaults-meta_attributes"
	opDefaultsSet    = "op_defaults-meta_attributes"
	checkLevel       = "OCF_CHECK_LEVEL"
)

// Desired is a playbook's configuration in the CIB's terms. Build makes it,
// Compare holds it against a live CIB.
type Desired struct {
	dialect     pcs.Dialect
	properties  []pair
	rscDefaults []defaultSet
	opDefaults  []defaultSet
	nodes       []nodeSet
	nodeIDs     map[string]string // name -> id in the cluster
	devices     []*primitive
	resources   []*container
	constraints []*constraint
}

// Format keeps every printer from what may be secret.
func (d *Desired) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "desired configuration of %d resources", len(d.resources)+len(d.devices))
}

// pair is one name and value; what is secret is compared, never shown.
type pair struct {
	name, value string
	secret      bool
	unknown     bool   // the secret is not at hand: what is there counts as the same
	at          string // where the playbook has it, FILE:LINE
}

type defaultSet struct {
	id    string // empty: not named in the playbook
	pairs []pair
}

type nodeSet struct {
	name                    string
	attributes, utilization []pair
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

// constraint is a rule between resources or between a resource and a node.
type constraint struct {
	tag   string // rsc_location, rsc_colocation, rsc_order
	id    string // empty: pcs's own
	at    string
	attrs []pair
}

func (c *constraint) get(name string) string {
	for _, a := range c.attrs {
		if a.name == name {
			return a.value
		}
	}
	return ""
}

// Kinds of objects, in pcs's words.
const (
	kindProperty    = "property"
	kindPropertySet = "property set"
	kindRscDefault  = "resource default"
	kindOpDefault   = "operation default"
	kindNodeAttr    = "node attribute"
	kindUtilization = "node utilization"
	kindDevice      = "fencing device"
	kindPrimitive   = "primitive"
	kindGroup       = "group"
	kindClone       = "clone"
	kindPromotable  = "promotable clone"
	kindBundle      = "bundle"
	kindLocation    = "location constraint"
	kindColocation  = "colocation constraint"
	kindOrder       = "order constraint"
)

// constraintTags are the constraints in the order they are planned.
var constraintTags = []string{"rsc_location", "rsc_colocation", "rsc_order"}

// constraintKind names what an element of <constraints> is.
func constraintKind(tag string) string {
	switch tag {
	case "rsc_location":
		return kindLocation
	case "rsc_colocation":
		return kindColocation
	case "rsc_order":
		return kindOrder
	}
	return strings.TrimPrefix(tag, "rsc_") + " constraint"
}

// autoID is the id that pcs gives to a constraint that has none.
func autoID(tag string, get func(string) string) string {
	switch tag {
	case "rsc_location":
		return sanitizeID(fmt.Sprintf("location-%s-%s-%s", get("rsc"), get("node"), get("score")))
	case "rsc_colocation":
		return sanitizeID(fmt.Sprintf("colocation-%s-%s-%s", get("rsc"), get("with-rsc"), get("score")))
	}
	kind := get("kind")
	if kind == "" {
		kind = "mandatory"
	}
	return sanitizeID(fmt.Sprintf("order-%s-%s-%s", get("first"), get("then"), kind))
}
