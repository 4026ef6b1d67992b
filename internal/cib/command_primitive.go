package cib

import (
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/plan"
)

// primitiveDiffs is what differs in the sets of a primitive.
type primitiveDiffs struct {
	options, meta, utilization []plan.Diff
	ops                        []opChange
}

// pcsPrimitive is the command for a primitive's change, empty when pcs has
// none: it can neither change an agent nor take a resource out of a clone
// while that stays.
func (e *editor) pcsPrimitive(p *primitive, ch *plan.Change, diffs primitiveDiffs) string {
	own := func(o operation) bool { return len(o.own) > 0 }
	replaced := func(c opChange) bool { return c.after != nil && own(*c.after) || c.before != nil && own(*c.before) }
	if p.isTemplate || p.template != "" || slices.ContainsFunc(diffs.ops, replaced) || ch.Action == plan.Create && slices.ContainsFunc(p.ops, own) {
		return "" // pcs knows no templates, and no options of an operation
	}
	noun := "pcs resource"
	if p.class == "stonith" {
		noun = "pcs stonith"
	}
	if ch.Action == plan.Create {
		return e.pcsCreate(p)
	}
	if r := e.renamed[p.id]; r != nil {
		return e.pcsRename(p, r.from)
	}
	var list []string
	for _, d := range ch.Diffs {
		switch {
		case d.Name == "agent", d.Name == "operations", d.Name == describedAs && !d.HasAfter:
			return ""
		case d.Name == "in" && d.HasAfter && e.ids[d.After].Tag == "bundle":
			return "" // pcs puts only a new primitive into a bundle
		case d.Name == "in" && d.HasAfter:
			// The container's own change has the command.
		case d.Name == "in" && e.ids[d.Before].Tag == "group":
			list = append(list, "pcs resource group remove "+d.Before+" "+p.id)
		case d.Name == "in" && e.ids[d.Before].Tag != "bundle" && len(members(e.ids[d.Before])) == 0:
			list = append(list, "pcs resource unclone "+p.id)
		case d.Name == "in":
			return ""
		}
	}
	line := noun + " update " + p.id
	if w := pcsDiffs(diffs.options, "options."); w != "" {
		list = append(list, line+w)
	}
	guest, meta := pcsGuestChanges(p, diffs.meta)
	list = append(list, guest...)
	if w := pcsDiffs(meta, "meta."); w != "" {
		list = append(list, e.nounOf(p)+" meta "+p.id+w)
	}
	if w := pcsDiffs(diffs.utilization, "utilization."); w != "" {
		list = append(list, "pcs resource utilization "+p.id+w)
	}
	for _, c := range diffs.ops {
		if c.after != nil && !e.opsTaken(*c.after) {
			return ""
		}
	}
	list = append(list, e.pcsOpChanges(p, diffs.ops)...)
	return commands(append(list, describing(ch, e.ids[p.id])))
}

// pcsCreate is the command that makes a primitive, outside of any container
// but a bundle.
func (e *editor) pcsCreate(p *primitive) string {
	if !e.opsTaken(slices.DeleteFunc(slices.Clone(p.ops), func(o operation) bool { return !p.declaresOpName(o.get("name")) })...) {
		return ""
	}
	if p.onlyOps && (p.connects() || p.class == "stonith") {
		return "" // where pcs has no such choice
	}
	noun, agent := "pcs resource", p.agentName()
	if p.class == "stonith" {
		noun, agent = "pcs stonith", p.typ
	}
	line := pcsLine(noun+" create "+p.id+" "+shellWord(agent), p.options...)
	if p.connects() {
		line = pcsAddRemote(p)
	}
	if words := e.pcsOps(p); len(words) > 0 {
		line += " op " + strings.Join(words, " ")
	}
	guest, meta := pcsAddGuest(p)
	if len(meta) > 0 {
		line = pcsLine(line+" meta", e.inSchema(meta)...)
	}
	if box := e.ids[p.id].Parent(); box.Tag == "bundle" {
		line += " bundle " + attr(box, "id")
	}
	if p.onlyOps {
		line += " --no-default-ops"
		if !p.declaresOpName("monitor") { // which pcs makes all the same
			line += " && " + e.nounOf(p) + " op delete " + p.id + " monitor"
		}
	}
	if len(p.utilization) > 0 {
		line += pcsLine(" && pcs resource utilization "+p.id, p.utilization...)
	}
	if p.description.value != "" {
		line += " && " + describeCommand("primitive", p.id, p.description.value)
	}
	return commands([]string{line, guest})
}

