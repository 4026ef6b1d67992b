package agent

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hadeploy/hadeploy/playbook"
)

var update = flag.Bool("update", false, "write the golden files anew")

// load reads a playbook's sections; those that every playbook needs are added.
func load(t testing.TB, text string) *playbook.Playbook {
	t.Helper()
	path := filepath.Join(t.TempDir(), "cluster.yaml")
	text += "\nname: test\nhacluster: {password: {env: PASSWORD}}\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	p, diags := playbook.Load(path, playbook.LoadOptions{})
	if p == nil {
		t.Fatalf("playbook:\n%v\n%s", diags, text)
	}
	return p
}

// captured reads what real agents of a release printed: FILE.xml is
// ocf_heartbeat_IPaddr2.xml.
func captured(t testing.TB, release string) map[string]*Agent {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata/captured", release, "*.xml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no metadata in testdata/captured/%s (%v)", release, err)
	}
	agents := map[string]*Agent{}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(f), ".xml")
		for range 2 {
			if name = strings.Replace(name, "_", ":", 1); !strings.HasPrefix(name, "ocf:") {
				break
			}
		}
		if agents[name], err = Parse(name, b); err != nil {
			t.Fatal(err)
		}
	}
	return agents
}

// parts reads a txtar file: "-- NAME --" lines, each with what follows.
func parts(t testing.TB, path string) map[string]string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	name := ""
	for line := range strings.Lines(string(b)) {
		if n, ok := strings.CutPrefix(line, "-- "); ok && strings.HasSuffix(n, " --\n") {
			name = strings.TrimSuffix(n, " --\n")
			continue
		}
		out[name] += line
	}
	return out
}

func writeParts(t *testing.T, path string, part map[string]string, order []string) {
	t.Helper()
	text := part[""]
	for _, name := range order {
		if part[name] != "" {
			text += "-- " + name + " --\n" + part[name]
		}
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
