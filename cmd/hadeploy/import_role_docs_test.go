package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/rolevars"
)

// TestImportRolePage: the page shows what its variables give.
func TestImportRolePage(t *testing.T) {
	list := blocks(pages(t)["docs/import-role.md"])
	kinds := []string{"yml", "yaml", "text"}
	if len(list) != len(kinds) {
		t.Fatalf("the page has %d blocks", len(list))
	}
	for i, b := range list {
		if b.kind != kinds[i] {
			t.Fatalf("block %d of the page is %s", i, b.kind)
		}
	}
	t.Chdir(t.TempDir())
	if err := os.WriteFile(filepath.Base("vars.yml"), []byte(list[0].text), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := importRole("vars.yml", nil, "", rolevars.Options{})
	if err != nil {
		t.Fatal(err)
	}
	document, err := r.Document()
	if err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	if err := diag.Render(&said, r.Left, diag.RenderOptions{}); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(slices.Concat([]string{list[1].text, list[2].text}), []string{string(document), said.String()}); d != "" {
		t.Errorf("docs/import-role.md (-page +program):\n%s", d)
	}
}
