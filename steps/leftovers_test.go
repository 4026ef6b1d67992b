package steps

import (
	"path"
	"slices"
	"testing"

	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/playbook"
)

// TestFoldersOf: wherever a step writes, what a write has left is looked for.
func TestFoldersOf(t *testing.T) {
	member, host := foldersOf(&Node{}, []string{"/srv/a/f", "/srv/a/g"}), foldersOf(&Node{Remote: &playbook.RemoteNode{}}, []string{"/srv/a/f"})
	for _, file := range []string{"/srv/a/f", facts.CorosyncConf, stagedConf, facts.CorosyncKey, facts.CorosyncRecord, facts.PacemakerKey, knownHostsFile, cibFile} {
		if !slices.Contains(member, path.Dir(file)) {
			t.Errorf("%s is not looked beside: %q", file, member)
		}
	}
	if want := []string{"/etc/pacemaker", "/srv/a"}; !slices.Equal(host, want) {
		t.Errorf("on the host of a remote node %q, not %q", host, want)
	}
}
