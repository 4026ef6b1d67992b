package planreport

import (
	"strings"
	"testing"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/report/reporttest"
)

func TestFold(t *testing.T) {
	on := func(node, kind, id string) plan.Change {
		return plan.Change{Node: node, Action: plan.Create, Kind: kind, ID: id}
	}
	pcs := func(c plan.Change, pcs string) plan.Change { c.Pcs = pcs; return c }
	for _, c := range []struct {
		name    string
		changes []plan.Change
		want    string // sections: nodes: kind ids [pcs]
	}{
		{"the same on all", []plan.Change{on("n1", "package", "a"), on("n2", "package", "a"), on("n3", "package", "a")}, "n1 n2 n3: package a"},
		{"in the order of the inventory", []plan.Change{on("n3", "package", "a"), on("n1", "package", "a")}, "n1 n3: package a"},
		{"several ids", []plan.Change{on("n1", "package", "a"), on("n1", "package", "b")}, "n1: package a,b"},
		{"common first, the cluster last", []plan.Change{on("", "group", "g"), on("n2", "file", "f"), on("n1", "package", "a"), on("n2", "package", "a")},
			"n1 n2: package a; n2: file f; : group g"},
		{"the same twice", []plan.Change{on("n1", "package", "a"), on("n1", "package", "a")}, "n1: package a,a"},
		{"the node's own name", []plan.Change{pcs(on("n1", "authentication", "n1"), "pcs x n1"), pcs(on("n2", "authentication", "n2"), "pcs x n2")},
			"n1 n2: authentication  [pcs x NODE]"},
		{"on one node it keeps its name", []plan.Change{pcs(on("n1", "authentication", "n1"), "pcs x n1")}, "n1: authentication n1 [pcs x n1]"},
		{"a command for all", []plan.Change{pcs(on("n1", "x", "y"), "pcs x n1 n2"), pcs(on("n2", "x", "y"), "pcs x n1 n2")}, "n1 n2: x y [pcs x n1 n2]"},
		{"different commands", []plan.Change{pcs(on("n1", "x", "y"), "pcs a"), pcs(on("n2", "x", "y"), "pcs b")}, "n1: x y [pcs a]; n2: x y [pcs b]"},
		{"unknown nodes go last", []plan.Change{on("zz", "x", "y"), on("n3", "x", "y")}, "n3 zz: x y"},
	} {
		var got []string
		for _, sec := range fold(&plan.Plan{Nodes: reporttest.ThreeNodes, Changes: c.changes}) {
			var items []string
			for _, it := range sec.items {
				item := it.Kind + " " + strings.Join(it.ids, ",")
				if it.Pcs != "" {
					item += " [" + it.Pcs + "]"
				}
				items = append(items, item)
			}
			got = append(got, strings.Join(sec.nodes, " ")+": "+strings.Join(items, " + "))
		}
		if s := strings.Join(got, "; "); s != c.want {
			t.Errorf("%s: got %q, want %q", c.name, s, c.want)
		}
	}
}

// No change may be lost, whatever the folding does.
func TestFoldKeepsEveryChange(t *testing.T) {
	for _, p := range []*plan.Plan{reporttest.BarePlan(), reporttest.DriftPlan(), reporttest.HostilePlan()} {
		n := 0
		for _, sec := range fold(p) {
			n += sec.changes()
		}
		if n != len(p.Changes) {
			t.Errorf("%d of %d changes", n, len(p.Changes))
		}
	}
}

func TestDifferingLines(t *testing.T) {
	for _, c := range []struct {
		before, after string
		want          int
	}{
		{"a\nb\n", "a\nb\n", 0}, {"a\nb\n", "a\nc\n", 1}, {"a\n", "a\nb\nc\n", 2}, {"a\nb\nc\n", "a\n", 2},
		{"a\nb\nc\nd\ne\n", "x\nb\nc\nd\ny\nz\n", 3}, {"a", "b", 1}, {"", "a\n", 1},
	} {
		if got := differingLines(c.before, c.after); got != c.want {
			t.Errorf("%q -> %q: %d, want %d", c.before, c.after, got, c.want)
		}
	}
}
