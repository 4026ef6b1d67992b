package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/hadeploy/hadeploy/internal/plan"
)

// TestSavePlan: a plan takes the place of a plan and of nothing else.
func TestSavePlan(t *testing.T) {
	dir := t.TempDir()
	path, other := filepath.Join(dir, "plan.json"), filepath.Join(dir, "cluster.yaml")
	for range 2 {
		if err := savePlan(path, &plan.Plan{Playbook: "cluster.yaml"}); err != nil {
			t.Fatal(err)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 || !isPlanFile(path) {
		t.Errorf("got %v, %v", info, err)
	}
	if err := os.WriteFile(other, []byte("name: c\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := savePlan(other, &plan.Plan{}); err == nil {
		t.Error("a playbook was replaced")
	}
	if got, _ := os.ReadFile(other); string(got) != "name: c\n" {
		t.Errorf("the playbook is now %q", got)
	}
}
