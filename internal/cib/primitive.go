package cib

import (
	"slices"
	"strings"

	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/internal/plan"
)

// primitive compares one primitive with its element, which is where it belongs
// by now.
func (e *editor) primitive(p *primitive, made bool) {
	x := e.ids[p.id]
	e.unasked = nil
	ch := plan.Change{Action: plan.Update, Kind: p.kind(), ID: p.id, At: p.at}
	restart := false
	if made {
		ch.Action = plan.Create
		ch.Diffs = append(ch.Diffs, plan.Becomes("agent", p.agentName()))
	} else {
		ch.Diffs, ch.Note, restart = e.moved(x)
		if r := e.renamed[p.id]; r != nil {
			ch.Diffs = append([]plan.Diff{plan.Changes("id", r.from, p.id)}, ch.Diffs...)
			restart = true
		}
		if was := liveAgent(x); was != p.agentName() {
			ch.Diffs = append(ch.Diffs, plan.Changes("agent", was, p.agentName()))
			restart = true
		}
	}
	for _, a := range []pair{{name: "class", value: p.class}, {name: "type", value: p.typ}, {name: "provider", value: p.provider}} {
		if a.value == "" {
			x.RemoveAttr(a.name)
		} else if attr(x, a.name) != a.value {
			x.CreateAttr(a.name, a.value)
		}
	}
	x.RemoveAttr("template")

	ignored := p.ignored
	if made {
		ignored = nil
	}
	options := e.pairs(pairSet{parent: x, tag: "instance_attributes", newID: p.id + "-instance_attributes", prefix: "options.",
		want: p.options, keep: func(string) bool { return false }, ignore: ignored.of("options"), kind: "option of " + p.kind() + " " + p.id})
	meta := e.pairs(pairSet{parent: x, tag: "meta_attributes", newID: p.id + "-meta_attributes", prefix: "meta.",
		want: p.meta, keep: handMeta, ignore: ignored.of("meta"), kind: "meta attribute of " + p.kind() + " " + p.id})
	ops, opChanges := e.operations(x, p, ignored.of("op"))
	ch.Diffs = append(append(append(ch.Diffs, options...), meta...), ops...)
	options = append(options, e.notCompared(&ch)...)
	if !made && len(ch.Diffs) == 0 {
		return
	}
	if made && !p.opsKnown {
		ch.Unknown = "default operations: until the agent's metadata can be read on a node"
		ch.Open = []string{"op.*"}
	}
	if !made {
		ch.Disruption = disruption(p, restart, options)
	}
	ch.Pcs = e.pcsPrimitive(p, &ch, options, meta, opChanges)
	e.change(ch)
}

// moved tells when a resource has another container than in the live CIB, with
// a note for the reader, and whether that alone restarts it. Into or out of a
// clone it becomes another resource to Pacemaker. A group only ties it to
// others: it stays where it runs unless they run elsewhere, which the simulator
// knows.
func (e *editor) moved(x *etree.Element) (diffs []plan.Diff, note string, restart bool) {
	id := attr(x, "id")
	was, is := e.parents[id], ""
	if isContainer(x.Parent()) {
		is = attr(x.Parent(), "id")
	}
	if was == is {
		return nil, "", false
	}
	diffs = []plan.Diff{{Name: "in", Before: was, After: is, HasBefore: was != "", HasAfter: is != ""}}
	if was != "" && e.tags[was] != "group" || is != "" && x.Parent().Tag != "group" || e.clonedBefore(id) != clonedIn(x) {
		return diffs, "", true
	}
	switch {
	case was == "":
		note = "moves into the group " + is
	case is == "":
		note = "moves out of the group " + was
	default:
		note = "moves from the group " + was + " into the group " + is
	}
	return diffs, note + "; what Pacemaker does about it is below", false
}

// clonedBefore is the clone or bundle that a resource was in, at any depth, and
// clonedIn the one that it is in now; "" is none.
func (e *editor) clonedBefore(id string) string {
	for p := e.parents[id]; p != ""; p = e.parents[p] {
		if e.tags[p] != "group" {
			return p
		}
	}
	return ""
}

