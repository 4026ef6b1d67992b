package cib

// kept is what Pacemaker and operators keep in the CIB, as the playbook has it
// noted. It is neither compared with a live CIB nor put into one.
type kept struct {
	properties []pair
	nodes      []keptNode
	sections   []string
}

type keptNode struct {
	name       string
	attributes []pair
}
