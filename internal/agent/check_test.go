package agent

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestCheckOptions: each testdata/check/*.txtar holds a playbook and what is
// said of its options; -update writes that anew.
func TestCheckOptions(t *testing.T) {
	files, err := filepath.Glob("testdata/check/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	for _, f := range files {
		t.Run(strings.TrimSuffix(filepath.Base(f), ".txtar"), func(t *testing.T) {
			part := parts(t, f)
			agents := captured(t, "debian12")
			own, err := Parse("ocf:acme:own", []byte(part["ocf:acme:own"]))
			if part["ocf:acme:own"] != "" {
				if err != nil {
					t.Fatal(err)
				}
				agents[own.Name] = own
			}
			p := load(t, part["playbook.yaml"])
			got := ""
			for _, d := range CheckOptions(p, agents) {
				d.File = "cluster.yaml"
				got += d.String() + "\n"
			}
			if got == "" {
				got = "all is well\n"
			}
			if *update {
				part["expect"] = got
				writeParts(t, f, part, []string{"ocf:acme:own", "playbook.yaml", "expect"})
			} else if d := cmp.Diff(part["expect"], got); d != "" {
				t.Errorf("want (-), got (+):\n%s", d)
			}
		})
	}
}
