package cib

import (
	"maps"
	"slices"
	"strings"

	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/internal/plan"
)

// elementKind names a resource's element in pcs's words.
func (e *editor) elementKind(x *etree.Element) string {
	switch x.Tag {
	case "primitive":
		if attr(x, "class") == "stonith" {
			return kindDevice
		}
		return kindPrimitive
	case "master":
		return kindPromotable
	case "clone":
		for _, set := range plainSets(x, "meta_attributes") {
			for _, nv := range children(set, "nvpair") {
				if e.nvName(nv) == "promotable" && pacemaker.True(e.nvValue(nv)) {
					return kindPromotable
				}
			}
		}
		return kindClone
	}
	return x.Tag
}

// resourceTree is no flat kind, but a tree of primitives, groups, clones and
// bundles.
var resourceTree = &kind{
	word: "resource", section: "resources", tag: "primitive", also: []string{"group", "clone", "master", "bundle", "template"},
	compare: compareResources, alone: aloneResources,
}

// compareResources makes and moves elements first, so that a primitive that
// changes its group keeps its options, and then compares them.
func compareResources(e *editor, k *kind) {
	if len(e.want.templates)+len(e.want.devices)+len(e.want.resources) == 0 {
		return
	}
	sec := e.madeSection(k.section)
	if !e.compareTemplates(sec) {
		return
	}
	var tops []*container
	for _, d := range e.want.devices {
		tops = append(tops, &container{kind: kindPrimitive, id: d.id, prim: d})
	}
	tops = append(tops, e.want.resources...)
	e.recogniseRenames(tops)
	made := map[string]bool{}
	kindWas := map[string]string{}
	for _, t := range tops {
		if !e.place(t, sec, made, kindWas) {
			return
		}
	}
	for _, t := range tops {
		e.compareContainer(t, made, kindWas)
	}
	e.dropEmptied(sec)
	e.checkUnits(tops, made)
}

// place finds or makes the element of c and of what is below, and moves each
// to its parent. It reports false when an id is taken by something else.
func (e *editor) place(c *container, parent *etree.Element, made map[string]bool, kindWas map[string]string) bool {
	tag := map[string]string{kindPrimitive: "primitive", kindGroup: "group", kindClone: "clone", kindPromotable: e.promotableTag(), kindBundle: "bundle"}[c.kind]
	if tag == "" {
		e.errorf("%s %q cannot be put into a CIB: no element is known for it", c.kind, c.id)
		return false
	}
	x := e.ids[c.id]
	if x != nil {
		kindWas[c.id] = e.elementKind(x)
		same := x.Tag == tag || tag == "clone" && x.Tag == "master" || tag == "master" && x.Tag == "clone"
		if !same || !isResource(x) {
			e.errorf("the playbook declares %s %q, but in the CIB that id belongs to another object (%s); "+
				"rename the one in the playbook, or remove the one in the CIB", c.kind, c.id, kindWas[c.id])
			return false
		}
		if tag == "clone" && c.kind == kindClone || tag == "master" {
			x.Tag = tag
		}
	} else {
		x = etree.NewElement(tag)
		e.setID(x, c.id)
		made[c.id] = true
		e.insertNear(c, x, parent)
	}
	e.managed[x] = true
	if in := x.Parent(); in.Tag != "resources" && !isContainer(in) {
		e.errorf("the playbook declares %s %q, but in the CIB it is part of <%s> %q, which is not known here; take it out of that first",
			c.kind, c.id, in.Tag, attr(in, "id"))
		return false
	}
	if x.Parent() != parent {
		x.Parent().RemoveChild(x)
		parent.AddChild(x)
	}
	for _, child := range c.children {
		if !e.place(child, x, made, kindWas) {
			return false
		}
	}
	switch {
	case c.kind == kindGroup:
		e.arrange(c, x)
	case len(c.children) > 0:
		for _, m := range members(x) {
			if attr(m, "id") != c.children[0].id && !e.declares(attr(m, "id")) {
				e.errorf("%s %q is to hold %q, but in the CIB it holds %s %q, which the playbook does not declare; "+
					"declare it, or take it out of the %s first", c.kind, c.id, c.children[0].id, e.elementKind(m), attr(m, "id"), c.kind)
				return false
			}
		}
	}
	return true
}

