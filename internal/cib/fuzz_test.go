package cib

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/beevik/etree"
	"github.com/google/go-cmp/cmp"

	"github.com/hadeploy/hadeploy/internal/agent"
	"github.com/hadeploy/hadeploy/playbook"
)

func seeds(f *testing.F, pattern, name string) {
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		f.Fatal("no seeds", err)
	}
	for _, path := range files {
		if text := parts(f, path)[name]; text != "" {
			f.Add([]byte(text))
		}
	}
}

// FuzzParse: what is read is written and read again as the same.
func FuzzParse(f *testing.F) {
	seeds(f, "testdata/compare/*.txtar", "live.xml")
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := Parse(b)
		if err != nil {
			return
		}
		c.Epoch()
		c.NodeNames()
		c.Properties()
		text := canonical(t, c)
		again, err := Parse([]byte(text))
		if err != nil {
			t.Fatalf("%v in %q", err, text)
		}
		if d := cmp.Diff(text, canonical(t, again)); d != "" {
			t.Error(d)
		}
	})
}

// FuzzBuild: whatever an agent says of itself, a resource of it is built or
// refused.
func FuzzBuild(f *testing.F) {
	files, err := filepath.Glob("../agent/testdata/captured/*/*.xml")
	if err != nil || len(files) == 0 {
		f.Fatal("no seeds", err)
	}
	for _, path := range files {
		f.Add([]byte(parts(f, path)[""]))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := agent.Parse("ocf:acme:x", b)
		if err != nil {
			return
		}
		p := playbook.Primitive{ID: "x", Agent: "ocf:acme:x"}
		pb := &playbook.Playbook{Resources: []playbook.Resource{{ID: "x", Primitive: &p}}}
		agents := map[string]*agent.Agent{"ocf:acme:x": a}
		want, err := Build(pb, agents, nil, Options{})
		if err != nil {
			return
		}
		if d, err := Compare(nil, want); err != nil || len(d.Changes) != 1 {
			t.Fatalf("error %v, changes %v", err, d)
		}
	})
}

// FuzzCompare: whatever is live, comparing does not fail but by an error, and
// what comes of it needs no second change.
func FuzzCompare(f *testing.F) {
	seeds(f, "testdata/compare/*.txtar", "live.xml")
	p := load(f, `
properties: {stonith-enabled: false, no-quorum-policy: stop}
resource_defaults: [{meta: {resource-stickiness: 100}}, {id: named, meta: {priority: 1}}]
operation_defaults: [{meta: {timeout: 30s}}]
nodes: {n1: {attributes: {site: north}, utilization: {cpu: 4}}}
stonith: {devices: [{id: f, agent: fence_ipmilan, options: {ip: 10.9.0.1}}]}
resources:
  - {id: a, agent: "ocf:pacemaker:Dummy", options: {fake: x}, meta: {priority: 3}}
  - {id: g1, group: [{id: b, agent: "ocf:pacemaker:Dummy"}, {id: hand, agent: "ocf:pacemaker:Dummy"}]}
  - {id: c, promotable: {id: db, agent: "ocf:pacemaker:Stateful"}, meta: {notify: true}}
  - {id: g-clone, clone: {id: g, group: [{id: m1, agent: "ocf:pacemaker:Dummy"}, {id: m2, agent: "ocf:pacemaker:Dummy"}]}}
tags: [{id: t, resources: [a, c]}]
constraints:
  location: [{resource: a, node: n1, score: 50}]
  colocation: [{resource: a, with: c, with_role: Promoted}]
  order: [{id: o, first: c, first_action: promote, then: a, then_action: start, kind: Optional}]
`)
	agents := agentsFrom(f, "debian12")
	want, err := Build(p, agents, secretsForTests, Options{Nodes: []Node{{"n1", "1"}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		live, err := Parse(b)
		if err != nil || !wellMade(live) {
			return
		}
		before := canonical(t, live)
		d, err := Compare(live, want)
		if got := canonical(t, live); got != before {
			t.Fatalf("Compare changed its argument:\n%s", cmp.Diff(before, got))
		}
		if err != nil {
			return
		}
		text, err := d.Result()
		if err != nil {
			t.Fatal(err)
		}
		next, err := Parse([]byte(text.Reveal()))
		if err != nil {
			t.Fatal(err)
		}
		again, err := Compare(next, want)
		if err != nil {
			t.Fatal(err)
		}
		if len(again.Changes) > 0 {
			t.Errorf("live:\n%s\nchanges:\n%s\nand then:\n%s", b, changesText(d.Changes), changesText(again.Changes))
		}
	})
}

// wellMade keeps to what Pacemaker itself would take: sections once, every id
// once, resources where they can be, names of pairs.
func wellMade(c *CIB) bool {
	ok := strings.Count(canonicalTags(c), "<configuration>") == 1
	seen := map[string]bool{}
	for _, sec := range c.root().SelectElement("configuration").ChildElements() {
		ok = ok && !seen["section "+sec.Tag]
		seen["section "+sec.Tag] = true
	}
	parents := map[string][]string{
		"primitive": {"resources", "group", "clone", "master", "bundle"}, "group": {"resources", "clone", "master"},
		"clone": {"resources"}, "master": {"resources"}, "bundle": {"resources"}, "template": {"resources"},
		"op": {"operations"}, "operations": {"primitive", "template"}, "nvpair": nil, "node": {"nodes"},
	}
	walk(c.root().SelectElement("configuration"), func(x *etree.Element) {
		if id := attr(x, "id"); id != "" && hasOwnID(x) {
			ok = ok && !seen[id]
			seen[id] = true
		} else if parents[x.Tag] != nil && x.Tag != "operations" {
			ok = false
		}
		if want := parents[x.Tag]; want != nil {
			in := false
			for _, p := range want {
				in = in || x.Parent().Tag == p
			}
			ok = ok && in
		}
		if x.Tag == "operations" {
			ok = ok && x.Parent().SelectElement("operations") == x && !hasAttr(x, "id-ref")
		}
		if x.Tag == "nvpair" {
			ok = ok && attr(x, "name") != "" && !hasAttr(x, "id-ref")
		}
		ok = ok && !hasAttr(x, "id-ref") && x.Space == ""
		names := map[string]bool{}
		for _, a := range x.Attr {
			ok = ok && a.Space == "" && !names[a.Key]
			names[a.Key] = true
		}
		if n := len(members(x)); n > 1 && (x.Tag == "clone" || x.Tag == "master") {
			ok = false
		}
	})
	return ok
}

func canonicalTags(c *CIB) string {
	var b strings.Builder
	walk(c.root(), func(x *etree.Element) { b.WriteString("<" + x.Tag + ">") })
	return b.String()
}
