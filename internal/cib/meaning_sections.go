package cib

import (
	"cmp"
	"slices"
	"strings"

	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/internal/pacemaker"
)

// meantSets are the pairs of a section that always hold, each for itself, then
// the sets with a rule or a score, each as a whole.
func (e *editor) meantSets(single, whole *kind, prefix string, known []pacemaker.Option) (list []*said) {
	sec := e.cfg.SelectElement(single.section)
	if sec == nil {
		return nil
	}
	box := etree.NewElement(sec.Tag) // what always holds, by itself
	for _, x := range sec.ChildElements() {
		is := setGetter(x)
		switch {
		case x.Tag != single.tag:
			list = append(list, e.meantElement(x))
		case attr(x, "id") == SeedID, attr(x, "id") == handoverSet:
		case hasAttr(x, "id-ref"), is("rule")+is("score") != "":
			m := &said{kind: whole.word, sort: whole.word, id: setName(x), free: true, key: is("rule")}
			for _, name := range []string{"score", "rule"} {
				if text := is(name); text != "" {
					m.say(name, text, "="+text)
				}
			}
			alone := etree.NewElement(sec.Tag)
			set := alone.CreateElement(x.Tag)
			for _, nv := range children(x, "nvpair") {
				set.AddChild(nv.Copy())
			}
			m.says = append(m.says, e.meantPairs(alone, x.Tag, prefix, known)...)
			m.besides(x, []string{"score"}, []string{"rule", "nvpair"})
			list = append(list, m)
		default:
			box.AddChild(x.Copy())
			for _, y := range x.ChildElements() {
				if y.Tag != "nvpair" {
					list = append(list, e.meantElement(y))
				}
			}
		}
	}
	var pairs []*said
	for _, s := range e.meantPairs(box, single.tag, "", known) {
		m := &said{kind: single.word, sort: single.word, id: s.name}
		if single == properties {
			switch {
			case ownProperty(s.name):
				m.kept = pacemakerItself
			case s.name == "maintenance-mode", s.name == "stop-all-resources":
				m.kept = operators
			}
		}
		m.says = []statement{{name: "value", text: s.text, means: s.means}}
		pairs = append(pairs, m)
	}
	return append(pairs, list...)
}

// kindMember is what a node of the cluster is called.
const kindMember = "node"

// meantNodes are the members, named by a playbook or, where that is whole, by the
// CIB, and the pairs of each node.
func (e *editor) meantNodes(members []string, whole bool) (list []*said) {
	slices.Sort(members)
	for _, name := range members {
		list = append(list, &said{kind: kindMember, sort: kindMember, id: name})
	}
	for _, x := range e.elements("nodes") {
		name := attr(x, "uname")
		if x.Tag != "node" {
			list = append(list, e.meantElement(x))
			continue
		}
		if m := (&said{kind: kindMember, sort: kindMember, id: name}); whole && attr(x, "type") != "remote" {
			m.besides(x, []string{"uname", "type"}, []string{nodeParts[0].tag, nodeParts[1].tag})
			list = append(list, m)
		}
		for _, part := range nodeParts {
			for _, s := range e.meantPairs(x, part.tag, "", nil) {
				m := &said{kind: part.word, sort: part.word, id: name + " " + s.name, says: []statement{{name: "value", text: s.text, means: s.means}}}
				if part.tag == "instance_attributes" && operatorAttribute(s.name) {
					m.kept = operators
				}
				list = append(list, m)
			}
		}
	}
	return list
}

// meantElement is an element of any other section.
func (e *editor) meantElement(x *etree.Element) *said {
	m := &said{kind: e.wordOf(x), sort: x.Tag, id: attr(x, "id")}
	switch {
	case e.kindOf(x) == nil:
		m.besides(x, nil, nil)
	case x.Parent().Tag == "constraints":
		m.constraint(e, x)
	case x.Tag == "fencing-level":
		m.level(x)
	case x.Tag == "alert":
		m.alert(e, x)
	case x.Tag == "tag":
		m.refs("resources", refIDs(x))
		m.besides(x, nil, []string{"obj_ref"})
	case x.Tag == "acl_role":
		var list []string
		for _, p := range x.ChildElements() {
			list = append(list, spaced(permissionText(p), named(p, describedAs)))
		}
		slices.Sort(list)
		text := cmp.Or(strings.Join(list, ", "), "none")
		m.say("permissions", text, "="+text)
		m.besides(x, nil, []string{"acl_permission"})
	default: // a user or a group of the ACLs
		var ids []string
		for _, r := range children(x, "role") {
			ids = append(ids, attr(r, "id"))
		}
		slices.Sort(ids)
		m.refs("roles", ids)
		m.besides(x, nil, []string{"role"})
	}
	return m
}

