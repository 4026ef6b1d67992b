package cib

import (
	"fmt"
	"slices"
	"time"

	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/internal/agent"
	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/rule"
	"github.com/hadeploy/hadeploy/internal/secret"
	"github.com/hadeploy/hadeploy/playbook"
)

// kind is all that is known of one sort of object of the CIB. Most are flat: a
// list of elements in one section, each compared for itself. One without want
// cannot be declared; it is listed and left alone.
type kind struct {
	word    string   // what plans call it, in the words of pcs: location constraint
	section string   // where it stands, below <configuration>: constraints
	tag     string   // its element: rsc_location
	also    []string // other elements of it: those of the tree of resources

	// want are the objects that a playbook declares.
	want func(b *builder, p *playbook.Playbook) []*object
	// match finds the element that each wanted object stands for, nil for none.
	// Without it write finds the place itself.
	match func(e *editor, k *kind, want []*object) []*etree.Element
	// write makes the element, nil where there is none yet, say what is wanted,
	// and notes the differences in the change.
	write func(e *editor, w *object, x *etree.Element, c *plan.Change)
	// pcs is the command that a person would type for it, before write.
	pcs func(e *editor, w *object, x *etree.Element) string

	// keeps tells what an operator's command or Pacemaker itself has put there:
	// it is neither touched nor listed.
	keeps func(x *etree.Element) bool
	// text is what an element says, in a few words.
	text func(e *editor, x *etree.Element) string
	// autoID is the id that pcs gives to one that has none.
	autoID func(get func(string) string) string
	// setsID begins the same of one with resource sets: colocation_set_. Without
	// it none can be declared.
	setsID string
	// binds is what a constraint means to those that judge a cluster.
	binds func(r reader, x *etree.Element) []Constraint

	// What is no list of elements compares itself, and lists what of it is left
	// alone.
	compare func(e *editor, k *kind)
	alone   func(e *editor, k *kind)
}

// object is one declared object of a flat kind.
type object struct {
	kind  *kind
	id    string      // empty: pcs's own
	in    string      // of a pair: the id of its set, or the name of its node; may be empty
	part  string      // of a pair that stands in one of several sets: utilization
	at    string      // where the playbook has it, FILE:LINE
	attrs []pair      // in the order in which pcs writes them; of a pair: itself
	refs  []string    // the ids that it names below it
	sets  []wantedSet // of a constraint: instead of its ends
	alert *alertBody  // of an alert: all of it
	rule  *rule.Rule  // of a location, instead of a node; of a set of options
	// rules are those of a location that has several, instead of rule.
	rules []ruledPart
	// options are the pairs of a whole set.
	options []pair
	// permits are the permissions of a role of the ACLs.
	permits []permission
}

// ruledPart is one of several rules, with its score and role.
type ruledPart struct {
	rule  *rule.Rule
	attrs []pair
}

func (w *object) get(name string) string {
	for _, a := range w.attrs {
		if a.name == name {
			return a.value
		}
	}
	return ""
}

// element is an object as an element of its own.
func (w *object) element() *etree.Element {
	x := etree.NewElement(w.kind.tag)
	x.CreateAttr("id", w.id)
	in := x
	if w.rule != nil {
		in = ruleElement(w.rule)
		x.AddChild(in)
	}
	for _, a := range w.attrs {
		if slices.Contains(ofRule, a.name) {
			in.CreateAttr(a.name, a.value)
		} else {
			x.CreateAttr(a.name, a.value)
		}
	}
	for _, p := range w.rules {
		r := ruleElement(p.rule)
		for _, a := range p.attrs {
			r.CreateAttr(a.name, a.value)
		}
		x.AddChild(r)
	}
	for _, s := range w.sets {
		s.element(x)
	}
	return x
}

// Desired is a playbook's configuration in the CIB's terms. Build makes it,
// Compare holds it against a live CIB.
type Desired struct {
	dialect   pcs.Dialect
	nodeIDs   map[string]string // name -> id in the cluster
	remotes   []string          // names of the remote and guest nodes
	templates []*primitive
	devices   []*primitive
	resources []*container
	objects   []*object // of the flat kinds, in the order of kinds
	prune     []playbook.PruneRule
	ids       map[string]string               // id that pcs would make -> the one that the playbook says
	spellings map[string][]playbook.AsWritten // attributes that are written otherwise
	madeIDs   map[string]string               // the same the other way round
	now       time.Time                       // zero: not known
	kept      kept                            // what is written where there is no live CIB
}

// Format keeps every printer from what may be secret.
func (d *Desired) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "desired configuration of %d resources", len(d.resources)+len(d.devices))
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

// builder turns what a playbook declares into objects.
type builder struct {
	agents  map[string]*agent.Agent
	secrets func(playbook.SecretRef) (secret.Value, bool)
	without bool // secrets, see Options
	mask    bool
	seen    playbook.Options // what pairs have been made of
	diags   diag.List
}

// rename is a declared primitive that the live CIB has under another id.
type rename struct {
	from      string
	followers []*etree.Element // constraints, tags, levels and ACLs that named it
}

// going is an object that is not declared and that the playbook has removed.
type going struct {
	kind, id, value, pcs string
	at                   []*etree.Element // itself; of a pair, that of each set
	why                  string           // it goes with another one; empty: it was selected
}

// editor makes the changes in a copy of the live CIB, noting each one: what is
// planned and what is done cannot come apart.
type editor struct {
	want  *Desired
	known []*kind // every kind there is
	delta Delta
	doc   *etree.Document
	cfg   *etree.Element
	ids   map[string]*etree.Element // every id of the configuration
	roles bool                      // the schema knows Promoted and Unpromoted
	v2    bool                      // the schema has <master>
	errs  []error
	// unasked are secrets of the primitive at hand that were not at hand to be
	// compared with what is there.
	unasked []plan.Diff

	managed   map[*etree.Element]bool   // what the playbook declares
	members   map[string][]string       // container -> its members in the live CIB
	parents   map[string]string         // resource -> its container in the live CIB
	elementOf map[string]string         // container -> its element's name in the live CIB
	spared    []plan.Object             // what ignore_changes leaves as it is
	renamed   map[string]*rename        // new id -> what it was
	liveIDs   map[*etree.Element]string // of what names a renamed one
	seeded    bool
	going     []*going // what is pruned
}
