package cib

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/beevik/etree"
	"github.com/google/go-cmp/cmp"

	"github.com/hadeploy/hadeploy/internal/agent"
	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/secret"
)

// TestCompare reads like a specification: each testdata/compare/*.txtar holds
// a live CIB and a playbook, and what is to come of them: the changes with
// their pcs commands, what is left alone, and the new CIB. -update writes the
// expected parts anew. Optional parts: "agents" names the folder of metadata
// (debian12 when it is not there, "none" for no metadata at all), "dialect" the
// pcs.
func TestCompare(t *testing.T) {
	files, err := filepath.Glob("testdata/compare/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	for _, f := range files {
		t.Run(strings.TrimSuffix(filepath.Base(f), ".txtar"), func(t *testing.T) {
			part := parts(t, f)
			got := runCase(t, part)
			for _, name := range []string{"expect", "result.xml", "held.xml", "foreseen.xml", "without.xml", "stopping.xml"} {
				if *update {
					part[name] = got[name]
				} else if d := cmp.Diff(part[name], got[name]); d != "" {
					t.Errorf("%s: want (-), got (+):\n%s", name, d)
				}
			}
			if *update {
				writeParts(t, f, part, []string{"dialect", "agents", "live.xml", "playbook.yaml", "expect", "result.xml", "held.xml", "foreseen.xml", "without.xml", "stopping.xml"})
			}
		})
	}
}

func writeParts(t *testing.T, path string, part map[string]string, order []string) {
	t.Helper()
	text := part[""]
	for _, name := range order {
		if part[name] != "" {
			text += "-- " + name + " --\n" + part[name]
		}
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func runCase(t *testing.T, part map[string]string) map[string]string {
	t.Helper()
	p := load(t, part["playbook.yaml"])
	agents := map[string]*agent.Agent{}
	switch dir := strings.TrimSpace(part["agents"]); dir {
	case "none":
	case "":
		agents = agentsFrom(t, "debian12")
	default:
		agents = agentsFrom(t, dir)
	}
	want, err := Build(p, agents, secretsForTests, Options{
		Dialect: pcs.Dialect(strings.TrimSpace(part["dialect"])), Nodes: []Node{{"n1", "1"}, {"n2", "2"}, {Name: "late"}}})
	if err != nil {
		t.Fatal(err)
	}
	var live *CIB
	if part["live.xml"] != "" {
		if live, err = Parse([]byte(part["live.xml"])); err != nil {
			t.Fatal(err)
		}
	}
	delta, err := Compare(live, want)
	if err != nil {
		return map[string]string{"expect": "error: " + strings.ReplaceAll(err.Error(), p.Dir+"/", "") + "\n"}
	}
	expect := changesText(delta.Changes)
	for _, o := range delta.LeftAlone {
		if o.Value != "" {
			o.ID += " = " + o.Value
		}
		if o.Why != "" {
			o.ID += " (" + o.Why + ")"
		}
		expect += fmt.Sprintf("unmanaged %s %s\n", o.Kind, o.ID)
	}
	if expect == "" {
		expect = "nothing to change\n"
	}
	got := map[string]string{"expect": expect}
	if live == nil {
		if _, err := delta.Result(); err == nil {
			t.Error("there is a result without a live CIB")
		}
		return got
	}
	result, err := delta.Result()
	if err != nil {
		got["expect"] += "no result: " + err.Error() + "\n"
		return got
	}
	if strings.Contains(expect, "secret ") {
		t.Errorf("a secret is shown:\n%s", expect)
	}
	again, err := Parse([]byte(result.Reveal()))
	if err != nil {
		t.Fatal(err)
	}
	left, err := Compare(again, want)
	if err != nil {
		t.Fatal(err)
	}
	if len(left.Changes) > 0 {
		t.Errorf("the result is not what is wanted:\n%s", changesText(left.Changes))
	}
	if len(delta.Changes) == 0 {
		if d := cmp.Diff(canonical(t, live), canonical(t, again)); d != "" {
			t.Errorf("nothing was to change, and the CIB changed: before (-), after (+):\n%s", d)
		}
		return got
	}
	got["result.xml"] = result.Reveal()
	handedOver(t, delta, want, got)
	return got
}

// handedOver adds what is pushed, and what is simulated, where primitives get
// another id.
func handedOver(t *testing.T, delta *Delta, want *Desired, got map[string]string) {
	t.Helper()
	show := func(name string, part func() (secret.Value, error)) *CIB {
		t.Helper()
		v, err := part()
		if err != nil {
			t.Fatal(err)
		}
		c, err := Parse([]byte(v.Reveal()))
		if err != nil {
			t.Fatal(err)
		}
		got[name] = v.Reveal()
		return c
	}
	if delta.StopsFirst() {
		stopping := show("stopping.xml", delta.Stopping)
		left, err := Compare(stopping, want)
		if err != nil {
			t.Fatal(err)
		}
		if left.StopsFirst() || !slices.Equal(left.Removed(), delta.Removed()) {
			t.Errorf("what is switched off is not to be removed next: %v, %v", left.Removed(), delta.Removed())
		}
		if c := plan.Cover(delta.Changes, left.Changes); c.Moved != nil {
			t.Errorf("what is left when all is switched off was not planned: %v", c.Moved)
		}
	}
	switch delta.Handover() {
	case Plain:
	case InPlace:
		held := show("held.xml", delta.Held)
		show("foreseen.xml", delta.Foreseen)
		left, err := Compare(held, want)
		if err != nil || len(left.Changes) != 1 || left.Changes[0].ID != handoverSet {
			t.Errorf("what is held is not to be finished: %v, %v", left, err)
		}
		for _, old := range delta.Renames() {
			if !slices.Contains(held.Handovers(), old) || !held.HasHistory(old) {
				t.Errorf("%s is not held, or has no history", old)
			}
		}
	case StopFirst:
		half := show("without.xml", delta.Without)
		if left, err := Compare(half, want); err != nil || len(left.Renames()) > 0 || len(left.Changes) == 0 {
			t.Errorf("the second half is not to be made: %v, %v", left, err)
		}
	}
}

// canonical is the whole CIB with attributes sorted and one layout.
func canonical(t testing.TB, c *CIB) string {
	t.Helper()
	doc := c.doc.Copy()
	walk(doc.Root(), func(x *etree.Element) { x.SortAttrs() })
	doc.Indent(1)
	doc.WriteSettings.CanonicalAttrVal = true
	s, err := doc.WriteToString()
	if err != nil {
		t.Fatal(err)
	}
	return s
}