func (m *said) refs(name string, ids []string) {
	m.say(name, strings.Join(ids, " "), "="+strings.Join(ids, " "))
}

// constraintAttrs are those that constraints have, in the order in which they are
// shown; of each kind, those that name what it is about make its key.
var constraintAttrs = []string{"rsc", "rsc-pattern", "node", "rsc-role", "with-rsc", "with-rsc-role", "first", "first-action", "then", "then-action", "ticket",
	"role", "rule", "score", "score-attribute", "kind", "symmetrical", "require-all", "resource-discovery"}

var constraintEnds = []string{"rsc", "rsc-pattern", "node", "with-rsc", "first", "then", "ticket"}

func (m *said) constraint(e *editor, x *etree.Element) {
	m.free = true
	get := locationGetter(x)
	if x.Tag == "rsc_order" && attr(x, "kind") == "" && hasAttr(x, "score") { // as it was written before there were kinds
		kind := "Optional"
		if n, ok := pacemaker.Score(attr(x, "score")); ok && n > 0 {
			kind = "Mandatory"
		}
		plain := get
		get = func(name string) string {
			switch name {
			case "kind":
				return kind
			case "score":
				return ""
			}
			return plain(name)
		}
	}
	of := map[string]bool{"kind": x.Tag == "rsc_order", "symmetrical": x.Tag == "rsc_order", "require-all": x.Tag == "rsc_order",
		"first-action": x.Tag == "rsc_order", "then-action": x.Tag == "rsc_order", "resource-discovery": x.Tag == "rsc_location"}
	sets := setsText(x)
	for _, name := range constraintAttrs {
		value := get(name)
		if applies, particular := of[name]; particular && !applies && value == "" || sets != "" && strings.HasSuffix(name, "-action") && value == "" {
			continue
		}
		means := canonAttr(name, value, get)
		if value == "" && means == "" {
			continue
		}
		if strings.HasSuffix(name, "role") {
			value = pacemaker.Role(value)
		}
		m.say(name, value, "="+means)
	}
	for _, name := range constraintEnds {
		m.key += get(name) + "\n"
	}
	if sets != "" {
		means := strings.Join(setWords(x), " ")
		if k := e.kindOf(x); plainSetsOnly(x) && k.binds != nil {
			if pairs := pairWords(k, x); len(pairs) > 0 {
				means = strings.Join(setMembersOf(x), " ") + "\n" + strings.Join(pairs, "\n")
			}
		}
		m.say("sets", sets, means)
		m.key += strings.Join(setMembersOf(x), " ")
	}
	if rules := children(x, "rule"); len(rules) > 1 {
		for _, r := range rules[1:] {
			text := elementText(r, true) + " " + attrsText(r)
			m.say("rule besides", text, "="+text)
		}
	}
	m.besides(x, constraintAttrs, []string{"rule", "resource_set"})
	if byTool(x) {
		m.kept = operators
	}
}

func (m *said) level(x *etree.Element) {
	m.free = true
	for _, name := range levelKey {
		value := attr(x, name)
		m.key += value + "\n"
		if value != "" {
			m.say(name, value, "="+value)
		}
	}
	m.refs("devices", strings.Split(attr(x, "devices"), ","))
	m.besides(x, append([]string{"devices"}, levelKey...), nil)
}

func (m *said) alert(e *editor, x *etree.Element) {
	part := func(y *etree.Element, prefix string, attrs, tags []string) {
		for _, name := range attrs {
			if value := attr(y, name); value != "" {
				m.say(prefix+name, value, "="+value)
			}
		}
		for _, p := range pairTags[:2] {
			m.says = append(m.says, e.meantPairs(y, p.tag, prefix+p.prefix, nil)...)
			tags = append(tags, p.tag)
		}
		rest := &said{}
		rest.besides(y, attrs, tags)
		for _, s := range rest.says {
			m.say(prefix+s.name, s.text, s.means)
		}
	}
	part(x, "", []string{"path", describedAs}, []string{"select", "recipient"})
	m.refs("select", liveSelect(x))
	for _, r := range children(x, "recipient") {
		part(r, "recipients."+attr(r, "value")+".", []string{"value", describedAs}, nil)
	}
}
