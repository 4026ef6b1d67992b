package steps

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hadeploy/hadeploy/internal/remote"
	"github.com/hadeploy/hadeploy/inventory"
	"github.com/hadeploy/hadeploy/playbook"
)

// restartingNode says that all runs, as it does before the first stop of a restart,
// and what the DC is doing, one answer after the other; the last one stays.
type restartingNode struct {
	remote.Conn
	dc     []string
	status int
	asked  []string
}

func (n *restartingNode) Run(_ context.Context, cmd remote.Cmd) (remote.Result, error) {
	n.asked = append(n.asked, strings.Join(cmd.Argv, " "))
	if cmd.Argv[0] == "crm_mon" {
		return remote.Result{Stdout: []byte("Cluster Summary:\n  * Stack: corosync\n  * Current DC: n1 (version 2.1.5-2.1.5) - partition with quorum\n" +
			"  * 1 node configured\n  * 1 resource instance configured\n\nNode List:\n  * Online: [ n1 ]\n\nFull List of Resources:\n  * a\t(ocf:pacemaker:Dummy):\t Started n1\n")}, nil
	}
	said := n.dc[0]
	n.dc = n.dc[min(1, len(n.dc)-1):]
	return remote.Result{Stdout: []byte(said), Status: n.status}, nil
}

// TestSettlesAtRest: that every resource is in its role is the end of a restart
// only once the DC is at rest too.
func TestSettlesAtRest(t *testing.T) {
	for name, c := range map[string]struct {
		dc     []string
		status int
		asked  int // how often the DC is
		told   string
	}{
		"at rest":         {dc: []string{"Controller on n1 in state S_IDLE: ok\n"}, asked: 1},
		"2.0 at rest":     {dc: []string{"Status of crmd@n1: S_IDLE (ok)\n"}, asked: 1},
		"it restarts":     {dc: []string{"Controller on n1 in state S_POLICY_ENGINE: ok\n", "Controller on n1 in state S_TRANSITION_ENGINE: ok\n", "Controller on n1 in state S_IDLE: ok\n"}, asked: 3, told: "the cluster is still at work (DC n1: policy engine)"},
		"another DC":      {dc: []string{"Controller on n1 in state S_NOT_DC: ok\n", "Controller on n1 in state S_IDLE: ok\n"}, asked: 2, told: "DC n1: not dc"},
		"no answer":       {dc: []string{"error: No reply received from controller before timeout\n"}, status: 62, asked: 1},
		"it says no":      {dc: []string{""}, asked: 1},
		"it does not end": {dc: []string{"Controller on n1 in state S_TRANSITION_ENGINE: ok\n"}, asked: 7, told: "transition engine"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				node := &restartingNode{dc: c.dc, status: c.status}
				p := &playbook.Playbook{Resources: []playbook.Resource{{ID: "a", Primitive: &playbook.Primitive{ID: "a", Agent: "ocf:pacemaker:Dummy"}}}}
				var told string
				run := &Run{Cluster: &Cluster{Playbook: p, emit: func(Event) {}, Nodes: []*Node{{Conn: node, Node: inventory.Node{Name: "n1", NodeName: "n1"}}}}}
				w := wait{emit: func(e Event) {
					if w, ok := e.(Waiting); ok && told == "" {
						told = w.Detail
					}
				}}
				if err := run.settle(t.Context(), time.Now().Add(6*settleEvery+time.Millisecond), &w); err != nil {
					t.Fatal(err)
				}
				asked := strings.Count(strings.Join(node.asked, "\n"), "crmadmin -S n1")
				if asked != c.asked || !strings.Contains(told, c.told) || c.told == "" && told != "" {
					t.Errorf("the DC was asked %d times, want %d; told %q, want %q", asked, c.asked, told, c.told)
				}
			})
		})
	}
}
