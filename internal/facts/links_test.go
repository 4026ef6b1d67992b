package facts

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseLinks(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want []Link
	}{
		"Corosync 3.1": {"Local node ID 1, transport knet\nLINK ID 0 udp\n\taddr\t= 10.192.17.11\n\tstatus:\n\t\tnodeid:          1:\tlocalhost\n\t\tnodeid:          2:\tconnected\n" +
			"LINK ID 1 udp\n\taddr\t= 10.192.18.11\n\tstatus:\n\t\tnodeid:          1:\tlocalhost\n\t\tnodeid:          2:\tdisconnected\n" +
			"nodelist.node.0.name (str) = n1\nnodelist.node.0.nodeid (u32) = 1\nnodelist.node.1.name (str) = n2\nnodelist.node.1.nodeid (u32) = 2\nnodelist.node.1.ring0_addr (str) = x\n",
			[]Link{{ID: 0, Address: "10.192.17.11", Peers: []LinkPeer{{"2", "n2", true, "connected"}}}, {ID: 1, Address: "10.192.18.11", Peers: []LinkPeer{{"2", "n2", false, "disconnected"}}}}},
		"Corosync 3.0": {"Printing link status.\nLocal node ID 1\nLINK ID 0\n\taddr\t= 10.0.0.1\n\tstatus:\n\t\tnodeid  1:\tlink enabled:1\tlink connected:1\n\t\tnodeid  2:\tlink enabled:1\tlink connected:0\n",
			[]Link{{ID: 0, Address: "10.0.0.1", Peers: []LinkPeer{{"1", "", true, "link enabled:1 link connected:1"}, {"2", "", false, "link enabled:1 link connected:0"}}}}},
		"Corosync 2": {"Printing ring status.\nLocal node ID 1\nRING ID 0\n\tid\t= 10.0.0.1\n\tstatus\t= ring 0 active with no faults\nRING ID 1\n\tid\t= 10.0.1.1\n\tstatus\t= Marking ringid 1 interface 10.0.1.1 FAULTY\n",
			[]Link{{ID: 0, Address: "10.0.0.1", Peers: []LinkPeer{}}, {ID: 1, Address: "10.0.1.1", Peers: []LinkPeer{}, Fault: "Marking ringid 1 interface 10.0.1.1 FAULTY"}}},
		"udpu":        {"Local node ID 1, transport udpu\nLINK ID 0 udpu\n\taddr\t= 10.0.0.1\n\tstatus\t= OK\n", []Link{{ID: 0, Address: "10.0.0.1", Peers: []LinkPeer{}}}},
		"not running": {"Could not initialize corosync configuration API error CS_ERR_LIBRARY\n", nil},
		"nothing":     {"", nil},
		"garbled":     {"LINK ID x\nnodeid 2\nLINK ID 0\nnodeid: 2\nnodeid", []Link{{ID: 0, Peers: []LinkPeer{}}}},
	} {
		if d := cmp.Diff(c.want, parseLinks(c.text)); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}
