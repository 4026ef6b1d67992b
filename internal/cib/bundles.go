package cib

import (
	"slices"
	"strings"

	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/internal/plan"
)

// containers are the elements of what can run a bundle's containers.
var containers = []string{"podman", "docker", "rkt"}

// compareBundle compares all of a bundle but its primitive, which pcs can put
// into it only once it is there.
func (e *editor) compareBundle(c *container, made bool) {
	x := e.ids[c.id]
	ch := plan.Change{Action: plan.Update, Kind: c.kind, ID: c.id, At: c.at}
	if made {
		ch.Action = plan.Create
	}
	ch.Diffs = e.describe(x, c.description)
	typed := typedBundle{set: e.writeContainer(x, c.bundle, &ch)}
	e.writeNetwork(x, c, &ch, &typed)
	e.writeStorage(x, c, &ch, &typed)
	ignored := c.ignored
	if made {
		ignored = nil
	}
	meta := e.setPairs(pairSet{parent: x, tag: "meta_attributes", newID: c.id + "-meta_attributes", prefix: "meta.", want: e.inSchema(c.meta),
		keep: handMeta, ignore: ignored.of("meta"), kind: "meta attribute of " + c.kind + " " + c.id})
	ch.Diffs = append(ch.Diffs, meta...)
	if inside := members(x); !made && len(c.children) > 0 && !slices.Equal(e.members[c.id], []string{c.children[0].id}) {
		ch.Diffs = append(ch.Diffs, plan.Diff{Name: "resource", Before: strings.Join(e.members[c.id], " "), After: attr(inside[0], "id"),
			HasBefore: len(e.members[c.id]) > 0, HasAfter: true})
		ch.Disruption = plan.Restart
	} else if made && len(inside) > 0 {
		ch.Diffs = append(ch.Diffs, plan.Becomes("resource", attr(inside[0], "id")))
	}
	if !made && len(ch.Diffs) == 0 {
		return
	}
	ch.Pcs = e.pcsBundle(x, c, &ch, typed, meta)
	e.change(ch)
}

// typedBundle are the words that pcs takes for a bundle. What goes is a command
// of its own: pcs gives no id again that was there when the command began.
type typedBundle struct{ remove, set string }

// pcsBundle is the command for a bundle's change, without its primitive.
func (e *editor) pcsBundle(x *etree.Element, c *container, ch *plan.Change, typed typedBundle, meta []plan.Diff) string {
	for _, d := range ch.Diffs {
		if d.Name == "container" && ch.Action == plan.Update || d.Name == describedAs && !d.HasAfter || strings.HasSuffix(d.Name, ".add-host") {
			return "" // pcs takes none of these
		}
	}
	if len(meta) > 0 {
		typed.set += " meta" + pcsDiffs(meta, "meta.")
	}
	verb := "update"
	if ch.Action == plan.Create {
		verb = "create"
	}
	var list []string
	for _, words := range []string{typed.remove, typed.set} {
		if words != "" {
			list = append(list, "pcs resource bundle "+verb+" "+c.id+words)
		}
	}
	return commands(append(list, describing(ch, x)))
}

// sameAs tells the attributes that mean the same, whatever their text.
func sameAs(name, a, b string) bool {
	if name == "add-host" {
		return pacemaker.True(a) == pacemaker.True(b)
	}
	return a == b
}

// setAttrs makes the attributes of an element what is wanted, all but its id.
// prefix begins the names of the differences.
func setAttrs(x *etree.Element, want []pair, prefix string) (diffs []plan.Diff) {
	for _, w := range want {
		if was, had := attr(x, w.name), hasAttr(x, w.name); !had || !sameAs(w.name, was, w.value) {
			diffs = append(diffs, w.from(prefix, was, had))
			x.CreateAttr(w.name, w.value)
		}
	}
	for _, a := range slices.Clone(x.Attr) {
		if a.Key != "id" && !slices.ContainsFunc(want, func(w pair) bool { return w.name == a.Key }) {
			diffs = append(diffs, plan.Was(prefix+a.Key, a.Value))
			x.RemoveAttr(a.Key)
		}
	}
	return diffs
}

// writeContainer makes the element of what runs the containers, and returns the
// words of pcs.
func (e *editor) writeContainer(x *etree.Element, want *bundleBody, ch *plan.Change) string {
	const word = "container"
	var box *etree.Element
	for _, tag := range containers {
		if is := x.SelectElement(tag); is != nil {
			box = is
		}
	}
	switch {
	case box == nil:
		box = etree.NewElement(want.container)
		x.InsertChildAt(0, box)
		ch.Diffs = append(ch.Diffs, plan.Becomes(word, want.container))
	case box.Tag != want.container:
		ch.Diffs = append(ch.Diffs, plan.Changes(word, box.Tag, want.container))
		box.Tag, ch.Disruption = want.container, plan.Restart
	}
	// Before 2.0 it was called masters, which later releases still take.
	options := slices.Clone(want.options)
	for i := range options {
		if options[i].name == "promoted-max" && (e.v2 || hasAttr(box, "masters") && !hasAttr(box, "promoted-max")) {
			options[i].name = "masters"
		}
	}
	diffs := setAttrs(box, options, word+".")
	if len(diffs) == 0 {
		return ""
	}
	ch.Diffs = append(ch.Diffs, diffs...)
	words := " container"
	if ch.Action == plan.Create {
		return words + " " + want.container + pcsDiffs(diffs, word+".")
	}
	// How many there are says nothing of those that stay, unless they have addresses:
	// each is started with the addresses of all (allocate_ip in Pacemaker's bundle.c).
	if pairOf(want.network, "ip-range-start") != "" || slices.ContainsFunc(diffs, func(d plan.Diff) bool { return d.Name != word+".replicas" }) {
		ch.Disruption = plan.Restart
	}
	return words + pcsDiffs(diffs, word+".")
}

