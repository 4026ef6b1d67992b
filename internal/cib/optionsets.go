package cib

import (
	"cmp"
	"slices"

	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/playbook"
)

// Sets of options that have a rule or a score are declared as a whole; of others
// each option is declared for itself.
var (
	propertySets = &kind{
		word: kindPropertySet, section: "crm_config", tag: "cluster_property_set",
		want:  func(b *builder, p *playbook.Playbook) []*object { return wantSets(b, p.PropertySets) },
		match: matchSets, write: writeSet, alone: aloneSets,
		pcs: func(*editor, *object, *etree.Element) string { return "" }, // pcs has one set only
	}
	resourceDefaultSets = &kind{
		word: "resource default set", section: "rsc_defaults", tag: "meta_attributes",
		want:  func(b *builder, p *playbook.Playbook) []*object { return wantSets(b, p.ResourceDefaults) },
		match: matchSets, write: writeSet, pcs: pcsSet, alone: aloneSets,
	}
	operationDefaultSets = &kind{
		word: "operation default set", section: "op_defaults", tag: "meta_attributes",
		want:  func(b *builder, p *playbook.Playbook) []*object { return wantSets(b, p.OperationDefaults) },
		match: matchSets, write: writeSet, pcs: pcsSet, alone: aloneSets,
	}
)

func wantSets(b *builder, sets []playbook.OptionSet) (list []*object) {
	for i := range sets {
		if s := &sets[i]; s.Ruled() {
			w := &object{id: s.ID, at: s.Pos.InFile(), rule: s.Rule, options: b.pairs(s.Options)}
			if score := setScore(s.Score); score != "" {
				w.attrs = []pair{{name: "score", value: score}}
			}
			list = append(list, w)
		}
	}
	return list
}

// wantSetPairs are the options that are declared each for itself.
func wantSetPairs(b *builder, sets []playbook.OptionSet) (list []*object) {
	for i := range sets {
		if s := &sets[i]; !s.Ruled() {
			list = append(list, eachPair(b.pairs(s.Options), object{in: s.ID})...)
		}
	}
	return list
}

// setGetter reads the score and the rule of a live set.
func setGetter(x *etree.Element) func(string) string {
	return func(name string) string {
		if r := x.SelectElement("rule"); name == "rule" && r != nil {
			return ruleText(r)
		}
		if name == "score" {
			return setScore(attr(x, name))
		}
		return ""
	}
}

// setScore is the score of a set, empty for 0, which is what it is without one.
func setScore(text string) string {
	if text == "" || canonScore(text) == "0" {
		return ""
	}
	return canonScore(text)
}

// matchSets finds for each declared set the live one: by id, then one with the
// same rule and score, with the same rule, with the same options.
func matchSets(e *editor, k *kind, want []*object) []*etree.Element {
	out := make([]*etree.Element, len(want))
	matched := map[*etree.Element]bool{}
	for i, w := range want {
		switch x := e.ids[w.id]; {
		case w.id == "" || x == nil:
		case x.Tag != k.tag || x.Parent() == nil || x.Parent().Tag != k.section:
			e.taken(w, x)
		default:
			out[i], matched[x] = x, true
		}
	}
	var live []*etree.Element
	for _, x := range children(e.cfg.SelectElement(k.section), k.tag) {
		if is := setGetter(x); !hasAttr(x, "id-ref") && attr(x, "id") != SeedID && is("rule")+is("score") != "" {
			live = append(live, x)
		}
	}
	for _, same := range []func(w *object, x *etree.Element) bool{
		func(w *object, x *etree.Element) bool {
			return sameAttrs([]string{"rule", "score"}, locationOf(w), setGetter(x))
		},
		func(w *object, x *etree.Element) bool {
			return sameAttrs([]string{"rule"}, locationOf(w), setGetter(x))
		},
		e.sameOptions,
	} {
		for i, w := range want {
			for _, x := range live {
				if out[i] == nil && w.id == "" && !matched[x] && same(w, x) {
					out[i], matched[x] = x, true
				}
			}
		}
	}
	return out
}

// wholeSets are the sets of a section that are declared as a whole.
func (e *editor) wholeSets(section string) map[*etree.Element]bool {
	out := map[*etree.Element]bool{}
	said := len(e.errs)
	for _, k := range []*kind{propertySets, resourceDefaultSets, operationDefaultSets} {
		if k.section == section {
			for _, x := range matchSets(e, k, e.want.of(k)) {
				out[x] = true
			}
		}
	}
	e.errs = e.errs[:said] // they are told when the sets are compared
	return out
}