// promotableTag is the element of a promotable clone in the CIB's schema.
func (e *editor) promotableTag() string {
	if e.v2 {
		return "master"
	}
	return "clone"
}

// insertNear puts a new element where the playbook's order has it: a container
// in the place of what it wraps, all else at the end.
func (e *editor) insertNear(c *container, x, parent *etree.Element) {
	if len(c.children) > 0 {
		if child := e.ids[c.children[0].id]; child != nil && child.Parent() == parent {
			parent.InsertChildAt(child.Index(), x)
			return
		}
	}
	parent.AddChild(x)
}

// declares reports whether the playbook has a resource of that id.
func (e *editor) declares(id string) bool {
	var in func(list []*container) bool
	in = func(list []*container) bool {
		return slices.ContainsFunc(list, func(c *container) bool { return c.id == id || in(c.children) })
	}
	return in(e.want.resources) || slices.ContainsFunc(e.want.devices, func(d *primitive) bool { return d.id == id })
}

// arrange brings the declared members of a group in their order and leaves
// members that are not declared in their places.
func (e *editor) arrange(c *container, group *etree.Element) {
	want := map[string]int{}
	for i, m := range c.children {
		want[m.id] = i
	}
	all := members(group)
	var ours []*etree.Element
	for _, m := range all {
		if _, ok := want[attr(m, "id")]; ok {
			ours = append(ours, m)
		}
	}
	sorted := slices.Clone(ours)
	slices.SortStableFunc(sorted, func(a, b *etree.Element) int { return want[attr(a, "id")] - want[attr(b, "id")] })
	if slices.Equal(ours, sorted) && e.membersFirst(group) {
		return
	}
	order := slices.Clone(all)
	next := 0
	for i, m := range order {
		if _, ok := want[attr(m, "id")]; ok {
			order[i] = sorted[next]
			next++
		}
	}
	for _, m := range all {
		group.RemoveChild(m)
	}
	for i, m := range order {
		group.InsertChildAt(i, m)
	}
}

// membersFirst reports whether no set stands before a member.
func (e *editor) membersFirst(group *etree.Element) bool {
	set := false
	for _, c := range group.ChildElements() {
		if isResource(c) && set {
			return false
		}
		set = set || !isResource(c)
	}
	return true
}

// compareContainer plans the changes of c and of all below it, members before what
// holds them: the order in which pcs can do them.
func (e *editor) compareContainer(c *container, made map[string]bool, kindWas map[string]string) {
	if c.kind == kindBundle {
		e.compareBundle(c, made[c.id])
	}
	for _, child := range c.children {
		e.compareContainer(child, made, kindWas)
	}
	if c.kind == kindPrimitive {
		e.comparePrimitive(c.prim, made[c.id])
		return
	}
	if c.kind == kindBundle {
		return
	}
	x := e.ids[c.id]
	ch := plan.Change{Action: plan.Update, Kind: c.kind, ID: c.id, At: c.at}
	if made[c.id] {
		ch.Action = plan.Create
	} else if k := kindWas[c.id]; k != c.kind {
		ch.Diffs = append(ch.Diffs, plan.Changes("kind", k, c.kind))
		ch.Disruption = plan.Restart
	}
	var now []string
	for _, m := range members(x) {
		now = append(now, attr(m, "id"))
	}
	name := "members"
	if c.kind != kindGroup {
		name = "resource"
	}
	if before := e.members[c.id]; made[c.id] {
		ch.Diffs = append(ch.Diffs, plan.Becomes(name, strings.Join(now, " ")))
	} else if !slices.Equal(before, now) {
		ch.Diffs = append(ch.Diffs, plan.Changes(name, strings.Join(before, " "), strings.Join(now, " ")))
		if c.kind == kindGroup && !sameOrder(before, now) || c.kind != kindGroup && !onlyAppended(before, now) {
			ch.Disruption = plan.Restart
		}
	}
	ch.Diffs = append(ch.Diffs, e.describe(x, c.description)...)
	want := e.inSchema(c.meta)
	if x.Tag == "master" {
		want = slices.DeleteFunc(slices.Clone(want), func(p pair) bool { return p.name == "promotable" })
	}
	ignored := c.ignored
	if made[c.id] {
		ignored = nil
	}
	diffs := e.setPairs(pairSet{parent: x, tag: "meta_attributes", newID: c.id + "-meta_attributes", prefix: "meta.", want: want,
		keep:   func(name string) bool { return handMeta(name) || x.Tag == "master" && name == "promotable" },
		ignore: func(name string) bool { return name != "promotable" && ignored.of("meta")(name) }, kind: "meta attribute of " + c.kind + " " + c.id})
	for _, d := range diffs {
		// The kind says it already.
		if d.Name != "meta.promotable" {
			ch.Diffs = append(ch.Diffs, d)
		}
	}
	if ch.Action == plan.Create || len(ch.Diffs) > 0 {
		// pcs cannot make what has a template, nor then put it anywhere.
		if !slices.ContainsFunc(c.children, func(m *container) bool { return made[m.id] && m.prim != nil && m.prim.template != "" }) {
			ch.Pcs = e.pcsContainer(c, &ch, now)
		}
		e.change(ch)
	}
}

