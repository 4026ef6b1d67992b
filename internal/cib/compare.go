package cib

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/secret"
)

// Step is the name that the changes carry.
const Step = "cib"

// Delta is what separates a live CIB from the desired configuration.
type Delta struct {
	Changes   []plan.Change
	LeftAlone []plan.Object // in the live CIB, not in the playbook; left alone

	doc     *etree.Document // the live CIB with the changes made; nil without a live CIB
	missing []string        // nodes whose attributes have no place yet
	renames map[string]string

	live     *etree.Document // as it was; nil without a live CIB
	handover Handover
}

// Format keeps every printer from what may be secret.
func (d *Delta) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "%d changes of the CIB", len(d.Changes))
}

// Compare works out the changes that make live what is wanted. live may be nil
// on hosts that have no cluster yet: then everything is created.
//
// Objects are the same when they have the same id and kind; sets of name/value
// pairs and constraints also when they say the same under another id. An error
// means that the playbook cannot be put into this CIB at all.
func Compare(live *CIB, want *Desired) (*Delta, error) {
	e := newEditor(live, want)
	e.removeSeed()
	e.properties()
	e.defaults("rsc_defaults", rscDefaultsSet, kindRscDefault, want.rscDefaults)
	e.defaults("op_defaults", opDefaultsSet, kindOpDefault, want.opDefaults)
	e.resources()
	e.nodeAttributes()
	e.constraints()
	e.tellRenames()
	if len(e.errs) == 0 {
		e.checkReferences()
	}
	if err := errors.Join(e.errs...); err != nil {
		return nil, err
	}
	e.unfinished()
	e.unmanaged()
	e.seedAlone()
	d := &e.delta
	if live != nil {
		d.doc, d.live = e.doc, live.doc
	}
	return d, nil
}

// Result is the whole new CIB: the live one with the changes made and all the
// rest as it was, under the live one's version. It holds the secrets.
func (d *Delta) Result() (secret.Value, error) { return d.edited(nil) }

// edited is the new CIB with one more edit, nil for none.
func (d *Delta) edited(edit func(*etree.Document) error) (secret.Value, error) {
	if d.doc == nil {
		return secret.Value{}, errors.New("there is no live CIB that the changes could go into")
	}
	if len(d.missing) > 0 {
		return secret.Value{}, fmt.Errorf("the CIB has no entry for node %s yet, and its id in the cluster is not known", d.missing[0])
	}
	doc := d.doc.Copy()
	if edit != nil {
		if err := edit(doc); err != nil {
			return secret.Value{}, err
		}
	}
	return written(doc)
}

// Renames are the primitives that get another id, the old ids by the new ones.
func (d *Delta) Renames() map[string]string { return d.renames }

// editor makes the changes in a copy of the live CIB, noting each one: what is
// planned and what is done cannot come apart.
type editor struct {
	want  *Desired
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

	managed map[*etree.Element]bool // what the playbook declares
	members map[string][]string     // container -> its members in the live CIB
	parents map[string]string       // resource -> its container in the live CIB
	tags    map[string]string       // container -> its element's name in the live CIB
	spared  []plan.Object           // what ignore_changes leaves as it is
	renamed map[string]*rename      // new id -> what it was
	seeded  bool
}

func newEditor(live *CIB, want *Desired) *editor {
	e := &editor{want: want, ids: map[string]*etree.Element{}, managed: map[*etree.Element]bool{},
		members: map[string][]string{}, parents: map[string]string{}, tags: map[string]string{}, renamed: map[string]*rename{}}
	if live != nil {
		e.doc = live.doc.Copy()
	} else {
		e.doc = etree.NewDocument()
		e.doc.CreateElement("cib").CreateElement("configuration")
	}
	schema := attr(e.doc.Root(), "validate-with")
	e.roles = newRoles(schema)
	major, _ := schemaVersion(schema)
	e.v2 = major < 3
	e.cfg = e.doc.Root().SelectElement("configuration")
	walk(e.cfg, func(x *etree.Element) {
		if id := attr(x, "id"); id != "" && hasOwnID(x) {
			e.ids[id] = x
		}
		if isContainer(x) {
			e.tags[attr(x, "id")] = x.Tag
			for _, m := range members(x) {
				e.members[attr(x, "id")] = append(e.members[attr(x, "id")], attr(m, "id"))
				e.parents[attr(m, "id")] = attr(x, "id")
			}
		}
	})
	return e
}

// hasOwnID tells the elements whose id names themselves, and not a node or
// something that stands elsewhere.
func hasOwnID(x *etree.Element) bool {
	switch x.Tag {
	case "node", "obj_ref", "resource_ref", "role":
		return false
	}
	return true
}

func (e *editor) errorf(format string, args ...any) {
	e.errs = append(e.errs, fmt.Errorf(format, args...))
}

func (e *editor) change(c plan.Change) {
	c.Step = Step
	e.delta.Changes = append(e.delta.Changes, c)
}

// section finds or makes configuration/NAME.
func (e *editor) section(name string) *etree.Element {
	if s := e.cfg.SelectElement(name); s != nil {
		return s
	}
	return e.cfg.CreateElement(name)
}

// free makes an id that nothing has yet, counting up as pcs does.
func (e *editor) free(id string) string {
	out := id
	for n := 1; e.ids[out] != nil; n++ {
		out = id + "-" + strconv.Itoa(n)
	}
	return out
}

func (e *editor) setID(x *etree.Element, id string) {
	if old := attr(x, "id"); old != "" && e.ids[old] == x {
		delete(e.ids, old)
	}
	id = e.free(id)
	x.CreateAttr("id", id)
	e.ids[id] = x
}

// drop removes an element with everything below it.
func (e *editor) drop(x *etree.Element) {
	walk(x, func(y *etree.Element) {
		if id := attr(y, "id"); e.ids[id] == y {
			delete(e.ids, id)
		}
	})
	if p := x.Parent(); p != nil {
		p.RemoveChild(x)
	}
}

// diff notes a difference; that of secret values is sealed and masked.
func diff(name, before, after string, hadBefore, hasAfter, masked bool) plan.Diff {
	d := plan.Diff{Name: name, Before: before, After: after, HasBefore: hadBefore, HasAfter: hasAfter, Secret: masked}
	if !masked {
		return d
	}
	d = d.Sealed([]byte(before), []byte(after))
	if hadBefore {
		d.Before = secret.Mask
	}
	if hasAfter {
		d.After = secret.Mask
	}
	return d
}

// from is the difference that makes a pair of what was there. A secret that is
// not at hand has no seal: there is nothing to hold it against.
func (p pair) from(prefix, before string, had bool) plan.Diff {
	d := diff(prefix+p.name, before, p.value, had, true, p.secret)
	if p.unknown {
		d.Seal = ""
	}
	return d
}
