package cib

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/internal/agent"
	"github.com/hadeploy/hadeploy/internal/secret"
	"github.com/hadeploy/hadeploy/playbook"
)

var update = flag.Bool("update", false, "write the golden files anew")

// load reads a playbook's sections; those that every playbook needs are added.
func load(t testing.TB, text string) *playbook.Playbook {
	t.Helper()
	p, err := loadText(t, text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// loadText is load for those that have more to say.
func loadText(t testing.TB, text string) (*playbook.Playbook, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "cluster.yaml")
	text += "\nname: test\nhacluster: {password: {env: PASSWORD}}\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	p, diags := playbook.Load(path, playbook.LoadOptions{})
	if p == nil {
		return nil, fmt.Errorf("playbook:\n%v\n%s", diags, text)
	}
	return p, nil
}

// secretsForTests resolves {env: MASKED} to "secret MASKED".
func secretsForTests(r playbook.SecretRef) (secret.Value, bool) {
	return secret.New("secret " + r.Env), r.Env != ""
}

// agentsFrom reads captured metadata: FILE.xml is ocf_heartbeat_IPaddr2.xml.
func agentsFrom(t testing.TB, dir string) map[string]*agent.Agent {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("../agent/testdata/captured", dir, "*.xml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no metadata in ../agent/testdata/captured/%s (%v)", dir, err)
	}
	agents := map[string]*agent.Agent{}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(f), ".xml")
		for range 2 {
			if name = strings.Replace(name, "_", ":", 1); !strings.HasPrefix(name, "ocf:") {
				break
			}
		}
		if agents[name], err = agent.Parse(name, b); err != nil {
			t.Fatal(err)
		}
	}
	return agents
}

// normal reduces a CIB to what it means: no versions, no status, no empty sets
// and sections, attributes by name, and everything by tag and id but for the
// members of a group, whose order says something. ids of sets and pairs are
// left out when ids is false: pcs has changed some between releases.
func normal(t testing.TB, text string, ids bool) string {
	t.Helper()
	root, err := parseTree([]byte(text))
	if err != nil {
		t.Fatalf("%v in:\n%s", err, text)
	}
	cfg := root.SelectElement("configuration")
	tidy(cfg, ids)
	doc := etree.NewDocumentWithRoot(cfg)
	doc.Indent(1)
	doc.WriteSettings.CanonicalAttrVal = true
	s, err := doc.WriteToString()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func tidy(x *etree.Element, ids bool) {
	if !ids && slices.Contains([]string{"nvpair", "instance_attributes", "meta_attributes", "utilization"}, x.Tag) {
		x.RemoveAttr("id")
	}
	x.SortAttrs()
	kids := x.ChildElements()
	for len(x.Child) > 0 {
		x.RemoveChildAt(0)
	}
	kids = slices.DeleteFunc(kids, func(k *etree.Element) bool {
		tidy(k, ids)
		empty := len(k.ChildElements()) == 0
		switch k.Tag {
		case "primitive", "node", "op", "nvpair":
			return false
		}
		return empty && (len(k.Attr) == 0 || strings.HasSuffix(k.Tag, "_attributes") || k.Tag == "utilization" || k.Tag == "cluster_property_set")
	})
	key := func(e *etree.Element) string {
		if x.Tag == "group" && e.Tag == "primitive" {
			return e.Tag
		}
		return e.Tag + " " + attr(e, "name") + " " + attr(e, "id")
	}
	slices.SortStableFunc(kids, func(a, b *etree.Element) int { return cmp.Compare(key(a), key(b)) })
	for _, k := range kids {
		x.AddChild(k)
	}
}

// parts reads a txtar file: text, then "-- NAME --" lines with what follows.
func parts(t testing.TB, path string) map[string]string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	name := ""
	for line := range strings.Lines(string(b)) {
		if n, ok := strings.CutPrefix(line, "-- "); ok && strings.HasSuffix(n, " --\n") {
			name = strings.TrimSuffix(n, " --\n")
			continue
		}
		out[name] += line
	}
	return out
}
