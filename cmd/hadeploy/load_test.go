package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/hadeploy/hadeploy/steps"
)

// TestUntold: what a plan or a verdict has among its findings is not said
// twice; a command that has no findings says it as validate does.
func TestUntold(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"cluster.yaml": "name: c\nhacluster: {password: {env: PW}}\nproperties: {stonith-enabled: false}\n" +
			"resources: [{id: vip, agent: 'ocf:heartbeat:IPaddr2', options: {ip: 192.0.2.9}}]\n",
		"inventory.yaml": "all: {hosts: {n1: {ansible_host: 192.0.2.1}, n2: {ansible_host: 192.0.2.2}}}\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	d, err := (&app{}).load([]string{filepath.Join(dir, "cluster.yaml")})
	if err != nil {
		t.Fatal(err)
	}
	count := func(op steps.Operation) (n int) {
		for _, w := range d.untold(op) {
			if w.Code == "NO_FENCING" {
				n++
			}
		}
		return n
	}
	for op, want := range map[*steps.Operation]int{&steps.Plan: 0, &steps.Apply: 0, &steps.Verify: 0, &steps.Status: 1, &steps.Destroy: 1} {
		if got := count(*op); got != want {
			t.Errorf("%s: told %d times, want %d", op.Name, got, want)
		}
	}
	if len(d.untold(steps.Verify))+1 != len(d.warnings) {
		t.Errorf("other warnings are lost: %v of %v", d.untold(steps.Verify), d.warnings)
	}
}
