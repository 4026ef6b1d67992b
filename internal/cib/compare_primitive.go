package cib

import (
	"slices"
	"strings"

	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/internal/plan"
)

// primitive compares one primitive with its element, which is where it belongs
// by now.
func (e *editor) primitive(p *primitive, made bool) {
	x := e.ids[p.id]
	ch := plan.Change{Action: plan.Update, Kind: p.kind(), ID: p.id}
	if made {
		ch.Action = plan.Create
		ch.Diffs = append(ch.Diffs, plan.Becomes("agent", p.agentName()))
	} else {
		ch.Diffs = append(ch.Diffs, e.moved(x)...)
		if was := liveAgent(x); was != p.agentName() {
			ch.Diffs = append(ch.Diffs, plan.Changes("agent", was, p.agentName()))
		}
	}
	structural := !made && len(ch.Diffs) > 0
	for _, a := range []pair{{name: "class", value: p.class}, {name: "type", value: p.typ}, {name: "provider", value: p.provider}} {
		if a.value == "" {
			x.RemoveAttr(a.name)
		} else if attr(x, a.name) != a.value {
			x.CreateAttr(a.name, a.value)
		}
	}
	x.RemoveAttr("template")

	options := e.pairs(pairSet{parent: x, tag: "instance_attributes", newID: p.id + "-instance_attributes", prefix: "options.",
		want: p.options, keep: func(string) bool { return false }})
	meta := e.pairs(pairSet{parent: x, tag: "meta_attributes", newID: p.id + "-meta_attributes", prefix: "meta.",
		want: p.meta, keep: handMeta})
	ops, opChanges := e.operations(x, p)
	ch.Diffs = append(append(append(ch.Diffs, options...), meta...), ops...)
	if !made && len(ch.Diffs) == 0 {
		return
	}
	if made && !p.opsKnown {
		ch.Unknown, ch.Open = "default operations: until the agent's metadata can be read on a node", []string{"op.*"}
	}
	if !made {
		ch.Disruption = disruption(p, structural, options)
	}
	ch.Pcs = e.pcsPrimitive(p, &ch, options, meta, opChanges)
	e.change(ch)
}

// moved tells when a resource has another container than in the live CIB.
func (e *editor) moved(x *etree.Element) []plan.Diff {
	was, is := e.parents[attr(x, "id")], ""
	if isContainer(x.Parent()) {
		is = attr(x.Parent(), "id")
	}
	if was == is {
		return nil
	}
	return []plan.Diff{{Name: "in", Before: was, After: is, HasBefore: was != "", HasAfter: is != ""}}
}

// liveAgent names the agent of an element, or the template that says it.
func liveAgent(x *etree.Element) string {
	if t := attr(x, "template"); t != "" && !hasAttr(x, "class") {
		return "template " + t
	}
	return agentOf(attr(x, "class"), attr(x, "provider"), attr(x, "type"))
}

// disruption of a change to an existing primitive. Pacemaker re-registers a
// fencing device without stopping anything.
func disruption(p *primitive, structural bool, options []plan.Diff) plan.Disruption {
	if p.class == "stonith" {
		return plan.None
	}
	if structural {
		return plan.Restart
	}
	if len(options) == 0 {
		return plan.None
	}
	for _, o := range options {
		if p.agent == nil || !p.agent.reloadable(strings.TrimPrefix(o.Name, "options.")) {
			return plan.Restart
		}
	}
	return plan.Reload
}

// opChange is one operation that is added, removed or replaced.
type opChange struct{ before, after *operation }

// operations compares the ops. An op that differs is paired with the one it
// replaces, so that the change says what becomes of what.
func (e *editor) operations(x *etree.Element, p *primitive) ([]plan.Diff, []opChange) {
	box := x.SelectElement("operations")
	var live []*etree.Element
	var diffs []plan.Diff
	var changes []opChange
	if box != nil && hasAttr(box, "id-ref") {
		// Operations shared with another primitive cannot be made this one's own.
		diffs = append(diffs, plan.Was("operations", "those of "+attr(box, "id-ref")))
		x.RemoveChild(box)
		box = nil
	}
	if box != nil {
		live = children(box, "op")
	}
	pairs := matchOps(p, live)
	count := map[string]int{}
	for _, o := range p.ops {
		count[o.get("name")]++
	}
	for _, l := range live {
		if !slices.Contains(pairs, l) {
			count[attr(l, "name")]++
		}
	}
	for i, o := range p.ops {
		name := "op." + o.get("name")
		if count[o.get("name")] > 1 {
			name += "[" + o.get("interval") + "]"
		}
		if !p.opsKnown && len(live) > 0 && !p.declaresOpName(o.get("name")) {
			continue // what the agent advises is not known
		}
		l := pairs[i]
		if l == nil {
			if box == nil {
				box = x.CreateElement("operations")
			}
			l = box.CreateElement("op")
			e.writeOp(l, p, o)
			diffs = append(diffs, plan.Becomes(name, opText(o)))
			changes = append(changes, opChange{after: &p.ops[i]})
			continue
		}
		was := liveOp(l)
		if d := e.updateOp(name, l, p, o); len(d) > 0 {
			diffs = append(diffs, d...)
			changes = append(changes, opChange{&was, &p.ops[i]})
		}
	}
	for _, l := range live {
		if slices.Contains(pairs, l) || !p.opsKnown && !p.declaresOpName(attr(l, "name")) {
			continue
		}
		was := liveOp(l)
		name := "op." + was.get("name")
		if count[was.get("name")] > 1 {
			name += "[" + was.get("interval") + "]"
		}
		diffs = append(diffs, plan.Was(name, opText(was)))
		changes = append(changes, opChange{before: &was})
		e.drop(l)
	}
	return diffs, changes
}

// declaresOpName reports whether the playbook itself has an op of that name.
func (p *primitive) declaresOpName(name string) bool { return slices.Contains(p.pcsOps, name) }

// matchOps finds for each wanted op the live one that it stands for: first the
// same name, interval and role, then less of that.
func matchOps(p *primitive, live []*etree.Element) []*etree.Element {
	out := make([]*etree.Element, len(p.ops))
	pass := func(same func(o operation, l *etree.Element) bool) {
		for i, o := range p.ops {
			for _, l := range live {
				if out[i] == nil && !slices.Contains(out, l) && attr(l, "name") == o.get("name") && same(o, l) {
					out[i] = l
				}
			}
		}
	}
	interval := func(o operation, l *etree.Element) bool {
		return sameTime(o.get("interval"), attr(l, "interval"))
	}
	role := func(o operation, l *etree.Element) bool {
		return sameRole(o.get("role"), attr(l, "role"))
	}
	pass(func(o operation, l *etree.Element) bool { return interval(o, l) && role(o, l) })
	pass(interval)
	pass(role)
	pass(func(operation, *etree.Element) bool { return true })
	return out
}

func sameTime(a, b string) bool {
	if a == b {
		return true
	}
	x, ok1 := durationMs(orZero(a))
	y, ok2 := durationMs(orZero(b))
	return ok1 && ok2 && x == y
}

func orZero(s string) string {
	if s == "" {
		return "0"
	}
	return s
}

// sameRole: no role is Started, which is any role of a resource that is not
// promotable.
func sameRole(a, b string) bool {
	norm := func(s string) string {
		if s = canonRole(s); s == "" {
			return "Started"
		}
		return s
	}
	return norm(a) == norm(b)
}
