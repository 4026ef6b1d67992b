package playbook

import (
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// ACLs say what of the CIB accounts of the system may read and write that are
// neither root nor hacluster.
type ACLs struct {
	Roles         []ACLRole
	Users, Groups []ACLMember
}

// ACLRole is what those may do who have it.
type ACLRole struct {
	ID, Description string
	Permissions     []ACLPermission
	Pos             diag.Pos
}

// ACLPermission is for what an XPath finds, for one object by its id, or for all
// elements of one name, perhaps only those with an attribute.
type ACLPermission struct {
	ID, Description                         string // may be empty
	Kind                                    string // read, write, deny
	XPath, Reference, ObjectType, Attribute string
	Pos                                     diag.Pos
}

// ACLMember is an account or a group of the system, by its name.
type ACLMember struct {
	ID    string
	Roles []string
	Pos   diag.Pos
}

func (l *loader) acls(f *yamldoc.Field, p *Playbook) (acls ACLs) {
	n := value(f)
	for i, item := range items(n.Get("roles")) {
		acls.Roles = append(acls.Roles, l.aclRole(item, yamldoc.Path("acls.roles").Index(i)))
	}
	acls.Users = l.aclMembers(n.Get("users"), "acls.users", "user of the acls")
	acls.Groups = l.aclMembers(n.Get("groups"), "acls.groups", "group of the acls")
	if v, _ := p.Properties.Get("enable-acl"); len(acls.Users)+len(acls.Groups) > 0 && !pacemaker.True(v.Text) {
		l.warnAt(l.fieldPos(f), "acls", "add enable-acl: true to properties", "Pacemaker asks for no permission as long as the property enable-acl is not true")
	}
	return acls
}

func (l *loader) aclRole(n *yamldoc.Node, path yamldoc.Path) ACLRole {
	r := ACLRole{ID: text(n.Get("id")), Description: text(n.Get("description")), Pos: l.doc.Pos(n)}
	l.declare(n.Get("id"), path+".id", &declared{kind: "role of the acls"})
	for i, item := range items(n.Get("permissions")) {
		at := (path + ".permissions").Index(i)
		a := ACLPermission{
			ID: text(item.Get("id")), Description: text(item.Get("description")), Kind: text(item.Get("kind")),
			XPath: text(item.Get("xpath")), Reference: text(item.Get("reference")),
			ObjectType: text(item.Get("object_type")), Attribute: text(item.Get("attribute")), Pos: l.doc.Pos(item),
		}
		l.declare(item.Get("id"), at+".id", &declared{kind: "permission of the acls"})
		l.checkPermission(a, item, at)
		r.Permissions = append(r.Permissions, a)
	}
	return r
}

// checkPermission wants exactly one thing that the permission is for.
func (l *loader) checkPermission(a ACLPermission, n *yamldoc.Node, path yamldoc.Path) {
	if n.Kind != yamldoc.Map || !l.sound(path) {
		return
	}
	var given []string
	for _, key := range []string{"xpath", "reference", "object_type"} {
		if n.Field(key) != nil {
			given = append(given, key)
		}
	}
	switch {
	case len(given) == 0:
		l.errorAt(a.Pos, path, "add xpath: /cib, or reference with the id of an object, or object_type with the name of an element", "nothing says what the permission is for")
	case len(given) > 1:
		l.errorAt(l.doc.KeyPos(n.Field(given[1])), path.Key(given[1]), "write two permissions", "a permission is for one of them: %s", strings.Join(given, " or "))
	case a.Attribute != "" && a.ObjectType == "":
		l.errorAt(l.doc.KeyPos(n.Field("attribute")), path.Key("attribute"), "an XPath says it by itself: //nvpair[@name]", "attribute goes with object_type only")
	}
	if complaint := unbalanced(a.XPath); complaint != "" {
		l.errorAt(l.doc.Pos(n.Get("xpath")), path.Key("xpath"), "", "%s: Pacemaker would leave the permission aside", complaint)
	}
}

// unbalanced finds a bracket or a quote of an XPath that is not closed, "" for
// none.
func unbalanced(xpath string) string {
	var open []rune
	var quoted rune
	for _, r := range xpath {
		switch {
		case quoted != 0:
			if r == quoted {
				quoted = 0
			}
		case r == '\'' || r == '"':
			quoted = r
		case r == '[' || r == '(':
			open = append(open, r)
		case r == ']' || r == ')':
			if want := map[rune]rune{']': '[', ')': '('}[r]; len(open) == 0 || open[len(open)-1] != want {
				return "a " + string(r) + " closes nothing"
			}
			open = open[:len(open)-1]
		}
	}
	switch {
	case quoted != 0:
		return "a quote " + string(quoted) + " is not closed"
	case len(open) > 0:
		return "a " + string(open[len(open)-1]) + " is not closed"
	}
	return ""
}

func (l *loader) aclMembers(n *yamldoc.Node, path yamldoc.Path, kind string) (list []ACLMember) {
	for i, item := range items(n) {
		at := path.Index(i)
		m := ACLMember{ID: text(item.Get("id")), Pos: l.doc.Pos(item)}
		l.declare(item.Get("id"), at+".id", &declared{kind: kind})
		if kind == "user of the acls" && (m.ID == "root" || m.ID == "hacluster") {
			l.errorAt(l.doc.Pos(item.Get("id")), at+".id", "leave it out", "%s may do everything, whatever the ACLs say", m.ID)
		}
		lines := map[string]int{}
		for j, ref := range items(item.Get("roles")) {
			roleAt, id := (at + ".roles").Index(j), text(ref)
			d := l.ids[id]
			switch line := lines[id]; {
			case id == "":
				continue
			case line > 0:
				l.errorAt(l.doc.Pos(ref), roleAt, "remove it", "%s is named already, on line %d", id, line)
				continue
			case d == nil || d.kind != "role of the acls":
				if l.sound("acls.roles") {
					l.errorAt(l.doc.Pos(ref), roleAt, diag.DidYouMean(id, l.aclRoles()), "no role of the acls has the id %s", quote(id))
				}
				continue
			}
			lines[id] = l.doc.Pos(ref).Line
			m.Roles = append(m.Roles, id)
		}
		list = append(list, m)
	}
	return list
}

func (l *loader) aclRoles() (ids []string) {
	for id, d := range l.ids {
		if d.kind == "role of the acls" {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}
