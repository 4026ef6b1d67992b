package verify

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hadeploy/hadeploy/internal/corosync"
	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/verify/verifytest"
	"github.com/hadeploy/hadeploy/internal/yamldoc/cases"
	"github.com/hadeploy/hadeploy/inventory"
	"github.com/hadeploy/hadeploy/playbook"
)

// TestVerify holds the quickstart playbook against what the nodes of a lab
// said in several states (testdata/looks). A case changes a part of that, or of
// the playbook, and says what verify then finds. Sections of a case:
//
//	-state      a folder of testdata/looks
//	-playbook   edits: old => new
//	-n2         edits of what n2 said, in every place: old => new
//	-members    what the inventory names, n1 n2 n3 if it is not given
//	-away       nodes that cannot be reached
//
// In every case, what is said of a resource for a status agrees with that.
func TestVerify(t *testing.T) {
	agreed := map[string]int{}
	cases.Run(t, "testdata/cases/*.txtar", func(t *testing.T, c cases.Case) string {
		var out strings.Builder
		j := New(caseInput(t, c))
		for _, check := range j.Checks() {
			if writeCheck(&out, check); check.Name == "resources" && j.Sees() && j.st.Quorum {
				agree(t, j, check.Findings, agreed)
			}
		}
		return out.String()
	})
	for _, code := range []string{"RESOURCE_STOPPED", "RESOURCE_NOT_ALLOWED"} {
		if agreed[code] == 0 {
			t.Errorf("no case has %s", code)
		}
	}
}

func writeCheck(out *strings.Builder, check plan.Check) {
	state := "passed"
	switch {
	case check.Skipped != "":
		state = "skipped, " + check.Skipped
	case !check.Passed:
		state = "failed"
	}
	fmt.Fprintf(out, "%s %s", check.Name, state)
	if check.Seen != "" {
		fmt.Fprintf(out, ": %s", check.Seen)
	}
	out.WriteString("\n")
	for _, f := range check.Findings {
		about := strings.TrimSpace(f.Node + " " + f.Object)
		if about == "" {
			about = "cluster"
		}
		fmt.Fprintf(out, "  %s [%s] %s: %s\n", f.Severity, f.Code, about, f.Message)
		if f.Seen != "" {
			fmt.Fprintf(out, "      %s; seen: %s\n", f.Expected, f.Seen)
		}
		if f.Fix != "" {
			fmt.Fprintf(out, "      do: %s\n", f.Fix)
		}
	}
}

// casePlaybook is the quickstart playbook, without probes, with a case's edits.
func casePlaybook(t *testing.T, c cases.Case) *playbook.Playbook {
	t.Helper()
	if err := os.CopyFS(c.Dir, os.DirFS("../../examples/playbooks")); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(c.Dir, "quickstart.yaml")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	noProbes, _, _ := strings.Cut(string(b), "  probes:")
	cases.Write(t, path, []byte(edited(t, noProbes, c.Args["-playbook"])))
	p, list := playbook.Load(path, playbook.LoadOptions{Vars: map[string]string{"vip": "10.192.1.200"}})
	if p == nil {
		t.Fatal(list)
	}
	return p
}

func edited(t *testing.T, text, edits string) string {
	t.Helper()
	for line := range strings.Lines(edits) {
		old, new, ok := strings.Cut(strings.TrimRight(line, "\n"), " => ")
		old = strings.ReplaceAll(old, `\n`, "\n")
		if !ok || !strings.Contains(text, old) {
			t.Fatalf("there is no %q to edit", old)
		}
		text = strings.ReplaceAll(text, old, strings.ReplaceAll(new, `\n`, "\n"))
	}
	return text
}

// caseInput is what the nodes of a case said, and what is declared for them.
func caseInput(t *testing.T, c cases.Case) Input {
	t.Helper()
	in := Input{Playbook: casePlaybook(t, c)}
	members := strings.Fields(c.Args["-members"])
	if len(members) == 0 {
		members = []string{"n1", "n2", "n3"}
	}
	var live *corosync.Config
	var heard []inventory.Node
	for _, name := range members {
		said := NodeStatus{Node: name, NodeName: name}
		if slices.Contains(strings.Fields(c.Args["-away"]), name) {
			said.Reach, said.Err = Away, errors.New("no route to host")
			in.Nodes, in.Said = append(in.Nodes, inventory.Node{Name: name, NodeName: name}), append(in.Said, said)
			continue
		}
		look := verifytest.Look(t, filepath.Join("testdata", "looks"), strings.TrimSpace(c.Args["-state"]), name)
		in.Nodes = append(in.Nodes, inventory.Node{Name: name, NodeName: name, Links: verifytest.Links(look, name)})
		daemons := take(t, &said, edited(t, look, c.Args["-"+name]))
		if in.Said = append(in.Said, said); said.Status != nil {
			in.Daemons = append(in.Daemons, daemons)
		}
		if daemons.Err != nil {
			continue
		}
		if heard = append(heard, in.Nodes[len(in.Nodes)-1]); live == nil {
			live = daemons.Corosync.Config
		}
	}
	want, diags := corosync.Build(in.Playbook, heard)
	if diags.Err() == nil { // else it is plan that says why
		var err error
		if in.Corosync, err = corosync.Merge(live, want); err != nil {
			t.Fatal(err)
		}
	}
	return in
}

// take makes of a look what the node said of its cluster and of its daemons.
func take(t *testing.T, said *NodeStatus, look string) Daemons {
	t.Helper()
	q := facts.Ask{Sections: []facts.Section{facts.SectionStatus}, Status: facts.StatusXML}
	answer, err := facts.TakeStatus(q, "MARK", []byte(look), nil)
	if err != nil {
		said.Err = fmt.Errorf("pcs status: %w", err)
	} else {
		said.Take(answer)
	}
	f := &facts.Facts{}
	q = facts.Ask{Sections: []facts.Section{facts.SectionCorosync}}
	return Daemons{Node: said.Node, Err: f.Take(q, "MARK", []byte(look), nil, facts.Asked{}), Corosync: &f.Corosync}
}
