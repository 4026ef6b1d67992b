package cib

import (
	"github.com/beevik/etree"
)

// pcsDelete is the command that a person would type to remove an element, while
// it still stands where it is; where pcs has none, that of Pacemaker.
func (e *editor) pcsDelete(x *etree.Element) string {
	id := shellWord(attr(x, "id"))
	parent := x.Parent()
	switch x.Tag {
	case "primitive", "group", "clone", "master", "bundle":
		switch {
		case attr(x, "class") == "stonith":
			return "pcs stonith delete " + id
		case attr(x, "provider") == "pacemaker" && attr(x, "type") == "remote":
			return "pcs cluster node remove-remote " + id
		}
		return "pcs resource delete " + id
	case "rsc_location", "rsc_colocation", "rsc_order", "rsc_ticket":
		return "pcs constraint delete " + id
	case "fencing-level":
		return e.pcsDeleteLevel(getter(x))
	case "tag":
		return "pcs tag remove " + id
	case "alert":
		return "pcs alert remove " + id
	case "acl_role":
		return "pcs acl role delete " + id
	case "acl_target":
		return "pcs acl user delete " + id
	case "acl_group":
		return "pcs acl group delete " + id
	case "nvpair":
		return pcsUnset(x)
	case "meta_attributes":
		switch {
		case parent != nil && parent.Tag == "rsc_defaults" && hasAttr(x, "id"):
			return "pcs resource defaults set delete " + id
		case parent != nil && parent.Tag == "op_defaults" && hasAttr(x, "id"):
			return "pcs resource op defaults set delete " + id
		}
	}
	if !hasAttr(x, "id") {
		return ""
	}
	return "cibadmin --delete --xpath " + shellWord("//"+x.Tag+"[@id='"+attr(x, "id")+"']")
}

// pcsUnset is the command that takes one pair out of its set.
func pcsUnset(nv *etree.Element) string {
	set := nv.Parent()
	owner := set.Parent()
	gone := shellWord(attr(nv, "name") + "=")
	switch {
	case !hasAttr(nv, "name") || owner == nil:
	case set.Tag == "cluster_property_set" && attr(set, "id") == bootstrapOptions:
		return "pcs property unset " + shellWord(attr(nv, "name"))
	case owner.Tag == "node" && set.Tag == "utilization":
		return "pcs node utilization " + shellWord(attr(owner, "uname")) + " " + gone
	case owner.Tag == "node":
		return "pcs node attribute " + shellWord(attr(owner, "uname")) + " " + gone
	case owner.Tag == "rsc_defaults":
		return "pcs resource defaults set update " + shellWord(attr(set, "id")) + " meta " + gone
	case owner.Tag == "op_defaults":
		return "pcs resource op defaults set update " + shellWord(attr(set, "id")) + " meta " + gone
	case set.Tag == "utilization":
		return "pcs resource utilization " + shellWord(attr(owner, "id")) + " " + gone
	}
	return "cibadmin --delete --xpath " + shellWord("//nvpair[@id='"+attr(nv, "id")+"']")
}
