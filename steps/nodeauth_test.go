package steps

import (
	"testing"

	"github.com/hadeploy/hadeploy/inventory"
)

// TestLeadsTo: a token is good by an address of the node or by a name that it has,
// and by no other, nor at another port.
func TestLeadsTo(t *testing.T) {
	n := &Node{Node: inventory.Node{Name: "web1.example", NodeName: "n1", Host: "192.0.2.1", Links: []string{"10.0.0.1", "10.0.1.1"}}}
	for _, c := range []struct {
		addr string
		port int
		want bool
	}{
		{"10.0.0.1", 2224, true}, {"10.0.1.1", 2224, true}, // its links
		{"192.0.2.1", 2224, true},                        // where ssh finds it
		{"n1", 2224, true}, {"web1.example", 2224, true}, // pcs host auth n1
		{"10.0.0.2", 2224, false}, {"n2", 2224, false}, {"", 2224, false},
		{"10.0.0.1", 2225, false},
	} {
		if got := leadsTo(knownHost{Dest: []dest{{c.addr, c.port}}}, n); got != c.want {
			t.Errorf("%s:%d: %v", c.addr, c.port, got)
		}
	}
	if leadsTo(knownHost{}, n) {
		t.Error("no way leads to it")
	}
}
