package cib

import (
	"slices"
	"testing"

	"github.com/hadeploy/hadeploy/internal/oracle"
	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/playbook"
)

// TestKinds: every kind that can be declared has a case in testdata/oracle, in
// which the real pcs judges it (TestOracle), and what is built of each case is
// there in full once it is made: against its own result there is nothing to
// change and nothing left alone.
func TestKinds(t *testing.T) {
	judged, agents := map[*kind]string{}, agentsFrom(t, "debian12")
	follow := func(name, live string, steps []oracleStep) string {
		for _, step := range steps {
			p := load(t, step.yaml)
			want, err := Build(p, agents, secretsForTests, Options{Nodes: []Node{{"n1", "1"}, {"n2", "2"}}})
			if err != nil {
				t.Fatal(name, err)
			}
			for _, w := range want.objects {
				judged[w.kind] = name
			}
			if len(want.resources) > 0 {
				judged[resourceTree] = name
			}
			before := live
			live = settle(t, name, live, want)
			toldApart(t, name, before, live, want, changes(t, before, want))
			saysAll(t, name, live, p)
		}
		return live
	}
	for _, c := range largeCases(t) {
		follow(c.name, emptyCIB, c.steps)
	}
	small := map[pcs.Dialect]int{}
	for _, f := range smallCases(t) {
		frame := follow(f.name, emptyCIB, f.frame.steps)
		for _, c := range f.cases {
			follow(f.name+"/"+c.name, frame, c.steps)
			for _, d := range dialects {
				if c.in(d) {
					small[d]++
				}
			}
		}
	}
	for _, d := range dialects {
		if small[d] < 400 {
			t.Errorf("pcs %s judges only %d small cases", d, small[d])
		}
	}
	for _, k := range kinds {
		if (k.want != nil || k.compare != nil) && judged[k] == "" {
			t.Errorf("the %s can be declared, and no case of testdata/oracle does", k.word)
		}
	}
	if len(judged) < 9 {
		t.Errorf("only %d kinds are judged", len(judged))
	}
}

// settle brings a CIB to what is wanted, and holds the result against it.
func settle(t *testing.T, name, live string, want *Desired) string {
	t.Helper()
	for round := range 2 {
		c, err := Parse([]byte(live))
		if err != nil {
			t.Fatal(name, err)
		}
		d, err := Compare(c, want)
		if err != nil {
			t.Fatal(name, err)
		}
		if round > 0 && len(d.Changes) > 0 {
			t.Errorf("%s: against its own result there is something to change:\n%s", name, changesText(d.Changes))
		}
		text, err := d.Result()
		if err != nil {
			t.Fatal(name, err)
		}
		if again := oracle.Normal(t, text.Reveal(), true); round > 0 && again != oracle.Normal(t, live, true) {
			t.Errorf("%s: nothing was to change, and it became\n%s", name, again)
		}
		live = text.Reveal()
	}
	return live
}

// changes reports whether there is something to change in a CIB.
func changes(t *testing.T, live string, want *Desired) bool {
	t.Helper()
	c, err := Parse([]byte(live))
	if err != nil {
		t.Fatal(err)
	}
	d, err := Compare(c, want)
	if err != nil {
		t.Fatal(err)
	}
	return len(d.Changes) > 0
}

// saysAll: what the playbook declares of constraints, verify finds in the CIB
// that was made of it.
func saysAll(t *testing.T, name, live string, p *playbook.Playbook) {
	t.Helper()
	c, err := Parse([]byte(live))
	if err != nil {
		t.Fatal(name, err)
	}
	there := c.Constraints()
	for _, d := range DeclaredConstraints(p) {
		if !slices.ContainsFunc(there, func(l Constraint) bool { return l.Says(d) }) {
			t.Errorf("%s: no constraint of the CIB says %+v", name, d)
		}
	}
}

// TestKindsAreDistinct: no element belongs to two kinds, but for a set of options
// and what stands in it, and each says what it is and what it says.
func TestKindsAreDistinct(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range kinds {
		if k.word == "" || k.section == "" || k.text == nil && k.alone == nil {
			t.Errorf("%+v: a kind has a word, a section, and either a text or its own way to be listed", k)
		}
		if (k.want != nil) != (k.write != nil) || (k.want != nil) != (k.pcs != nil) {
			t.Errorf("%s: what can be declared can be written, and has a command", k.word)
		}
		for _, tag := range append([]string{k.tag}, k.also...) {
			if seen[k.section+"/"+tag] && !slices.Contains([]*kind{propertySets, resourceDefaultSets, operationDefaultSets}, k) {
				t.Errorf("<%s> of <%s> is of two kinds", tag, k.section)
			}
			seen[k.section+"/"+tag] = true
		}
	}
}

// TestKindsCanBePruned: a playbook can name, for prune, all that plans list as
// not declared.
func TestKindsCanBePruned(t *testing.T) {
	for _, k := range kinds {
		if k.text != nil && !slices.Contains(playbook.PruneKinds, k.word) {
			t.Errorf("playbook.PruneKinds has no %s", k.word)
		}
	}
}
