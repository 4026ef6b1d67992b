package cib

import (
	"slices"
	"strings"

	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/playbook"
)

// The ACLs: roles, and who has them.
var (
	aclRoles = &kind{
		word: "acl role", section: "acls", tag: "acl_role",
		want: wantRoles, match: byID, write: writeRole, pcs: pcsRole, text: permissionsText,
	}
	aclTargets = &kind{
		word: "acl target", section: "acls", tag: "acl_target",
		want:  func(_ *builder, p *playbook.Playbook) []*object { return wantMembers(p.ACLs.Users) },
		match: byID, write: writeMember, pcs: pcsMember("user"), text: refsText,
	}
	aclGroups = &kind{
		word: "acl group", section: "acls", tag: "acl_group",
		want:  func(_ *builder, p *playbook.Playbook) []*object { return wantMembers(p.ACLs.Groups) },
		match: byID, write: writeMember, pcs: pcsMember("group"), text: refsText,
	}
)

func wantRoles(b *builder, p *playbook.Playbook) (list []*object) {
	for _, r := range p.ACLs.Roles {
		w := &object{id: r.ID, at: r.Pos.InFile(), attrs: []pair{{name: "description", value: r.Description}}}
		for _, a := range r.Permissions {
			one := permission{id: a.ID}
			for _, attr := range []pair{{name: "kind", value: a.Kind}, {name: "xpath", value: a.XPath}, {name: "reference", value: a.Reference},
				{name: "object-type", value: a.ObjectType}, {name: "attribute", value: a.Attribute}, {name: "description", value: a.Description}} {
				if !xmlText(attr.value) {
					b.fail(a.Pos, attr.name+" holds a control character, which the CIB cannot store")
				}
				if attr.value != "" {
					one.attrs = append(one.attrs, attr)
				}
			}
			w.permits = append(w.permits, one)
		}
		list = append(list, w)
	}
	return list
}

// apart are the live permissions that are not wanted, and the wanted ones that
// are not there: one that changes is another one.
func apart(w *object, x *etree.Element) (gone []*etree.Element, missing []*permission) {
	var live []*etree.Element
	if x != nil {
		live = x.ChildElements()
	}
	for i := range w.permits {
		at := slices.IndexFunc(live, w.permits[i].is)
		if at < 0 {
			missing = append(missing, &w.permits[i])
			continue
		}
		live = slices.Delete(slices.Clone(live), at, at+1)
	}
	return live, missing
}

func writeRole(e *editor, w *object, x *etree.Element, c *plan.Change) {
	gone, missing := apart(w, x)
	was, had := "", x != nil
	if had {
		was = permissionsText(e, x)
	} else {
		x = e.make(w, w.id)
	}
	e.managed[x] = true
	if before, after := attr(x, "description"), w.get("description"); before != after {
		c.Diffs = append(c.Diffs, diff("description", before, after, before != "", after != "", false))
		if x.RemoveAttr("description"); after != "" {
			x.CreateAttr("description", after)
		}
	}
	for _, p := range gone {
		e.drop(p)
	}
	for _, p := range missing {
		y := x.CreateElement("acl_permission")
		id := p.id
		if id == "" {
			id = w.id + "-" + p.attrs[0].value
		} else if other := e.ids[id]; other != nil {
			e.errorf("the playbook declares the permission %q of acl role %q, but in the CIB that id belongs to another object (<%s>); give the permission another id", id, w.id, other.Tag)
		}
		e.setID(y, id)
		for _, a := range p.attrs {
			y.CreateAttr(a.name, a.value)
		}
	}
	if is := permissionsText(e, x); len(gone)+len(missing) > 0 || !had && is != "" {
		c.Diffs = append(c.Diffs, diff("permissions", was, is, had && was != "", is != "", false))
	}
	if !had && len(c.Diffs) == 0 {
		c.Diffs = []plan.Diff{plan.Becomes("permissions", "none")}
	}
}

// pcsRole: pcs knows no object type, gives each permission an id of its own and
// changes no description.
func pcsRole(_ *editor, w *object, x *etree.Element) string {
	gone, missing := apart(w, x)
	if slices.ContainsFunc(missing, func(p *permission) bool { return !p.byPcs() }) {
		return ""
	}
	words := func() (text string) {
		for _, p := range missing {
			text += " " + p.words()
		}
		return text
	}
	if x == nil {
		line := "pcs acl role create " + w.id
		if d := w.get("description"); d != "" {
			line += " " + pcsPair(pair{name: "description", value: d})
		}
		return line + words()
	}
	if attr(x, "description") != w.get("description") {
		return ""
	}
	var list []string
	for _, p := range gone {
		list = append(list, "pcs acl permission delete "+shellWord(attr(p, "id")))
	}
	if len(missing) > 0 {
		list = append(list, "pcs acl permission add "+w.id+words())
	}
	return commands(list)
}

