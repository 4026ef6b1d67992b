package playbook

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/yamldoc/cases"
	"github.com/hadeploy/hadeploy/inventory"
)

// TestCases: cluster.yaml and the files beside it in, the diagnostics out. The
// section "-e" holds name=value lines of the command line.
func TestCases(t *testing.T) {
	cases.Run(t, "testdata/cases/*.txtar", func(t *testing.T, c cases.Case) string {
		o := LoadOptions{Vars: map[string]string{}}
		for line := range strings.Lines(c.Args["-e"]) {
			name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
			o.Vars[name] = value
		}
		p, list := Load(filepath.Join(c.Dir, "cluster.yaml"), o)
		if (p == nil) != (list.Err() != nil) {
			t.Errorf("playbook nil: %v, but errors: %v", p == nil, list.Err())
		}
		return lines(t, list)
	})
}

// TestNodeCases: cluster.yaml and inventory.yaml in; out comes what can be said
// once it is known which nodes the file is for, without going to any.
func TestNodeCases(t *testing.T) {
	cases.Run(t, "testdata/nodes/*.txtar", func(t *testing.T, c cases.Case) string {
		p, list := Load(filepath.Join(c.Dir, "cluster.yaml"), LoadOptions{})
		if p == nil {
			t.Fatal(list)
		}
		inv, list := inventory.Load([]string{filepath.Join(c.Dir, "inventory.yaml")}, c.Dir)
		if inv == nil {
			t.Fatal(list)
		}
		nodes, err := inv.Select("all")
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		var members []Member
		for _, n := range nodes {
			names = append(names, n.NodeName)
			members = append(members, Member{Name: n.NodeName, Host: n.Host, Links: n.Links})
		}
		list = CheckNodes(p, members)
		coded := 0
		for _, d := range list {
			if d.Code != "" {
				coded++
			}
		}
		if found := p.NodeFindings(names, nil); len(found) != coded {
			t.Errorf("%d warnings with a code, and a run would find %d", coded, len(found))
		}
		return lines(t, list)
	})
}

// lines is a list as text. Every diagnostic of a line has its column and the
// text of the line.
func lines(t *testing.T, list diag.List) string {
	var b strings.Builder
	for _, d := range list {
		if d.Line > 0 && (d.Column == 0 || d.Source == "") {
			t.Errorf("no column or no text: %s", d)
		}
		b.WriteString(d.String() + "\n")
	}
	return b.String()
}

// load is a playbook that must be free of errors.
func load(t *testing.T, text string) *Playbook {
	t.Helper()
	p, list := parse("cluster.yaml", t.TempDir(), []byte(text), nil)
	if err := list.Err(); err != nil {
		t.Fatal(err)
	}
	return p
}
