package schema

import (
	"encoding/json"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// TestDescribed: an editor can say something about every key.
func TestDescribed(t *testing.T) {
	for name, schema := range map[string]func() (*validator, error){"playbook": playbookSchema, "inventory": inventorySchema} {
		v, err := schema()
		if err != nil {
			t.Fatal(name, err)
		}
		if v.raw["$schema"] != "http://json-schema.org/draft-07/schema#" {
			t.Errorf("%s: not draft-07", name)
		}
		var walk func(path string, s raw)
		walk = func(path string, s raw) {
			props, _ := s["properties"].(map[string]any)
			for key, p := range props {
				own := raw(p.(map[string]any))
				shared := v.deref(own)
				if own["description"] == nil && shared["description"] == nil && shared["enum"] == nil {
					t.Errorf("%s: %s/%s has no description", name, path, key)
				}
			}
			// What is aliased must be known, what comes later must not be.
			aliases, _ := s["x-aliases"].(map[string]any)
			for from, to := range aliases {
				values := s.list("enum")
				if values == nil {
					values = known(s)
				}
				if !slices.Contains(values, to.(string)) || slices.Contains(values, from) {
					t.Errorf("%s: %s: the alias %s of %v", name, path, from, to)
				}
			}
			for _, later := range s.list("x-later") {
				if props[later] != nil {
					t.Errorf("%s: %s: %s is here already", name, path, later)
				}
			}
			for _, many := range []string{"properties", "definitions"} {
				children, _ := s[many].(map[string]any)
				for key, child := range children {
					walk(path+"/"+key, child.(map[string]any))
				}
			}
			for _, one := range []string{"items", "additionalProperties"} {
				if child, ok := s[one].(map[string]any); ok {
					walk(path+"/"+one, child)
				}
			}
		}
		walk("", v.raw)
	}
}

// TestCopies: what is handed out is the schema, and no one can change it.
func TestCopies(t *testing.T) {
	for _, f := range []func() []byte{Playbook, Inventory} {
		text := f()
		if !json.Valid(text) {
			t.Fatal("not JSON")
		}
		text[0] = 'x'
		if !json.Valid(f()) {
			t.Error("the embedded schema can be changed")
		}
	}
}

// TestScalars: a scalar gets the type that its place wants.
func TestScalars(t *testing.T) {
	for _, tc := range []struct {
		schema string
		text   string
		want   any
	}{
		{`{"type":"string"}`, "010", "010"},
		{`{"type":["string","number","boolean"]}`, "true", "true"},
		{`{"type":["string","integer"]}`, "0644", "0644"},
		{`{"type":"boolean"}`, "yes", true},
		{`{"type":"boolean"}`, "Off", false},
		{`{"type":"boolean"}`, "maybe", "maybe"},
		{`{"type":"integer"}`, "12", json.Number("12")},
		{`{"type":"integer"}`, "012", "012"},
		{`{"type":"integer"}`, "1e3", "1e3"},
		{`{}`, "5", "5"},
		{`{"type":"null"}`, "null", nil},
	} {
		var r raw
		if err := json.Unmarshal([]byte(tc.schema), &r); err != nil {
			t.Fatal(err)
		}
		doc, list := yamldoc.Parse("f", []byte("v: "+tc.text))
		if list != nil {
			t.Fatal(list)
		}
		v := &validator{raw: r}
		if got := v.value(doc.Root.Get("v"), r); got != tc.want {
			t.Errorf("%s in %s is %#v, want %#v", tc.text, tc.schema, got, tc.want)
		}
	}
}

// TestSorted: violations come in the order of the file, each once.
func TestSorted(t *testing.T) {
	doc, _ := yamldoc.Parse("f", []byte("zz: 1\nname: []\naa: 1\nhosts: {}\n"))
	for range 20 {
		var got []string
		for _, d := range ValidatePlaybook(doc) {
			got = append(got, d.String())
		}
		want := `f:1:1: the key "hacluster" is missing; add hacluster: {password: {env: HACLUSTER_PASSWORD}}, and set that variable before apply: all nodes get this password for the account hacluster
f:1:1: zz: unknown key "zz"
f:2:7: name: must be a single value, not a list
f:3:1: aa: unknown key "aa"
f:4:8: hosts: must be a single value, not a mapping`
		if strings.Join(got, "\n") != want {
			t.Fatalf("got\n%s", strings.Join(got, "\n"))
		}
	}
}

// TestPure: the packages that read what people write know nothing of ssh, of
// the terminal or of those who call them, and only this one knows the
// validation library.
func TestPure(t *testing.T) {
	allowed := map[string]bool{
		"github.com/hadeploy/hadeploy/schema":             true,
		"github.com/hadeploy/hadeploy/internal/rule":      true,
		"github.com/hadeploy/hadeploy/internal/diag":      true,
		"github.com/hadeploy/hadeploy/internal/excerpt":   true, // lists for a sentence
		"github.com/hadeploy/hadeploy/internal/localfile": true, // files of this machine, in bounded time
		"github.com/hadeploy/hadeploy/internal/pacemaker": true, // booleans, scores, times and roles
		"github.com/hadeploy/hadeploy/internal/plan":      true, // findings, as plain data
		"github.com/hadeploy/hadeploy/internal/plural":    true,
		"github.com/hadeploy/hadeploy/internal/secret":    true,
		"github.com/hadeploy/hadeploy/internal/yamldoc":   true,
		"github.com/hadeploy/hadeploy/internal/yamlout":   true, // an inventory that is written
		"github.com/hadeploy/hadeploy/inventory":          true, // one that stands in a playbook
		"gopkg.in/yaml.v3":                                true,
		"github.com/santhosh-tekuri/jsonschema/v5":        true,
	}
	for _, dir := range []string{"../inventory", "../playbook", ".", "../internal/yamldoc", "../internal/diag", "../internal/secret", "../internal/localfile"} {
		files, err := filepath.Glob(dir + "/*.go")
		if err != nil || len(files) == 0 {
			t.Fatal(dir, err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
			if err != nil {
				t.Fatal(err)
			}
			for _, imp := range f.Imports {
				path := strings.Trim(imp.Path.Value, `"`)
				switch {
				case strings.Contains(path, ".") && !allowed[path]:
					t.Errorf("%s imports %s", file, path)
				case strings.Contains(path, "jsonschema") && dir != ".":
					t.Errorf("%s imports %s", file, path)
				case path == "gopkg.in/yaml.v3" && dir != "../internal/yamldoc":
					t.Errorf("%s imports %s", file, path)
				}
			}
		}
	}
}

// TestBrokenSchema: a schema that does not compile passes no document.
func TestBrokenSchema(t *testing.T) {
	for _, text := range []string{"", "{", `{"$id": "x", "type": 7}`, `{"$id": "x", "$ref": "#/nowhere"}`} {
		list := validateBy(func() (*validator, error) { return compile([]byte(text)) }, &yamldoc.Document{File: "cluster.yaml"})
		if list.Err() == nil || !strings.Contains(list.Err().Error(), "please report it") {
			t.Errorf("%q: got %v", text, list)
		}
	}
}
