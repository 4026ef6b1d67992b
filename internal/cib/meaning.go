package cib

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/internal/pacemaker"
)

// keeper is who writes something that is no part of what a cluster was
// configured to be.
type keeper int

const (
	nobody keeper = iota
	pacemakerItself
	operators
)

// statement is one thing that an object says.
type statement struct {
	name  string
	text  string // as it stands there; may be secret
	means string // the same for all texts that mean the same; empty: what it is without
	kept  keeper
}

// lastWord is the name of an option without what it is an option of.
func lastWord(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }

// said is one object with all that it says.
type said struct {
	kind string // in the words of plans
	sort string // what has the same sort and id is the same object
	id   string
	// free says that the id means nothing: the same may stand under another one.
	// What has the same key then is about the same.
	free bool
	key  string
	says []statement
	ops  []operation
	kept keeper
}

func (m *said) say(name, text, means string) {
	m.says = append(m.says, statement{name: name, text: text, means: means})
}

func (m *said) find(name string) *statement {
	for i := range m.says {
		if m.says[i].name == name {
			return &m.says[i]
		}
	}
	return nil
}

// resolve puts what is only referred to in its place: sets of pairs, operations,
// rules and resource sets that stand elsewhere.
func (e *editor) resolve() {
	var refs []*etree.Element
	walk(e.cfg, func(x *etree.Element) {
		if hasAttr(x, "id-ref") {
			refs = append(refs, x)
		}
	})
	for _, x := range refs {
		to := e.ids[attr(x, "id-ref")]
		if to == nil || to.Tag != x.Tag || hasAttr(to, "id-ref") {
			continue // it says what it refers to, and no more
		}
		x.RemoveAttr("id-ref")
		for _, a := range to.Attr {
			if a.Key != "id" && !hasAttr(x, a.Key) {
				x.CreateAttr(a.Key, a.Value)
			}
		}
		for _, y := range to.ChildElements() {
			x.AddChild(y.Copy())
		}
	}
}

// pairTags are the sets that a resource or an alert may have, with what begins the names of
// their pairs.
var pairTags = []struct{ tag, prefix string }{{"instance_attributes", "options."}, {"meta_attributes", "meta."}, {"utilization", "utilization."}}

// meantPairs are the pairs of the sets of an element, the one that wins for each
// name, then what holds only under a rule.
func (e *editor) meantPairs(x *etree.Element, tag, prefix string, known []pacemaker.Option) (list []statement) {
	seen := map[string]bool{}
	for _, set := range plainSets(x, tag) {
		for _, nv := range children(set, "nvpair") {
			name, value := e.nvName(nv), e.nvValue(nv)
			if tag == "meta_attributes" && olderNames[name] != "" {
				name = olderNames[name]
			}
			if seen[name] {
				continue
			}
			seen[name] = true
			s := statement{name: prefix + name, text: value, means: meansOf(pacemaker.Find(known, name), value)}
			if tag == "meta_attributes" && name == targetRole {
				s.text, s.means = pacemaker.Role(value), "="+pacemaker.Role(value)
			}
			if tag == "meta_attributes" && isResource(x) && handMeta(name) {
				s.kept = operators
			}
			list = append(list, s)
		}
	}
	for _, set := range otherSets(x, tag) {
		when := "shared"
		if r := set.SelectElement("rule"); r != nil {
			when = "if " + ruleText(r)
		}
		name := strings.TrimSuffix(prefix, ".") + " " + when
		for n := 2; slices.ContainsFunc(list, func(s statement) bool { return s.name == name }); n++ {
			name = fmt.Sprintf("%s %s (%d)", strings.TrimSuffix(prefix, "."), when, n)
		}
		list = append(list, statement{name: name, text: elementText(set, true), means: elementText(set, false)})
	}
	return list
}

// elementText is all that an element says, without its own id and those below
// it; masked is without the values of secrets.
func elementText(x *etree.Element, masked bool) string {
	if x.Tag == "rule" {
		return "if " + ruleText(x)
	}
	show := func(name, value string) string {
		if masked {
			value = shown(name, value)
		}
		return name + "=" + strconv.Quote(value)
	}
	if x.Tag == "nvpair" && hasAttr(x, "name") {
		return show(attr(x, "name"), attr(x, "value"))
	}
	var words []string
	for _, a := range x.Attr {
		if a.Key != "id" || !hasOwnID(x) {
			words = append(words, show(a.Key, a.Value))
		}
	}
	slices.Sort(words)
	for _, c := range x.ChildElements() {
		text := elementText(c, masked)
		if c.Tag != "nvpair" && c.Tag != "rule" {
			text = c.Tag + "(" + text + ")"
		}
		words = append(words, text)
	}
	if text := strings.TrimSpace(x.Text()); text != "" {
		words = append(words, strconv.Quote(text))
	}
	return strings.Join(words, " ")
}

// besides says what of an element nothing else has said: no part of a
// configuration is passed over because it is not known here.
func (m *said) besides(x *etree.Element, attrs, tags []string) {
	for _, a := range x.Attr {
		if a.Key != "id" && !slices.Contains(attrs, a.Key) {
			m.say(a.Key, a.Value, "="+a.Value)
		}
	}
	var names []string
	shown, means := map[string][]string{}, map[string][]string{}
	for _, c := range x.ChildElements() {
		if slices.Contains(tags, c.Tag) {
			continue
		}
		if shown[c.Tag] == nil {
			names = append(names, c.Tag)
		}
		shown[c.Tag] = append(shown[c.Tag], elementText(c, true))
		means[c.Tag] = append(means[c.Tag], elementText(c, false))
	}
	slices.Sort(names)
	for _, name := range names {
		m.say(name, strings.Join(shown[name], ", "), "="+strings.Join(means[name], ", "))
	}
}