// pcsOps are the words after "op" for the declared operations. There pcs wants
// one option of each at least.
func (e *editor) pcsOps(p *primitive) []string {
	var words []string
	for _, o := range p.ops {
		if p.declaresOpName(o.get("name")) {
			one := e.pcsOp(o)
			if len(one) == 1 {
				one = append(one, pcsPair(pair{name: "interval", value: o.get("interval")}))
			}
			words = append(words, one...)
		}
	}
	return words
}

// opsTaken reports whether pcs takes the operations: 0.12 holds their intervals
// to its own form of a time, and knows no --force there.
func (e *editor) opsTaken(ops ...operation) bool {
	return e.want.dialect != pcs.Pcs012 || !slices.ContainsFunc(ops, func(o operation) bool { return o.get("interval") != "" && !pcsTime(o.get("interval")) })
}

// pcsOp is one operation as pcs takes it; it adds the default interval itself.
func (e *editor) pcsOp(o operation) []string {
	words := []string{shellWord(o.get("name"))}
	for _, a := range o.attrs {
		switch {
		case a.name == "name", a.name == "interval" && a.value == defaultInterval(o.get("name")):
			continue
		case a.name == "role":
			a.value = pacemaker.RoleFor(a.value, e.want.dialect.NewRoles())
		}
		words = append(words, pcsPair(a))
	}
	return words
}

// pcsOpChanges replaces each operation that differs. `pcs resource update … op`
// would do for most, but which operation it then changes depends on the rest.
func (e *editor) pcsOpChanges(p *primitive, changes []opChange) []string {
	noun := e.nounOf(p)
	var remove, add []string
	left := map[string]int{}
	for _, l := range children(e.ids[p.id].SelectElement("operations"), "op") {
		left[attr(l, "name")]++
	}
	for _, c := range changes {
		if c.after != nil {
			left[c.after.get("name")]--
		}
	}
	for _, c := range changes {
		if c.before != nil {
			remove = append(remove, noun+" op delete "+shellWord(c.before.id))
		}
		if c.after != nil {
			line := noun + " op add " + p.id + " " + strings.Join(e.pcsOp(*c.after), " ")
			// pcs asks for --force when there is an operation of that name.
			if left[c.after.get("name")]++; left[c.after.get("name")] > 1 {
				line += " --force"
			}
			add = append(add, line)
		}
	}
	return append(remove, add...)
}

// nounOf: pcs 0.10 knows operations and meta attributes of fencing devices
// under resource, later ones under stonith.
func (e *editor) nounOf(p *primitive) string {
	if p.class == "stonith" && e.want.dialect.Stonith() {
		return "pcs stonith"
	}
	return "pcs resource"
}

// pcsRename is what a person would type: pcs cannot change an id.
func (e *editor) pcsRename(p *primitive, old string) string {
	noun := "pcs resource"
	if p.class == "stonith" {
		noun = "pcs stonith"
	}
	list := []string{noun + " delete " + old, e.pcsCreate(p)}
	box := e.ids[p.id].Parent()
	if !isContainer(box) || box.Tag == "bundle" {
		return commands(list)
	}
	var now []string
	for _, m := range members(box) {
		now = append(now, attr(m, "id"))
	}
	if box.Tag == "group" {
		without := slices.DeleteFunc(slices.Clone(now), func(m string) bool { return m == p.id })
		return commands(append(list, pcsMembers(attr(box, "id"), without, now)...))
	}
	for _, c := range e.want.resources {
		if c.id == attr(box, "id") {
			// Deleting what it holds deletes the clone.
			list = append(list, e.pcsContainer(c, &plan.Change{Action: plan.Create}, now))
		}
	}
	return commands(list)
}