// onlyAppended reports whether after is before with more at its end, which
// disturbs none of those that were there.
func onlyAppended(before, after []string) bool {
	return len(after) >= len(before) && slices.Equal(before, after[:len(before)])
}

// sameOrder reports whether those that are in both lists follow each other as
// before: who else comes or goes makes no member of a group restart by itself.
func sameOrder(before, after []string) bool {
	both := func(list, other []string) []string {
		return slices.DeleteFunc(slices.Clone(list), func(m string) bool { return !slices.Contains(other, m) })
	}
	return slices.Equal(both(before, after), both(after, before))
}

// dropEmptied removes containers out of which the playbook has taken the last
// resource: Pacemaker does not accept them empty.
func (e *editor) dropEmptied(sec *etree.Element) {
	var empty []*etree.Element
	walk(sec, func(x *etree.Element) {
		if isContainer(x) && x.Tag != "bundle" && len(members(x)) == 0 && len(e.members[attr(x, "id")]) > 0 {
			empty = append(empty, x)
		}
	})
	for _, x := range empty {
		parent := x.Parent()
		kind, id := e.elementKind(x), attr(x, "id")
		e.drop(x)
		e.change(plan.Change{Action: plan.Delete, Kind: kind, ID: id,
			Diffs: []plan.Diff{plan.Was("members", strings.Join(e.members[id], " "))}})
		if isContainer(parent) && len(members(parent)) == 0 {
			e.dropEmptied(sec)
			return
		}
	}
}

func aloneResources(e *editor, k *kind) {
	sec := e.cfg.SelectElement(k.section)
	walk(sec, func(x *etree.Element) {
		switch {
		case x.Tag == "template" && !e.managed[x]:
			e.undeclared(x, kindTemplate, attr(x, "id"), e.primitiveText(x))
		case isResource(x) && !e.managed[x]:
			e.undeclared(x, e.elementKind(x), attr(x, "id"), e.resourceText(x))
		case isResource(x) || x.Tag == "template":
			e.undeclarable(x)
			// Sets that hold only under a rule, or stand elsewhere, cannot be
			// declared and are not touched.
			for _, tag := range []string{"instance_attributes", "meta_attributes"} {
				for _, set := range otherSets(x, tag) {
					e.undeclared(set, strings.ReplaceAll(tag, "_", " ")+" of "+attr(x, "id"), setName(set), e.setText(set))
				}
			}
		}
	})
	e.delta.LeftAlone = append(e.delta.LeftAlone, e.spared...)
}

// undeclarable lists what a declared resource may have in the CIB and no
// playbook can say: utilization and options of a container; its members inherit
// the options.
func (e *editor) undeclarable(x *etree.Element) {
	if x.Tag == "primitive" || x.Tag == "template" {
		return
	}
	parts := map[string]string{"utilization": "utilization", "instance_attributes": "option"}
	for _, tag := range slices.Sorted(maps.Keys(parts)) {
		for _, set := range plainSets(x, tag) {
			for _, nv := range children(set, "nvpair") {
				name := e.nvName(nv)
				e.undeclared(nv, parts[tag]+" of "+e.elementKind(x)+" "+attr(x, "id"), name, shown(name, e.nvValue(nv)))
			}
		}
	}
}
