//go:build linux

package integration

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hadeploy/hadeploy/internal/yamldoc/cases"
)

// exampleRounds are the examples of docs/playbook.md that one apply makes
// together. One that stands in no round has one of its own.
var exampleRounds = [][]string{
	{"packages 1", "files 1", "agents 1", "properties 1", "own_names 1", "resource_defaults, operation_defaults 1", "Variables 1", "constraints 1", "acls 1", "property_sets 1"},
	{"constraints 2"},
	{"tags 1", "Tickets 1"},
	{"What belongs to the file 1", "resource_defaults, operation_defaults 2", "resources 3", "Rules 1", "prune 2"},
	{"resources 1", "nodes 1", "prune 1"},
	{"resources 2", "resources 5", "templates 1", "alerts 1", "verify 1"},
}

// examplesElsewhere are those that no lab can have, and why.
var examplesElsewhere = map[string]string{
	"The playbook 1": "its packages and its interface are those of another distribution; TestQuickstart has the like",
	"inventory 1":    "it is an inventory of its own, with hosts that the lab has not; TestScripts reads one",
	"stonith 1":      "it switches real hardware; the fencing devices of TestKindsLive and TestStates are stand-ins",
	"resources 4":    "a lab's nodes have no kernel of their own, and so no DLM and no shared disk",
	"resources 6":    "it needs an image and a container's runtime: TestBundle",
	"remote_nodes 1": "it needs hosts that are no members, and libvirt: TestRemoteNodes",
}

// examples are those of docs/playbook.md, made fit for a lab.
type examples struct {
	lab  *lab
	all  []cases.Example
	used []string
}

func newExamples(t *testing.T, l *lab) *examples {
	t.Helper()
	page, err := os.ReadFile("../docs/playbook.md")
	if err != nil {
		t.Fatal(err)
	}
	e := &examples{lab: l, all: cases.Examples(string(page))}
	// The names and addresses of nodes, and what is read on this machine.
	fit := []struct {
		is *regexp.Regexp
		in string
	}{
		{regexp.MustCompile(`\bweb([123])\b`), "n$1"},
		{regexp.MustCompile(`\b10\.0\.0\.1(\d\d)\b`), l.vip[:strings.LastIndexByte(l.vip, '.')] + ".2$1"},
		{regexp.MustCompile(`\b10\.0\.0\.1\b`), l.address("n1")},
	}
	for i := range e.all {
		for _, f := range fit {
			e.all[i].Text = f.is.ReplaceAllString(e.all[i].Text, f.in)
		}
	}
	agent, err := os.ReadFile("../examples/playbooks/agents/beacon")
	if err != nil {
		t.Fatal(err)
	}
	for path, text := range map[string]string{
		"secrets/hacluster": password + "\n",
		"agents/myapp":      strings.ReplaceAll(string(agent), "beacon", "myapp"),
		"files/site.conf":   "server { listen " + l.vip + ":80; location / { return 200 \"welcome\\n\"; } }\nserver { listen 5432; }\n",
	} {
		if err := os.MkdirAll(filepath.Dir(l.path(path)), 0o700); err != nil {
			t.Fatal(err)
		}
		l.write(path, text, 0o600)
	}
	return e
}

// take is the text of an example.
func (e *examples) take(t *testing.T, name string) string {
	t.Helper()
	i := slices.IndexFunc(e.all, func(x cases.Example) bool { return x.Name == name })
	if i < 0 {
		t.Fatalf("docs/playbook.md has no example %q", name)
	}
	e.used = append(e.used, name)
	return e.all[i].Text
}

// apply applies all that was not taken yet, and takes away what was there before.
func (e *examples) apply(t *testing.T, declare func(fragments ...string)) {
	for name := range examplesElsewhere {
		e.take(t, name)
	}
	rounds := slices.Clone(exampleRounds)
	for _, x := range e.all {
		if !slices.ContainsFunc(rounds, func(r []string) bool { return slices.Contains(r, x.Name) }) && !slices.Contains(e.used, x.Name) {
			rounds = append(rounds, []string{x.Name})
		}
	}
	for _, names := range rounds {
		e.lab.part(t, strings.Join(names, ", "), func(t *testing.T) {
			var fragments []string
			for _, name := range names {
				fragments = append(fragments, e.take(t, name))
			}
			declare(fragments...)
			contains(t, e.lab.must(0, "apply", "--yes", "--prune", "--allow-disruption=all"), "verified")
			contains(t, e.lab.must(0, "plan", "--detailed-exitcode", "--prune"), "No changes.")
		})
	}
}
