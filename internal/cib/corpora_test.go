package cib

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/beevik/etree"
	"github.com/google/go-cmp/cmp"

	"github.com/hadeploy/hadeploy/playbook"
)

// corpora lists the CIBs of a folder of samples, searched in depth.
func corpora(t *testing.T) []string {
	dir := os.Getenv("HADEPLOY_CORPORA")
	if dir == "" {
		t.Skip("HADEPLOY_CORPORA is not set: no folder with CIBs (*.xml) to try the reader on")
	}
	var files []string
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if b, _ := os.ReadFile(path); err == nil && !d.IsDir() && filepath.Ext(path) == ".xml" && strings.Contains(string(b[:min(len(b), 2000)]), "<cib") {
			files = append(files, path)
		}
		return err
	})
	if err != nil || len(files) == 0 {
		t.Fatalf("no CIB in %s (%v)", dir, err)
	}
	return files
}

// TestCorpora holds three properties on every CIB there is: an empty playbook
// changes nothing; a playbook with objects of its own leaves all others as they
// are; and a playbook that declares what is there finds nothing to do.
func TestCorpora(t *testing.T) {
	for _, f := range corpora(t) {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		live, err := Parse(b)
		if err != nil {
			t.Errorf("%s: %v", f, err)
			continue
		}
		t.Run(filepath.Base(filepath.Dir(f))+"/"+filepath.Base(f), func(t *testing.T) {
			untouched(t, live)
			beside(t, live)
			declaredAsIs(t, live)
		})
	}
}

func compareWith(t *testing.T, live *CIB, p *playbook.Playbook) *Delta {
	t.Helper()
	want, err := Build(p, nil, nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	d, err := Compare(live, want)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func resultOf(t *testing.T, d *Delta) *CIB {
	t.Helper()
	text, err := d.Result()
	if err != nil {
		t.Fatal(err)
	}
	c, err := Parse([]byte(text.Reveal()))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func untouched(t *testing.T, live *CIB) {
	d := compareWith(t, live, &playbook.Playbook{})
	if len(d.Changes) > 0 {
		t.Errorf("an empty playbook changes:\n%s", changesText(d.Changes))
	}
	if diff := cmp.Diff(canonical(t, live), canonical(t, resultOf(t, d))); diff != "" {
		t.Errorf("an empty playbook changes: before (-), after (+):\n%s", diff)
	}
}

// beside declares new objects; without them the result must be what was there.
func beside(t *testing.T, live *CIB) {
	set := func(name, value string) playbook.Option {
		return playbook.Option{Name: name, Value: playbook.Value{Text: value}}
	}
	prim := func(id string) playbook.Primitive {
		return playbook.Primitive{ID: id, Agent: "ocf:pacemaker:Dummy", Options: playbook.Options{set("fake", "x")}}
	}
	one, two := prim("hadeploy-one"), prim("hadeploy-two")
	d := compareWith(t, live, &playbook.Playbook{
		Properties: playbook.Options{set("hadeploy-property", "1")},
		Resources: []playbook.Resource{
			{ID: one.ID, Primitive: &one},
			{ID: "hadeploy-group", Group: []playbook.Primitive{prim("hadeploy-m")}},
			{ID: "hadeploy-clone", Promotable: &playbook.Cloned{Primitive: &two}},
		},
		Constraints: playbook.Constraints{Order: []playbook.Order{{First: "hadeploy-one", Then: "hadeploy-group"}}},
	})
	if len(d.Changes) != 7 {
		t.Errorf("seven objects are to be made, not %d:\n%s", len(d.Changes), changesText(d.Changes))
	}
	got := resultOf(t, d)
	var ours []*etree.Element
	walk(got.root().SelectElement("configuration"), func(x *etree.Element) {
		if strings.Contains(attr(x, "id"), "hadeploy-") {
			ours = append(ours, x)
		}
	})
	for _, x := range ours {
		x.Parent().RemoveChild(x)
	}
	dropEmpty := func(c *CIB) string {
		for _, path := range []string{"crm_config", "resources", "constraints"} {
			sec := c.section(path)
			for _, set := range children(sec, "cluster_property_set") {
				if len(set.ChildElements()) == 0 {
					sec.RemoveChild(set)
				}
			}
			if sec != nil && len(sec.ChildElements()) == 0 {
				sec.Parent().RemoveChild(sec)
			}
		}
		return canonical(t, c)
	}
	if diff := cmp.Diff(dropEmpty(&CIB{live.doc.Copy()}), dropEmpty(got)); diff != "" {
		t.Errorf("objects beside the declared ones changed: before (-), after (+):\n%s", diff)
	}
}

// declaredAsIs declares each top-level primitive, with what it has, and each tag.
func declaredAsIs(t *testing.T, live *CIB) {
	p := &playbook.Playbook{}
	list := func(x *etree.Element, tag string) (o playbook.Options) {
		for _, set := range plainSets(x, tag) {
			for _, nv := range children(set, "nvpair") {
				if _, have := o.Get(attr(nv, "name")); !have && !hasAttr(nv, "id-ref") {
					o = append(o, playbook.Option{Name: attr(nv, "name"), Value: playbook.Value{Text: attr(nv, "value")}})
				}
			}
		}
		return o
	}
next:
	for _, x := range children(live.section("resources"), "primitive") {
		if hasAttr(x, "template") || slices.ContainsFunc(children(x, "operations"), func(o *etree.Element) bool { return hasAttr(o, "id-ref") }) {
			continue
		}
		if unit := unitOf(x, nil); len(live.Units()[unit]) > 1 {
			continue // which is an error, see TestCompare/unit_twice
		}
		r := playbook.Primitive{ID: attr(x, "id"), Agent: agentOf(attr(x, "class"), attr(x, "provider"), attr(x, "type")),
			Options: list(x, "instance_attributes"), Meta: list(x, "meta_attributes")}
		for _, op := range children(x.SelectElement("operations"), "op") {
			o := playbook.Operation{Name: attr(op, "name")}
			for _, a := range liveOp(op).attrs {
				if a.name == "trace_ra" {
					continue next // not a setting that can be declared
				}
				if a.name != "name" {
					o.Options = append(o.Options, playbook.Option{Name: a.name, Value: playbook.Value{Text: a.value}})
				}
			}
			r.Operations = append(r.Operations, o)
		}
		if attr(x, "class") == "stonith" {
			p.Stonith.Devices = append(p.Stonith.Devices, r)
		} else {
			p.Resources = append(p.Resources, playbook.Resource{ID: r.ID, Primitive: &r})
		}
	}
	for _, x := range children(live.section("tags"), "tag") {
		p.Tags = append(p.Tags, playbook.Tag{ID: attr(x, "id"), Resources: refIDs(x)})
	}
	d := compareWith(t, live, p)
	for _, c := range d.Changes {
		// A primitive without operations gets the monitor that pcs gives to each.
		if len(c.Diffs) == 1 && c.Diffs[0].Name == "op.monitor" && !c.Diffs[0].HasBefore {
			continue
		}
		t.Errorf("declared as it is, it is to change:\n%s", changesText(d.Changes[:1]))
		break
	}
}
