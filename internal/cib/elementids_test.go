package cib

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// TestIDs: whatever part of the CIB gets another id by the playbook's section ids
// has it, where it is made at first and in every later step, and all else is as it
// is without that section; and an id alone is never a change.
func TestIDs(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	seen := map[string]bool{} // tags of which one had another id
	agents := agentsFrom(t, "debian12")
	build := func(yaml string, ids map[string]string) *Desired {
		if len(ids) > 0 {
			yaml += "\nids:\n"
			for _, id := range slices.Sorted(maps.Keys(ids)) {
				yaml += "  " + id + ": " + ids[id] + "\n"
			}
		}
		want, err := Build(load(t, yaml), agents, secretsForTests, Options{Nodes: []Node{{"n1", "1"}, {"n2", "2"}}})
		if err != nil {
			t.Fatal(err)
		}
		return want
	}
	follow := func(name, live string, steps []oracleStep) string {
		start := live
		var results []string
		for _, s := range steps {
			live = settle(t, name, live, build(s.yaml, nil))
			results = append(results, live)
		}
		declared := map[string]bool{}
		for _, s := range steps {
			doc, _ := yamldoc.Parse(name, []byte(s.yaml))
			doc.Root.Walk("", func(_ yamldoc.Path, n *yamldoc.Node) { declared[n.Text] = true })
		}
		ids := map[string]string{}
		for _, r := range append(results, start) {
			eachID(t, r, func(x *etree.Element) {
				if id := attr(x, "id"); !declared[id] && ids[id] == "" {
					ids[id] = fmt.Sprintf("other-%d", len(ids))
					seen[x.Tag] = true
				}
			})
		}
		if len(ids) == 0 {
			return live
		}
		is := replaced(t, start, ids)
		for i, s := range steps {
			want := build(s.yaml, ids)
			if changes(t, results[i], want) {
				t.Errorf("%s: other ids alone are a change", name)
			}
			before := idsOf(t, is)
			is = settle(t, name, is, want)
			was, now := idsOf(t, results[i]), idsOf(t, is)
			if len(was) != len(now) {
				t.Fatalf("%s: step %d has %d parts, and with other ids %d", name, i, len(was), len(now))
			}
			for k := range was {
				if is := cmp.Or(ids[was[k]], was[k]); now[k] != is && !slices.Contains(before, now[k]) {
					t.Errorf("%s: step %d: %s is to be %s, and became %s", name, i, was[k], is, now[k])
				}
			}
		}
		// Some of them only, on a new cluster: the rest has ids that pcs would make in
		// what has another one.
		some := maps.Clone(ids)
		for id := range ids {
			if rng.IntN(2) == 0 {
				delete(some, id)
			}
		}
		// And ids that change places.
		turned, list := map[string]string{}, slices.Sorted(maps.Keys(ids))
		for i, id := range list {
			turned[id] = list[(i+1)%len(list)]
		}
		was := idsOf(t, settle(t, name, emptyCIB, build(steps[0].yaml, nil)))
		for _, ids := range []map[string]string{some, turned} {
			now := idsOf(t, settle(t, name, emptyCIB, build(steps[0].yaml, ids)))
			for i := range was {
				if ids[was[i]] != "" && now[i] != ids[was[i]] {
					t.Errorf("%s: %s is to be %s, and became %s", name, was[i], ids[was[i]], now[i])
				}
			}
		}
		return live
	}
	for _, c := range largeCases(t) {
		if strings.Contains(c.steps[0].yaml, "\nids:") { // these are said there
			continue
		}
		follow(c.name, emptyCIB, c.steps)
	}
	for _, f := range smallCases(t) {
		frame := follow(f.name, emptyCIB, f.frame.steps)
		for _, c := range f.cases {
			follow(f.name+"/"+c.name, frame, c.steps)
		}
	}
	for _, tag := range []string{"nvpair", "cluster_property_set", "instance_attributes", "meta_attributes", "utilization", "op", "rule", "expression",
		"date_expression", "date_spec", "duration", "rsc_expression", "op_expression", "resource_set", "acl_permission", "port-mapping", "storage-mapping",
		"recipient", "attribute", "fencing-level", "rsc_location", "rsc_order", "rsc_colocation", "rsc_ticket"} {
		if !seen[tag] {
			t.Errorf("no %s had another id", tag)
		}
	}
}

func eachID(t *testing.T, live string, visit func(x *etree.Element)) {
	t.Helper()
	c, err := Parse([]byte(live))
	if err != nil {
		t.Fatal(err)
	}
	walk(c.configuration(), func(x *etree.Element) {
		if hasOwnID(x) && attr(x, "id") != "" {
			visit(x)
		}
	})
}

// idsOf are all ids of a CIB, in its order.
func idsOf(t *testing.T, live string) (list []string) {
	t.Helper()
	eachID(t, live, func(x *etree.Element) { list = append(list, attr(x, "id")) })
	return list
}

// replaced is a CIB with other ids.
func replaced(t *testing.T, live string, ids map[string]string) string {
	t.Helper()
	var pairs []string
	for id, is := range ids {
		pairs = append(pairs, ` id="`+id+`"`, ` id="`+is+`"`)
	}
	return strings.NewReplacer(pairs...).Replace(live)
}
