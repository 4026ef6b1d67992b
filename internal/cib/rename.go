package cib

import (
	"cmp"
	"slices"
	"strings"

	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/playbook"
)

// recogniseRenames finds primitives whose id alone was changed in the playbook:
// without that, the new one would start beside the old one. Only what is
// beyond doubt counts, one that fits for one that is missing.
func (e *editor) recogniseRenames(tops []*container) {
	var missing []leaf
	declared := map[string]bool{}
	for _, l := range leaves(tops, "") {
		if declared[l.id] = true; e.ids[l.id] == nil {
			missing = append(missing, l)
		}
	}
	if missing == nil {
		return
	}
	var free []*etree.Element // live, and not declared
	walk(e.cfg.SelectElement("resources"), func(x *etree.Element) {
		if x.Tag == "primitive" && !declared[attr(x, "id")] {
			free = append(free, x)
		}
	})
	claims := map[*etree.Element][]string{}
	for _, l := range missing {
		fits := slices.DeleteFunc(slices.Clone(free), func(x *etree.Element) bool { return !e.isAlso(l, x) })
		if len(fits) == 1 {
			claims[fits[0]] = append(claims[fits[0]], l.id)
		}
	}
	for _, x := range free {
		if len(claims[x]) == 1 {
			e.rename(x, claims[x][0])
		}
	}
}

// isAlso reports whether a live primitive is the declared one in all but its
// id. A name has to tell it from others of its agent: an option, or a unit.
func (e *editor) isAlso(l leaf, x *etree.Element) bool {
	in := ""
	if isContainer(x.Parent()) {
		in = attr(x.Parent(), "id")
	}
	if in != l.in || liveAgent(x) != l.agentName() {
		return false
	}
	for _, tag := range []string{"instance_attributes", "meta_attributes"} {
		if len(otherSets(x, tag)) > 0 {
			return false
		}
	}
	own := l.ignored.of("meta")
	options, same := e.samePairs(x, "instance_attributes", l.options, l.ignored.of("options"))
	_, sameMeta := e.samePairs(x, "meta_attributes", l.meta, func(name string) bool { return handMeta(name) || own(name) })
	_, sameNeeds := e.samePairs(x, "utilization", l.utilization, l.ignored.of("utilization"))
	unit := playbook.AgentRef{Standard: l.class, Type: l.typ}.Unit()
	return same && sameMeta && sameNeeds && attr(x, describedAs) == l.description.value && (options > 0 || unit != "") && sameOps(l.primitive, x)
}

// samePairs compares sets with what is wanted, those that are passed over left
// out, and counts the pairs that were found the same. A secret that is not at
// hand says nothing.
func (e *editor) samePairs(x *etree.Element, tag string, want []pair, pass func(name string) bool) (n int, same bool) {
	have := map[string]string{}
	for _, set := range plainSets(x, tag) {
		for _, nv := range children(set, "nvpair") {
			if name := e.nvName(nv); !pass(name) {
				if _, wins := have[name]; !wins {
					have[name] = e.nvValue(nv)
				}
			}
		}
	}
	for _, w := range want {
		if pass(w.name) {
			continue
		}
		value, ok := have[w.name]
		if !ok || value != w.value && !w.unknown {
			return 0, false
		}
		if delete(have, w.name); !w.unknown {
			n++
		}
	}
	return n, len(have) == 0
}

// sameOps reports whether operations would find nothing to do.
func sameOps(p *primitive, x *etree.Element) bool {
	box := x.SelectElement("operations")
	if box != nil && hasAttr(box, "id-ref") {
		return false
	}
	live := children(box, "op")
	pairs := matchOps(p, live)
	ignored := p.ignored.of("op")
	open := func(name string) bool { return ignored(name) || !p.opsKnown && !p.declaresOpName(name) }
	for i, o := range p.ops {
		if !open(o.get("name")) && (pairs[i] == nil || !sameOp(p, pairs[i], o)) {
			return false
		}
	}
	return !slices.ContainsFunc(live, func(l *etree.Element) bool { return !slices.Contains(pairs, l) && !open(attr(l, "name")) })
}

// rename gives a primitive its new id in its place, with all that names it.
func (e *editor) rename(x *etree.Element, id string) {
	old := attr(x, "id")
	ids := map[string]string{old: id}
	e.renameOwn(x, old, id, ids)
	e.setID(x, id)
	r := &rename{from: old}
	walk(e.cfg, func(y *etree.Element) {
		if to := ids[attr(y, "id-ref")]; to != "" {
			y.CreateAttr("id-ref", to)
		}
	})
	for _, section := range referring {
		for _, y := range e.elements(section) {
			was := e.liveID(y)
			if e.renameIn(y, ids) {
				r.followers = append(r.followers, y)
				e.liveIDs[y] = was
			}
		}
	}
	in := e.parents[old]
	delete(e.parents, old)
	if in != "" {
		e.parents[id] = in
		e.members[in][slices.Index(e.members[in], old)] = id
	}
	e.renamed[id] = r
}

