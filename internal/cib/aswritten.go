package cib

import (
	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/playbook"
)

// spellingsOf are how attributes of new elements are written, by the element.
func spellingsOf(p *playbook.Playbook) map[string][]playbook.AsWritten {
	s := map[string][]playbook.AsWritten{}
	for _, w := range p.AsWritten {
		s[w.Element] = append(s[w.Element], w)
	}
	return s
}

// existing are the elements that stand there before anything is made.
func (e *editor) existing() map[*etree.Element]bool {
	all := map[*etree.Element]bool{}
	if len(e.want.spellings) > 0 {
		walk(e.cfg, func(x *etree.Element) { all[x] = true })
	}
	return all
}

// spell writes attributes of what was made as the playbook has them. They may not
// mean anything else.
func (e *editor) spell(before map[*etree.Element]bool) {
	if len(e.want.spellings) == 0 {
		return
	}
	walk(e.cfg, func(x *etree.Element) {
		if before[x] || x.Parent() == nil {
			return
		}
		list := e.want.spellings[e.spellingKey(x)]
		if len(list) == 0 {
			return
		}
		was := copyIn(x)
		for _, w := range list {
			if x.RemoveAttr(w.Name); !w.Absent {
				x.CreateAttr(w.Name, w.Value)
			}
		}
		for _, w := range list {
			if attr(x, w.Name) == attr(was, w.Name) && hasAttr(x, w.Name) == hasAttr(was, w.Name) {
				continue
			}
			if !spelled(w.Name, x, was) {
				e.errorf("%s: written says %s of %s otherwise than the rest of the playbook: that is no way to write it, it means something else; correct it there, or remove it here",
					w.Pos.InFile(), w.Name, w.Element)
			}
		}
	})
}

// spellingKey names an element by the id that it has without the section ids.
func (e *editor) spellingKey(x *etree.Element) string {
	if attr(x, "id") != "" && hasOwnID(x) {
		return e.madeIDOf(x)
	}
	return e.madeIDOf(x.Parent()) + "/" + x.Tag
}

// copyIn is a copy of an element that still knows what it stands in.
func copyIn(x *etree.Element) *etree.Element {
	y := x.Copy()
	etree.NewElement(x.Parent().Tag).AddChild(y)
	return y
}
