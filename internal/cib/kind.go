package cib

import (
	"slices"
	"strings"

	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/internal/plan"
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
	// binds is what a constraint means to those that judge a cluster.
	binds func(r reader, x *etree.Element) []Constraint

	// What is no list of elements compares itself, and lists what of it is left
	// alone.
	compare func(e *editor, k *kind)
	alone   func(e *editor, k *kind)
}

// element is an object as an element of its own.
func (w *object) element() *etree.Element {
	x := etree.NewElement(w.kind.tag)
	x.CreateAttr("id", w.id)
	for _, a := range w.attrs {
		x.CreateAttr(a.name, a.value)
	}
	return x
}

// kindOf is the kind of an element of a section, nil when it is none that is
// known.
func (e *editor) kindOf(x *etree.Element) *kind {
	i := slices.IndexFunc(e.kinds, func(k *kind) bool {
		return (k.tag == x.Tag || slices.Contains(k.also, x.Tag)) && x.Parent() != nil && k.section == x.Parent().Tag
	})
	if i < 0 {
		return nil
	}
	return e.kinds[i]
}

// wordOf is what plans call an element of a section: one of an unknown kind by
// the element's own name.
func (e *editor) wordOf(x *etree.Element) string {
	if k := e.kindOf(x); k != nil {
		return k.word
	}
	return x.Tag
}

// flat compares the objects of one kind.
func (e *editor) flat(k *kind) {
	want := e.want.of(k)
	live := make([]*etree.Element, len(want))
	if k.match != nil {
		live = k.match(e, k, want)
	}
	for i, w := range want {
		x := live[i]
		c := plan.Change{Action: plan.Update, Kind: k.word, ID: w.id, At: w.at, Pcs: k.pcs(e, w, x)}
		if x == nil {
			c.Action = plan.Create
		}
		if k.write(e, w, x, &c); len(c.Diffs) > 0 {
			e.change(c)
		}
	}
}

// wants reports whether such an object of a kind is declared.
func (e *editor) wants(k *kind, such func(w *object) bool) bool {
	return slices.ContainsFunc(e.want.objects, func(w *object) bool { return w.kind == k && such(w) })
}

// byID matches objects with the elements that have their ids.
func byID(e *editor, k *kind, want []*object) []*etree.Element {
	out := make([]*etree.Element, len(want))
	for i, w := range want {
		x := e.ids[w.id]
		if w.id == "" || x == nil {
			continue
		}
		if e.kindOf(x) != k {
			e.taken(w, x)
			continue
		}
		out[i] = x
	}
	return out
}

// taken says that the id of an object names something else in the CIB.
func (e *editor) taken(w *object, x *etree.Element) {
	noun := w.kind.word[strings.LastIndexByte(w.kind.word, ' ')+1:]
	e.errorf("the playbook declares %s %q, but in the CIB that id belongs to another object (<%s>); "+
		"give the %s another id", w.kind.word, w.id, x.Tag, noun)
}

// make makes the element of an object that the CIB does not have.
func (e *editor) make(w *object, id string) *etree.Element {
	x := e.madeSection(w.kind.section).CreateElement(w.kind.tag)
	e.setID(x, id)
	return x
}

// leftAlone lists what the live CIB has and the playbook does not declare.
func (e *editor) leftAlone() {
	done := map[string]bool{}
	for _, k := range e.kinds {
		if !done[k.section] {
			done[k.section] = true
			e.leftIn(k.section)
		}
	}
	for _, s := range e.cfg.ChildElements() {
		if !done[s.Tag] {
			done[s.Tag] = true
			e.leftIn(s.Tag)
		}
	}
}

func (e *editor) leftIn(section string) {
	for _, k := range e.kinds {
		if k.section == section && k.alone != nil {
			k.alone(e, k)
		}
	}
	for _, x := range e.elements(section) {
		switch k := e.kindOf(x); {
		case k == nil:
			e.leave(x.Tag, attr(x, "id"), attrsText(x))
		case k.alone != nil, e.managed[x], k.keeps != nil && k.keeps(x):
		default:
			e.leave(k.word, attr(x, "id"), k.text(e, x))
		}
	}
}

// attrsText is an element of an unknown kind: its attributes.
func attrsText(x *etree.Element) string {
	var list []string
	for _, a := range x.Attr {
		if a.Key != "id" {
			list = append(list, a.Key+"="+shown(a.Key, a.Value))
		}
	}
	return strings.Join(list, " ")
}
