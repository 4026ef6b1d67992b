package cib

import (
	"slices"

	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/secret"
)

// pairSet says how a parent's sets of name/value pairs are to be made equal to
// what is wanted.
type pairSet struct {
	parent *etree.Element
	tag    string // instance_attributes, meta_attributes, utilization, cluster_property_set
	newID  string // of the set, when there is none to add to
	prefix string // of the names of the differences: "options."
	want   []pair
	// keep, when set, makes the set exclusive: what is not wanted goes, unless
	// keep says that it stays. A nil keep leaves alone what is not wanted.
	keep func(name string) bool
	// ignore, when set, tells what is left as it is, there or not; it is noted
	// under kind where it differs: "option of primitive web-ip".
	ignore func(name string) bool
	kind   string
	// only, when set, is the one set that is looked at.
	only *etree.Element
	// besides are sets that are passed over.
	besides map[*etree.Element]bool
	// short ids of new pairs, as pcs makes them in these sets: it cuts the name.
	short bool
}

const shortName = 20

// inForce are the sets that count, the one that wins first.
func (s pairSet) inForce() []*etree.Element {
	if s.only != nil {
		return []*etree.Element{s.only}
	}
	return slices.DeleteFunc(plainSets(s.parent, s.tag), func(x *etree.Element) bool { return s.besides[x] })
}

// eachPair makes an object of each pair, all else of it as given.
func eachPair(pairs []pair, as object) (list []*object) {
	for _, p := range pairs {
		w := as
		w.id, w.at, w.attrs = p.name, p.at, []pair{p}
		list = append(list, &w)
	}
	return list
}

// writePair makes the one pair of a set equal, and notes it in the change.
func (e *editor) writePair(c *plan.Change, s pairSet) {
	for _, d := range e.setPairs(s) {
		d.Name = "value"
		c.Diffs = append(c.Diffs, d)
		if c.Action = plan.Update; !d.HasBefore {
			c.Action = plan.Create
		}
	}
}

// leavePairs lists what a set has, each pair for itself, but for those that are
// passed over.
func (e *editor) leavePairs(set *etree.Element, word, prefix string, pass func(name string) bool) {
	for _, nv := range children(set, "nvpair") {
		if name := e.nvName(nv); !pass(name) {
			e.undeclared(nv, word, prefix+name, shown(name, e.nvValue(nv)))
		}
	}
}

// setName names a set with a rule, or a reference to a set.
func setName(set *etree.Element) string {
	if id := attr(set, "id"); id != "" {
		return id
	}
	return attr(set, "id-ref")
}

// setPairs makes the sets equal and returns the differences.
func (e *editor) setPairs(s pairSet) []plan.Diff {
	var diffs []plan.Diff
	have := map[string]*etree.Element{}
	sets := s.inForce()
	for _, set := range sets {
		for _, nv := range children(set, "nvpair") {
			name := e.nvName(nv)
			if have[name] == nil {
				have[name] = nv
			}
		}
	}
	wanted := map[string]bool{}
	for _, w := range s.want {
		if wanted[w.name] {
			continue
		}
		wanted[w.name] = true
		nv := have[w.name]
		if s.ignore != nil && s.ignore(w.name) {
			e.spareWanted(s, w, nv)
			continue
		}
		if nv == nil {
			diffs = append(diffs, w.from(s.prefix, "", false))
			e.addPair(s, w)
			continue
		}
		if w.unknown {
			e.unasked = append(e.unasked, plan.Diff{Name: s.prefix + w.name, HasBefore: true, HasAfter: true, Secret: true})
			continue
		}
		if old := e.nvValue(nv); old != w.value && !s.means(w.name, old, w.value) {
			diffs = append(diffs, w.from(s.prefix, old, true))
			if hasAttr(nv, "id-ref") {
				set := nv.Parent()
				set.RemoveChild(nv)
				e.newPair(set, w, s.short)
				continue
			}
			nv.CreateAttr("value", w.value)
		}
	}
	if s.keep == nil {
		return diffs
	}
	for _, set := range sets {
		had := len(set.ChildElements())
		for _, nv := range children(set, "nvpair") {
			name := e.nvName(nv)
			if wanted[name] || s.keep(name) {
				continue
			}
			if s.ignore != nil && s.ignore(name) {
				if have[name] == nv {
					e.spare(s.kind, name, shown(name, e.nvValue(nv)))
				}
				continue
			}
			if have[name] == nv {
				diffs = append(diffs, diff(s.prefix+name, e.nvValue(nv), "", true, false, secret.Named(name)))
			}
			e.drop(nv)
		}
		if had > 0 && len(set.ChildElements()) == 0 {
			e.drop(set)
		}
	}
	return diffs
}

