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
		want:  func(b *builder, p *playbook.Playbook) []*object { return wantSetPairs(b, p.ResourceDefaults) },
		write: writeDefault, pcs: pcsDefault("pcs resource defaults"), alone: aloneDefaults,
	}
	operationDefaults = &kind{
		word: "operation default", section: "op_defaults", tag: "meta_attributes",
		want:  func(b *builder, p *playbook.Playbook) []*object { return wantSetPairs(b, p.OperationDefaults) },
		write: writeDefault, pcs: pcsDefault("pcs resource op defaults"), alone: aloneDefaults,
	}
)

func writeDefault(e *editor, w *object, _ *etree.Element, c *plan.Change) {
	e.writeSetPair(w, c, w.kind.section+"-"+w.kind.tag, true)
}

// writeSetPair writes one option into its set: that of its id, or the first that
// holds always and is not declared as a whole.
func (e *editor) writeSetPair(w *object, c *plan.Change, newID string, short bool) {
	s := pairSet{parent: e.madeSection(w.kind.section), tag: w.kind.tag, newID: newID, want: e.inSchema(w.attrs), short: short, besides: e.wholeSets(w.kind.section)}
	set := e.ids[w.in]
	switch {
	case w.in == "":
	case set == nil:
		set = s.parent.CreateElement(s.tag)
		e.setID(set, w.in)
		s.only = set
	case set.Tag == s.tag && set.Parent() == s.parent:
		s.only = set
	default:
		e.errorf("%s: the id %q is already used by a <%s> in the CIB; give the set another id", w.kind.word, w.in, set.Tag)
		return
	}
	e.writePair(c, s)
}

// pcsDefault is the command for one default. pcs's own update works on the only
// set there is, and refuses where there are several.
func pcsDefault(words string) func(e *editor, w *object, _ *etree.Element) string {
	return func(e *editor, w *object, _ *etree.Element) string {
		sec, attrs := e.cfg.SelectElement(w.kind.section), e.inSchema(w.attrs)
		plain := pairSet{parent: sec, tag: w.kind.tag, besides: e.wholeSets(w.kind.section)}.inForce()
		switch all := children(sec, w.kind.tag); {
		case w.in != "" && e.ids[w.in] == nil:
			return pcsLine(words+" set create id="+w.in+" meta", attrs...)
		case w.in != "":
			return pcsLine(words+" set update "+w.in+" meta", attrs...)
		case len(all) == 0 || len(all) == 1 && len(plain) == 1:
			return pcsLine(words+" update", attrs...)
		case len(plain) == 0:
			return pcsLine(words+" set create meta", attrs...)
		}
		return pcsLine(words+" set update "+attr(plain[0], "id")+" meta", attrs...)
	}
}

func aloneDefaults(e *editor, k *kind) {
	for _, set := range plainSets(e.cfg.SelectElement(k.section), k.tag) {
		if !e.wholeSets(k.section)[set] {
			e.leavePairs(set, k.word, "", func(name string) bool { return e.wants(k, func(w *object) bool { return w.id == name }) })
		}
	}
}
