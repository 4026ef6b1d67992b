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
	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/secret"
	"github.com/hadeploy/hadeploy/playbook"
)

// TestDifferences reads like a specification: each testdata/differences/*.txtar
// holds cases, one after the other: two sides, NAME/a.xml or NAME/a.yaml and the
// same of b, and NAME/want, what of them differs. An XML side is what stands in
// <configuration>. -update writes what is wanted anew.
func TestDifferences(t *testing.T) {
	files, err := filepath.Glob("testdata/differences/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	for _, f := range files {
		part := parts(t, f)
		var order []string
		for _, name := range partNames(t, f) {
			order = append(order, name)
			if c, isB := strings.CutSuffix(strings.TrimSuffix(strings.TrimSuffix(name, ".xml"), ".yaml"), "/b"); isB {
				t.Run(strings.TrimSuffix(filepath.Base(f), ".txtar")+"/"+c, func(t *testing.T) {
					first, second := side(t, part, c+"/a"), side(t, part, c+"/b")
					got := differencesText(DifferencesOf(first, second, "A", "B"))
					if strings.Contains(got, "pw-") {
						t.Errorf("a secret is shown:\n%s", got)
					}
					if *update {
						part[c+"/want"] = got
					} else if d := cmp.Diff(part[c+"/want"], got); d != "" {
						t.Errorf("want (-), got (+):\n%s", d)
					}
					if same := differencesText(DifferencesOf(first, first, "A", "A")); strings.ContainsAny(same[:1], "+-~") {
						t.Errorf("it differs from itself:\n%s", same)
					}
					mirrored(t, DifferencesOf(first, second, "A", "B").Changes, DifferencesOf(second, first, "B", "A").Changes)
				})
				order = append(order, c+"/want")
			}
		}
		if *update {
			writeParts(t, f, part, order)
		}
	}
}

// partNames are the sides of a file of cases, in its order.
func partNames(t *testing.T, path string) (names []string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if name, ok := strings.CutPrefix(strings.TrimSuffix(line, " --\n"), "-- "); ok && !strings.HasSuffix(name, "/want") {
			names = append(names, name)
		}
	}
	return names
}

// mirrored: the other way round, what was created is deleted, and as much is
// updated.
func mirrored(t *testing.T, there, back []plan.Change) {
	t.Helper()
	count := func(list []plan.Change) (n [3]int) {
		for _, c := range list {
			switch c.Action {
			case plan.Create:
				n[0]++
			case plan.Update:
				n[1]++
			case plan.Delete:
				n[2]++
			}
		}
		return n
	}
	a, b := count(there), count(back)
	if a[0] != b[2] || a[1] != b[1] || a[2] != b[0] {
		t.Errorf("there %v, and back %v", a, b)
	}
}