// renameOwn lets the ids below an element that are pcs's own follow the id of
// the element, and notes them.
func (e *editor) renameOwn(x *etree.Element, old, id string, ids map[string]string) {
	follow := func(y *etree.Element, was, is string) (string, string) {
		if now := attr(y, "id"); now != was {
			return now, now
		}
		e.setID(y, is)
		ids[was] = attr(y, "id")
		return was, attr(y, "id")
	}
	for _, y := range x.ChildElements() {
		switch y.Tag {
		case "instance_attributes", "meta_attributes", "utilization":
			was, is := follow(y, old+"-"+y.Tag, id+"-"+y.Tag)
			for _, nv := range children(y, "nvpair") {
				name := attr(nv, "name")
				follow(nv, sanitizeID(was+"-"+name), sanitizeID(is+"-"+name))
			}
		case "operations":
			follow(y, old+"-operations", id+"-operations")
			for _, op := range children(y, "op") {
				o := liveOp(op)
				was, is := follow(op, opAutoID(old, o), opAutoID(id, o))
				e.renameOwn(op, was, is, ids)
			}
		}
	}
}

// renameIn makes what an element names follow. Its own id does so where pcs or
// crm_resource has made it of the old one: only by that `pcs resource clear`
// finds what `pcs resource move` has left.
func (e *editor) renameIn(x *etree.Element, ids map[string]string) (found bool) {
	name := attr(x, "id")
	k := e.kindOf(x)
	auto := k != nil && k.autoID != nil && name == autoID(k, x)
	for _, r := range references(x) {
		id := ids[r.id]
		if id == "" {
			continue
		}
		found = true
		r.follow(id)
		for _, by := range []string{"cli-ban-", "cli-prefer-", "cli-standby-"} {
			if rest, ok := strings.CutPrefix(name, by+r.id); ok && (rest == "" || strings.HasPrefix(rest, "-on-")) {
				e.setID(x, by+id+rest)
			}
		}
	}
	if found && auto {
		e.setID(x, autoID(k, x))
	}
	return found
}

// unfollow makes what an element names, and its own id, what they are in the live
// CIB: what is pruned does not follow.
func (e *editor) unfollow(x *etree.Element) {
	was := map[string]string{}
	for id, r := range e.renamed {
		was[id] = r.from
	}
	e.renameIn(x, was)
	if live := e.liveID(x); attr(x, "id") != live {
		e.putID(x, live)
	}
}

// liveID is the id that an element has in the live CIB.
func (e *editor) liveID(x *etree.Element) string { return cmp.Or(e.liveIDs[x], attr(x, "id")) }

// tellRenames completes the notes of renamed primitives, when it is known
// which of what follows them is declared, and decides how they are handed over.
func (e *editor) tellRenames() {
	e.delta.renames = map[string]string{}
	ways := map[string]Handover{}
	for id, r := range e.renamed {
		e.delta.renames[id], ways[id] = r.from, e.wayOf(id)
		e.delta.handover = max(e.delta.handover, ways[id])
	}
	for i := range e.delta.Changes {
		c := &e.delta.Changes[i]
		r := e.renamed[c.ID]
		if r == nil || c.Kind != kindPrimitive && c.Kind != kindDevice {
			continue
		}
		way := ways[c.ID]
		if way != Plain {
			way = e.delta.handover // one that is stopped first makes all wait for it
		}
		if way == InPlace {
			c.Disruption = plan.None
		}
		c.Note = "Pacemaker knows resources by id: " + e.renameEffect(c.ID, r.from, way)
		var names []string
		for _, x := range r.followers {
			word, id := e.wordOf(x), e.liveID(x)
			name := word + " " + id
			if !e.managed[x] && !e.prunes(x, word, id) && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
		switch {
		case len(names) == 0:
		case way == StopFirst:
			e.errorf("%sthe primitive %q is %q in the CIB, and to give it the new id it is removed for a moment; %s, which the playbook does not declare, would be lost: "+
				"declare it with the new id, or remove it first, or keep the old id", located(c.At, ": "), c.ID, r.from, strings.Join(names, ", "))
		case len(names) == 1:
			c.Note += "; " + names[0] + " follows"
		default:
			c.Note += "; " + strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1] + " follow"
		}
	}
}

// renameEffect says what comes of another id.
func (e *editor) renameEffect(id, old string, way Handover) string {
	switch {
	case way == InPlace:
		return "it finds " + id + " where " + old + " runs, by its unit, and forgets " + old + "; nothing stops for it"
	case way == StopFirst:
		return old + " is stopped first, then " + id + " is started"
	case e.stopped(id):
		return old + " is stopped, and " + id + " stays so until pcs resource enable " + id
	}
	return "it stops " + old + " and starts " + id // a fencing device, which the fencer only registers anew
}
