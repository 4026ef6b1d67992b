package verify

import (
	"strings"
	"testing"

	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/inventory"
	"github.com/hadeploy/hadeploy/playbook"
)

// TestBundle: a bundle has as many containers as it is declared to have, or it
// is said why not.
func TestBundle(t *testing.T) {
	up := func(node string) pcs.Resource {
		return pcs.Resource{ID: "box-0", Bundle: "box", Role: pcs.Started, Nodes: []string{node}, Managed: true}
	}
	down := pcs.Resource{ID: "box-1", Bundle: "box", Role: pcs.Stopped, Managed: true}
	unmanaged, disabled, stops := down, down, up("n2")
	unmanaged.Managed, disabled.Disabled, stops.Role = false, true, pcs.Stopping
	for _, c := range []struct {
		name    string
		options string // of the bundle
		there   []pcs.Resource
		want    string // code and a part of the message; empty: all is well
	}{
		{"as declared", "replicas=2", []pcs.Resource{up("n1"), up("n2")}, ""},
		{"one by default", "", []pcs.Resource{up("n1")}, ""},
		{"as many as are promoted by default", "promoted-max=2", []pcs.Resource{up("n1"), down}, "RESOURCE_STOPPED box runs 1 container, of 2"},
		{"two on one node", "replicas=2 replicas-per-host=2", []pcs.Resource{up("n1"), up("n1")}, ""},
		{"one is stopped", "replicas=2", []pcs.Resource{up("n1"), down}, "RESOURCE_STOPPED box runs 1 container, of 2"},
		{"one is being restarted", "replicas=2", []pcs.Resource{up("n1"), stops}, "RESOURCE_STOPPED box runs 1 container, of 2"},
		{"more than the nodes may have", "replicas=3", []pcs.Resource{up("n1"), up("n2"), down}, "RESOURCE_STOPPED 2 nodes have room for 2"},
		{"not there at all", "replicas=2", nil, "RESOURCE_MISSING not in the cluster"},
		{"not managed", "replicas=2", []pcs.Resource{up("n1"), unmanaged}, "RESOURCE_UNMANAGED does not manage it"},
		{"stopped by a person", "replicas=2", []pcs.Resource{disabled}, "RESOURCE_DISABLED as a person set it"},
		{"another bundle's", "", []pcs.Resource{{ID: "other-0", Bundle: "other", Role: pcs.Started, Nodes: []string{"n1"}, Managed: true}}, "RESOURCE_MISSING not in the cluster"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := &playbook.Bundle{Container: "podman"}
			for word := range strings.FieldsSeq(c.options) {
				name, value, _ := strings.Cut(word, "=")
				b.Options = append(b.Options, playbook.Option{Name: name, Value: playbook.Value{Text: value}})
			}
			p := &playbook.Playbook{Resources: []playbook.Resource{{ID: "box", Bundle: b}}}
			st := &pcs.Status{Resources: c.there, Quorum: true}
			for _, n := range []string{"n1", "n2"} {
				st.Nodes = append(st.Nodes, pcs.Node{Name: n, Kind: pcs.Member, Online: true, Health: "green"})
			}
			j := New(Input{Playbook: p, Nodes: []inventory.Node{{NodeName: "n1"}, {NodeName: "n2"}}, Said: []NodeStatus{{Node: "n1", Status: st}}})
			var said []string
			for _, f := range j.checkBundle(&p.Resources[0]) {
				said = append(said, f.Code+" "+f.Message)
			}
			code, part, _ := strings.Cut(c.want, " ")
			got := strings.Join(said, "\n")
			if (c.want == "") != (got == "") || !strings.HasPrefix(got, code) || !strings.Contains(got, part) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
