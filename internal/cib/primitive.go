package cib

import (
	"slices"
	"strings"

	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/internal/plan"
)

// comparePrimitive compares one primitive with its element, which is where it belongs
// by now.
func (e *editor) comparePrimitive(p *primitive, made bool) {
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
	said := []pair{{name: "class", value: p.class}, {name: "type", value: p.typ}, {name: "provider", value: p.provider}, {name: "template"}}
	if p.template != "" {
		said = []pair{{name: "class"}, {name: "type"}, {name: "provider"}, {name: "template", value: p.template}}
	}
	for _, a := range said {
		if a.value == "" {
			x.RemoveAttr(a.name)
		} else if attr(x, a.name) != a.value {
			x.CreateAttr(a.name, a.value)
		}
	}

	ignored := p.ignored
	if made {
		ignored = nil
	}
	options := e.setPairs(pairSet{parent: x, tag: "instance_attributes", newID: p.id + "-instance_attributes", prefix: "options.",
		want: p.options, keep: func(string) bool { return false }, ignore: ignored.of("options"), kind: "option of " + p.kind() + " " + p.id})
	meta := e.setPairs(pairSet{parent: x, tag: "meta_attributes", newID: p.id + "-meta_attributes", prefix: "meta.",
		want: e.inSchema(p.meta), keep: handMeta, ignore: ignored.of("meta"), kind: "meta attribute of " + p.kind() + " " + p.id})
	utilization := e.setPairs(pairSet{parent: x, tag: "utilization", newID: p.id + "-utilization", prefix: "utilization.",
		want: p.utilization, keep: func(string) bool { return false }, ignore: ignored.of("utilization"), kind: "utilization of " + p.kind() + " " + p.id})
	ops, opChanges := e.operations(x, p, ignored.of("op"))
	ch.Diffs = slices.Concat(ch.Diffs, e.describe(x, p.description), options, meta, utilization, ops)
	options = append(options, e.notCompared(&ch)...)
	if !made && len(ch.Diffs) == 0 {
		return
	}
	if made && !p.opsKnown {
		ch.Unknown = "default operations: until the agent's metadata can be read on a node"
		ch.Open = []string{"op.*"}
	}
	if !made && (!p.isTemplate || usesTemplate(e.cfg.SelectElement("resources"), p.id)) {
		ch.Disruption = disruption(p, restart, options)
	}
	ch.Pcs = e.pcsPrimitive(p, &ch, primitiveDiffs{options, meta, utilization, opChanges})
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
	if was != "" && e.elementOf[was] != "group" || is != "" && x.Parent().Tag != "group" || e.clonedBefore(id) != clonedIn(x) {
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
		if e.elementOf[p] != "group" {
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