// means reports whether two values of an option are the same to Pacemaker: of its
// own options it is known how they are read. What an agent makes of a value, only
// the agent knows.
func (s pairSet) means(name, a, b string) bool {
	parent := s.parent
	if s.only != nil {
		parent = s.only.Parent()
	}
	known := map[string][]pacemaker.Option{"cluster_property_set": pacemaker.Properties(), "meta_attributes": pacemaker.MetaAttributes()}[s.tag]
	switch {
	case s.tag == "meta_attributes" && name == targetRole:
		return sameRole(a, b)
	case parent != nil && parent.Tag == "op_defaults":
		known = pacemaker.OperationOptions()
	}
	o := pacemaker.Find(known, name)
	return o != nil && meansOf(o, a) == meansOf(o, b)
}

// inSchema are meta attributes with the role among them in the words of the CIB's
// schema: what does not know it, Pacemaker leaves aside.
func (e *editor) inSchema(meta []pair) []pair {
	list := slices.Clone(meta)
	for i, m := range list {
		if m.name == targetRole {
			list[i].value = pacemaker.RoleFor(m.value, e.roles)
		}
	}
	return list
}

// spareWanted notes a declared pair that is left as it is, if that differs.
func (e *editor) spareWanted(s pairSet, w pair, nv *etree.Element) {
	switch {
	case nv == nil:
		e.spare(s.kind, w.name, notSet)
	case w.unknown || e.nvValue(nv) == w.value:
	case w.secret:
		e.spare(s.kind, w.name, secret.Mask)
	default:
		e.spare(s.kind, w.name, e.nvValue(nv))
	}
}

func (e *editor) addPair(s pairSet, w pair) { e.newPair(e.madeSet(s), w, s.short) }

// madeSet finds or makes the set that is added to.
func (e *editor) madeSet(s pairSet) *etree.Element {
	if sets := s.inForce(); len(sets) > 0 {
		return sets[0]
	}
	set := s.parent.CreateElement(s.tag)
	e.setID(set, s.newID)
	return set
}

func (e *editor) newPair(set *etree.Element, w pair, short bool) {
	nv := set.CreateElement("nvpair")
	whole := sanitizeID(attr(set, "id") + "-" + w.name)
	cut := sanitizeID(attr(set, "id") + "-" + w.name[:min(len(w.name), shortName)])
	switch {
	case set.Tag == "cluster_property_set" && short:
		e.setIDOf(nv, cut, whole)
	case set.Tag == "cluster_property_set":
		e.setIDOf(nv, whole, cut)
	case short:
		e.setID(nv, cut)
	default:
		e.setID(nv, whole)
	}
	nv.CreateAttr("name", w.name)
	nv.CreateAttr("value", w.value)
}

// nvName and nvValue follow a reference to a pair that stands elsewhere.
func (e *editor) nvName(nv *etree.Element) string {
	if name := attr(nv, "name"); name != "" {
		return name
	}
	if to := e.ids[attr(nv, "id-ref")]; to != nil {
		return attr(to, "name")
	}
	return ""
}

func (e *editor) nvValue(nv *etree.Element) string {
	if ref := attr(nv, "id-ref"); ref != "" {
		if to := e.ids[ref]; to != nil {
			return attr(to, "value")
		}
	}
	return attr(nv, "value")
}
