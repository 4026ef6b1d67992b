package cib

import (
	"fmt"
	"strings"

	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/plan"
)

// properties compares the cluster properties one by one: those that are not
// declared belong to Pacemaker or to somebody else.
func (e *editor) properties() {
	if len(e.want.properties) == 0 {
		return
	}
	sec := e.section("crm_config")
	for _, w := range e.want.properties {
		diffs := e.pairs(pairSet{parent: sec, tag: "cluster_property_set", newID: bootstrapOptions, want: []pair{w},
			short: e.want.dialect != pcs.Pcs010})
		for _, d := range diffs {
			d.Name = "value"
			e.change(plan.Change{Action: action(d), Kind: kindProperty, ID: w.name, At: w.at, Diffs: []plan.Diff{d},
				Pcs: pcsLine("pcs property set", w)})
		}
	}
}

// action of a change that is one difference.
func action(d plan.Diff) plan.Action {
	switch {
	case !d.HasBefore:
		return plan.Create
	case !d.HasAfter:
		return plan.Delete
	}
	return plan.Update
}

// defaults compares the sets of resource or operation defaults. A set without
// an id in the playbook stands for the one that pcs's `defaults update` works
// on: the first without a rule.
func (e *editor) defaults(section, setID, kind string, want []defaultSet) {
	for _, w := range want {
		if len(w.pairs) == 0 {
			continue
		}
		sec := e.section(section)
		words := "pcs resource defaults"
		if kind == kindOpDefault {
			words = "pcs resource op defaults"
		}
		if w.id == "" {
			e.defaultPairs(sec, nil, setID, kind, words+" update", w.pairs)
			continue
		}
		set := e.ids[w.id]
		if set != nil && (set.Parent() != sec || set.Tag != "meta_attributes") {
			e.errorf("%s: the id %q is already used by a <%s> in the CIB; give the set another id", kind, w.id, set.Tag)
			continue
		}
		if set == nil {
			words += " set create id=" + w.id + " meta"
			set = sec.CreateElement("meta_attributes")
			e.setID(set, w.id)
		} else {
			words += " set update " + w.id + " meta"
		}
		e.defaultPairs(sec, set, w.id, kind, words, w.pairs)
	}
}

func (e *editor) defaultPairs(sec, set *etree.Element, setID, kind, words string, want []pair) {
	for _, w := range want {
		s := pairSet{parent: sec, tag: "meta_attributes", newID: setID, want: []pair{w}, short: true}
		var diffs []plan.Diff
		if set == nil {
			diffs = e.pairs(s)
		} else {
			diffs = e.pairsIn(set, w)
		}
		for _, d := range diffs {
			d.Name = "value"
			e.change(plan.Change{Action: action(d), Kind: kind, ID: w.name, At: w.at, Diffs: []plan.Diff{d}, Pcs: pcsLine(words, w)})
			words = strings.Replace(words, "set create id="+setID, "set update "+setID, 1)
		}
	}
}

// pairsIn makes one pair of one given set equal.
func (e *editor) pairsIn(set *etree.Element, w pair) []plan.Diff {
	for _, nv := range children(set, "nvpair") {
		if e.nvName(nv) != w.name {
			continue
		}
		old := e.nvValue(nv)
		if old == w.value || w.unknown {
			return nil
		}
		nv.CreateAttr("value", w.value)
		return []plan.Diff{w.from("", old, true)}
	}
	e.newPair(set, w, true)
	return []plan.Diff{w.from("", "", false)}
}

// nodeAttributes compares the declared attributes and utilization of nodes;
// what is not declared (standby, maintenance, others) stays.
func (e *editor) nodeAttributes() {
	for _, n := range e.want.nodes {
		if len(n.attributes)+len(n.utilization) == 0 {
			continue
		}
		node := e.node(n.name)
		id := attr(node, "id")
		for _, part := range []struct {
			kind, tag, set, words string
			want                  []pair
		}{
			{kindNodeAttr, "instance_attributes", "nodes-" + id, "pcs node attribute", n.attributes},
			{kindUtilization, "utilization", "nodes-" + id + "-utilization", "pcs node utilization", n.utilization},
		} {
			for _, w := range part.want {
				for _, d := range e.pairs(pairSet{parent: node, tag: part.tag, newID: part.set, want: []pair{w}}) {
					d.Name = "value"
					e.change(plan.Change{Action: action(d), Kind: part.kind, ID: fmt.Sprintf("%s %s", n.name, w.name), At: w.at,
						Diffs: []plan.Diff{d}, Pcs: pcsLine(part.words+" "+shellWord(n.name), w)})
				}
			}
		}
	}
}

// node finds a node's element, or makes it: Pacemaker does so itself only when
// the node has joined.
func (e *editor) node(name string) *etree.Element {
	sec := e.section("nodes")
	for _, n := range children(sec, "node") {
		if attr(n, "uname") == name {
			return n
		}
	}
	n := sec.CreateElement("node")
	id := e.want.nodeIDs[name]
	if id == "" {
		e.delta.missing = append(e.delta.missing, name)
		id = name
	}
	n.CreateAttr("id", id)
	n.CreateAttr("uname", name)
	return n
}
