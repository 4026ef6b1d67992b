// Package rule reads and writes rules as pcs writes them: when, and for whom, a
// part of the configuration holds.
//
//	pingd lt 1 or not_defined pingd
//	date in_range 2027-01-01 to 2027-02-01
//	date-spec hours=9-16 weekdays=1-5
//	#uname eq n1 and (site eq north or site eq south)
//
// The grammar is that of pcs(8), `pcs constraint location rule`, for pcs 0.9 to
// 0.12. It knows nothing of where a rule stands.
package rule

import (
	"slices"
	"strings"
	"unicode"
)

// Rule is a rule or a part of one: parts that are joined, or one expression.
type Rule struct {
	Join  string // and, or; empty: one expression
	Parts []Rule
	Expression
}

// Expression is one condition, in the words of the CIB.
type Expression struct {
	Tag   string // the element: expression, date_expression, rsc_expression, op_expression
	Attrs []Attr // its attributes, in the order of pcs
	// Spec and Duration are the attributes of what stands inside of a
	// date_expression.
	Spec, Duration []Attr
}

// Attr is one attribute.
type Attr struct{ Name, Value string }

// Get is the value of an attribute, "" for none.
func (e *Expression) Get(name string) string {
	for _, a := range e.Attrs {
		if a.Name == name {
			return a.Value
		}
	}
	return ""
}

// String is the rule as pcs writes it, "" for none.
func (r Rule) String() string { return r.text(false) }

// Words are those of the rule as arguments of a command: a value with blanks is
// one, and so is each bracket.
func (r Rule) Words() []string { return r.words(false) }

func (r *Rule) words(nested bool) (list []string) {
	if r.Join == "" {
		if r.Tag == "expression" && r.Get("value") != "" {
			list = strings.Fields(r.Get("attribute") + " " + r.Get("operation") + " " + r.Get("type"))
			return append(list, r.Get("value"))
		}
		return strings.Fields(r.expression())
	}
	for i := range r.Parts {
		if i > 0 {
			list = append(list, r.Join)
		}
		list = append(list, r.Parts[i].words(true)...)
	}
	if nested && len(r.Parts) > 1 {
		return append(append([]string{"("}, list...), ")")
	}
	return list
}

func (r *Rule) text(nested bool) string {
	if r.Join == "" && r.Tag == "" {
		return ""
	}
	if r.Join == "" {
		return r.expression()
	}
	var parts []string
	for i := range r.Parts {
		parts = append(parts, r.Parts[i].text(true))
	}
	text := strings.Join(parts, " "+r.Join+" ")
	if nested && len(parts) > 1 {
		return "(" + text + ")"
	}
	return text
}

func (r *Rule) expression() string {
	switch r.Tag {
	case "date_expression":
		return r.date()
	case "rsc_expression":
		return "resource " + r.Get("class") + ":" + r.Get("provider") + ":" + r.Get("type")
	case "op_expression":
		text := "op " + r.Get("name")
		if every := r.Get("interval"); every != "" {
			text += " interval=" + every
		}
		return text
	}
	op := r.Get("operation")
	if op == "defined" || op == "not_defined" {
		return op + " " + quoted(r.Get("attribute"))
	}
	name := quoted(r.Get("attribute"))
	if _, sign, _ := glued(name); sign != "" && !strings.ContainsFunc(name, apart) {
		name = `"` + name + `"`
	}
	words := []string{name, op}
	if t := r.Get("type"); t != "" {
		words = append(words, t)
	}
	return strings.Join(append(words, quoted(r.Get("value"))), " ")
}

func (r *Rule) date() string {
	switch op := r.Get("operation"); op {
	case "gt":
		return "date gt " + r.Get("start")
	case "lt":
		return "date lt " + r.Get("end")
	case "date_spec":
		return "date-spec" + options(r.Spec)
	}
	end := r.Get("end")
	if len(r.Duration) > 0 {
		end = "duration" + options(r.Duration)
	}
	return strings.Join(strings.Fields("date in_range "+r.Get("start")+" to "+end), " ")
}

func options(list []Attr) string {
	var b strings.Builder
	for _, a := range list {
		b.WriteString(" " + a.Name + "=" + a.Value)
	}
	return b.String()
}

// quoted is a value as one word. A quote is a character like any other inside a
// bare word, so one that has quotes of both kinds stays bare.
func quoted(value string) string {
	switch {
	case strings.Contains(value, `"`) && strings.Contains(value, "'"):
		return value
	case value != "" && !strings.ContainsFunc(value, apart) && !slices.Contains(keywords, value):
		return value
	case strings.Contains(value, `"`):
		return "'" + value + "'"
	}
	return `"` + value + `"`
}

// apart tells what ends a bare word, or begins one that is quoted.
func apart(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(`()'"`, r) }

// keywords mean something where they stand bare, even before eq and the like.
var keywords = []string{"and", "or", "date", "string", "integer", "number", "version"}
