package editor

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"
	"gopkg.in/yaml.v3"

	"github.com/hadeploy/hadeploy/internal/yamldoc/cases"
	"github.com/hadeploy/hadeploy/playbook"
)

// compiled is the schema as editors see it.
func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := Schema(nil, false)
	if err != nil {
		t.Fatal(err)
	}
	s, err := jsonschema.CompileString("playbook.schema.json", string(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// asEditors reads YAML as editors do: by the core schema of YAML 1.2.
func asEditors(text []byte) (any, error) {
	var v any
	if err := yaml.Unmarshal(text, &v); err != nil {
		return nil, err
	}
	b, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	var plain any
	return plain, json.Unmarshal(b, &plain)
}

// TestNoFalseErrors: what hadeploy validate takes has no error in an editor: the
// examples, the template, and all that the playbook's own tests accept.
func TestNoFalseErrors(t *testing.T) {
	s := compiled(t)
	accepted := 0
	file := func(name, path string) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := asEditors(text)
		if err != nil {
			return // what YAML cannot be is another matter
		}
		if _, list := playbook.Load(path, playbook.LoadOptions{}); list.Err() != nil && name != "template" {
			return
		}
		accepted++
		if err := s.Validate(doc); err != nil {
			t.Errorf("%s: %#v", name, err)
		}
	}
	check := func(name string, text []byte) {
		path := filepath.Join(t.TempDir(), "cluster.yaml")
		cases.Write(t, path, text)
		file(name, path)
	}
	check("template", []byte(playbook.Template()))
	for _, pattern := range []string{"../../examples/playbooks/*.yaml", "../../examples/playbooks/*/*.yaml"} {
		files, _ := filepath.Glob(pattern)
		for _, f := range files {
			file(f, f)
		}
	}
	pages, err := filepath.Glob("../../docs/*.md")
	if err != nil || len(pages) == 0 {
		t.Fatalf("no pages: %v", err)
	}
	for _, page := range append(pages, "../../README.md") {
		b, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range strings.Split(string(b), "```yaml\n")[1:] {
			block, _, _ = strings.Cut(block, "```")
			if !strings.Contains("\n"+block, "\nname:") {
				block = "name: web\n" + block
			}
			if !strings.Contains(block, "hacluster:") {
				block = "hacluster: {password: {env: PW}}\n" + block
			}
			if !strings.Contains(block, "stonith") {
				block = "properties: {stonith-enabled: false}\n" + block
			}
			check(filepath.Base(page)+": "+block, []byte(block))
		}
	}
	files, err := filepath.Glob("../../playbook/testdata/cases/*.txtar")
	if err != nil || len(files) < 40 {
		t.Fatalf("%d cases of playbooks: %v", len(files), err)
	}
	for _, f := range files {
		dir := t.TempDir()
		cases.Unpack(t, f, dir)
		parts, _ := filepath.Glob(filepath.Join(dir, "*.yaml"))
		for _, part := range parts {
			file(filepath.Base(f)+" "+filepath.Base(part), part)
		}
	}
	if accepted < 25 {
		t.Errorf("only %d playbooks were held against the schema", accepted)
	}
}

// TestFoundByRule: what hadeploy finds by a rule, and not by the structure of the
// file, the schema finds as well.
func TestFoundByRule(t *testing.T) {
	s := compiled(t)
	for what, text := range map[string]string{
		"nothing says what a resource is":    "resources: [{id: a}]",
		"two things say it":                  "resources: [{id: a, agent: 'ocf:heartbeat:Dummy', group: [{id: b, agent: 'ocf:heartbeat:Dummy'}]}]",
		"a clone of nothing":                 "resources: [{id: a, clone: {id: b}}]",
		"options of a group":                 "resources: [{id: a, options: {x: 1}, group: [{id: b, agent: 'ocf:heartbeat:Dummy'}]}]",
		"an agent without a standard":        "resources: [{id: a, agent: IPaddr2}]",
		"a resource agent as a device":       "stonith: {devices: [{id: a, agent: 'ocf:heartbeat:IPaddr2'}]}",
		"a fencing agent as a resource":      "resources: [{id: a, agent: 'stonith:fence_xvm'}]",
		"an interval in words":               "resources: [{id: a, agent: 'ocf:heartbeat:Dummy', op: {monitor: {interval: often}}}]",
		"an option that no operation has":    "resources: [{id: a, agent: 'ocf:heartbeat:Dummy', op: {monitor: {intervall: 5s}}}]",
		"a score in words":                   "constraints: {location: [{resource: a, node: n1, score: high}]}",
		"source and content":                 "files: [{path: /a, source: b, content: c}]",
		"neither source nor content":         "files: [{path: /a}]",
		"an unknown option of totem":         "cluster: {totem: {tokn: 5}}",
		"a property with a word of no sense": "properties: {no-quorum-policy: wait}",
		"a property that is no switch":       "properties: {maintenance-mode: sometimes}",
		"a meta attribute that is no score":  "resources: [{id: a, agent: 'ocf:heartbeat:Dummy', meta: {migration-threshold: three}}]",
		"a name with blanks":                 "name: my web",
		"an id that begins with a digit":     "resources: [{id: 1a, agent: 'ocf:heartbeat:Dummy'}]",
		"no_quorum_policy for its name":      "properties: {stonith-enabled: false, no_quorum_policy: stop}",
		"migration_threshold for its name":   "resources: [{id: a, agent: 'ocf:heartbeat:Dummy', meta: {migration_threshold: 3}}]",
		"an option that no constraint has":   "constraints: {location: [{resource: a, node: n1, options: {resource_discovery: never}}]}",
		"meta of a cloned group":             "resources: [{id: c, clone: {id: a, meta: {priority: 1}, group: [{id: b, agent: 'ocf:heartbeat:Dummy'}]}}]",
		"a status of a port":                 "verify: {probes: [{tcp: '10.0.0.1:22', expect_status: 200}]}",
		"ping_timeout without ping_interval": "cluster: {transport: {links: [{ping_timeout: 500}]}}",
		"a password from $NAME":              "stonith: {devices: [{id: a, agent: fence_xvm, options: {key_file: {env: $KEY}}}]}",
		"a probe of nothing":                 "verify: {probes: [{expect_status: 200}]}",
	} {
		if !strings.HasPrefix(text, "name:") {
			text = "name: web\n" + text
		}
		text += "\nhacluster: {password: {env: PW}}\n"
		doc, err := asEditors([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if s.Validate(doc) == nil {
			t.Errorf("%s: the schema takes it:\n%s", what, text)
		}
		path := filepath.Join(t.TempDir(), "cluster.yaml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, list := playbook.Load(path, playbook.LoadOptions{}); list.Err() == nil {
			t.Errorf("%s: validate takes it", what)
		}
	}
}

// TestCorosyncNames: an editor offers what the playbook takes, and nothing else.
func TestCorosyncNames(t *testing.T) {
	for part, known := range corosyncOptions {
		var names []string
		for _, o := range known {
			names = append(names, o.Name)
		}
		slices.Sort(names)
		if want := playbook.CorosyncNames(part); !slices.Equal(names, want) {
			t.Errorf("%s: %v, and the playbook takes %v", part, names, want)
		}
	}
}
