package cib

import (
	"slices"
	"strings"

	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/internal/plan"
)

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
			if w.rule != nil && !e.want.now.IsZero() && c.Note == "" {
				c.Note = w.rule.Now(e.want.now)
			}
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
	for _, k := range e.known {
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
	for _, k := range e.known {
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
			id := e.liveID(x)
			if e.liveIDs[x] != "" && e.prunes(x, k.word, id) {
				e.unfollow(x)
			}
			e.undeclared(x, k.word, id, k.text(e, x))
		}
	}
}
