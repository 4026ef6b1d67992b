package cib

import (
	"slices"
	"strings"

	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/playbook"
)

// nodeAttributes is an attribute of a node, and what it has to offer, its
// utilization. What is not declared (standby, maintenance, others) stays.
var nodeAttributes = &kind{
	word: "node attribute", section: "nodes", tag: "node",
	want: wantNodes, write: writeNode, pcs: pcsNode, alone: aloneNodes,
}

// nodeParts are the sets of pairs that a node has.
var nodeParts = []struct{ tag, word, set string }{
	{"instance_attributes", "node attribute", ""},
	{"utilization", "node utilization", "-utilization"},
}

func wantNodes(b *builder, p *playbook.Playbook) (list []*object) {
	for _, n := range p.Nodes {
		for i, pairs := range [][]pair{b.pairs(n.Attributes), b.pairs(n.Utilization)} {
			for _, w := range eachPair(pairs, object{in: n.Name, part: nodeParts[i].tag}) {
				w.id = n.Name + " " + w.id
				list = append(list, w)
			}
		}
	}
	return list
}

func writeNode(e *editor, w *object, _ *etree.Element, c *plan.Change) {
	node := e.madeNode(w.in)
	for _, part := range nodeParts {
		if part.tag == w.part {
			c.Kind = part.word
			e.writePair(c, pairSet{parent: node, tag: part.tag, newID: "nodes-" + attr(node, "id") + part.set, want: w.attrs})
		}
	}
}

// madeNode finds a node's element, or makes it: Pacemaker does so itself only when
// the node has joined.
func (e *editor) madeNode(name string) *etree.Element {
	sec := e.madeSection("nodes")
	for _, n := range children(sec, "node") {
		if attr(n, "uname") == name {
			return n
		}
	}
	n := sec.CreateElement("node")
	if slices.Contains(e.want.remotes, name) { // it has no other id, as crm_attribute writes it
		n.CreateAttr("id", name)
		n.CreateAttr("type", "remote")
		n.CreateAttr("uname", name)
		return n
	}
	id := e.want.nodeIDs[name]
	if id == "" {
		e.delta.missing = append(e.delta.missing, name)
		id = name
	}
	n.CreateAttr("id", id)
	n.CreateAttr("uname", name)
	return n
}

func pcsNode(_ *editor, w *object, _ *etree.Element) string {
	noun := "attribute"
	if w.part == "utilization" {
		noun = "utilization"
	}
	return pcsLine("pcs node "+noun+" "+shellWord(w.in), w.attrs...)
}

// operatorAttribute tells the node attributes that people and tools set on a
// running cluster.
func operatorAttribute(name string) bool {
	return name == "standby" || name == "maintenance" || name == "terminate" || strings.HasPrefix(name, "#")
}

func aloneNodes(e *editor, k *kind) {
	for _, node := range children(e.cfg.SelectElement(k.section), k.tag) {
		name := attr(node, "uname")
		for _, part := range nodeParts {
			for _, set := range plainSets(node, part.tag) {
				e.leavePairs(set, part.word, name+" ", func(attribute string) bool {
					return operatorAttribute(attribute) ||
						e.wants(k, func(w *object) bool { return w.part == part.tag && w.id == name+" "+attribute })
				})
			}
		}
	}
}
