package cib

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/secret"
)

// notRestored says why what agents write for themselves is left as it is.
const notRestored = "not restored: agents write here, and what they wrote then is not true now"

// CompareTo works out the changes that make the configuration of live that of an
// earlier CIB of the same cluster. What Pacemaker and operators keep is left as
// it is now, and so is what agents may have written: attributes of nodes, and
// properties in sets of their own. The error says why it cannot be done.
func CompareTo(live, earlier *CIB) (*Delta, error) {
	if live == nil {
		return nil, errors.New("the cluster does not run, and its configuration is not restored: start it first")
	}
	if a, b := live.Schema(), earlier.Schema(); a != b {
		return nil, fmt.Errorf("the backup is of the schema %s, and the cluster has %s by now: it is not restored; what is in it can be declared instead", b, a)
	}
	e := newEditor(live, &Desired{}, kinds)
	target := earlier.doc.Copy().Root().SelectElement("configuration")
	now := e.cfg.Copy()
	e.keepNow(target)
	for _, s := range e.cfg.ChildElements() {
		e.cfg.RemoveChild(s)
	}
	for _, s := range target.ChildElements() {
		e.cfg.AddChild(s)
	}
	before, after := objectsOf(e, now), objectsOf(e, e.cfg)
	var created, updated, deleted []plan.Change
	for _, o := range before {
		if after.find(o) == nil {
			e.going = append(e.going, &going{kind: o.kind, id: o.id, at: []*etree.Element{o.x}})
			c := o.change(plan.Delete, []plan.Diff{plan.Was("content", cut(o.text))})
			c.Pcs = e.pcsDelete(o.x)
			deleted = append(deleted, c)
		}
	}
	for _, o := range after {
		was := before.find(o)
		if was == nil {
			created = append(created, o.change(plan.Create, []plan.Diff{plan.Becomes("content", cut(o.text))}))
		} else if diffs := was.says.diffs(o.says); len(diffs) > 0 {
			updated = append(updated, o.change(plan.Update, diffs))
		}
	}
	e.delta.Changes = slices.Concat(deleted, updated, created)
	e.needsStop()
	e.stage(live)
	if err := errors.Join(e.errs...); err != nil {
		return nil, err
	}
	d := &e.delta
	d.doc, d.live = e.doc, live.doc
	return d, nil
}

// keepNow puts into an earlier configuration what is to stay as it is now.
func (e *editor) keepNow(target *etree.Element) {
	replace := func(name string) {
		if old := target.SelectElement(name); old != nil {
			target.RemoveChild(old)
		}
		if s := e.cfg.SelectElement(name); s != nil {
			target.AddChild(s.Copy())
		}
	}
	if was := target.SelectElement("nodes"); was != nil && flatText(was) != flatText(e.cfg.SelectElement("nodes")) {
		e.delta.LeftAlone = append(e.delta.LeftAlone, plan.Object{Kind: "nodes", ID: "attributes and utilization", Value: "as they are now", Why: notRestored})
	}
	replace("nodes")

	keep := func(set, nv *etree.Element) bool {
		return ownProperty(attr(nv, "name")) || operatorSwitch(nv) || attr(set, "id") != bootstrapOptions && set.SelectElement("rule") == nil
	}
	config := sectionIn(target, "crm_config")
	for _, set := range config.ChildElements() {
		for _, nv := range children(set, "nvpair") {
			if keep(set, nv) {
				set.RemoveChild(nv)
			}
		}
		if len(set.ChildElements()) == 0 && attr(set, "id") != bootstrapOptions {
			config.RemoveChild(set)
		}
	}
	for _, set := range e.elements("crm_config") {
		for _, nv := range children(set, "nvpair") {
			if keep(set, nv) {
				sameIn(config, set).AddChild(nv.Copy())
			}
		}
	}

	ids := map[string]bool{}
	walk(target.SelectElement("resources"), func(x *etree.Element) { ids[attr(x, "id")] = true })
	constraints := sectionIn(target, "constraints")
	for _, x := range constraints.ChildElements() {
		if byTool(x) {
			constraints.RemoveChild(x)
		}
	}
	for _, x := range e.elements("constraints") {
		if byTool(x) && !slices.ContainsFunc(references(x), func(r reference) bool { return !ids[r.id] }) {
			constraints.AddChild(x.Copy())
		}
	}

	walk(target.SelectElement("resources"), func(x *etree.Element) {
		now := e.ids[attr(x, "id")]
		if !isResource(x) || now == nil || !isResource(now) {
			return
		}
		for _, set := range plainSets(x, "meta_attributes") {
			for _, nv := range children(set, "nvpair") {
				if handMeta(attr(nv, "name")) {
					set.RemoveChild(nv)
				}
			}
		}
		for _, set := range plainSets(now, "meta_attributes") {
			for _, nv := range children(set, "nvpair") {
				if handMeta(attr(nv, "name")) {
					sameIn(x, set).AddChild(nv.Copy())
				}
			}
		}
	})
}

