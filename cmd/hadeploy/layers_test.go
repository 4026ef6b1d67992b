package main

import (
	"errors"
	"go/build"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/hadeploy/hadeploy/"

// imports are the direct imports of every package of the module, tests left
// out, by the package's path without the module's.
func imports(t *testing.T) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		if name := d.Name(); path != root && (strings.HasPrefix(name, ".") || name == "testdata") {
			return fs.SkipDir
		}
		p, err := build.ImportDir(path, 0)
		if _, none := errors.AsType[*build.NoGoError](err); none {
			return nil
		}
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		all[filepath.ToSlash(rel)] = p.Imports
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// closure is all that a package imports, directly or not; of other modules
// only what the module's packages name themselves.
func closure(direct map[string][]string, pkg string) []string {
	var out []string
	todo := []string{pkg}
	for len(todo) > 0 {
		p := todo[0]
		todo = todo[1:]
		for _, i := range direct[strings.TrimPrefix(p, module)] {
			if !slices.Contains(out, i) {
				out = append(out, i)
				if strings.HasPrefix(i, module) {
					todo = append(todo, i)
				}
			}
		}
	}
	return out
}

// TestLayers holds the house in order: who may import whom.
func TestLayers(t *testing.T) {
	direct := imports(t)
	if len(direct) < 15 {
		t.Fatalf("only %d packages found", len(direct))
	}

	// Pure packages: bytes in, values out. They know nothing of ssh, of the
	// terminal or of those who call them, not even by way of others.
	foreign := []string{module + "internal/remote", module + "internal/report", module + "internal/lab", module + "steps",
		"github.com/melbahja/goph", "github.com/spf13/cobra", "golang.org/x/crypto/ssh", "golang.org/x/term"}
	for _, pkg := range []string{"playbook", "inventory", "schema", "internal/pcs", "internal/cib", "internal/crmsh", "internal/rolevars", "internal/importer", "internal/yamlout", "internal/agent", "internal/pacemaker", "internal/corosync",
		"internal/plan", "internal/verify", "internal/packages", "internal/excerpt", "internal/finding", "internal/diag", "internal/rule", "internal/yamldoc", "internal/secret", "internal/facts", "internal/localfile", "internal/plural"} {
		if direct[pkg] == nil {
			t.Errorf("%s is gone: correct this test", pkg)
		}
		for _, i := range closure(direct, pkg) {
			for _, f := range foreign {
				if i == f || strings.HasPrefix(i, f+"/") {
					t.Errorf("%s is a pure package, and comes to import %s", pkg, i)
				}
			}
		}
	}

	// Each foreign library has one room.
	for library, rooms := range map[string][]string{
		"github.com/melbahja/goph":                   {"internal/remote"},
		"github.com/skeema/knownhosts":               {"internal/remote"},
		"github.com/kevinburke/ssh_config":           {"internal/remote"},
		"golang.org/x/crypto/ssh":                    {"internal/remote", "internal/lab"}, // the lab makes keys for its nodes
		"golang.org/x/crypto/ssh/agent":              {"internal/remote"},
		"golang.org/x/crypto/ssh/knownhosts":         {"internal/remote", "internal/lab"},
		"github.com/santhosh-tekuri/jsonschema/v5":   {"schema"},
		"gopkg.in/yaml.v3":                           {"internal/yamldoc", "internal/yamlout", "internal/lab"}, // the lab writes an inventory
		"github.com/beevik/etree":                    {"internal/cib", "internal/oracle"},                      // tests read CIBs too
		"github.com/spf13/cobra":                     {"cmd/hadeploy"},
		"golang.org/x/term":                          {"cmd/hadeploy", "internal/report/term"},
		"github.com/gliderlabs/ssh":                  {}, // tests only
		"github.com/rogpeppe/go-internal/testscript": {}, // tests only
	} {
		for pkg, list := range direct {
			if slices.Contains(list, library) && !slices.Contains(rooms, pkg) {
				t.Errorf("%s imports %s, which belongs to %v", pkg, library, rooms)
			}
		}
	}

	// The rooms of report: each knows those that are named behind it, and no
	// other. At the bottom is term, which knows nothing of clusters.
	const rooms = "internal/report"
	below := []string{rooms, rooms + "/term", rooms + "/markdown", rooms + "/findings", rooms + "/failure"}
	knows := map[string][]string{
		rooms + "/term":            {},
		rooms:                      {rooms + "/term"},
		rooms + "/markdown":        {rooms + "/term"},
		rooms + "/findings":        {rooms + "/term", rooms + "/markdown"},
		rooms + "/failure":         {rooms + "/term", rooms + "/findings"},
		rooms + "/planreport":      below,
		rooms + "/verifyreport":    below,
		rooms + "/statusreport":    below,
		rooms + "/agentreport":     below,
		rooms + "/inventoryreport": below,
		rooms + "/progress":        below,
		rooms + "/recap":           append([]string{rooms + "/planreport"}, below...),
		rooms + "/reporttest":      {}, // tests only
	}
	for pkg, list := range direct {
		allowed, known := knows[pkg]
		if strings.HasPrefix(pkg, rooms) && !known {
			t.Errorf("%s is a room of report that this test does not know", pkg)
		}
		for _, i := range list {
			room := strings.TrimPrefix(i, module)
			switch {
			case room == rooms+"/reporttest":
				t.Errorf("%s imports %s, which is for tests", pkg, room)
			case known && strings.HasPrefix(room, rooms) && !slices.Contains(allowed, room):
				t.Errorf("%s imports %s, which is above it or beside it", pkg, room)
			case pkg == rooms+"/term" && strings.HasPrefix(i, module) && room != "internal/plural":
				t.Errorf("%s imports %s, and is to know nothing of clusters", pkg, room)
			}
		}
	}

	// And each layer knows only those below it.
	for pkg, above := range map[string][]string{
		"steps":           {"internal/report", "internal/lab", "cmd"},
		"internal/remote": {"steps", "internal/report", "playbook", "inventory", "cmd"},
		"internal/report": {"internal/remote", "internal/lab", "cmd"},
		"internal/lab":    {"steps", "internal/report", "internal/remote", "playbook", "inventory", "cmd"},
	} {
		var list []string
		for p, imported := range direct {
			if p == pkg || strings.HasPrefix(p, pkg+"/") {
				list = append(list, imported...)
			}
		}
		for _, i := range list {
			for _, a := range above {
				if i == module+a || strings.HasPrefix(i, module+a+"/") {
					t.Errorf("%s imports %s, which is above it or beside it", pkg, i)
				}
			}
		}
	}
}
