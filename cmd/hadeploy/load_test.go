package main

import (
	"os"
	"path/filepath"
	"testing"
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
	count := func(command string) (n int) {
		for _, w := range d.untold(command) {
			if w.Code == "NO_FENCING" {
				n++
			}
		}
		return n
	}
	for command, want := range map[string]int{"plan": 0, "apply": 0, "verify": 0, "status": 1, "destroy": 1} {
		if got := count(command); got != want {
			t.Errorf("%s: told %d times, want %d", command, got, want)
		}
	}
	if len(d.untold("verify"))+1 != len(d.warnings) {
		t.Errorf("other warnings are lost: %v of %v", d.untold("verify"), d.warnings)
	}
}