// sameOptions reports whether a live set has the options of a declared one.
func (e *editor) sameOptions(w *object, x *etree.Element) bool {
	pairs, set := children(x, "nvpair"), pairSet{tag: w.kind.tag, only: x}
	return len(pairs) == len(w.options) && !slices.ContainsFunc(pairs, func(nv *etree.Element) bool {
		value := e.nvValue(nv)
		return !slices.ContainsFunc(w.options, func(o pair) bool {
			return o.name == e.nvName(nv) && (o.value == value || set.means(o.name, value, o.value))
		})
	})
}

func writeSet(e *editor, w *object, x *etree.Element, c *plan.Change) {
	made := x == nil
	if made {
		x = e.make(w, cmp.Or(w.id, w.kind.section+"-"+w.kind.tag))
	}
	e.managed[x] = true
	is, was := locationOf(w), setGetter(x.Copy())
	for _, name := range []string{"score", "rule"} {
		if a, b := was(name), is(name); !sameAttrs([]string{name}, is, was) {
			c.Diffs = append(c.Diffs, diff(name, a, b, a != "", b != "", false))
		}
	}
	if !sameAttrs([]string{"score"}, is, was) {
		x.RemoveAttr("score")
		for _, a := range w.attrs {
			x.CreateAttr(a.name, a.value)
		}
	}
	if was("rule") != is("rule") {
		for _, r := range children(x, "rule") {
			e.drop(r)
		}
		if w.rule != nil {
			r := e.writeRule(x, w.rule)
			if !hasAttr(r, "boolean-op") {
				r.CreateAttr("boolean-op", "and")
			}
			if e.want.dialect != pcs.Pcs012 {
				r.CreateAttr("score", "INFINITY") // counts for nothing; the schema of old releases wants one
			}
			x.RemoveChild(r)
			x.InsertChildAt(0, r)
		}
	}
	if len(c.Diffs) > 0 && !made && w.kind.section != "crm_config" {
		// As the commands of pcs do, which make it anew: it comes last.
		sec := x.Parent()
		sec.RemoveChild(x)
		sec.AddChild(x)
	}
	prefix := w.kind.of() + "."
	pairs := e.setPairs(pairSet{tag: w.kind.tag, only: x, want: e.inSchema(w.options), prefix: prefix, keep: func(string) bool { return false }})
	if words := pcsSetWords(w.kind); !made && len(c.Diffs) == 0 && words != "" {
		c.Pcs = words + " update " + attr(x, "id") + " meta" + pcsDiffs(pairs, prefix)
	}
	c.Diffs = append(c.Diffs, pairs...)
	c.ID = attr(x, "id")
}

// of is the key of a set's options in the playbook.
func (k *kind) of() string {
	if k.section == "crm_config" {
		return "options"
	}
	return "meta"
}

// pcsSet is the command for a whole set. pcs cannot change a rule or a score: it
// makes the set anew. Of what else changes writeSet has the command.
func pcsSet(e *editor, w *object, x *etree.Element) string {
	words := pcsSetWords(w.kind)
	line, id := "", w.id
	if x != nil {
		id = attr(x, "id")
		if sameAttrs([]string{"rule", "score"}, locationOf(w), setGetter(x)) {
			return ""
		}
		line = words + " delete " + id + " && "
	}
	line += words + " create"
	if id != "" {
		line += " id=" + id
	}
	line = pcsLine(pcsLine(line, w.attrs...)+" meta", e.inSchema(w.options)...)
	if w.rule == nil {
		return line
	}
	return line + " rule" + e.ruleWords(w.rule)
}

// pcsSetWords begin the commands for sets of a kind, "" where pcs has none.
func pcsSetWords(k *kind) string {
	return map[string]string{"rsc_defaults": "pcs resource defaults set", "op_defaults": "pcs resource op defaults set"}[k.section]
}

// aloneSets lists the sets that hold under a rule, or are those of others.
func aloneSets(e *editor, k *kind) {
	for _, set := range otherSets(e.cfg.SelectElement(k.section), k.tag) {
		if !e.managed[set] {
			e.undeclared(set, k.word, setName(set), e.setText(set))
		}
	}
}
