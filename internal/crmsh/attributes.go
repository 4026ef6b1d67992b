package crmsh

import (
	"slices"
	"strings"
)

// ends are the words that end a list of options, as keywords of crmsh.
var ends = []string{"params", "meta", "utilization", "operations", "op", "op_params", "op_meta", "rule", "attributes"}

// A list is what crmsh calls a list of options, and the CIB.
type list struct{ word, tag string }

var (
	resourceLists  = []list{{"params", "instance_attributes"}, {"meta", "meta_attributes"}, {"utilization", "utilization"}}
	containerLists = []list{{"params", "instance_attributes"}, {"meta", "meta_attributes"}}
	operationLists = []list{{"op_params", "instance_attributes"}, {"op_meta", "meta_attributes"}}
	nodeLists      = []list{{"attributes", "instance_attributes"}, {"utilization", "utilization"}}
	alertLists     = []list{{"attributes", "instance_attributes"}, {"meta", "meta_attributes"}}
)

// lists reads lists of options into e as long as there are some. The first may
// stand without its word, and is then the first of the kinds.
func (p *parser) lists(e *element, kinds []list, stop []string) error {
	for first := true; ; first = false {
		w, more := p.peek()
		if !more {
			return nil
		}
		i := slices.IndexFunc(kinds, func(k list) bool { return strings.EqualFold(k.word, w.text) })
		switch {
		case i >= 0:
			p.next++
		case first && !slices.Contains(stop, strings.ToLower(w.text)) && (strings.Contains(w.text, "=") || w.text == "rule"):
			i = 0
		default:
			return nil
		}
		set := p.new(kinds[i].tag, w)
		if err := p.set(set, stop); err != nil {
			return err
		}
		// A list without anything in it says nothing, and pcs has none.
		if len(set.children) > 0 || set.has("id") || set.has("id-ref") {
			e.add(set)
		}
	}
}

// set reads one list: an id, a score and rules, if there are any, then options.
func (p *parser) set(set *element, stop []string) error {
	if err := p.ownID(set); err != nil {
		return err
	}
	if set.has("id-ref") {
		return nil
	}
	if w, ok := p.label(); ok {
		text, ok := score(w.text)
		if !ok {
			return fail(w, found(w)+" is no score", "a score is a number, inf or -inf")
		}
		set.setAt("score", text, p.line.pos(w.at))
	}
	if err := p.rules(set); err != nil {
		return err
	}
	return p.options(set, stop)
}

// ownID takes $id= or $id-ref=.
func (p *parser) ownID(e *element) error {
	w, _ := p.peek()
	key, value, ok := strings.Cut(w.text, "=")
	key = strings.ToLower(key)
	if !ok || key != "$id" && key != "$id-ref" {
		return nil
	}
	if !name(value) {
		return fail(w, key+" has no id of XML behind it", "an id begins with a letter or _, and goes on with letters, digits, . _ and -")
	}
	p.next++
	e.setAt(key[1:], value, p.line.pos(w.at))
	return nil
}

// hidden is what crmsh shows for values of options that core.obscure_pattern of
// crm.conf matches.
const hidden = "******"

// options reads NAME=VALUE, $ID:NAME=VALUE, @ID:NAME and names alone.
func (p *parser) options(set *element, stop []string) error {
	for {
		w, more := p.peek()
		if !more || slices.Contains(ends, strings.ToLower(w.text)) || slices.Contains(stop, strings.ToLower(w.text)) {
			return nil
		}
		pair := p.new("nvpair", w)
		key, value, valued := strings.Cut(w.text, "=")
		switch {
		case strings.HasPrefix(w.text, "@"):
			id, key, _ := strings.Cut(w.text[1:], ":")
			if !name(id) {
				return fail(w, found(w)+" names no option of another list", "it is written @ID or @ID:NAME")
			}
			pair.set("id-ref", id)
			if key != "" {
				pair.set("name", key)
			}
			set.add(pair)
			p.next++
			continue
		case strings.HasPrefix(w.text, "$") && valued:
			id, rest, two := strings.Cut(key[1:], ":")
			if !name(id) {
				return fail(w, found(w)+" has no id of XML behind $", "it is written $ID:NAME=VALUE")
			}
			if key = id; two {
				key = rest
			}
			pair.set("id", id)
		case !valued && strings.ContainsAny(key, ":#{}()[]"):
			return p.unexpected(w, "")
		}
		if key == "" {
			return fail(w, "there is no name before =", "options are written NAME=VALUE")
		}
		pair.set("name", key)
		if valued {
			pair.set("value", value)
			if value == hidden {
				p.say(w.at, "the value of "+found(word{text: key})+" is not in the text: crmsh shows ****** for what is secret",
					"give the value yourself, or save the configuration with core.obscure_pattern empty")
			}
		}
		set.add(pair)
		p.valued = true
		p.next++
	}
}
