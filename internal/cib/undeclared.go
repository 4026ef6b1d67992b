package cib

import (
	"cmp"
	"strings"

	"github.com/beevik/etree"
)

// Kinds that cannot be declared yet: they are listed, and left alone.
var (
	fencingLevels = &kind{word: "fencing level", section: "fencing-topology", tag: "fencing-level", text: levelText}
	aclTargets    = &kind{word: "acl target", section: "acls", tag: "acl_target", text: refsText}
	aclGroups     = &kind{word: "acl group", section: "acls", tag: "acl_group", text: refsText}
	aclRoles      = &kind{word: "acl role", section: "acls", tag: "acl_role", text: permissionsText}
)

// levelText is a fencing level: level 1 for n1: fence-a fence-b.
func levelText(_ *editor, x *etree.Element) string {
	target := cmp.Or(attr(x, "target"), attr(x, "target-pattern"))
	if a := attr(x, "target-attribute"); a != "" {
		target = a + "=" + attr(x, "target-value")
	}
	return "level " + attr(x, "index") + " for " + target + ": " + strings.ReplaceAll(attr(x, "devices"), ",", " ")
}

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
