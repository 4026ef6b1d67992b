package rolevars

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hadeploy/hadeploy/internal/cib"
	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/secret"
	"github.com/hadeploy/hadeploy/internal/yamldoc/cases"
	"github.com/hadeploy/hadeploy/inventory"
	"github.com/hadeploy/hadeploy/playbook"
)

// TestCases: the archives in testdata/cases have variables of the role, perhaps
// with an inventory, and the playbook and the messages that come of them. Each
// playbook is read and rendered.
func TestCases(t *testing.T) {
	cases.Run(t, "testdata/cases/*.txtar", func(t *testing.T, c cases.Case) string {
		text, err := os.ReadFile(filepath.Join(c.Dir, "vars.yml"))
		if err != nil {
			t.Fatal(err)
		}
		o := Options{Hosts: strings.TrimSpace(c.Args["-hosts"])}
		if path := filepath.Join(c.Dir, "inventory.yml"); exists(path) {
			inv, list := inventory.Load([]string{path}, "")
			if inv == nil {
				t.Fatal(list)
			}
			o.Inventory, o.Path = inv, "inventory.yml"
		}
		result, err := Playbook("vars.yml", text, o)
		if err != nil {
			return "error\n" + err.Error() + "\n"
		}
		return shown(t, result)
	})
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// shown is a result as a case has it.
func shown(t *testing.T, r *Result) string {
	t.Helper()
	_, body, _ := strings.Cut(string(sound(t, r)), "\n\n") // the head is the same in most
	if at := strings.Index(body, "\nname:"); at >= 0 {
		body = body[at+1:]
	}
	var b strings.Builder
	b.WriteString(body)
	if len(r.Left) > 0 {
		b.WriteString("---\n")
	}
	for _, d := range r.Left {
		if d.Severity == diag.Error {
			b.WriteString("lost: ")
		}
		b.WriteString(d.String() + "\n")
	}
	return b.String()
}

// sound holds what is true of every result: the playbook is read and rendered, it
// has no secret but names all, and each message has a place and a reason.
func sound(t *testing.T, r *Result) []byte {
	t.Helper()
	document, err := r.Document()
	if err != nil {
		t.Fatal(err)
	}
	p, list := playbook.Load("-", playbook.LoadOptions{Stdin: bytes.NewReader(document)})
	if p == nil {
		t.Fatalf("the playbook is not read: %v\n%s", list, document)
	}
	noSecret := func(playbook.SecretRef) (secret.Value, bool) { return secret.Value{}, false }
	want, err := cib.Build(p, nil, noSecret, cib.Options{Dialect: pcs.DialectFor(pacemaker.Newest()), MaskSecrets: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := cib.Render(want, pacemaker.Newest()); err != nil {
		t.Fatal(err)
	}
	for _, s := range r.Secrets {
		if !bytes.Contains(document, []byte("env: "+s.Env)) {
			t.Errorf("%s is not in the playbook", s.Env)
		}
		if value := s.Value.Reveal(); len(value) > 8 && (bytes.Contains(document, []byte(value)) || strings.Contains(r.Left.Error(), value)) {
			t.Errorf("the secret %s is told", s.Env)
		}
	}
	for _, d := range r.Left {
		if d.Line == 0 || d.Column == 0 || d.Message == "" {
			t.Errorf("without a place or a reason: %q", d.String())
		}
		for _, s := range r.Secrets {
			if value := s.Value.Reveal(); len(value) > 8 && strings.Contains(d.Source, value) {
				t.Errorf("the line that a message shows has the secret %s", s.Env)
			}
		}
	}
	return document
}

// TestBeside: hosts go to a file of their own, and what is known of secrets is
// named by the path of its file.
func TestBeside(t *testing.T) {
	r, err := Playbook("vars.yml", []byte(`
ha_cluster_hacluster_password: open-sesame
ha_cluster_node_options: [{node_name: n1, corosync_addresses: [10.0.0.1]}]
ha_cluster_resource_primitives:
  - id: fence-a
    agent: stonith:fence_xvm
    instance_attrs: [{attrs: [{name: password, value: "{{ unknown }}"}]}]
`), Options{Beside: true, SecretFile: func(name string) string { return "secrets/" + strings.ToLower(name) }})
	if err != nil {
		t.Fatal(err)
	}
	hosts, err := r.Inventory()
	if err != nil {
		t.Fatal(err)
	}
	document, err := r.Document()
	if err != nil {
		t.Fatal(err)
	}
	for text, parts := range map[string][]string{
		string(hosts):    {"n1: {ansible_host: 10.0.0.1, links: [10.0.0.1]}"},
		string(document): {"inventory: inventory.yaml", "{file: secrets/hacluster_password}", "{env: FENCE_A_PASSWORD}"},
	} {
		for _, part := range parts {
			if !strings.Contains(text, part) {
				t.Errorf("%s is not in\n%s", part, text)
			}
		}
	}
	path := filepath.Join(t.TempDir(), "inventory.yaml")
	if err := os.WriteFile(path, hosts, 0o600); err != nil {
		t.Fatal(err)
	}
	if inv, list := inventory.Load([]string{path}, ""); inv == nil || len(list) > 0 {
		t.Errorf("the inventory is not read: %v", list)
	}
}

// FuzzPlaybook: whatever the file says, what comes of it is sound.
func FuzzPlaybook(f *testing.F) {
	cases.Seeds(f, "testdata/cases/*.txtar", "vars.yml")
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 20_000 {
			return
		}
		result, err := Playbook("vars.yml", []byte(text), Options{})
		if err != nil {
			if err.Error() == "" {
				t.Error("an error without a word")
			}
			return
		}
		sound(t, result)
	})
}
