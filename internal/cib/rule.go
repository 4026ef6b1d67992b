package cib

import (
	"cmp"
	"strings"

	"github.com/beevik/etree"
)

// A rule is a part of constraints and of sets of pairs.

// ruleText writes a rule as pcs does.
func ruleText(r *etree.Element, nested bool) string {
	var parts []string
	for _, e := range r.ChildElements() {
		switch e.Tag {
		case "rule":
			parts = append(parts, ruleText(e, true))
		case "expression":
			op := attr(e, "operation")
			if op == "defined" || op == "not_defined" {
				parts = append(parts, op+" "+attr(e, "attribute"))
				continue
			}
			parts = append(parts, attr(e, "attribute")+" "+op+" "+attr(e, "value"))
		case "date_expression":
			parts = append(parts, dateText(e))
		case "rsc_expression":
			parts = append(parts, strings.TrimRight("resource "+strings.Trim(attr(e, "class")+":"+attr(e, "provider")+":"+attr(e, "type"), ":"), " "))
		case "op_expression":
			parts = append(parts, strings.TrimRight("op "+attr(e, "name")+" "+attr(e, "interval"), " "))
		}
	}
	text := strings.Join(parts, " "+cmp.Or(attr(r, "boolean-op"), "and")+" ")
	if nested && len(parts) > 1 {
		return "(" + text + ")"
	}
	return text
}

func dateText(e *etree.Element) string {
	switch op := attr(e, "operation"); op {
	case "gt":
		return "date gt " + attr(e, "start")
	case "lt":
		return "date lt " + attr(e, "end")
	case "date_spec":
		words := []string{"date-spec"}
		for _, spec := range children(e, "date_spec") {
			for _, a := range spec.Attr {
				if a.Key != "id" {
					words = append(words, a.Key+"="+a.Value)
				}
			}
		}
		return strings.Join(words, " ")
	default:
		return strings.Join(strings.Fields("date in_range "+attr(e, "start")+" to "+attr(e, "end")), " ")
	}
}
