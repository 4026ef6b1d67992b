package cib

import (
	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/playbook"
)

// The defaults of resources and of operations. A set without an id in the
// playbook stands for the one that pcs's `defaults update` works on: the first
// without a rule.
var (
	resourceDefaults = &kind{
		word: "resource default", section: "rsc_defaults", tag: "meta_attributes",
		want:  func(b *builder, p *playbook.Playbook) []*object { return wantDefaults(b, p.ResourceDefaults) },
		write: writeDefault, pcs: pcsDefault("pcs resource defaults"), alone: aloneDefaults,
	}
	operationDefaults = &kind{
		word: "operation default", section: "op_defaults", tag: "meta_attributes",
		want:  func(b *builder, p *playbook.Playbook) []*object { return wantDefaults(b, p.OperationDefaults) },
		write: writeDefault, pcs: pcsDefault("pcs resource op defaults"), alone: aloneDefaults,
	}
)

func wantDefaults(b *builder, sets []playbook.Defaults) (list []*object) {
	for _, s := range sets {
		list = append(list, eachPair(b.pairs(s.Meta), object{in: s.ID})...)
	}
	return list
}

func writeDefault(e *editor, w *object, _ *etree.Element, c *plan.Change) {
	s := pairSet{parent: e.madeSection(w.kind.section), tag: w.kind.tag, newID: w.kind.section + "-" + w.kind.tag, want: w.attrs, short: true}
	set := e.ids[w.in]
	switch {
	case w.in == "":
	case set == nil:
		set = s.parent.CreateElement(s.tag)
		e.setID(set, w.in)
		s.only = set
	case e.kindOf(set) == w.kind:
		s.only = set
	default:
		e.errorf("%s: the id %q is already used by a <%s> in the CIB; give the set another id", w.kind.word, w.in, set.Tag)
		return
	}
	e.writePair(c, s)
}

func pcsDefault(words string) func(e *editor, w *object, _ *etree.Element) string {
	return func(e *editor, w *object, _ *etree.Element) string {
		switch {
		case w.in == "":
			return pcsLine(words+" update", w.attrs...)
		case e.ids[w.in] == nil:
			return pcsLine(words+" set create id="+w.in+" meta", w.attrs...)
		}
		return pcsLine(words+" set update "+w.in+" meta", w.attrs...)
	}
}

func aloneDefaults(e *editor, k *kind) {
	sec := e.cfg.SelectElement(k.section)
	for _, set := range plainSets(sec, k.tag) {
		e.leavePairs(set, k.word, "", func(name string) bool { return e.wants(k, func(w *object) bool { return w.id == name }) })
	}
	for _, set := range otherSets(sec, k.tag) {
		e.undeclared(set, k.word+" set", setName(set), e.setText(set))
	}
}
