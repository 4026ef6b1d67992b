package cib

import (
	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/internal/rule"
)

// ofRule are the attributes of a location that stand in its rule.
var ofRule = []string{"role", "score", "score-attribute"}

// ruleElement is a rule as an element, without ids.
func ruleElement(r *rule.Rule) *etree.Element {
	x := etree.NewElement("rule")
	parts := r.Parts
	if r.Join == "" {
		parts = []rule.Rule{*r}
	} else {
		x.CreateAttr("boolean-op", r.Join)
	}
	for i := range parts {
		if parts[i].Join != "" {
			x.AddChild(ruleElement(&parts[i]))
			continue
		}
		y := x.CreateElement(parts[i].Tag)
		addAttrs(y, parts[i].Attrs)
		if parts[i].Spec != nil {
			addAttrs(y.CreateElement("date_spec"), parts[i].Spec)
		}
		if parts[i].Duration != nil {
			addAttrs(y.CreateElement("duration"), parts[i].Duration)
		}
	}
	return x
}

func addAttrs(x *etree.Element, list []rule.Attr) {
	for _, a := range list {
		x.CreateAttr(a.Name, a.Value)
	}
}
