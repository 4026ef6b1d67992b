package statusreport

import (
	"cmp"
	"strings"

	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/report/failure"
	"github.com/hadeploy/hadeploy/internal/report/term"
)

// views shows each partition once, and the nodes that tell nothing.
func (p *textPage) views() {
	for _, v := range p.Views {
		if v.Note != "" {
			p.Line()
			p.item(true, term.Clean(v.Node)+": "+term.Clean(term.Clip(v.Note, 2*term.MaxValue)))
		}
	}
	if !p.Disagree() {
		return
	}
	var order []string
	nodes := map[string][]string{}
	seen := map[string]*pcs.Status{}
	for _, v := range p.Views {
		if v.Status == nil {
			continue
		}
		k := sight(v.Status)
		if seen[k] == nil {
			order, seen[k] = append(order, k), v.Status
		}
		nodes[k] = append(nodes[k], term.Clean(v.Node))
	}
	if len(order) > 1 {
		p.title("The nodes do not see the same cluster")
	} else {
		p.title("Nodes that tell nothing")
	}
	for _, k := range order {
		if len(order) == 1 {
			break
		}
		s := seen[k]
		told := p.paint(term.Red, "NO QUORUM")
		if s.Quorum {
			told = "quorum"
		}
		if s.DC == "" {
			told = p.paint(term.Red, "NO DC")
		} else {
			told += ", DC " + term.Clean(s.DC)
		}
		var up, down []string
		for _, n := range s.Nodes {
			switch {
			case n.Kind != pcs.Member:
			case n.Online:
				up = append(up, term.Clean(n.Name))
			default:
				down = append(down, term.Clean(n.Name))
			}
		}
		told += ", online: " + cmp.Or(strings.Join(up, " "), "none")
		if len(down) > 0 {
			told += ", offline: " + strings.Join(down, " ")
		}
		p.item(true, strings.Join(nodes[k], " ")+": "+told)
	}
	for _, v := range p.Views {
		if v.Status == nil {
			lines, _ := failure.Lines(v.Err, p.Columns())
			text := strings.TrimPrefix(strings.Join(lines, " "), term.Clean(v.Node)+": ")
			p.item(true, strings.TrimPrefix(term.Clean(v.Node)+": ", ": ")+term.Clip(text, 2*term.MaxValue))
		}
	}
}

// nodes shows a line for each node.
func (p *textPage) nodes() {
	if len(p.st.Nodes) == 0 {
		return
	}
	p.title("Nodes")
	width := 0
	for _, n := range p.st.Nodes {
		width = max(width, min(32, term.Cells(term.Clean(n.Name))))
	}
	for i := range p.st.Nodes {
		n := &p.st.Nodes[i]
		words, bad := p.nodeWords(n)
		p.row(bad, term.Pad(term.Clean(n.Name), width), words, "", 0)
	}
}

// nodeWords says how a node is, and whether that needs a look.
func (p *textPage) nodeWords(n *pcs.Node) (words string, bad bool) {
	var all []string
	switch {
	case n.NotTold:
		all = append(all, "state not told")
	case n.Unclean && n.Online:
		all, bad = append(all, p.paint(term.Red, "UNCLEAN"), "(online): it waits to be fenced"), true
	case n.Unclean:
		all, bad = append(all, p.paint(term.Red, "UNCLEAN"), "(offline): not known to be down until it is fenced; what ran there is not recovered before"), true
	case n.Pending:
		all, bad = append(all, p.paint(term.Yellow, "pending"), "(still joining, or leaving)"), true
	case !n.Online:
		all, bad = append(all, p.paint(term.Red, "OFFLINE")), true
	default:
		all = append(all, "online")
	}
	text := strings.Join(all, " ")
	switch {
	case n.StandbyOnFail:
		text, bad = text+", "+p.paint(term.Yellow, "standby after a failure"), true
	case n.Standby:
		text, bad = text+", "+p.paint(term.Yellow, "standby"), true
	}
	if n.Maintenance {
		text, bad = text+", "+p.paint(term.Yellow, "maintenance"), true
	}
	if n.Health != "" && n.Health != "green" {
		text, bad = text+", "+p.paint(term.Yellow, "health "+term.Clean(n.Health)), true
	}
	switch n.Kind {
	case pcs.Remote:
		text += ", remote node"
	case pcs.Guest:
		text += ", guest node"
		if n.Container != "" {
			text += " in " + term.Clean(n.Container)
		}
		if n.Host != "" {
			text += " on " + term.Clean(n.Host)
		}
		if !n.Online && !n.Unclean { // as its resource is stopped, which is shown there
			bad = false
		}
	}
	return text, bad
}
