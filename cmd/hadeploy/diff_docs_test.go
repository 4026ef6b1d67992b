package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestDiffPage: the page shows what comes of its playbook and its CIB.
func TestDiffPage(t *testing.T) {
	given := map[string]string{}
	for _, b := range blocks(pages(t)["docs/diff.md"]) {
		given[b.kind] = b.text
	}
	page, err := filepath.Abs(filepath.Join(root, "docs/diff.md"))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	for name, text := range map[string]string{"cluster.yaml": given["yaml"], "cib.xml": given["xml"],
		"inventory.yaml": "all: {hosts: {n1: {ansible_host: 192.0.2.11}, n2: {ansible_host: 192.0.2.12}}}\n"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out, errs bytes.Buffer
	if code := run([]string{"diff", "cib.xml", "cluster.yaml"}, strings.NewReader(""), &out, &errs); code != 2 {
		t.Fatalf("it ends with %d: %s", code, &errs)
	}
	if *update {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		was, is := "```text\n"+given["text"]+"```", "```text\n"+out.String()+"```"
		if err := os.WriteFile(page, []byte(strings.Replace(string(text), was, is, 1)), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if d := cmp.Diff(given["text"], out.String()); d != "" {
		t.Errorf("docs/diff.md (-page +program):\n%s", d)
	}
}
