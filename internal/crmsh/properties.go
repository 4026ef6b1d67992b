package crmsh

import "strings"

// property: property [ID:|$id=ID], rules, then options; rsc_defaults and
// op_defaults are the same. Without an id they have the first set's.
func (p *parser) property() error {
	tag, id := "cluster_property_set", "cib-bootstrap-options"
	switch p.word {
	case "rsc_defaults":
		tag, id = "meta_attributes", "rsc-options"
	case "op_defaults":
		tag, id = "meta_attributes", "op-options"
	}
	head := p.words[p.next-1]
	set := p.new(tag, head)
	if w, ok := p.label(); ok {
		if !name(w.text) {
			return fail(w, found(w)+" is no id", "an id begins with a letter or _, and goes on with letters, digits, . _ and -")
		}
		set.setAt("id", w.text, p.line.pos(w.at))
	} else if err := p.ownID(set); err != nil {
		return err
	}
	if !set.has("id") && !set.has("id-ref") {
		set.set("id", id)
	}
	p.id = strings.TrimSpace(set.get("id") + set.get("id-ref"))
	if set.has("id-ref") && tag == "cluster_property_set" {
		w, _ := p.peek()
		return fail(w, "a set of properties is no reference", "")
	}
	if w, ok := p.label(); ok {
		s, ok := score(w.text)
		if !ok {
			return fail(w, found(w)+" is no score", "a score is a number, inf or -inf")
		}
		set.set("score", s)
	}
	if err := p.rules(set); err != nil {
		return err
	}
	if err := p.options(set, nil); err != nil {
		return err
	}
	out := set
	if tag == "meta_attributes" {
		out = p.new(p.word, head)
		out.add(set)
	}
	p.out = append(p.out, out)
	return nil
}
