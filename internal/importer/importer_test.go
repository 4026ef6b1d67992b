package importer

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/hadeploy/hadeploy/internal/cib"
	"github.com/hadeploy/hadeploy/internal/yamlout"
)

var update = flag.Bool("update", false, "write what comes of the cases into testdata")

// TestPlaybook makes playbooks of the CIBs of testdata: what they say, what is
// lost and why, and which secrets they refer to. The comment of a case may say
// loosely, and files for secrets.
func TestPlaybook(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.txtar")
	if len(files) < 5 {
		t.Fatalf("only %d cases", len(files))
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			doc, err := cib.ParseConfiguration([]byte(strings.TrimSpace(string(a.Files[0].Data))))
			if err != nil {
				t.Fatal(err)
			}
			password := yamlout.NewMap().Set("password", yamlout.NewMap().SetText("env", "PW").Node()).Node()
			src := Source{CIB: doc, Kept: true, Exact: !strings.Contains(string(a.Comment), "loosely"), Sections: []cib.Section{{Key: "hacluster", Value: password}}}
			if strings.Contains(string(a.Comment), "files for secrets") {
				src.SecretFile = func(name string) string { return "secrets/" + strings.ToLower(name) }
			}
			r, err := Playbook(src)
			if err != nil {
				t.Fatal(err)
			}
			var lost, secrets strings.Builder
			for _, l := range r.Losses {
				fmt.Fprintf(&lost, "%s\n  %s\n  %s\n", l.Path, l.XML, l.Why)
			}
			for _, s := range r.Secrets {
				fmt.Fprintf(&secrets, "%s %s\n", s.Env, s.Option)
				if strings.Contains(string(r.Playbook), s.Value.Reveal()) || strings.Contains(lost.String(), s.Value.Reveal()) {
					t.Errorf("the value of %s is shown", s.Option)
				}
			}
			if strings.Contains(string(r.Playbook)+lost.String(), "sesame") {
				t.Errorf("a secret of the CIB is in the playbook, or in what is told:\n%s%s", r.Playbook, &lost)
			}
			got := &txtar.Archive{Comment: a.Comment, Files: []txtar.File{a.Files[0], {Name: "playbook", Data: r.Playbook}}}
			for name, text := range map[string]string{"lost": lost.String(), "secrets": secrets.String()} {
				if text != "" {
					got.Files = append(got.Files, txtar.File{Name: name, Data: []byte(text)})
				}
			}
			if *update {
				if err := os.WriteFile(file, txtar.Format(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want := map[string]string{}
			for _, f := range a.Files {
				want[f.Name] = string(f.Data)
			}
			have := map[string]string{}
			for _, f := range got.Files {
				have[f.Name] = string(f.Data)
			}
			if d := cmp.Diff(want, have); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}
