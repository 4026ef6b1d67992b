package cib

import (
	"slices"
	"strings"

	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/playbook"
)

// tags are names for several resources. Their order is kept: a set of resources
// that names a tag takes them in it.
var tags = &kind{
	word: "tag", section: "tags", tag: "tag",
	want: wantTags, match: byID, write: writeTag, pcs: pcsTag, text: refsText,
}

func wantTags(_ *builder, p *playbook.Playbook) (list []*object) {
	for _, t := range p.Tags {
		list = append(list, &object{id: t.ID, at: t.Pos.InFile(), refs: t.Resources})
	}
	return list
}

func writeTag(e *editor, w *object, x *etree.Element, c *plan.Change) {
	names := strings.Join(w.refs, " ")
	if x == nil {
		x = e.make(w, w.id)
		c.Diffs = []plan.Diff{plan.Becomes("resources", names)}
	} else if was := refIDs(x); !slices.Equal(was, w.refs) {
		c.Diffs = []plan.Diff{plan.Changes("resources", strings.Join(was, " "), names)}
	}
	e.managed[x] = true
	if len(c.Diffs) == 0 {
		return
	}
	for _, ref := range children(x, "obj_ref") {
		x.RemoveChild(ref)
	}
	for _, id := range w.refs {
		x.CreateElement("obj_ref").CreateAttr("id", id)
	}
}

func refIDs(x *etree.Element) (ids []string) {
	for _, ref := range children(x, "obj_ref") {
		ids = append(ids, attr(ref, "id"))
	}
	return ids
}

// pcsTag: what is added comes first, for pcs lets no tag become empty.
func pcsTag(_ *editor, w *object, x *etree.Element) string {
	if x == nil {
		return "pcs tag create " + w.id + " " + strings.Join(w.refs, " ")
	}
	update := "pcs tag update " + w.id
	was := refIDs(x)
	var list []string
	for _, m := range moves(was, w.refs) {
		list = append(list, update+" add "+m.id+m.where)
	}
	gone := slices.DeleteFunc(was, func(id string) bool { return slices.Contains(w.refs, id) })
	if len(gone) > 0 {
		list = append(list, update+" remove "+strings.Join(gone, " "))
	}
	return commands(list)
}

// refsText are the ids that the children of a tag or of an ACL's target name.
func refsText(_ *editor, x *etree.Element) string {
	var ids []string
	for _, c := range x.ChildElements() {
		ids = append(ids, attr(c, "id"))
	}
	return strings.Join(ids, " ")
}
