package steps

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/remote"
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
func TestVerify(t *testing.T) {
	cases.Run(t, "testdata/verify/*.txtar", func(t *testing.T, c cases.Case) string {
		cluster := verifyCluster(t, c)
		run := &Run{Cluster: cluster}
		v, err := run.look(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		for _, check := range v.Checks {
			state := "passed"
			switch {
			case check.Skipped != "":
				state = "skipped, " + check.Skipped
			case !check.Passed:
				state = "failed"
			}
			fmt.Fprintf(&out, "%s %s", check.Name, state)
			if check.Seen != "" {
				fmt.Fprintf(&out, ": %s", check.Seen)
			}
			out.WriteString("\n")
			for _, f := range check.Findings {
				writeFinding(&out, f)
			}
		}
		if v.OK != (len(errorsOnly(v.Findings)) == 0) {
			t.Errorf("OK is %v", v.OK)
		}
		return out.String()
	})
}

func writeFinding(out *strings.Builder, f plan.Finding) {
	about := strings.TrimSpace(f.Node + " " + f.Object)
	fmt.Fprintf(out, "  %s [%s] %s: %s\n", f.Severity, f.Code, orCluster(about), f.Message)
	if f.Seen != "" {
		fmt.Fprintf(out, "      %s; seen: %s\n", f.Expected, f.Seen)
	}
	if f.Fix != "" {
		fmt.Fprintf(out, "      do: %s\n", f.Fix)
	}
}

// saysNode answers with what was captured.
type saysNode struct {
	remote.Conn
	text string
}

func (saysNode) Lost() <-chan struct{} { return nil }
func (saysNode) Close() error          { return nil }

func (n saysNode) Run(_ context.Context, cmd remote.Cmd) (remote.Result, error) {
	return remote.Result{Stdout: []byte(strings.ReplaceAll(n.text, "@MARK ", "@"+cmd.Args[0]+" "))}, nil
}

// withConfiguration gives a node what the fixtures keep of n1 only: the CIB and
// the scores.
func withConfiguration(t *testing.T, text, state string) string {
	t.Helper()
	if strings.Contains(text, "@MARK begin status-cib ") || !strings.Contains(text, "@MARK end text 0") {
		return text
	}
	first, err := os.ReadFile(filepath.Join(state, "n1.txt"))
	if err != nil {
		t.Fatal(err)
	}
	from := strings.Index(string(first), "\n@MARK begin status-cib ")
	if from < 0 {
		t.Fatalf("%s: n1 has no CIB", state)
	}
	return strings.TrimSuffix(text, "\n@MARK done\n") + string(first[from:])
}

// linksIn are a node's addresses as Corosync tells them.
func linksIn(text, name string) (links []string) {
	_, rest, ok := strings.Cut(text, " (str) = "+name+"\n")
	for line := range strings.Lines(rest) {
		key, address, _ := strings.Cut(strings.TrimSpace(line), " (str) = ")
		switch {
		case !ok, strings.HasSuffix(key, ".name"), !strings.HasPrefix(key, "nodelist.node."):
			return links
		case strings.HasSuffix(key, "_addr"):
			links = append(links, address)
		}
	}
	return links
}

func verifyCluster(t *testing.T, c cases.Case) *Cluster {
	t.Helper()
	if err := os.CopyFS(c.Dir, os.DirFS("../examples/playbooks")); err != nil {
		t.Fatal(err)
	}
	edit := func(text, edits string) string {
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
	path := filepath.Join(c.Dir, "quickstart.yaml")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	noProbes, _, _ := strings.Cut(string(b), "  probes:")
	cases.Write(t, path, []byte(edit(noProbes, c.Args["-playbook"])))
	p, list := playbook.Load(path, playbook.LoadOptions{Vars: map[string]string{"vip": "10.192.1.200"}})
	if p == nil {
		t.Fatal(list)
	}
	cluster := &Cluster{Playbook: p, forks: 1, op: Verify, emit: func(Event) {}}
	state := filepath.Join("testdata", "looks", strings.TrimSpace(c.Args["-state"]))
	members := strings.Fields(c.Args["-members"])
	if len(members) == 0 {
		members = []string{"n1", "n2", "n3"}
	}
	for _, name := range members {
		n := &Node{Node: inventory.Node{Name: name, NodeName: name}}
		cluster.Nodes = append(cluster.Nodes, n)
		if slices.Contains(strings.Fields(c.Args["-away"]), name) {
			n.away.why = errors.New("no route to host")
			continue
		}
		text, err := os.ReadFile(filepath.Join(state, name+".txt"))
		if err != nil {
			t.Fatal(err)
		}
		n.Links = linksIn(string(text), name)
		n.Conn = saysNode{text: edit(withConfiguration(t, string(text), state), c.Args["-"+name])}
	}
	return cluster
}
