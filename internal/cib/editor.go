package cib

import (
	"fmt"
	"slices"

	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/internal/plan"
)

func newEditor(live *CIB, want *Desired, known []*kind) *editor {
	e := &editor{want: want, known: known, ids: map[string]*etree.Element{}, managed: map[*etree.Element]bool{},
		members: map[string][]string{}, parents: map[string]string{}, elementOf: map[string]string{}, renamed: map[string]*rename{}, liveIDs: map[*etree.Element]string{}}
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
			e.elementOf[attr(x, "id")] = x.Tag
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

// errorf notes, once, why the playbook cannot be put into this CIB.
func (e *editor) errorf(format string, args ...any) {
	err := fmt.Errorf(format, args...)
	if !slices.ContainsFunc(e.errs, func(other error) bool { return other.Error() == err.Error() }) {
		e.errs = append(e.errs, err)
	}
}

func (e *editor) change(c plan.Change) {
	c.Step = Step
	e.delta.Changes = append(e.delta.Changes, c)
}

// madeSection finds or makes configuration/NAME.
func (e *editor) madeSection(name string) *etree.Element {
	if s := e.cfg.SelectElement(name); s != nil {
		return s
	}
	return e.cfg.CreateElement(name)
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

// leave notes an object once: of a property in two sets, the one that counts
// comes first.
func (e *editor) leave(kind, id, value string) {
	if !slices.ContainsFunc(e.delta.LeftAlone, func(o plan.Object) bool { return o.Kind == kind && o.ID == id }) {
		e.delta.LeftAlone = append(e.delta.LeftAlone, plan.Object{Kind: kind, ID: id, Value: cut(value)})
	}
}

func (e *editor) elements(section string) []*etree.Element {
	s := e.cfg.SelectElement(section)
	if s == nil {
		return nil
	}
	return s.ChildElements()
}

// whyIgnored is what plan.Object.Why says of these.
const whyIgnored = "ignore_changes"

// notSet stands for the value of what the file has and the CIB has not.
const notSet = "not set"

// spare notes what ignore_changes leaves as it is though the file says
// otherwise. kind is "option of primitive web-ip".
func (e *editor) spare(kind, name, value string) {
	e.spared = append(e.spared, plan.Object{Kind: kind, ID: name, Value: cut(value), Why: whyIgnored})
}

// selected reports whether an element itself goes.
func (e *editor) selected(x *etree.Element) bool {
	return slices.ContainsFunc(e.going, func(g *going) bool { return slices.Contains(g.at, x) })
}

// kindOf is the kind of an element of a section, nil when it is none that is
// known.
func (e *editor) kindOf(x *etree.Element) *kind {
	i := slices.IndexFunc(e.known, func(k *kind) bool {
		return (k.tag == x.Tag || slices.Contains(k.also, x.Tag)) && x.Parent() != nil && k.section == x.Parent().Tag
	})
	if i < 0 {
		return nil
	}
	return e.known[i]
}

// wordOf is what plans call an element of a section: one of an unknown kind by
// the element's own name.
func (e *editor) wordOf(x *etree.Element) string {
	if k := e.kindOf(x); k != nil {
		return k.word
	}
	return x.Tag
}
