package steps

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/remote"
	"github.com/hadeploy/hadeploy/internal/verify/verifytest"
	"github.com/hadeploy/hadeploy/inventory"
	"github.com/hadeploy/hadeploy/playbook"
)

const looks = "../internal/verify/testdata/looks"

// TestVerifyAsksAll: all that the nodes are asked comes to the judge, who has
// cases of his own (internal/verify).
func TestVerifyAsksAll(t *testing.T) {
	v, err := (&Run{Cluster: verifyCluster(t, "running")}).Verify(t.Context(), 0)
	if err != nil || !v.OK {
		t.Fatalf("%v, %+v", err, v)
	}
	var got []string
	for _, c := range v.Checks {
		got = append(got, c.Name+": "+c.Seen+c.Skipped)
	}
	want := []string{"readable: ", "members: 3 nodes online", "partition: quorum, DC n1", "links: 2 links connected", "daemons: daemons active", "fencing: ",
		"resources: 4 resources as declared", "placement: ", "failed-actions: no failed action", "addresses: 1 address where pcs says", "runtime: Corosync as its files say on 3 nodes"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if !slices.ContainsFunc(v.Findings, func(f plan.Finding) bool { return f.Code == "NO_FENCING" }) {
		t.Errorf("got %+v", v.Findings)
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

// verifyCluster is the cluster of the quickstart playbook, without probes, whose
// nodes say what those of a lab said in a state.
func verifyCluster(t *testing.T, state string) *Cluster {
	t.Helper()
	p, list := playbook.Load("../examples/playbooks/quickstart.yaml", playbook.LoadOptions{Vars: map[string]string{"vip": "10.192.1.200"}})
	if p == nil {
		t.Fatal(list)
	}
	p.Verify.Probes = nil
	cluster := &Cluster{Playbook: p, forks: 1, emit: func(Event) {}}
	for _, name := range []string{"n1", "n2", "n3"} {
		look := verifytest.Look(t, looks, state, name)
		cluster.Nodes = append(cluster.Nodes, &Node{Conn: saysNode{text: look},
			Node: inventory.Node{Name: name, NodeName: name, Links: verifytest.Links(look, name)}})
	}
	return cluster
}
