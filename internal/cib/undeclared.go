package cib

import (
	"strings"

	"github.com/beevik/etree"
)

// Kinds that cannot be declared yet: they are listed, and left alone.
var (
	aclTargets = &kind{word: "acl target", section: "acls", tag: "acl_target", text: refsText}
	aclGroups  = &kind{word: "acl group", section: "acls", tag: "acl_group", text: refsText}
	aclRoles   = &kind{word: "acl role", section: "acls", tag: "acl_role", text: permissionsText}
)

// refsText are the ids that the children of a tag or of an ACL's target name.
func refsText(_ *editor, x *etree.Element) string {
	var list []string
	for _, c := range x.ChildElements() {
		list = append(list, attr(c, "id"))
	}
	return strings.Join(list, " ")
}

// permissionsText is what a role of the ACLs permits.
func permissionsText(_ *editor, x *etree.Element) string {
	var list []string
	for _, c := range x.ChildElements() {
		list = append(list, spaced(attr(c, "kind"), attr(c, "xpath"), attr(c, "reference"), attr(c, "object-type")))
	}
	return strings.Join(list, ", ")
}
