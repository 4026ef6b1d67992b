package facts

import (
	"strconv"
	"strings"
)

// Link is a Corosync link of one node, as corosync-cfgtool -s tells it.
type Link struct {
	ID      int        `json:"id"`
	Address string     `json:"address"` // the node's own
	Peers   []LinkPeer `json:"peers"`   // the other nodes
	Fault   string     `json:"fault"`   // of the ring as a whole (Corosync 2), "" for none
}

// LinkPeer is a node at the other end.
type LinkPeer struct {
	NodeID    string `json:"node_id"`
	Node      string `json:"node"` // its name, "" where Corosync knows none
	Connected bool   `json:"connected"`
	State     string `json:"state"` // in Corosync's words
}

// parseLinks reads corosync-cfgtool -s of Corosync 2 (rings), 3.0 and 3.1, and
// the names from corosync-cmapctl below it; lines of no known form are left
// out.
func parseLinks(text string) (links []Link) {
	names, ids := map[string]string{}, map[string]string{} // by the node's place in the list
	defer func() {
		for _, l := range links {
			for i := range l.Peers {
				for place, id := range ids {
					if id == l.Peers[i].NodeID {
						l.Peers[i].Node = names[place]
					}
				}
			}
		}
	}()
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) < 2 {
			continue
		}
		if len(words) >= 3 && (words[0] == "LINK" || words[0] == "RING") && words[1] == "ID" {
			if id, err := strconv.Atoi(words[2]); err == nil {
				links = append(links, Link{ID: id, Peers: []LinkPeer{}})
			}
			continue
		}
		if key, ok := strings.CutPrefix(words[0], "nodelist.node."); ok {
			place, what, _ := strings.Cut(key, ".")
			switch what {
			case "name":
				names[place] = words[len(words)-1]
			case "nodeid":
				ids[place] = words[len(words)-1]
			}
			continue
		}
		if len(links) == 0 {
			continue
		}
		l := &links[len(links)-1]
		rest := strings.Join(words[1:], " ")
		switch words[0] {
		case "addr", "id":
			l.Address = strings.TrimPrefix(rest, "= ")
		case "status": // of a ring: "= ring 0 active with no faults"; of udpu: "= OK"
			if state := strings.TrimPrefix(rest, "= "); !strings.HasSuffix(state, "no faults") && state != "OK" {
				l.Fault = state
			}
		case "nodeid", "nodeid:":
			id, state, ok := strings.Cut(rest, ":")
			if state = strings.TrimSpace(state); !ok || state == "localhost" {
				continue
			}
			up := state == "connected" || strings.Contains(state, "connected:1")
			l.Peers = append(l.Peers, LinkPeer{NodeID: strings.TrimSpace(id), Connected: up, State: state})
		}
	}
	return links
}
