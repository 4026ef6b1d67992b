package cib

import "github.com/beevik/etree"

// compareTemplates makes the templates before what is made of them, and compares
// them. It reports false when an id is taken by something else.
func (e *editor) compareTemplates(sec *etree.Element) bool {
	for i, t := range e.want.templates {
		x := e.ids[t.id]
		made := x == nil
		switch {
		case made:
			x = etree.NewElement("template")
			e.setID(x, t.id)
			sec.InsertChildAt(i, x)
		case x.Tag != "template":
			e.errorf("the playbook declares template %q, but in the CIB that id belongs to <%s>; rename the one in the playbook, or remove the one in the CIB", t.id, x.Tag)
			return false
		}
		e.managed[x] = true
		e.comparePrimitive(t, made)
	}
	return true
}
