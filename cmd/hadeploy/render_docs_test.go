package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestRenderPage: the page shows what its playbook gives.
func TestRenderPage(t *testing.T) {
	page := pages(t)["docs/render.md"]
	var given, shown string
	for _, b := range blocks(page) {
		switch b.kind {
		case "yaml":
			given = b.text
		case "xml":
			shown = b.text
		}
	}
	dir := t.TempDir()
	t.Chdir(dir)
	for name, text := range map[string]string{"cluster.yaml": given, "inventory.yaml": "all: {hosts: {n1: {ansible_host: 192.0.2.11}, n2: {ansible_host: 192.0.2.12}}}\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out, errs bytes.Buffer
	if code := run([]string{"render", "cluster.yaml", "--pacemaker", "2.1.5"}, strings.NewReader(""), &out, &errs); code != 0 {
		t.Fatalf("it ends with %d: %s", code, &errs)
	}
	if d := cmp.Diff(shown, out.String()); d != "" {
		t.Errorf("docs/render.md (-page +program):\n%s", d)
	}
}
