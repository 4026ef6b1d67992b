package inventory

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/yamldoc/cases"
)

// TestCases: inventory.yaml in, its diagnostics out; then what each line of
// the section "-select" selects, and for each node what was understood.
func TestCases(t *testing.T) {
	run := func(t *testing.T, c cases.Case) string {
		t.Setenv("HOME", "/home/ops")
		inv, list := Load(sourcesOf(c.Dir, c.Args))
		if (inv == nil) != (list.Err() != nil) {
			t.Errorf("inventory nil: %v, but errors: %v", inv == nil, list.Err())
		}
		var b strings.Builder
		selections, given := c.Args["-select"]
		if inv != nil && !given {
			nodes, err := inv.Match("")
			var wrong diag.List
			if err != nil && !errors.As(err, &wrong) {
				t.Fatal(err)
			}
			list = append(append(list, wrong...), inv.Warnings(nodes)...).Sort()
		}
		for _, d := range list {
			if d.Line > 0 && (d.Column == 0 || d.Source == "") {
				t.Errorf("no column or no text: %s", d)
			}
			b.WriteString(d.String() + "\n")
		}
		if list.Err() != nil {
			return b.String()
		}
		if !given {
			for _, n := range inv.Nodes {
				b.WriteString(show(n) + "\n")
			}
		}
		for pattern := range strings.Lines(selections) {
			pattern = strings.TrimSuffix(pattern, "\n")
			nodes, err := inv.Select(pattern)
			var names []string
			for _, n := range nodes {
				names = append(names, n.Name)
			}
			switch {
			case err != nil:
				fmt.Fprintf(&b, "%s: error: %v\n", pattern, err)
			default:
				fmt.Fprintf(&b, "%s: %s\n", pattern, strings.Join(names, " "))
			}
		}
		return b.String()
	}
	cases.Run(t, "testdata/cases/*.txtar", run)
	cases.Run(t, "testdata/ansible/*.txtar", run)
}

// sourcesOf are inventory.yaml of a case, or what its section "-i" names, one
// in each line; with a section "-playbook" that folder is the playbook's.
func sourcesOf(dir string, args map[string]string) (sources []string, playbookDir string) {
	for line := range strings.Lines(args["-i"]) {
		line = strings.TrimSpace(line)
		if !strings.Contains(line, ",") {
			line = filepath.Join(dir, line)
		}
		sources = append(sources, line)
	}
	if sources == nil {
		sources = []string{filepath.Join(dir, "inventory.yaml")}
	}
	if sub, ok := args["-playbook"]; ok {
		playbookDir = filepath.Join(dir, strings.TrimSpace(sub))
	}
	return sources, playbookDir
}

// show writes the settings of a node that are not empty.
func show(n Node) string {
	out := n.Name + ":"
	add := func(name, value string, when bool) {
		if when {
			out += " " + name + "=" + value
		}
	}
	add("node", n.NodeName, n.NodeName != n.Name)
	add("host", n.Host, n.Host != n.Name)
	add("port", fmt.Sprint(n.Port), n.Port != 0)
	add("user", n.User, n.User != "")
	add("links", strings.Join(n.Links, ","), len(n.Links) > 0)
	add("groups", strings.Join(n.Groups, ","), len(n.Groups) > 0)
	add("key", n.KeyFile, n.KeyFile != "")
	add("known_hosts", strings.Join(n.KnownHosts, ","), len(n.KnownHosts) > 0)
	add("jump", n.ProxyJump, n.ProxyJump != "")
	add("password", n.PasswordRef.String(), !n.PasswordRef.IsZero())
	add("become", fmt.Sprint(n.Become), n.Become)
	add("become_password", n.BecomePasswordRef.String(), !n.BecomePasswordRef.IsZero())
	return out
}