func (e *editor) writeNetwork(x *etree.Element, c *container, ch *plan.Change, typed *typedBundle) {
	const tag = "network"
	before := len(ch.Diffs)
	net := x.SelectElement(tag)
	if net == nil {
		if len(c.bundle.network)+len(c.bundle.ports) == 0 {
			return
		}
		net = etree.NewElement(tag)
		x.InsertChildAt(1+elementsBefore(x, containers), net)
	}
	if diffs := setAttrs(net, c.bundle.network, tag+"."); len(diffs) > 0 {
		ch.Diffs = append(ch.Diffs, diffs...)
		typed.set += " network" + pcsDiffs(diffs, tag+".")
		e.restarts(ch)
	}
	e.writeMaps(net, c.bundle.ports, ch, typed, mapKind{"port-mapping", "port-map", func(m bundleMap) string {
		return c.id + "-port-map-" + pairOf(m.attrs, "port") + pairOf(m.attrs, "range")
	}})
	if len(net.ChildElements())+len(net.Attr) == 0 && len(ch.Diffs) > before {
		x.RemoveChild(net)
	}
}

func (e *editor) writeStorage(x *etree.Element, c *container, ch *plan.Change, typed *typedBundle) {
	const tag = "storage"
	before := len(ch.Diffs)
	box := x.SelectElement(tag)
	if box == nil {
		if len(c.bundle.storage) == 0 {
			return
		}
		box = etree.NewElement(tag)
		x.InsertChildAt(1+elementsBefore(x, append([]string{"network"}, containers...)), box)
	}
	e.writeMaps(box, c.bundle.storage, ch, typed, mapKind{"storage-mapping", "storage-map", func(bundleMap) string { return c.id + "-storage-map" }})
	if len(box.ChildElements()) == 0 && len(ch.Diffs) > before {
		x.RemoveChild(box)
	}
}

// elementsBefore is the place of the last child that has one of these names.
func elementsBefore(x *etree.Element, tags []string) int {
	last := -1
	for _, k := range x.ChildElements() {
		if slices.Contains(tags, k.Tag) {
			last = max(last, k.Index())
		}
	}
	return last
}

func (e *editor) restarts(ch *plan.Change) {
	if ch.Action != plan.Create {
		ch.Disruption = plan.Restart
	}
}

// mapKind is one of the two kinds of mappings.
type mapKind struct {
	tag  string
	word string // in the words of pcs, and in differences
	id   func(bundleMap) string
}

// writeMaps makes the mappings below box what is wanted. pcs cannot change
// one, so that one that differs goes, and another comes.
func (e *editor) writeMaps(box *etree.Element, want []bundleMap, ch *plan.Change, typed *typedBundle, k mapKind) {
	left := children(box, k.tag)
	var add []bundleMap
	for _, w := range want {
		at := slices.IndexFunc(left, func(x *etree.Element) bool {
			return (w.id == "" || w.id == attr(x, "id")) && len(setAttrs(x.Copy(), w.attrs, "")) == 0
		})
		if at < 0 {
			add = append(add, w)
			continue
		}
		left = slices.Delete(left, at, at+1)
	}
	var remove []string
	for _, x := range left {
		remove = append(remove, attr(x, "id"))
		ch.Diffs = append(ch.Diffs, plan.Was(k.word+"."+attr(x, "id"), attrsText(x)))
		e.drop(x)
	}
	for _, w := range add {
		x := box.CreateElement(k.tag)
		id := w.id
		if id == "" {
			id = sanitizeID(k.id(w))
		}
		e.setID(x, id)
		setAttrs(x, w.attrs, "")
		words := ""
		if w.id != "" {
			words = " id=" + w.id
		}
		if typed.set += " " + k.word; ch.Action != plan.Create {
			typed.set += " add"
		}
		typed.set += pcsLine("", w.attrs...) + words
		name := k.word + "." + attr(x, "id")
		if at := slices.IndexFunc(ch.Diffs, func(d plan.Diff) bool { return d.Name == name }); at >= 0 { // the same port, to another one inside
			ch.Diffs[at] = plan.Changes(name, ch.Diffs[at].Before, attrsText(x))
		} else {
			ch.Diffs = append(ch.Diffs, plan.Becomes(name, attrsText(x)))
		}
	}
	if len(remove)+len(add) > 0 {
		e.restarts(ch)
	}
	if len(remove) > 0 {
		typed.remove += " " + k.word + " remove " + strings.Join(remove, " ")
	}
}

func pairOf(list []pair, name string) string {
	for _, p := range list {
		if p.name == name {
			return p.value
		}
	}
	return ""
}
