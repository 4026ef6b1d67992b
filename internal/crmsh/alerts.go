package crmsh

import "strings"

// alert: alert ID PATH, then lists, select with what it is told of, and to for
// each recipient.
func (p *parser) alert() error {
	e, err := p.begin("alert")
	if err != nil {
		return err
	}
	path, err := p.want("the path of the alert agent")
	if err != nil {
		return err
	}
	e.set("path", path.text)
	p.describe(e)
	stop := []string{"attributes", "meta", "to", "select"}
	for p.next < len(p.words) {
		switch {
		case p.is("attributes", "meta"):
			if err := p.lists(e, alertLists, stop); err != nil {
				return err
			}
		case p.is("select"):
			if err := p.selects(e); err != nil {
				return err
			}
		case p.is("to"):
			if err := p.recipient(e, stop); err != nil {
				return err
			}
		default:
			w, _ := p.peek()
			return p.unexpected(w, "an alert has attributes, meta, select and to")
		}
	}
	return nil
}

func (p *parser) recipient(e *element, stop []string) error {
	w, _ := p.peek()
	p.next++
	braced := p.accept("{")
	to := p.new("recipient", w)
	value, err := p.want("the recipient")
	if err != nil {
		return err
	}
	to.set("value", value.text)
	p.describe(to)
	if braced {
		stop = append([]string{"}"}, stop...)
	}
	for p.is("attributes", "meta") {
		if err := p.lists(to, alertLists, stop); err != nil {
			return err
		}
	}
	if braced && !p.accept("}") {
		at, _ := p.peek()
		return fail(at, "the recipient is not closed", "close it with }")
	}
	e.add(to)
	return nil
}

// selects reads: nodes fencing resources attributes { NAME... }.
func (p *parser) selects(e *element) error {
	w, _ := p.peek()
	p.next++
	sel := e.child("select")
	if sel == nil {
		sel = p.new("select", w)
	}
	for p.is("nodes", "fencing", "resources", "attributes") {
		w, _ := p.peek()
		p.next++
		of := strings.ToLower(w.text)
		if of == "attributes" && !p.is("{") {
			p.next-- // a list of options
			break
		}
		kind := p.new("select_"+of, w)
		sel.add(kind)
		if of != "attributes" {
			continue
		}
		p.next++
		for !p.accept("}") {
			w, err := p.want("}")
			if err != nil {
				return err
			}
			a := p.new("attribute", w)
			a.set("name", w.text)
			kind.add(a)
		}
	}
	if len(sel.children) == 0 {
		return fail(w, "nothing is selected", "nodes, fencing, resources and attributes { NAME } can be")
	}
	if sel.parent == nil {
		e.add(sel)
	}
	return nil
}