func side(t *testing.T, part map[string]string, name string) *Configuration {
	t.Helper()
	if text, is := part[name+".xml"]; is {
		c, err := ParseConfiguration([]byte(text))
		if err != nil {
			c, err = Parse([]byte(`<cib validate-with="pacemaker-3.9"><configuration>` + text + `</configuration></cib>`))
		}
		if err != nil {
			t.Fatal(err)
		}
		return c.Configuration()
	}
	text, is := part[name+".yaml"]
	if !is {
		t.Fatalf("there is no %s", name)
	}
	text, without := strings.CutPrefix(text, "# without metadata\n")
	agents := map[string]*agent.Agent{}
	if !without {
		agents = agentsFrom(t, "debian12")
	}
	c, err := declaredSide(t, load(t, text), agents).Configuration(pacemaker.Newest())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func declaredSide(t *testing.T, p *playbook.Playbook, agents map[string]*agent.Agent) *Desired {
	t.Helper()
	masked := func(playbook.SecretRef) (secret.Value, bool) { return secret.New(secret.Mask), true }
	want, err := Build(p, agents, masked, Options{Nodes: []Node{{"n1", "1"}, {"n2", "2"}}})
	if err != nil {
		t.Fatal(err)
	}
	return want
}

func differencesText(d *Differences) string {
	text := changesText(d.Changes)
	for _, list := range []struct {
		word    string
		objects []plan.Object
	}{{"not compared", d.NotCompared}, {"left out", d.Kept}} {
		for _, o := range list.objects {
			text += fmt.Sprintf("%s: %s %s", list.word, o.Kind, o.ID)
			if o.Value != "" {
				text += ": " + o.Value
			}
			if o.Why != "" {
				text += " (" + o.Why + ")"
			}
			text += "\n"
		}
	}
	if text == "" {
		text = "the same\n"
	}
	return text
}

// toldApart: what a playbook declares and the CIB that was made of it say the
// same, and two CIBs differ where there was something to change.
func toldApart(t *testing.T, name, before, after string, want *Desired, changed bool) {
	t.Helper()
	made, err := want.Configuration(pacemaker.Newest())
	if err != nil {
		t.Fatal(name, err)
	}
	var sides []*Configuration
	for _, text := range []string{before, after} {
		c, err := Parse([]byte(text))
		if err != nil {
			t.Fatal(name, err)
		}
		sides = append(sides, c.Configuration())
	}
	for _, c := range DifferencesOf(made, sides[1], "playbook", "CIB").Changes {
		if c.Action != plan.Create && c.Kind != kindMember { // what is created is left alone, and not all members have joined
			t.Errorf("%s: the playbook and what was made of it differ:\n%s", name, changesText([]plan.Change{c}))
		}
	}
	d := DifferencesOf(sides[0], sides[1], "before", "after")
	if told := len(d.Changes)+len(d.Kept) > 0; told != changed {
		t.Errorf("%s: before and after differ in %d objects, and something was changed: %v", name, len(d.Changes), changed)
	}
}

// TestEveryChangeShows: whatever is altered or taken away in a configuration is a
// difference, or is listed as left out; ids, notes for Pacemaker's tools and what
// Pacemaker writes itself are none.
func TestEveryChangeShows(t *testing.T) {
	files, err := filepath.Glob("testdata/compare/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	tried := 0
	for _, f := range files {
		text := parts(t, f)["live.xml"]
		if text == "" {
			continue
		}
		live, err := Parse([]byte(text))
		if err != nil {
			t.Fatal(f, err)
		}
		tried += alterEach(t, filepath.Base(f), live)
	}
	if tried < 2000 {
		t.Errorf("only %d changes were tried", tried)
	}
}

// alterEach alters one thing of a configuration after the other, and returns how
// many.
func alterEach(t *testing.T, name string, live *CIB) (tried int) {
	t.Helper()
	sides := func(c *CIB) *Configuration { return c.Configuration() }
	told := func(what string, altered *CIB) {
		tried++
		if d := DifferencesOf(sides(live), sides(altered), "A", "B"); len(d.Changes)+len(d.Kept)+len(d.NotCompared) == 0 {
			t.Errorf("%s: %s, and nothing is told", name, what)
		}
	}
	count := 0
	walk(live.configuration(), func(*etree.Element) { count++ })
	for i := range count {
		nth := func(c *CIB) (found *etree.Element) {
			n := 0
			walk(c.configuration(), func(x *etree.Element) {
				if n == i {
					found = x
				}
				n++
			})
			return found
		}
		x := nth(live)
		if silent(x) {
			continue
		}
		for _, a := range x.Attr {
			if a.Key == "id" && hasOwnID(x) && !isResource(x) && x.Tag != "template" && x.Tag != "tag" && x.Tag != "acl_role" || x.Tag == "node" && a.Key != "uname" {
				continue
			}
			c := &CIB{live.doc.Copy()}
			nth(c).CreateAttr(a.Key, a.Value+"x")
			told(fmt.Sprintf("%s of %s is altered", a.Key, x.GetPath()), c)
		}
		if x.Tag == "configuration" || x.Parent().Tag == "configuration" || len(x.Attr) == 0 || x.Tag == "operations" || slices.Contains(boxes, x.Tag) || strings.HasSuffix(x.Tag, "_set") && x.Tag != "resource_set" {
			continue // it may be empty
		}
		c := &CIB{live.doc.Copy()}
		y := nth(c)
		y.Parent().RemoveChild(y)
		told(x.GetPath()+" is taken away", c)
	}
	return tried
}

func (c *CIB) configuration() *etree.Element { return c.root().SelectElement("configuration") }

// silent tells what no difference comes of: what Pacemaker writes itself, the
// seed, what another set overrides, and the score of a rule that is no location's.
func silent(x *etree.Element) bool {
	if x.Tag == "rule" {
		return x.Parent().Tag != "rsc_location"
	}
	if x.Tag == "nvpair" && len(plainSets(x.Parent().Parent(), x.Parent().Tag)) > 1 {
		for _, set := range plainSets(x.Parent().Parent(), x.Parent().Tag) {
			if set == x.Parent() {
				break
			}
			if slices.ContainsFunc(children(set, "nvpair"), func(nv *etree.Element) bool { return attr(nv, "name") == attr(x, "name") }) {
				return true
			}
		}
	}
	return x.Tag == "nvpair" && (ownProperty(attr(x, "name")) || attr(x.Parent(), "id") == SeedID)
}
