package statusreport

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/report/term"
)

// links says in one line that all is connected, else which end of which link
// is not. That a node which is off is not connected is no news.
func (p *textPage) links() {
	var told []string // links by number
	var rows []func()
	for _, v := range p.Views {
		node := term.Clean(v.Node)
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
					p.item(true, fmt.Sprintf("%s: link %d (%s): %s", node, l.ID, term.Clean(l.Address), term.Clean(term.Clip(l.Fault, term.MaxValue))))
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
					p.item(true, fmt.Sprintf("%s: link %d (%s) does not reach %s: %s", node, l.ID, term.Clean(l.Address), name, term.Clean(term.Clip(peer.State, term.MaxValue))))
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
func (p *textPage) tells(name string) bool {
	return slices.ContainsFunc(p.Views, func(v View) bool { return v.Status != nil && term.Clean(v.Node) == name })
}

// peer is the name of the node at the other end, and whether it is online.
func (p *textPage) peer(v *View, peer facts.LinkPeer) (name string, online bool) {
	for _, s := range []*pcs.Status{v.Status, p.st} {
		if s == nil {
			continue
		}
		for i := range s.Nodes {
			if n := &s.Nodes[i]; n.Name == peer.Node || n.ID != "" && n.ID == peer.NodeID {
				return term.Clean(n.Name), n.Online
			}
		}
	}
	if peer.Node != "" {
		return term.Clean(peer.Node), true
	}
	return "the node with id " + term.Clean(peer.NodeID), true
}
