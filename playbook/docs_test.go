package playbook

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/yamldoc/cases"
	"github.com/hadeploy/hadeploy/schema"
)

var sourceLine = regexp.MustCompile(`source: ([A-Za-z0-9/._-]+)`)

// TestDocs: every example of docs/playbook.md is valid. An example of a single
// section gets the two required keys, and a word about fencing.
func TestDocs(t *testing.T) {
	text, err := os.ReadFile("../docs/playbook.md")
	if err != nil {
		t.Fatal(err)
	}
	examples := cases.Examples(string(text))
	if len(examples) < 15 {
		t.Fatalf("only %d examples were found", len(examples))
	}
	for _, example := range examples {
		src := example.Text
		for key, line := range map[string]string{"name": "name: x", "hacluster": "hacluster: {password: {env: PW}}"} {
			if !regexp.MustCompile(`(?m)^` + key + `:`).MatchString(src) {
				src += line + "\n"
			}
		}
		if !regexp.MustCompile(`(?m)^(properties|stonith):`).MatchString(src) {
			src += "properties: {stonith-enabled: false}\n"
		}
		dir := t.TempDir()
		for _, m := range sourceLine.FindAllStringSubmatch(src, -1) {
			cases.Write(t, filepath.Join(dir, m[1]), []byte("#!/bin/sh\n"))
		}
		_, list := parse("example", dir, []byte(src), nil)
		for _, d := range list {
			if d.Severity == diag.Error {
				t.Errorf("%s: %s\n%s", example.Name, d, src)
			}
		}
	}
}

// TestDocsNameEveryKey: each key of the schema is explained.
func TestDocsNameEveryKey(t *testing.T) {
	text, err := os.ReadFile("../docs/playbook.md")
	if err != nil {
		t.Fatal(err)
	}
	var s map[string]any
	if err := json.Unmarshal(schema.Playbook(), &s); err != nil {
		t.Fatal(err)
	}
	var walk func(s map[string]any)
	walk = func(s map[string]any) {
		props, _ := s["properties"].(map[string]any)
		for key, p := range props {
			// As a key alone, or at the end of a path.
			if !regexp.MustCompile("[`.{]" + regexp.QuoteMeta(key) + "[`:]").Match(text) {
				t.Errorf("docs/playbook.md does not name %q", key)
			}
			walk(p.(map[string]any))
		}
		definitions, _ := s["definitions"].(map[string]any)
		for _, d := range definitions {
			walk(d.(map[string]any))
		}
		for _, one := range []string{"items", "additionalProperties"} {
			if child, ok := s[one].(map[string]any); ok {
				walk(child)
			}
		}
	}
	walk(s)
	if !strings.Contains(string(text), "`name`") {
		t.Error("the test looks at the wrong text")
	}
}

// TestExamples: the playbooks that users copy from are free of errors.
func TestExamples(t *testing.T) {
	files, err := filepath.Glob("../examples/playbooks/*.yaml")
	if err != nil || len(files) == 0 {
		t.Skip("no examples")
	}
	for _, file := range files {
		if strings.Contains(filepath.Base(file), "inventory") {
			continue
		}
		if _, list := Load(file, LoadOptions{}); list.Err() != nil {
			t.Errorf("%v", list)
		}
	}
}
