package crmsh

import (
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
)

// A build puts what the statements declare together. Whatever does not fit is
// left out, and its statement says so.
type build struct {
	statements []*statement
	declared   map[string]*element // what statements declare, by id
	taken      map[string]bool     // ids that the text says
	sets       map[string]known    // by section and id
	inherits   []inherited
}

func (b *build) unread() diag.List {
	var all diag.List
	for _, s := range b.statements {
		all = append(all, s.faults...)
	}
	return all
}

// always is how many of the sections are there also when they are empty.
const always = 4

// sections of a configuration, and what is in them.
var sections = []struct {
	tag string
	of  []string
}{
	{"crm_config", []string{"cluster_property_set"}},
	{"nodes", []string{"node"}},
	{"resources", []string{"template", "primitive", "group", "clone", "master", "bundle"}},
	{"constraints", []string{"rsc_location", "rsc_colocation", "rsc_order", "rsc_ticket"}},
	{"rsc_defaults", []string{"rsc_defaults"}},
	{"op_defaults", []string{"op_defaults"}},
	{"fencing-topology", []string{"fencing-topology"}},
	{"acls", []string{"acl_target", "acl_group", "acl_role"}},
	{"tags", []string{"tag"}},
	{"alerts", []string{"alert"}},
}

func (b *build) assemble() *element {
	b.superseded()
	b.unique()
	b.contained()
	b.monitors()

	configuration := &element{tag: "configuration"}
	for _, section := range sections {
		in := &element{tag: section.tag}
		for _, s := range b.statements {
			for _, e := range s.out {
				switch {
				case s.gone || e.parent != nil || !slices.Contains(section.of, e.tag):
				case e.tag == section.tag && e.tag != "fencing-topology": // defaults: their sets
					for _, set := range e.children {
						b.collect(in, set)
					}
				case e.tag == "fencing-topology":
					b.topology(in, e)
				default:
					if e.tag == "cluster_property_set" {
						b.renew(e)
					}
					b.collect(in, e)
				}
			}
		}
		if in.tag == "rsc_defaults" || in.tag == "op_defaults" {
			b.inherit(in)
		}
		configuration.add(in)
	}
	ids(configuration, b.taken)
	missing(configuration)
	i := 0
	configuration.children = slices.DeleteFunc(configuration.children, func(e *element) bool {
		i++
		return i > always && len(e.children) == 0
	})
	root := &element{tag: "cib"}
	for _, a := range [][2]string{{"validate-with", "pacemaker-3.9"}, {"admin_epoch", "0"}, {"epoch", "1"}, {"num_updates", "0"}} {
		root.set(a[0], a[1])
	}
	root.add(configuration)
	root.add(&element{tag: "status"})
	return root
}

// collect adds an element to its section; a set of options of the same id is
// one set, where what is said last counts, as in crmsh.
func (b *build) collect(in, e *element) {
	id := e.get("id")
	if e.tag != "cluster_property_set" && e.tag != "meta_attributes" || id == "" {
		in.add(e)
		return
	}
	// One that is XML or has a rule has no second half.
	alone := e.owner.xml || e.child("rule") != nil
	old := b.sets[in.tag+" "+id]
	if b.taken[id] && (old.set == nil || alone || old.alone) {
		e.owner.refuse(e.at, "the id "+found(word{text: id})+" is already used", "give one of them another")
		return
	}
	if b.taken[id] = true; old.set == nil {
		old = known{set: e, alone: alone, at: map[string]int{}}
		b.sets[in.tag+" "+id] = old
		in.add(e)
		for i, pair := range e.children {
			if !pair.has("id-ref") {
				old.at[pair.get("name")] = i
			}
		}
		return
	}
	for _, pair := range e.children {
		pair.parent = old.set
		name := pair.get("name")
		if i, again := old.at[name]; again && !pair.has("id-ref") {
			old.set.children[i] = pair
			continue
		}
		if !pair.has("id-ref") {
			old.at[name] = len(old.set.children)
		}
		old.set.children = append(old.set.children, pair)
	}
}

// known is a set of options that other statements add to.
type known struct {
	set   *element
	alone bool           // nothing is added to it
	at    map[string]int // of an option, by name
}

func (b *build) topology(in, e *element) {
	if len(in.children) > 0 {
		e.owner.refuse(e.at, "there is more than one fencing_topology", "put the levels of all targets into one")
		return
	}
	var nodes []*element
	for _, s := range b.statements {
		for _, n := range s.out {
			if n.tag == "node" && !s.gone {
				nodes = append(nodes, n)
			}
		}
	}
	b.spread(e, nodes)
	if e.owner.gone {
		return
	}
	for _, level := range e.children {
		in.add(level)
	}
}

