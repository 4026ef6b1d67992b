package crmsh

import (
	"slices"
	"strings"
)

// location: location ID RESOURCE|/PATTERN/|{ SETS } ATTRIBUTES, then SCORE:
// NODE or rules.
func (p *parser) location() error {
	e, err := p.begin("rsc_location")
	if err != nil {
		return err
	}
	w, err := p.want("the resource")
	if err != nil {
		return err
	}
	switch {
	case len(w.text) > 2 && strings.HasPrefix(w.text, "/") && strings.HasSuffix(w.text, "/"):
		e.set("rsc-pattern", w.text[1:len(w.text)-1])
	case w.text == "{":
		end := slices.IndexFunc(p.words[p.next:], func(w word) bool { return w.text == "}" })
		if end < 0 {
			return fail(w, "{ is not closed", "close the set with }")
		}
		if err := p.sets(e, p.words[p.next:p.next+end], "role"); err != nil {
			return err
		}
		p.next += end + 1
	case !name(w.text):
		return fail(w, found(w)+" is no resource", "a pattern is written /like.*this/, and a set in { and }")
	default:
		e.setAt("rsc", w.text, p.line.pos(w.at))
	}
	if err := p.locationOptions(e); err != nil {
		return err
	}
	if label, ok := p.label(); ok {
		s, ok := score(label.text)
		if !ok {
			return fail(label, found(label)+" is no score", "a score is a number, inf or -inf; one that a node attribute gives is written in a rule")
		}
		node, err := p.want("the node")
		if err != nil {
			return err
		}
		e.set("score", s)
		e.setAt("node", node.text, p.line.pos(node.at))
		return p.locationOptions(e) // where older releases had the role
	}
	if !p.is("rule") {
		w, _ := p.peek()
		return fail(w, "neither a score with a node nor a rule stands here", "write SCORE: NODE, such as 100: node1, or rule")
	}
	return p.rules(e)
}

func (p *parser) locationOptions(e *element) error {
	for {
		w, _ := p.peek()
		key, value, pair := strings.Cut(strings.TrimPrefix(w.text, "$"), "=")
		if !pair {
			return nil
		}
		switch strings.ToLower(key) {
		case "role":
			r, ok := role(value)
			if !ok {
				return fail(w, found(w)+" is no role", roles)
			}
			if e.child("resource_set") != nil {
				return fail(w, "a location of sets has no role; each set has one", "write RESOURCE:ROLE in the set")
			}
			e.set("role", r)
		case "resource-discovery":
			if value != "always" && value != "never" && value != "exclusive" {
				return fail(w, found(w)+" is not known", "resource-discovery is always, never or exclusive")
			}
			e.set("resource-discovery", value)
		default:
			return fail(w, found(w)+" is no option of a location", "role and resource-discovery are")
		}
		p.next++
	}
}

// tail takes NAME=VALUE from the end of the statement.
func (p *parser) tail(key string) (word, string, bool) {
	w := p.words[len(p.words)-1]
	k, value, ok := strings.Cut(w.text, "=")
	if !ok || !strings.EqualFold(k, key) || len(p.words) <= p.next {
		return w, "", false
	}
	p.words = p.words[:len(p.words)-1]
	return w, value, true
}

// colocation: colocation ID SCORE: RESOURCE[:ROLE] RESOURCE[:ROLE], or sets.
func (p *parser) colocation() error {
	e, err := p.begin("rsc_colocation")
	if err != nil {
		return err
	}
	label, ok := p.label()
	if !ok {
		return fail(label, "the score is missing", "write SCORE: before the resources, such as inf:")
	}
	s, ok := score(label.text)
	if !ok {
		return fail(label, found(label)+" is no score", "a score is a number, inf or -inf")
	}
	e.set("score", s)
	attribute, value, byAttribute := p.tail("node-attribute")
	if err := p.pairOrSets(e, "role", "rsc", "with-rsc"); err != nil {
		return err
	}
	if byAttribute {
		if e.child("resource_set") != nil {
			return fail(attribute, "a colocation of sets has no node-attribute", "")
		}
		e.set("node-attribute", value)
	}
	return nil
}

// order: order ID [KIND:] FIRST[:ACTION] THEN[:ACTION], or sets. Before kinds,
// crmsh wrote a score: 0 is Optional, and any other Mandatory, for Pacemaker
// too.
func (p *parser) order() error {
	e, err := p.begin("rsc_order")
	if err != nil {
		return err
	}
	if label, ok := p.label(); ok {
		kind, ok := kindOf(label.text)
		if !ok {
			return fail(label, found(label)+" is no kind of an order", "kinds are Mandatory, Optional and Serialize")
		}
		e.set("kind", kind)
	}
	if w, value, ok := p.tail("symmetrical"); ok {
		b, ok := boolean(value)
		if !ok {
			return fail(w, found(w)+" is neither true nor false", "")
		}
		e.set("symmetrical", b)
	}
	return p.pairOrSets(e, "action", "first", "then")
}

func kindOf(text string) (string, bool) {
	switch strings.ToLower(text) {
	case "optional":
		return "Optional", true
	case "serialize":
		return "Serialize", true
	}
	s, ok := score(text)
	if strings.Trim(s, "+-0") == "" {
		return "Optional", ok
	}
	return "Mandatory", ok
}

// ticket: rsc_ticket ID TICKET: RESOURCE[:ROLE], or sets.
func (p *parser) ticket() error {
	e, err := p.begin("rsc_ticket")
	if err != nil {
		return err
	}
	label, ok := p.label()
	if !ok {
		return fail(label, "the ticket is missing", "write TICKET: before the resources")
	}
	e.set("ticket", label.text)
	if w, value, ok := p.tail("loss-policy"); ok {
		if !slices.Contains([]string{"stop", "demote", "fence", "freeze"}, value) {
			return fail(w, found(w)+" is not known", "loss-policy is stop, demote, fence or freeze")
		}
		e.set("loss-policy", value)
	}
	return p.pairOrSets(e, "role", "rsc")
}

// pairOrSets reads the resources of a constraint: as many as it has attributes
// for, or sets.
func (p *parser) pairOrSets(e *element, qualifier string, attrs ...string) error {
	rest := p.words[p.next:]
	p.next = len(p.words)
	isSet := func(w word) bool { return strings.ContainsAny(w.text, "()[]=") || w.text == "_rsc_set_" }
	if len(rest) != len(attrs) || slices.ContainsFunc(rest, isSet) {
		return p.sets(e, rest, qualifier)
	}
	for i, attr := range attrs {
		w := rest[i]
		id, q, err := qualified(w, qualifier)
		if err != nil {
			return err
		}
		e.setAt(attr, id, p.line.pos(w.at))
		if q != "" {
			e.set(attr+"-"+qualifier, q)
		}
	}
	return nil
}

// qualified reads RESOURCE[:ROLE] or RESOURCE[:ACTION].
func qualified(w word, qualifier string) (id, q string, err error) {
	id, q, more := strings.Cut(w.text, ":")
	if !name(id) {
		return "", "", fail(w, found(w)+" is no resource", "")
	}
	if !more {
		return id, "", nil
	}
	if qualifier == "role" {
		if r, ok := role(q); ok {
			return id, r, nil
		}
		return "", "", fail(w, found(w)+" has no role behind :", roles)
	}
	if q = strings.ToLower(q); !slices.Contains([]string{"start", "promote", "demote", "stop"}, q) {
		return "", "", fail(w, found(w)+" has no action behind :", "actions are start, stop, promote and demote")
	}
	return id, q, nil
}
