package cib

import (
	"cmp"
	"slices"
	"strings"

	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/internal/pacemaker"
)

// What is left alone is shown with a value: what it is, in a few words, as far
// as may be those of pcs.

// tellingOptions is how many options say what a primitive is.
const tellingOptions = 2

// primitiveText is a primitive's agent, with the first of its options.
func (e *editor) primitiveText(x *etree.Element) string {
	words := []string{liveAgent(x)}
	for _, p := range e.pairTexts(x, "instance_attributes") {
		if words = append(words, p); len(words) > tellingOptions {
			break
		}
	}
	return strings.Join(words, " ")
}

// pairTexts are the pairs of the sets that are in force, as name=value.
func (e *editor) pairTexts(x *etree.Element, tag string) (list []string) {
	for _, set := range plainSets(x, tag) {
		list = append(list, e.setTexts(set)...)
	}
	return list
}

func (e *editor) setTexts(set *etree.Element) (list []string) {
	for _, nv := range children(set, "nvpair") {
		name := e.nvName(nv)
		list = append(list, name+"="+shown(name, e.nvValue(nv)))
	}
	return list
}

// setText is a set of pairs with the rule under which it holds.
func (e *editor) setText(set *etree.Element) string {
	if ref := attr(set, "id-ref"); ref != "" {
		return "shared with " + ref
	}
	text := strings.Join(e.setTexts(set), " ")
	if rule := set.SelectElement("rule"); rule != nil {
		text += " if " + ruleText(rule, false)
	}
	return text
}

// resourceText is what any resource is: an agent, or members.
func (e *editor) resourceText(x *etree.Element) string {
	if x.Tag == "primitive" {
		return e.primitiveText(x)
	}
	var words []string
	if x.Tag == "bundle" {
		for _, c := range x.ChildElements() {
			if image := attr(c, "image"); image != "" {
				words = append(words, c.Tag+" "+image)
			}
		}
	}
	for _, m := range members(x) {
		words = append(words, attr(m, "id"))
	}
	return strings.Join(words, " ")
}

// constraintText is a constraint as pcs lists it.
func constraintText(x *etree.Element) string {
	sets := setsText(x)
	switch x.Tag {
	case "rsc_location":
		return locationText(x, sets)
	case "rsc_colocation":
		text := roleText(x, "rsc-role", "rsc") + " with " + roleText(x, "with-rsc-role", "with-rsc")
		if sets != "" {
			text = sets
		}
		return words(text, scoreText(attr(x, "score")), named(x, "node-attribute"))
	case "rsc_order":
		first := cmp.Or(attr(x, "first-action"), "start")
		text := first + " " + attr(x, "first") + " then " + cmp.Or(attr(x, "then-action"), first) + " " + attr(x, "then")
		if sets != "" {
			text = sets
		}
		return words(text, named(x, "kind"), named(x, "score"), named(x, "symmetrical"), named(x, "require-all"))
	case "rsc_ticket":
		text := roleText(x, "rsc-role", "rsc")
		if sets != "" {
			text = sets
		}
		return words(text, "ticket "+attr(x, "ticket"), named(x, "loss-policy"))
	}
	return ""
}

func locationText(x *etree.Element, sets string) string {
	who := words(attr(x, "rsc"), sets)
	if p := attr(x, "rsc-pattern"); p != "" {
		who = "pattern " + p
	}
	if rules := children(x, "rule"); len(rules) > 0 {
		for _, r := range rules {
			who += " rule " + words(scoreText(attr(r, "score")), named(r, "score-attribute"), named(r, "role"), ruleText(r, false))
		}
		return who
	}
	verb, score := " prefers ", attr(x, "score")
	if s, minus := strings.CutPrefix(score, "-"); minus {
		verb, score = " avoids ", s
	}
	node := attr(x, "node")
	if score != "INFINITY" && score != "" {
		node += "=" + score
	}
	return words(who+verb+node, named(x, "role"), named(x, "resource-discovery"))
}

// setsText are the resource sets of a constraint: set a b role=Promoted.
func setsText(x *etree.Element) string {
	var list []string
	for _, set := range children(x, "resource_set") {
		list = append(list, "set")
		if ref := attr(set, "id-ref"); ref != "" {
			list = append(list, ref)
		}
		for _, r := range children(set, "resource_ref") {
			list = append(list, attr(r, "id"))
		}
		for _, a := range []string{"action", "role", "sequential", "require-all"} {
			if t := named(set, a); t != "" {
				list = append(list, t)
			}
		}
	}
	return strings.Join(list, " ")
}

func roleText(x *etree.Element, role, rsc string) string {
	if r := pacemaker.Role(attr(x, role)); r != "" && r != "Started" {
		return r + " " + attr(x, rsc)
	}
	return attr(x, rsc)
}

func scoreText(score string) string {
	if score == "" {
		return ""
	}
	return "score=" + score
}

// named is an attribute as name=value, "" when it is not there.
func named(x *etree.Element, name string) string {
	if v := attr(x, name); v != "" {
		return name + "=" + v
	}
	return ""
}

// words joins those that are not empty.
func words(list ...string) string {
	return strings.Join(slices.DeleteFunc(list, func(s string) bool { return s == "" }), " ")
}

// levelText is a fencing level: level 1 for n1: fence-a fence-b.
func levelText(x *etree.Element) string {
	target := cmp.Or(attr(x, "target"), attr(x, "target-pattern"))
	if a := attr(x, "target-attribute"); a != "" {
		target = a + "=" + attr(x, "target-value")
	}
	return "level " + attr(x, "index") + " for " + target + ": " + strings.ReplaceAll(attr(x, "devices"), ",", " ")
}

// refsText are the ids that the children of a tag or an ACL's target name.
func refsText(x *etree.Element) string {
	var list []string
	for _, c := range x.ChildElements() {
		if x.Tag == "acl_role" {
			list = append(list, words(attr(c, "kind"), attr(c, "xpath"), attr(c, "reference"), attr(c, "object-type")))
			continue
		}
		list = append(list, attr(c, "id"))
	}
	if x.Tag == "acl_role" {
		return strings.Join(list, ", ")
	}
	return strings.Join(list, " ")
}
