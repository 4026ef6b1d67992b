package agent

import (
	"path/filepath"
	"testing"

	"github.com/hadeploy/hadeploy/playbook"
)

// FuzzParse: whatever an agent prints, it is read or refused.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/captured/*/*.xml")
	if err != nil || len(files) == 0 {
		f.Fatal("no seeds", err)
	}
	for _, path := range files {
		f.Add([]byte(parts(f, path)[""]))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := Parse("ocf:acme:x", b)
		if (a == nil) == (err == nil) {
			t.Fatal("neither or both of agent and error", err)
		}
		if err != nil {
			return
		}
		p := playbook.Primitive{ID: "x", Agent: "ocf:acme:x"}
		_ = CheckOptions(&playbook.Playbook{Resources: []playbook.Resource{{ID: "x", Primitive: &p}}}, map[string]*Agent{"ocf:acme:x": a})
	})
}
