package cib

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hadeploy/hadeploy/internal/agent"
	"github.com/hadeploy/hadeploy/internal/secret"
	"github.com/hadeploy/hadeploy/playbook"
)

var update = flag.Bool("update", false, "write the golden files anew")

// load reads a playbook's sections; those that every playbook needs are added.
func load(t testing.TB, text string) *playbook.Playbook {
	t.Helper()
	p, err := loadText(t, text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// loadText is load for those that have more to say.
func loadText(t testing.TB, text string) (*playbook.Playbook, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "cluster.yaml")
	text += "\nname: test\nhacluster: {password: {env: PASSWORD}}\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	p, diags := playbook.Load(path, playbook.LoadOptions{})
	if p == nil {
		return nil, fmt.Errorf("playbook:\n%v\n%s", diags, text)
	}
	return p, nil
}

// secretsForTests resolves {env: MASKED} to "secret MASKED".
func secretsForTests(r playbook.SecretRef) (secret.Value, bool) {
	return secret.New("secret " + r.Env), r.Env != ""
}

// agentsFrom reads captured metadata: FILE.xml is ocf_heartbeat_IPaddr2.xml.
func agentsFrom(t testing.TB, dir string) map[string]*agent.Agent {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("../agent/testdata/captured", dir, "*.xml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no metadata in ../agent/testdata/captured/%s (%v)", dir, err)
	}
	agents := map[string]*agent.Agent{}
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
		if agents[name], err = agent.Parse(name, b); err != nil {
			t.Fatal(err)
		}
	}
	return agents
}

// parts reads a txtar file: text, then "-- NAME --" lines with what follows.
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
