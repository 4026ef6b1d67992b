package cib

import (
	"slices"

	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/internal/plan"
)

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
				e.saysID(box, p.id+"-operations")
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
