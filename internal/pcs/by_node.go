package pcs

import (
	"fmt"
	"strings"
)

// byNode reads what crm_mon -n prints: below each node what runs there,
// without its group, clone or bundle, which no other part names either.
//
//   - Node n1: online:                     Node n1: online
//   - Resources:                         	vip	(ocf::heartbeat:IPaddr2):	Started
//   - vip	(ocf:heartbeat:IPaddr2):	 Started
//     from 2.0.3 on                            before
//
// So what it gives is for a person to see, and the status stays unknown.
type byNode struct {
	node   string // whose resources may follow
	indent int    // of its line
	headed bool   // "Resources:" was seen below it
	line   int    // where such a listing begins, 0 for none, -1 in XML
	found  []Resource
}

// begin notes a node that has a line of its own.
func (b *byNode) begin(node string, indent int) {
	b.node, b.indent, b.headed = node, indent, false
}

// end: a blank line or a list of nodes, and no resource belongs to one of them.
func (b *byNode) end() { b.node = "" }

// read reads a line below a node.
func (b *byNode) read(ln line) bool {
	if b.node == "" || ln.indent <= b.indent && !b.headed && ln.s != "Resources:" {
		return false
	}
	if ln.s == "Resources:" {
		b.headed = true
		b.note(ln.no)
		return true
	}
	r, ok := resourceLine(ln.s)
	if !ok || len(r.Nodes) > 0 || !b.headed && !r.Active() && !r.Failed {
		return false
	}
	b.note(ln.no)
	b.add(r, b.node)
	return true
}

func (b *byNode) note(line int) {
	if b.line == 0 {
		b.line = line
	}
}

func (b *byNode) add(r Resource, node string) {
	if r.Failed && r.Role == Stopped { // FAILED alone, and it is listed as active
		r.Role = Started
	}
	if r.Active() {
		r.Nodes = []string{node}
	}
	var number string
	if r.ID, number = cutInstance(r.ID); number != "" {
		r.Instances = []string{number}
	}
	b.found = append(b.found, r)
}

// finish adds what was found to the resources, but for those that another
// part has in its set: with -r, crm_mon lists whole what is active in part.
func (b *byNode) finish(st *Status) {
	if b.line == 0 {
		return
	}
	listed := map[string]bool{}
	for i := range st.Resources {
		o := &st.Resources[i]
		if o.Group+o.Clone+o.Bundle == "" {
			listed[o.ID+"\x00"+strings.Join(o.Nodes, "\x00")] = true
			continue
		}
		for _, id := range o.names() {
			listed[id] = true
		}
	}
	for _, r := range b.found {
		if !listed[r.ID] && !listed[r.ID+"\x00"+strings.Join(r.Nodes, "\x00")] {
			st.Resources = append(st.Resources, r)
		}
	}
	where := ""
	if b.line > 0 {
		where = fmt.Sprintf("line %d: ", b.line)
	}
	st.missing("%sthe resources are listed below their nodes (crm_mon -n), which does not tell their groups, clones and bundles; give the output of pcs status or crm_mon -1 -r", where)
}

// countedLine reads what crm_mon -b prints in place of resources, without
// their names: "1/2\t(ocf:heartbeat:IPaddr2):\tActive n1".
func countedLine(s string) bool {
	head, rest, _, ok := cutAgent(s)
	if !ok {
		return false
	}
	active, all, both := strings.Cut(head, "/")
	word, node := cutWord(rest)
	return digits(active) && (!both || digits(all)) && word == "Active" && !strings.ContainsAny(node, " \t")
}
