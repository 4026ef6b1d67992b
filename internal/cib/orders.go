package cib

import (
	"cmp"
	"strings"

	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/playbook"
)

var orders = &kind{
	word: "order constraint", section: "constraints", tag: "rsc_order",
	want:  wantOrders,
	match: alike(ends{"first", "then"}, "first", "then", "first-action", "then-action"), write: writeConstraint, pcs: pcsOrder,
	keeps: byTool, text: orderText, autoID: orderID, setsID: "order_set_", binds: bindOrder,
}

// wantOrders: an action that is not given is start, which pcs of every release
// then writes: `pcs constraint order promote db then web` makes
// then-action="start". Only where the CIB itself has no then-action does
// Pacemaker take the first one.
func wantOrders(b *builder, p *playbook.Playbook) (list []*object) {
	for _, o := range p.Constraints.Order {
		if len(o.Sets) > 0 {
			list = append(list, b.setConstraint(o.ID, o.Pos, o.Sets, o.Options))
			continue
		}
		list = append(list, b.constraint(o.ID, o.Pos, o.Options, pair{name: "first", value: o.First}, pair{name: "then", value: o.Then},
			pair{name: "first-action", value: cmp.Or(o.FirstAction, "start")}, pair{name: "then-action", value: cmp.Or(o.ThenAction, "start")}))
	}
	return list
}

func orderID(get func(string) string) string {
	return sanitizeID("order-" + get("first") + "-" + get("then") + "-" + cmp.Or(get("kind"), "mandatory"))
}

func pcsOrder(e *editor, w *object, x *etree.Element) string {
	if len(w.sets) > 0 {
		return pcsInstead(x) + e.pcsSets("order", w, w.attrs)
	}
	end := func(action, rsc string) string {
		if a := w.get(action); a != "start" {
			return a + " " + w.get(rsc)
		}
		return w.get(rsc)
	}
	line := "pcs constraint order " + end("first-action", "first") + " then " + end("then-action", "then")
	return pcsInstead(x) + pcsLine(line, w.withID(w.besides("first", "then", "first-action", "then-action"))...)
}

// orderActions are what an order in the CIB waits for, and what waits.
func orderActions(x *etree.Element) (first, then string) {
	first = cmp.Or(attr(x, "first-action"), "start")
	return first, cmp.Or(attr(x, "then-action"), first)
}

// orderText is an order as pcs lists it.
func orderText(_ *editor, x *etree.Element) string {
	first, then := orderActions(x)
	text := cmp.Or(setsText(x), first+" "+attr(x, "first")+" then "+then+" "+attr(x, "then"))
	return spaced(text, named(x, "kind"), named(x, "score"), named(x, "symmetrical"), named(x, "require-all"))
}

func bindOrder(r reader, x *etree.Element) (list []Constraint) {
	base := r.base(x, Order)
	base.Symmetrical = canonAttr("symmetrical", attr(x, "symmetrical"), func(n string) string { return attr(x, n) }) != "false"
	switch kind := attr(x, "kind"); {
	case strings.EqualFold(kind, "Mandatory"), kind == "" && !hasAttr(x, "score"), kind == "" && base.Score > 0:
		base.Score = Infinity
	default:
		base.Score = 0
	}
	for _, first := range r.members(attr(x, "first")) {
		one := base
		one.Resources, one.First = r.members(attr(x, "then")), []string{first}
		one.FirstAction, one.ThenAction = orderActions(x)
		list = append(list, one)
	}
	return append(list, orderSets(base, r.resourceSets(x))...)
}
