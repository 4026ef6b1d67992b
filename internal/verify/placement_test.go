package verify

import (
	"testing"

	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/inventory"
	"github.com/hadeploy/hadeploy/playbook"
)

// TestPreferenceOfAGroup: a group whose first member is not in the cluster yet is
// judged by those that are.
func TestPreferenceOfAGroup(t *testing.T) {
	p := &playbook.Playbook{Resources: []playbook.Resource{{ID: "web", Group: []playbook.Primitive{{ID: "fs"}, {ID: "nginx"}}}}}
	p.Constraints.Location = []playbook.Location{{Resource: "web", Node: "n1", Score: "100"}}
	st := &pcs.Status{DC: "n1", Quorum: true, Nodes: []pcs.Node{{Name: "n1", Online: true}, {Name: "n2", Online: true}},
		Resources: []pcs.Resource{{ID: "nginx", Group: "web", Role: pcs.Started, Nodes: []string{"n2"}, Managed: true}}}
	in := Input{Playbook: p, Nodes: []inventory.Node{{Name: "n1", NodeName: "n1"}, {Name: "n2", NodeName: "n2"}}, Said: []NodeStatus{{Node: "n1", NodeName: "n1", Status: st}}}
	for managed, want := range map[bool]string{
		true:  "web runs on n2, and the file prefers n1 (100): more speaks for n2: stickiness, or what it has to be with",
		false: "web runs on n2, and the file prefers n1 (100): the cluster does not manage it now",
	} {
		st.Resources[0].Managed = managed
		if found := New(in).checkPreferences(); len(found) != 1 || found[0].Message != want {
			t.Errorf("got %+v", found)
		}
	}
}
