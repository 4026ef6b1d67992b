package cib

import (
	"cmp"

	"github.com/beevik/etree"

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

// writeRule makes a <rule> below an element, with the ids of pcs.
func (e *editor) writeRule(in *etree.Element, r rule.Rule) *etree.Element {
	x := in.CreateElement("rule")
	e.setID(x, attr(in, "id")+"-rule")
	if r.Join == "" {
		e.writeExpression(x, &r.Expression)
		return x
	}
	x.CreateAttr("boolean-op", r.Join)
	for i := range r.Parts {
		if r.Parts[i].Join != "" {
			e.writeRule(x, r.Parts[i])
		} else {
			e.writeExpression(x, &r.Parts[i].Expression)
		}
	}
	return x
}

func (e *editor) writeExpression(in *etree.Element, of *rule.Expression) {
	x := in.CreateElement(of.Tag)
	e.setID(x, attr(in, "id")+"-expr")
	for _, a := range of.Attrs {
		x.CreateAttr(a.Name, a.Value)
	}
	for _, part := range []struct {
		tag, id string
		attrs   []rule.Attr
	}{{"date_spec", "-datespec", of.Spec}, {"duration", "-duration", of.Duration}} {
		if len(part.attrs) == 0 {
			continue
		}
		y := x.CreateElement(part.tag)
		e.setID(y, attr(x, "id")+part.id)
		for _, a := range part.attrs {
			y.CreateAttr(a.Name, a.Value)
		}
	}
}
