package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/pcs"
)

// links says in one line that all is connected, else which end of which link
// is not. That a node which is off is not connected is no news.
func (p *statusPage) links() {
	var told []string // links by number
	var rows []func()
	for _, v := range p.Views {
		node := Clean(v.Node)
		gone := map[string]int{} // links that do not reach a peer, by its id
		for _, l := range v.Links {
			if name := fmt.Sprint(l.ID); !slices.Contains(told, name) {
				told = append(told, name)
			}
			for _, peer := range l.Peers {
				if !peer.Connected {
					gone[peer.NodeID]++
				}
			}
		}
		var cut []string // from which peers wholly
		split := false   // which are there all the same
		for _, l := range v.Links {
			if l.Fault != "" {
				rows = append(rows, func() {
					p.item(true, fmt.Sprintf("%s: link %d (%s): %s", node, l.ID, Clean(l.Address), Clean(clip(l.Fault, maxValue))))
				})
			}
			for _, peer := range l.Peers {
				if peer.Connected {
					continue
				}
				name, online := p.peer(&v, peer)
				if gone[peer.NodeID] == len(v.Links) {
					if !slices.Contains(cut, name) {
						cut = append(cut, name)
						split = split || online || p.tells(name)
					}
					continue
				}
				rows = append(rows, func() {
					p.item(true, fmt.Sprintf("%s: link %d (%s) does not reach %s: %s", node, l.ID, Clean(l.Address), name, Clean(clip(peer.State, maxValue))))
				})
			}
		}
		if len(cut) > 0 {
			rows = append(rows, func() { p.item(split, node+": no link to "+strings.Join(cut, " ")) })
		}
	}
	if len(told) == 0 {
		return
	}
	p.title("Links")
	if len(rows) == 0 {
		word := "link "
		if len(told) > 1 {
			word = "links "
		}
		p.item(false, word+strings.Join(told, ", ")+" connected")
	}
	for _, row := range rows {
		row()
	}
}

// tells is whether the node itself told a status: then it is not off.
func (p *statusPage) tells(name string) bool {
	return slices.ContainsFunc(p.Views, func(v StatusView) bool { return v.Status != nil && Clean(v.Node) == name })
}

// peer is the name of the node at the other end, and whether it is online.
func (p *statusPage) peer(v *StatusView, peer facts.LinkPeer) (name string, online bool) {
	for _, s := range []*pcs.Status{v.Status, p.st} {
		if s == nil {
			continue
		}
		for i := range s.Nodes {
			if n := &s.Nodes[i]; n.Name == peer.Node || n.ID != "" && n.ID == peer.NodeID {
				return Clean(n.Name), n.Online
			}
		}
	}
	if peer.Node != "" {
		return Clean(peer.Node), true
	}
	return "the node with id " + Clean(peer.NodeID), true
}

// linksJSON are the links of each node.
func linksJSON(views []StatusView) map[string][]facts.Link {
	out := map[string][]facts.Link{}
	for _, v := range views {
		if len(v.Links) > 0 {
			out[v.Node] = v.Links
		}
	}
	return out
}