func sectionIn(cfg *etree.Element, name string) *etree.Element {
	if s := cfg.SelectElement(name); s != nil {
		return s
	}
	return cfg.CreateElement(name)
}

// sameIn finds a set of the same id below a parent, or makes it.
func sameIn(parent, set *etree.Element) *etree.Element {
	for _, s := range children(parent, set.Tag) {
		if attr(s, "id") == attr(set, "id") {
			return s
		}
	}
	s := parent.CreateElement(set.Tag)
	for _, a := range set.Attr {
		s.CreateAttr(a.Key, a.Value)
	}
	return s
}

// restorable is an object of a configuration with all that it says.
type restorable struct {
	kind, id string
	x        *etree.Element
	text     string // in a few words
	says     content
}

type restorables []restorable

func (list restorables) find(o restorable) *restorable {
	for i := range list {
		if list[i].kind == o.kind && list[i].id == o.id {
			return &list[i]
		}
	}
	return nil
}

func (o restorable) change(action plan.Action, diffs []plan.Diff) plan.Change {
	return plan.Change{Step: Step, Action: action, Kind: o.kind, ID: o.id, Diffs: diffs}
}

// objectsOf are the objects of a configuration: each resource for itself, and
// each element of the other sections.
func objectsOf(e *editor, cfg *etree.Element) (list restorables) {
	for _, s := range cfg.ChildElements() {
		if s.Tag == "resources" {
			walk(s, func(x *etree.Element) {
				if isResource(x) || x.Tag == "template" {
					list = append(list, restorable{e.elementKind(x), attr(x, "id"), x, e.resourceText(x), contentOf(x)})
				}
			})
			continue
		}
		for _, x := range s.ChildElements() {
			word, text := e.wordOf(x), e.textOf(x)
			if x.Tag == "cluster_property_set" || strings.HasSuffix(s.Tag, "_defaults") {
				word, text = word+" set", e.setText(x)
			}
			list = append(list, restorable{word, attr(x, "id"), x, text, contentOf(x)})
		}
	}
	return list
}

// content is what an element says, in its order: name and value.
type content []struct{ name, value string }

// boxes are elements that say nothing when they are empty.
var boxes = []string{"instance_attributes", "meta_attributes", "utilization", "operations"}

// contentOf reads an element without the resources below it, which are named.
func contentOf(x *etree.Element) (list content) {
	add := func(name, value string) { list = append(list, struct{ name, value string }{name, value}) }
	var visit func(y *etree.Element, prefix string)
	visit = func(y *etree.Element, prefix string) {
		for _, a := range y.Attr {
			if a.Key != "id" || y != x && !slices.Contains(boxes, y.Tag) {
				add(prefix+a.Key, a.Value)
			}
		}
		place := 0
		for _, c := range y.ChildElements() {
			switch {
			case isResource(x) && isResource(c):
				place++
				add("member "+attr(c, "id"), fmt.Sprint(place))
			case c.Tag == "nvpair" && hasAttr(c, "name"):
				add(prefix+attr(c, "name"), attr(c, "value"))
			default:
				visit(c, prefix+c.Tag+" "+attr(c, "id")+".")
			}
		}
	}
	visit(x, "")
	return list
}

func (c content) get(name string) (string, bool) {
	for _, p := range c {
		if p.name == name {
			return p.value, true
		}
	}
	return "", false
}

// diffs are the differences between two contents; nil is nothing at all.
func (c content) diffs(then content) (list []plan.Diff) {
	masked := func(name string) bool { return secret.Named(name[strings.LastIndexByte(name, '.')+1:]) }
	for _, p := range c {
		value, has := then.get(p.name)
		if !has || value != p.value {
			list = append(list, diff(p.name, cut(p.value), cut(value), true, has, masked(p.name)))
		}
	}
	for _, p := range then {
		if _, had := c.get(p.name); !had {
			list = append(list, diff(p.name, "", cut(p.value), false, true, masked(p.name)))
		}
	}
	return list
}

// flatText is all that an element says, on one line.
func flatText(x *etree.Element) string {
	if x == nil {
		return ""
	}
	return fmt.Sprint(contentOf(x))
}