// superseded leaves out resources that stand a second time within the XML of
// their container: crmsh shows them both ways, and the XML has their ids.
func (b *build) superseded() {
	inside := map[string]*element{}
	for _, s := range b.statements {
		for _, e := range s.out {
			if !s.xml || s.gone {
				continue
			}
			e.each(func(c *element) {
				if c != e && isResource(c) {
					inside[c.get("id")] = c
				}
			})
		}
	}
	for _, s := range b.statements {
		if s.gone || len(s.out) == 0 || !isResource(s.out[0]) {
			continue
		}
		e := s.out[0]
		c := inside[e.get("id")]
		if c == nil {
			continue
		}
		s.out = nil
		// What the XML has, nothing has to be said of.
		s.faults = nil
		if !slices.EqualFunc(e.says(), c.says(), same) {
			s.refuse(e.at, "the resource stands in the XML of its container too, and there it is another", "leave one of them out")
		}
	}
}

// unique leaves out what has the id of something before it; what statements
// declare is before the parts of any. Sets of options of one id are one set.
func (b *build) unique() {
	for _, s := range b.statements {
		if s.gone {
			continue
		}
		for _, e := range s.out {
			id := e.get("id")
			if id == "" || e.tag == "cluster_property_set" {
				continue
			}
			key := key(e)
			if old := b.declared[key]; old != nil {
				s.refuse(e.at, "the id "+found(word{text: id})+" is already that of a "+old.owner.word, "give one of them another")
				break
			}
			b.declared[key], b.taken[key] = e, true
		}
	}
	for _, s := range b.statements {
		for _, e := range s.out {
			if !s.gone {
				claim(e, b.taken)
			}
		}
	}
}

// said is something that a resource has: an option, an operation, a member.
type said struct{ what, value string }

// says is all of it, by which two of the same id are told apart.
func (e *element) says() []said {
	all := []said{{"", e.tag}}
	for _, name := range []string{"class", "provider", "type", "template"} {
		all = append(all, said{name, e.get(name)})
	}
	for _, m := range e.members {
		all = append(all, said{"member", m.id})
	}
	for _, part := range e.children {
		if isResource(part) {
			all = append(all, said{"member", part.get("id")})
			continue
		}
		part.each(func(c *element) {
			switch c.tag {
			case "op":
				all = append(all, said{"op " + c.get("name") + " " + c.get("interval"), c.get("timeout")})
			case "nvpair":
				all = append(all, said{c.parent.tag + " " + c.get("name"), c.get("value")})
			}
		})
	}
	slices.SortStableFunc(all, func(a, b said) int { return strings.Compare(a.what, b.what) })
	return all
}

// same reports whether both say the same; a value that crmsh hides is any.
func same(a, b said) bool { return a.what == b.what && (a.value == b.value || a.value == hidden) }

func isResource(e *element) bool {
	switch e.tag {
	case "primitive", "group", "clone", "master", "bundle":
		return true
	}
	return false
}

// resources are those that stand in no container, by id.
func (b *build) resources() map[string]*element {
	all := map[string]*element{}
	for _, s := range b.statements {
		for _, e := range s.out {
			if id := e.get("id"); !s.gone && (isResource(e) || e.tag == "template") {
				all[id] = e
			}
		}
	}
	return all
}

// contained puts resources into their containers, groups first.
func (b *build) contained() {
	all := b.resources()
	for _, tag := range []string{"bundle", "group", "clone", "master"} {
		for _, s := range b.statements {
			if len(s.out) == 1 && s.out[0].tag == tag && !s.gone && len(s.out[0].members) > 0 {
				b.fill(s.out[0], all)
			}
		}
	}
}

func (b *build) fill(e *element, all map[string]*element) {
	for _, m := range e.members {
		r := all[m.id]
		switch {
		case r == nil:
			e.owner.sayAt(m.at, "the resource "+found(word{text: m.id})+" is not in the text", "it was left out, or never declared")
		case r.tag == "group" && (e.tag == "group" || e.tag == "bundle") || r.tag != "group" && r.tag != "primitive":
			e.owner.sayAt(m.at, found(word{text: m.id})+" is a "+r.owner.word+", which a "+e.owner.word+" cannot have in it", "")
		case r.parent != nil:
			e.owner.sayAt(m.at, found(word{text: m.id})+" is already in "+r.parent.get("id"), "")
		default:
			e.add(r)
			continue
		}
		// A group without one of its members is a group. A clone of nothing,
		// or a bundle that was to have something in it, is not.
		if e.tag != "group" {
			e.owner.gone = true
			delete(all, e.get("id"))
			return
		}
	}
	if !slices.ContainsFunc(e.children, isResource) {
		e.owner.gone = true
		delete(all, e.get("id"))
	}
}

// monitors gives operations that stand alone to their resources.
func (b *build) monitors() {
	all := b.resources()
	for _, s := range b.statements {
		if len(s.out) != 1 || s.out[0].tag != "op" || s.gone {
			continue
		}
		op := s.out[0]
		m := op.members[0]
		r := all[m.id]
		if r == nil || r.tag != "primitive" && r.tag != "template" {
			s.refuse(m.at, "there is no primitive "+found(word{text: m.id}), "")
			continue
		}
		p := &parser{statement: s}
		p.inOperations(r, word{}).add(op)
	}
}