func wantMembers(of []playbook.ACLMember) (list []*object) {
	for _, m := range of {
		list = append(list, &object{id: m.ID, at: m.Pos.InFile(), refs: m.Roles})
	}
	return list
}

// rolesApart are the roles of a member that go, and those that come.
func rolesApart(w *object, x *etree.Element) (gone, come []string) {
	var live []string
	if x != nil {
		for _, r := range children(x, "role") {
			live = append(live, attr(r, "id"))
		}
	}
	for _, id := range w.refs {
		if !slices.Contains(live, id) {
			come = append(come, id)
		}
	}
	return slices.DeleteFunc(live, func(id string) bool { return slices.Contains(w.refs, id) }), come
}

// writeMember: the order of roles means nothing.
func writeMember(e *editor, w *object, x *etree.Element, c *plan.Change) {
	gone, come := rolesApart(w, x)
	was, had := "", x != nil
	if had {
		was = refsText(e, x)
	} else {
		x = e.make(w, w.id)
	}
	e.managed[x] = true
	for _, r := range children(x, "role") {
		if slices.Contains(gone, attr(r, "id")) {
			x.RemoveChild(r)
		}
	}
	for _, id := range come {
		x.CreateElement("role").CreateAttr("id", id)
	}
	switch is := refsText(e, x); {
	case !had && is == "":
		c.Diffs = []plan.Diff{plan.Becomes("roles", "none")}
	case !had || len(gone)+len(come) > 0:
		c.Diffs = []plan.Diff{diff("roles", was, is, was != "", is != "", false)}
	}
}

func pcsMember(word string) func(e *editor, w *object, x *etree.Element) string {
	return func(_ *editor, w *object, x *etree.Element) string {
		gone, come := rolesApart(w, x)
		if x == nil {
			return strings.TrimSpace("pcs acl " + word + " create " + shellWord(w.id) + " " + strings.Join(come, " "))
		}
		var list []string
		for _, id := range come {
			list = append(list, "pcs acl role assign "+id+" to "+word+" "+shellWord(w.id))
		}
		for _, id := range gone {
			list = append(list, "pcs acl role unassign "+shellWord(id)+" from "+word+" "+shellWord(w.id))
		}
		return commands(list)
	}
}

// permissionsText is what a role of the ACLs permits.
func permissionsText(_ *editor, x *etree.Element) string {
	var list []string
	for _, c := range x.ChildElements() {
		list = append(list, permissionText(c))
	}
	return strings.Join(list, ", ")
}

// is reports whether a live permission says the same; its id does not matter
// unless it is declared.
func (p *permission) is(x *etree.Element) bool {
	want := etree.NewElement(x.Tag)
	for _, a := range p.attrs {
		want.CreateAttr(a.name, a.value)
	}
	return x.Tag == "acl_permission" && (p.id == "" || p.id == attr(x, "id")) && permissionText(want) == permissionText(x) && attr(want, "description") == attr(x, "description")
}

// byPcs reports whether pcs can make it.
func (p *permission) byPcs() bool {
	return p.id == "" && !slices.ContainsFunc(p.attrs, func(a pair) bool { return !slices.Contains([]string{"kind", "xpath", "reference"}, a.name) })
}

// words are those of pcs: read xpath /cib, write id web.
func (p *permission) words() string {
	var list []string
	for _, a := range p.attrs {
		switch a.name {
		case "xpath", "reference":
			list = append(list, map[string]string{"xpath": "xpath", "reference": "id"}[a.name])
		}
		list = append(list, shellWord(a.value))
	}
	return strings.Join(list, " ")
}

// permissionText is one permission: read /cib, write web, deny nvpair with name.
func permissionText(x *etree.Element) string {
	text := spaced(attr(x, "kind"), attr(x, "xpath"), attr(x, "reference"), attr(x, "object-type"))
	if name := attr(x, "attribute"); name != "" {
		text += " with " + name
	}
	return text
}
