package cib

import "github.com/hadeploy/hadeploy/playbook"

// Constraints lists all constraints in the document's order.
func (c *CIB) Constraints() (list []Constraint) {
	section := c.section("constraints")
	if section == nil {
		return nil
	}
	r := reader{tagsOf(c.section("tags")), section}
	for _, x := range section.ChildElements() {
		for _, k := range kinds {
			if k.binds != nil && k.tag == x.Tag {
				list = append(list, k.binds(r, x)...)
			}
		}
	}
	return list
}

// DeclaredConstraints are those of a playbook as Constraints would list them of
// a CIB that had them and nothing else. Their ids are the declared ones, or
// empty.
func DeclaredConstraints(p *playbook.Playbook) (list []Constraint) {
	b := &builder{without: true}
	for _, w := range b.flatObjects(p) {
		if w.kind.binds != nil {
			list = append(list, w.kind.binds(reader{}, w.element())...)
		}
	}
	return list
}
