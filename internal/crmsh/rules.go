package crmsh

import (
	"slices"
	"strings"
)

// rules reads the rules that stand here into e.
func (p *parser) rules(e *element) error {
	for p.is("rule") {
		w, _ := p.peek()
		p.next++
		rule := p.new("rule", w)
		if err := p.rule(rule); err != nil {
			return err
		}
		e.add(rule)
	}
	return nil
}

// rule reads one, behind its word: id, role, score and expressions. One without
// a score has INFINITY, as crmsh and Pacemaker have it.
func (p *parser) rule(rule *element) error {
	if err := p.ownID(rule); err != nil {
		return err
	}
	if value, w, ok := p.pair("role"); ok {
		r, known := role(value)
		if !known {
			return fail(w, found(w)+" is no role", roles)
		}
		rule.setAt("role", r, p.line.pos(w.at))
	}
	if rule.has("id-ref") {
		return nil
	}
	rule.set("score", "INFINITY")
	if w, ok := p.label(); ok {
		if s, ok := score(w.text); ok {
			rule.set("score", s)
		} else { // the value of a node attribute
			rule.attrs = slices.DeleteFunc(rule.attrs, func(a attr) bool { return a.name == "score" })
			rule.setAt("score-attribute", w.text, p.line.pos(w.at))
		}
	}
	join := ""
	for {
		e, err := p.expression()
		if err != nil {
			return err
		}
		rule.add(e)
		w, _ := p.peek()
		if !p.is("and", "or") {
			break
		}
		word := strings.ToLower(w.text)
		if join != "" && join != word {
			return fail(w, "and and or stand in one rule, and what is to be joined first is not said", "crmsh has one of them in a rule; write two rules, or the rule as XML")
		}
		join = word
		p.next++
	}
	if join == "or" {
		rule.set("boolean-op", "or")
	}
	return nil
}

var (
	comparisons = []string{"lt", "gt", "lte", "gte", "eq", "ne"}
	types       = []string{"string", "integer", "number", "version"}
)

func (p *parser) expression() (*element, error) {
	w, err := p.want("an expression of the rule")
	if err != nil {
		return nil, err
	}
	switch op := strings.ToLower(w.text); op {
	case "date":
		return p.date(w)
	case "defined", "not_defined":
		attribute, err := p.want("the node attribute behind " + op)
		if err != nil {
			return nil, err
		}
		e := p.new("expression", w)
		e.set("attribute", attribute.text)
		e.set("operation", op)
		return e, nil
	}
	e := p.new("expression", w)
	e.set("attribute", w.text)
	w, err = p.want("a comparison")
	if err != nil {
		return nil, err
	}
	typ, op, typed := strings.Cut(strings.ToLower(w.text), ":")
	if !typed {
		typ, op = "", typ
	}
	if !slices.Contains(comparisons, op) || typed && !slices.Contains(types, typ) {
		return nil, fail(w, found(w)+" compares nothing", "lt, gt, lte, gte, eq and ne do, also as string:, integer:, number: or version:lt")
	}
	e.set("operation", op)
	if typed {
		e.set("type", typ)
	}
	value, err := p.want("the value that is compared")
	if err != nil {
		return nil, err
	}
	if source, rest, ok := strings.Cut(value.text, "{"); ok && strings.HasSuffix(rest, "}") && (source == "param" || source == "meta" || source == "literal") {
		e.set("value", strings.TrimSuffix(rest, "}"))
		e.set("value-source", source)
		return e, nil
	}
	e.set("value", value.text)
	return e, nil
}

// What a date_spec and a duration may say: rule-3.9.rng, and minutes and
// seconds of newer releases of crmsh.
var (
	specs     = []string{"hours", "monthdays", "weekdays", "yearsdays", "months", "weeks", "years", "weekyears", "moon", "seconds", "minutes", "yeardays"}
	durations = []string{"hours", "monthdays", "weekdays", "yearsdays", "months", "weeks", "years", "weekyears", "moon", "seconds", "minutes", "days"}
)

// date reads an expression about the time.
func (p *parser) date(first word) (*element, error) {
	e := p.new("date_expression", first)
	w, err := p.want("lt, gt, in or spec behind date")
	if err != nil {
		return nil, err
	}
	switch op := strings.ToLower(w.text); op {
	case "lt", "gt":
		value, err := p.want("the date behind " + op)
		if err != nil {
			return nil, err
		}
		e.set("operation", op)
		if op == "lt" {
			e.set("end", value.text)
		} else {
			e.set("start", value.text)
		}
	case "in", "in_range":
		e.set("operation", "in_range")
		if err := p.parts(e, "duration", durations); err != nil {
			return nil, err
		}
		if !e.has("start") && !e.has("end") {
			return nil, fail(w, "the range has neither start= nor end=", "")
		}
	case "spec", "date_spec":
		e.set("operation", "date_spec")
		if err := p.parts(e, "date_spec", specs); err != nil {
			return nil, err
		}
		if e.child("date_spec") == nil || e.has("start") || e.has("end") {
			return nil, fail(w, "the date has to say hours=, weekdays= or another part of a date, and neither start= nor end=", "")
		}
	default:
		return nil, fail(w, found(w)+" is not known of dates", "lt, gt, in and spec are")
	}
	return e, nil
}

// parts reads NAME=VALUE of a date: start and end into e, what else is known
// into an element below it.
func (p *parser) parts(e *element, tag string, known []string) error {
	var below *element
	for {
		w, more := p.peek()
		key, value, pair := strings.Cut(w.text, "=")
		key = strings.ToLower(key)
		switch {
		case !more || !pair:
			return nil
		case value == "":
			return fail(w, found(w)+" has no value", "")
		case key == "start", key == "end":
			e.setAt(key, value, p.line.pos(w.at))
		case slices.Contains(known, key):
			if below == nil {
				below = p.new(tag, w)
				e.add(below)
			}
			below.setAt(key, value, p.line.pos(w.at))
		default:
			return nil // an option behind the rule
		}
		p.next++
	}
}