func clonedIn(x *etree.Element) string {
	for p := x.Parent(); p != nil && isContainer(p); p = p.Parent() {
		if p.Tag != "group" {
			return attr(p, "id")
		}
	}
	return ""
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
func disruption(p *primitive, restart bool, options []plan.Diff) plan.Disruption {
	if p.class == "stonith" {
		return plan.None
	}
	if restart {
		return plan.Restart
	}
	if len(options) == 0 {
		return plan.None
	}
	for _, o := range options {
		if p.agent == nil || !p.agent.CanReload(strings.TrimPrefix(o.Name, "options.")) {
			return plan.Restart
		}
	}
	return plan.Reload
}

// opChange is one operation that is added, removed or replaced.
type opChange struct{ before, after *operation }

// operations compares the ops, those that are ignored left out. An op that
// differs is paired with the one it replaces, so that the change says what
// becomes of what.
func (e *editor) operations(x *etree.Element, p *primitive, ignored func(name string) bool) ([]plan.Diff, []opChange) {
	box := x.SelectElement("operations")
	spare := func(name, value string) { e.spare("operation of "+p.kind()+" "+p.id, name, value) }
	var diffs []plan.Diff
	var changes []opChange
	if box != nil && hasAttr(box, "id-ref") {
		// Operations shared with another primitive cannot be made this one's own.
		from := "those of " + attr(box, "id-ref")
		if len(p.ignored) > 0 && slices.ContainsFunc(p.ops, func(o operation) bool { return ignored(o.get("name")) }) {
			spare("all", from)
			return nil, nil
		}
		diffs = append(diffs, plan.Was("operations", from))
		x.RemoveChild(box)
		box = nil
	}
	live := children(box, "op")
	pairs := matchOps(p, live)
	name := opNames(p, live, pairs)
	for i := range p.ops {
		o, l, own := p.ops[i], pairs[i], p.declaresOpName(p.ops[i].get("name"))
		if !p.opsKnown && len(live) > 0 && !own {
			continue // what the agent advises is not known
		}
		if ignored(o.get("name")) {
			if l == nil && own {
				spare(name(o), notSet)
			} else if l != nil && !sameOp(p, l, o) {
				spare(name(liveOp(l)), opText(liveOp(l)))
			}
			continue
		}
		if l == nil {
			if box == nil {
				box = x.CreateElement("operations")
			}
			l = box.CreateElement("op")
			e.writeOp(l, p, o)
			d := plan.Becomes("op."+name(o), opText(o))
			d.Default = !own
			diffs = append(diffs, d)
			changes = append(changes, opChange{after: &p.ops[i]})
			continue
		}
		was := liveOp(l)
		if d := e.updateOp("op."+name(o), l, p, o); len(d) > 0 {
			for j := range d {
				d[j].Default = !own
			}
			diffs = append(diffs, d...)
			changes = append(changes, opChange{&was, &p.ops[i]})
		}
	}
	for _, l := range live {
		was := liveOp(l)
		switch {
		case slices.Contains(pairs, l) || !p.opsKnown && !p.declaresOpName(was.get("name")):
		case ignored(was.get("name")):
			spare(name(was), opText(was))
		default:
			diffs = append(diffs, plan.Was("op."+name(was), opText(was)))
			changes = append(changes, opChange{before: &was})
			e.drop(l)
		}
	}
	return diffs, changes
}

// opNames gives operations the names that differences have: monitor, or
// monitor[10s] where there are several.
func opNames(p *primitive, live, pairs []*etree.Element) func(operation) string {
	count := map[string]int{}
	for _, o := range p.ops {
		count[o.get("name")]++
	}
	for _, l := range live {
		if !slices.Contains(pairs, l) {
			count[attr(l, "name")]++
		}
	}
	return func(o operation) string {
		if count[o.get("name")] > 1 {
			return o.get("name") + "[" + o.get("interval") + "]"
		}
		return o.get("name")
	}
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
	x, ok1 := pacemaker.Milliseconds(orZero(a))
	y, ok2 := pacemaker.Milliseconds(orZero(b))
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
		if s = pacemaker.Role(s); s == "" {
			return "Started"
		}
		return s
	}
	return norm(a) == norm(b)
}

// notCompared says in a change which secrets were not at hand, and returns
// them: whether they differ may turn out when the plan is applied. A change of
// which nothing else is known may be none at all.
func (e *editor) notCompared(ch *plan.Change) []plan.Diff {
	if len(e.unasked) == 0 {
		return nil
	}
	var names []string
	for _, d := range e.unasked {
		names = append(names, d.Name)
	}
	ch.Open = append(ch.Open, names...)
	if len(ch.Diffs) == 0 {
		ch.Maybe, ch.Unknown, ch.Diffs = true, "until the secret is at hand", e.unasked
	} else if ch.Unknown == "" {
		ch.Unknown = "whether " + strings.Join(names, ", ") + " differs: until the secret is at hand"
	}
	return e.unasked
}
