package crmsh

import (
	"slices"
	"strings"
)

// node: node [ID:|$id=ID] NAME[:TYPE], then lists. Without an id, the name is
// the id.
func (p *parser) node() error {
	w, err := p.want("the name of the node")
	if err != nil {
		return err
	}
	e := p.new("node", w)
	id := w
	if value, pair := strings.CutPrefix(w.text, "$id="); pair {
		id.text = value
	} else if value, label := strings.CutSuffix(w.text, ":"); label {
		id.text = value
	}
	named := id.text == w.text
	if !named {
		if w, err = p.want("the name of the node"); err != nil {
			return err
		}
	}
	uname, typ, typed := strings.Cut(w.text, ":")
	if id.text == "" || uname == "" || strings.ContainsAny(uname, "=@/(){}[]") {
		return fail(w, found(w)+" is no name of a node", "")
	}
	if named {
		id.text = uname
	}
	e.set("id", id.text)
	e.set("uname", uname)
	p.id = uname
	switch {
	case !typed || typ == "normal": // what member was called once
	case slices.Contains([]string{"member", "ping", "remote"}, typ):
		e.set("type", typ)
	default:
		return fail(w, found(w)+" has no type of a node behind :", "types are member, remote and ping")
	}
	p.out = append(p.out, e)
	p.describe(e)
	for p.next < len(p.words) {
		before := p.next
		if err := p.lists(e, nodeLists, nil); err != nil {
			return err
		}
		if p.next == before {
			break
		}
	}
	return nil
}
