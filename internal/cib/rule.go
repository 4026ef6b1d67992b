package cib

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/rule"
)

// A rule is a part of constraints and of sets of pairs.

// ruleText writes a rule of the CIB as pcs does.
func ruleText(x *etree.Element) string { return readRule(x).String() }

// expressionAttrs are the attributes of each expression, in the order of pcs.
var expressionAttrs = map[string][]string{
	"expression":      {"attribute", "operation", "type", "value"},
	"date_expression": {"operation", "start", "end"},
	"rsc_expression":  {"class", "provider", "type"},
	"op_expression":   {"name", "interval"},
}

// readRule reads a <rule>, or an expression in it. What only says a default
// aloud is left out.
func readRule(x *etree.Element) rule.Rule {
	if x.Tag != "rule" {
		e := rule.Expression{Tag: x.Tag}
		for _, name := range expressionAttrs[x.Tag] {
			if value := attr(x, name); value != "" || name == "value" && hasAttr(x, name) {
				e.Attrs = append(e.Attrs, rule.Attr{Name: name, Value: value})
			}
		}
		e.Spec, e.Duration = dateAttrs(x, "date_spec"), dateAttrs(x, "duration")
		return rule.Rule{Expression: e}
	}
	r := rule.Rule{Join: cmp.Or(attr(x, "boolean-op"), "and")}
	for _, y := range x.ChildElements() {
		if y.Tag == "rule" || expressionAttrs[y.Tag] != nil {
			r.Parts = append(r.Parts, readRule(y))
		}
	}
	if len(r.Parts) == 1 {
		return r.Parts[0]
	}
	return r
}

func dateAttrs(x *etree.Element, tag string) (list []rule.Attr) {
	for _, y := range children(x, tag) {
		for _, a := range y.Attr {
			if a.Key != "id" {
				list = append(list, rule.Attr{Name: a.Key, Value: a.Value})
			}
		}
	}
	return list
}

// writeRule makes a <rule> below an element, with the ids of pcs. A rule in a
// rule has a score in the schema of Pacemaker 2.0.5, which counts for
// nothing, and pcs writes it up to 0.11; from 0.12 on it says and of a single
// expression too.
func (e *editor) writeRule(in *etree.Element, r *rule.Rule) *etree.Element {
	x := ruleElement(r)
	in.AddChild(x)
	walk(x, func(y *etree.Element) {
		switch {
		case y.Tag != "rule":
		case e.want.dialect == pcs.Pcs012 && !hasAttr(y, "boolean-op"):
			y.CreateAttr("boolean-op", "and")
		case e.want.dialect != pcs.Pcs012 && y != x:
			y.CreateAttr("score", "0")
		}
		e.setID(y, attr(y.Parent(), "id")+ruleSuffix(y))
	})
	return x
}

// pcsTakesRule reports whether pcs takes a rule in its own words. Before 0.12 it
// wants a start of in_range, and holds weekyears to the numbers of weeks; 0.12
// knows no moon, and no quotes around a value with blanks.
func pcsTakesRule(r *rule.Rule, d pcs.Dialect) bool {
	for i := range r.Parts {
		if !pcsTakesRule(&r.Parts[i], d) {
			return false
		}
	}
	if d == pcs.Pcs012 {
		return !hasSpec(r, "moon") && !strings.ContainsFunc(r.Get("value"), func(c rune) bool { return unicode.IsSpace(c) || strings.ContainsRune(`"'()`, c) })
	}
	return !hasSpec(r, "weekyears") && (r.Get("operation") != "in_range" || r.Get("start") != "")
}

// ruleSuffix is what pcs adds to the id of what an expression stands in.
func ruleSuffix(y *etree.Element) string {
	switch y.Tag {
	case "rule":
		return "-rule"
	case "date_spec":
		return "-datespec"
	case "duration":
		return "-duration"
	case "rsc_expression":
		return joined("-rsc", attr(y, "class"), attr(y, "provider"), attr(y, "type"))
	case "op_expression":
		return joined("-op", attr(y, "name"))
	}
	return "-expr"
}

func joined(words ...string) string {
	return strings.Join(slices.DeleteFunc(words, func(s string) bool { return s == "" }), "-")
}

// ruleWords are a rule as arguments of pcs, which takes one since 0.12.
func (e *editor) ruleWords(r *rule.Rule) (line string) {
	if e.want.dialect == pcs.Pcs012 {
		return " " + shellWord(r.String())
	}
	for _, word := range r.Words() {
		line += " " + shellWord(word)
	}
	return line
}
