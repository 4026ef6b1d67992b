package cib

import "slices"

// kept is what Pacemaker and operators keep in the CIB, as the playbook has it
// noted. It is neither compared with a live CIB nor put into one.
type kept struct {
	properties []pair
	nodes      []keptNode
}

type keptNode struct {
	name       string
	attributes []pair
}

// property and attribute report whether a name is among them.
func (k kept) property(name string) bool { return hasPair(k.properties, name) }

func (k kept) attribute(node, name string) bool {
	return slices.ContainsFunc(k.nodes, func(n keptNode) bool { return n.name == node && hasPair(n.attributes, name) })
}
