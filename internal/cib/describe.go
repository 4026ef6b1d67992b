package cib

import (
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
		text += " if " + ruleText(rule)
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

func roleText(x *etree.Element, role, rsc string) string {
	if r := pacemaker.Role(attr(x, role)); r != "" && r != "Started" {
		return r + " " + attr(x, rsc)
	}
	return attr(x, rsc)
}

// named is an attribute as name=value, "" when it is not there.
func named(x *etree.Element, name string) string {
	if v := attr(x, name); v != "" {
		return name + "=" + v
	}
	return ""
}

// spaced joins those that are not empty.
func spaced(list ...string) string {
	return strings.Join(slices.DeleteFunc(list, func(s string) bool { return s == "" }), " ")
}
