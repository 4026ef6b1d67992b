package inventory

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/yamldoc/cases"
	"github.com/hadeploy/hadeploy/schema"
)

// TestDocs: every example of docs/inventory.md is valid and makes a cluster,
// and every variable of the schema is explained there.
func TestDocs(t *testing.T) {
	text, err := os.ReadFile("../docs/inventory.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllSubmatch(text, -1)
	if len(blocks) < 3 {
		t.Fatalf("only %d examples were found", len(blocks))
	}
	for _, block := range append(blocks, [][]byte{nil, []byte(Template())}) {
		inv, list := parse("example.yaml", block[1], false)
		if len(list) > 0 {
			t.Errorf("%s\n%s", list, block[1])
			continue
		}
		if nodes, err := inv.Select("all"); err != nil || len(inv.Warnings(nodes)) > 0 {
			t.Errorf("%v %v\n%s", err, inv.Warnings(nodes), block[1])
		}
	}
	var s struct {
		Definitions struct {
			Vars struct {
				Properties map[string]any `json:"properties"`
			} `json:"vars"`
		} `json:"definitions"`
	}
	if err := json.Unmarshal(schema.Inventory(), &s); err != nil {
		t.Fatal(err)
	}
	for key := range s.Definitions.Vars.Properties {
		if !strings.Contains(string(text), "`"+key+"`") {
			t.Errorf("docs/inventory.md does not name %s", key)
		}
	}
	// The loader and the schema know the same variables.
	for _, key := range keys {
		if s.Definitions.Vars.Properties[key] == nil {
			t.Errorf("the schema does not know %s", key)
		}
	}
	if len(keys) != len(s.Definitions.Vars.Properties) {
		t.Errorf("the loader knows %d variables, the schema %d", len(keys), len(s.Definitions.Vars.Properties))
	}
}

func TestResolve(t *testing.T) {
	dir := t.TempDir()
	cases.Write(t, filepath.Join(dir, "pw"), []byte("from-file\n"))
	cases.Write(t, filepath.Join(dir, "inventory.yaml"), []byte(`all:
  vars: {ansible_password: {command: [sh, -c, "echo x >> asked; cat pw"]}}
  hosts:
    n1: {ansible_become_password: {file: pw}}
    n2: {ansible_become_password: {env: HADEPLOY_TEST_SUDO}}
    n3: {ansible_password: plain}
    n4: {ansible_become_password: {env: HADEPLOY_TEST_UNSET}}
`))
	t.Setenv("HADEPLOY_TEST_SUDO", "from-env")
	inv, list := Load([]string{filepath.Join(dir, "inventory.yaml")}, "")
	if len(list) > 0 {
		t.Fatal(list)
	}
	nodes, err := inv.Select("n1,n2,n3")
	if err != nil {
		t.Fatal(err)
	}
	if nodes[0].Password.IsSet() || !nodes[2].Password.IsSet() {
		t.Error("what is written down is set, the rest is not, before Resolve")
	}
	if err := inv.Resolve(context.Background(), nodes); err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, n := range nodes {
		got += n.Password.Reveal() + "/" + n.BecomePassword.Reveal() + " "
	}
	if got != "from-file/from-file from-file/from-env plain/ " {
		t.Error(got)
	}
	if asked, _ := os.ReadFile(filepath.Join(dir, "asked")); string(asked) != "x\n" {
		t.Errorf("one command was run %d times", len(asked)/2)
	}
	last, err := inv.Select("n4")
	if err != nil {
		t.Fatal(err)
	}
	err = inv.Resolve(context.Background(), last)
	if want := "n4: ansible_become_password: environment variable HADEPLOY_TEST_UNSET is not set; export HADEPLOY_TEST_UNSET=... before running"; err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}

// TestSharedFile: a password in a file that others may read is warned about,
// and shown nowhere.
func TestSharedFile(t *testing.T) {
	const canary = "hunter2-canary"
	inv, list := parse("i", []byte("all: {hosts: {n1: {ansible_password: "+canary+"}}}\n"), true)
	if inv != nil {
		list = append(list, inv.Warnings(inv.Nodes)...)
	}
	if inv == nil || len(list) != 1 || list[0].Severity != diag.Warning {
		t.Fatalf("%v", list)
	}
	var b strings.Builder
	_ = diag.Render(&b, list, diag.RenderOptions{})
	asJSON, err := json.Marshal(inv)
	if err != nil {
		t.Fatal(err)
	}
	if out := b.String() + fmt.Sprintf("%+v%#v%s", inv.Nodes, *inv, asJSON); strings.Contains(out, canary) {
		t.Error(out)
	}
}

// parse reads one text as a file of that name would be; shared says that
// others than its owner may read it.
func parse(file string, src []byte, shared bool) (*Inventory, diag.List) {
	l := newLoader()
	l.readText(&source{file: file, dir: ".", shared: shared}, src)
	return l.inventory([]string{file})
}

func TestWhatIsNoFile(t *testing.T) {
	dir := t.TempDir()
	pipe, empty := filepath.Join(dir, "pipe"), t.TempDir()
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		empty:      "the folder has no inventory in it",
		pipe:       "is not a regular file",
		dir + "/x": "cannot be read: no such file or directory",
	} {
		if inv, list := Load([]string{path}, ""); inv != nil || !strings.Contains(list.Error(), want) {
			t.Errorf("%s: %v", path, list)
		}
	}
}

// FuzzLoad: no inventory, in YAML or INI, makes the loader panic, hang, or say
// nothing, and no pattern does.
func FuzzLoad(f *testing.F) {
	for _, glob := range []string{"testdata/cases/*.txtar", "testdata/ansible/*.txtar"} {
		archives, _ := filepath.Glob(glob)
		for _, a := range archives {
			dir := f.TempDir()
			args := cases.Unpack(f, a, dir)
			sources, _ := sourcesOf(dir, args)
			if src, err := os.ReadFile(sources[0]); err == nil {
				f.Add(src, filepath.Ext(sources[0]), "web:!n[1:&*")
			}
		}
	}
	f.Fuzz(func(t *testing.T, src []byte, ending, pattern string) {
		start := time.Now()
		inv, list := parse("f"+ending, src, true)
		if (inv == nil) != (list.Err() != nil) {
			t.Fatalf("inventory nil: %v; %v", inv == nil, list)
		}
		if inv != nil {
			nodes, err := inv.Select(pattern)
			if err == nil && len(nodes) == 0 {
				t.Fatal("neither nodes nor an error")
			}
			for _, n := range nodes {
				if strings.HasPrefix(n.Host, "-") || strings.HasPrefix(n.User, "-") || !hostText.MatchString(n.NodeName) && !isAddress(n.NodeName) {
					t.Fatalf("%+v passed", n)
				}
			}
			if inv.Warnings(nodes).Err() != nil {
				t.Fatal("a warning is an error")
			}
		}
		if took := time.Since(start); took > 10*time.Second {
			t.Fatalf("took %s for %d bytes", took, len(src))
		}
	})
}

// FuzzLiteral: no value makes the reader of literals panic, hang, or give
// nothing.
func FuzzLiteral(f *testing.F) {
	for _, s := range []string{"0x1F", "['a', (1, 2.5e3), {'k': None}]", `u'\u00e4\101' r"\n"`, "'''x''' # c", "1, 2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		start := time.Now()
		if n := literal(s, 1, 1); n == nil {
			t.Fatal("nothing")
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Fatalf("took %s for %d bytes", took, len(s))
		}
	})
}
