package cib

import "github.com/beevik/etree"

// The elements of the tree of resources.

func isContainer(x *etree.Element) bool {
	switch x.Tag {
	case "group", "clone", "master", "bundle":
		return true
	}
	return false
}

func isResource(x *etree.Element) bool { return x.Tag == "primitive" || isContainer(x) }

// members are the resources directly below a container.
func members(x *etree.Element) []*etree.Element {
	var list []*etree.Element
	for _, c := range x.ChildElements() {
		if isResource(c) {
			list = append(list, c)
		}
	}
	return list
}

// liveAgent names the agent of an element, or the template that says it.
func liveAgent(x *etree.Element) string {
	if t := attr(x, "template"); t != "" && !hasAttr(x, "class") {
		return "template " + t
	}
	return agentOf(attr(x, "class"), attr(x, "provider"), attr(x, "type"))
}

func agentOf(class, provider, typ string) string {
	if provider == "" {
		return class + ":" + typ
	}
	return class + ":" + provider + ":" + typ
}

// handMeta tells the meta attributes that people set on a running resource
// (disable, unmanage, maintenance): respected while the playbook is silent.
func handMeta(name string) bool {
	return name == targetRole || name == "is-managed" || name == "maintenance"
}

// usesTemplate reports whether a primitive of a section is made of a template.
func usesTemplate(sec *etree.Element, id string) (used bool) {
	walk(sec, func(x *etree.Element) { used = used || attr(x, "template") == id })
	return used
}
