// Package agentreport shows which agents nodes have, and what one says of
// itself.
package agentreport

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/agent"
	"github.com/hadeploy/hadeploy/internal/plural"
	"github.com/hadeploy/hadeploy/internal/report/term"
	"github.com/hadeploy/hadeploy/playbook"
)

// List is what agents the nodes have.
type List struct {
	Filter string // "" chooses all
	Nodes  []agent.OnNode
	Agents []string // those that are chosen, sorted; each is on a node at least
}

// read are the nodes that told their agents.
func (l List) read() []agent.OnNode {
	return slices.DeleteFunc(slices.Clone(l.Nodes), func(n agent.OnNode) bool { return n.Err != nil })
}

// What is folded in a list of agents.
const (
	foldedPattern = 10 // agents of one provider that the same nodes lack, without a filter
	foldedSystem  = 3  // the same of units and scripts
	listedOneEach = 30 // more of them than this are set in columns

	maxAgentShown = 120 // bytes of a name
)

// ListText writes the agents for people: first what is not on every node.
// Without a filter units and scripts of the system are only counted.
func ListText(w io.Writer, s term.Style, l List) error {
	if len(l.Agents) == 0 { // an error says it
		return nil
	}
	p := &listPage{Page: term.Page{Style: s}, List: l, reached: l.read()}
	order, of := groups(l.Agents)
	for _, g := range order {
		for _, a := range of[g] {
			p.take(a)
		}
	}
	p.head()
	p.differing()
	p.everywhere()
	return p.To(w)
}

type listPage struct {
	term.Page
	List
	reached []agent.OnNode
	common  []string   // on every node
	differ  []agentRow // not on every node
}

// agentRow are agents that the same nodes have.
type agentRow struct {
	agents []string
	on     []bool // of each node
}

// take puts an agent where it is shown.
func (p *listPage) take(agent string) {
	row := agentRow{agents: []string{agent}, on: make([]bool, len(p.reached))}
	everywhere := true
	for i, n := range p.reached {
		row.on[i] = n.Has(agent)
		everywhere = everywhere && row.on[i]
	}
	if everywhere {
		p.common = append(p.common, agent)
	} else {
		p.differ = append(p.differ, row)
	}
}

// agentGroup is the standard of an agent, with the provider of ocf.
func agentGroup(agent string) string {
	ref := playbook.ParseAgent(agent)
	if ref.Provider != "" {
		return ref.Standard + ":" + ref.Provider
	}
	return ref.Standard
}

// system reports whether the agents of a group are the system's own units and
// scripts, of which there are hundreds.
func system(group string) bool { return group == "systemd" || group == "lsb" || group == "service" }

// groups puts agents under their group: Pacemaker's own kinds first.
func groups(agents []string) (order []string, of map[string][]string) {
	of = map[string][]string{}
	for _, a := range agents {
		g := agentGroup(a)
		if of[g] == nil {
			order = append(order, g)
		}
		of[g] = append(of[g], a)
	}
	rank := func(g string) int {
		switch {
		case strings.HasPrefix(g, "ocf:"):
			return 0
		case system(g):
			return 2
		}
		return 1
	}
	slices.SortStableFunc(order, func(a, b string) int { return rank(a) - rank(b) })
	for _, g := range order {
		slices.SortFunc(of[g], func(a, b string) int {
			if c := strings.Compare(strings.ToLower(a), strings.ToLower(b)); c != 0 {
				return c
			}
			return strings.Compare(a, b)
		})
	}
	return order, of
}

func (p *listPage) head() {
	names := make([]string, len(p.reached))
	versions := map[string][]string{}
	var order []string
	for i, n := range p.reached {
		names[i] = term.Clean(n.Node)
		if versions[n.Pacemaker] == nil {
			order = append(order, n.Pacemaker)
		}
		versions[n.Pacemaker] = append(versions[n.Pacemaker], names[i])
	}
	text := p.Paint(term.Bold, plural.Of(len(p.Agents), "agent"))
	if p.Filter != "" {
		verb := " match "
		if len(p.Agents) == 1 {
			verb = " matches "
		}
		text += verb + `"` + term.Clean(term.Clip(p.Filter, term.MaxValue)) + `"`
	}
	text += " on " + strings.Join(names, ", ")
	if len(order) == 1 && order[0] != "" {
		text += ", Pacemaker " + term.Clean(order[0])
	}
	if n := len(p.differ); n > 0 {
		text += fmt.Sprintf("; %d not on every node", n)
	} else if len(names) > 1 {
		text += "; the same on every node"
	}
	p.Flowed("", text)
	for _, n := range p.Nodes {
		if n.Err != nil {
			text := n.Err.Error()
			if !strings.HasPrefix(text, n.Node+": ") {
				text = n.Node + ": " + text
			}
			p.Flowed("! ", term.Clean(term.Clip(text, 2*term.MaxValue)))
		}
	}
	if on := versions[""]; on != nil {
		p.Flowed("! ", "Pacemaker is not installed on "+strings.Join(on, ", ")+"; shown is what its files tell")
	}
	if order = slices.DeleteFunc(order, func(v string) bool { return v == "" }); len(order) > 1 {
		words := make([]string, len(order))
		for i, v := range order {
			words[i] = term.Clean(v) + " on " + strings.Join(versions[v], ", ")
		}
		p.Flowed("! ", "Pacemaker differs: "+strings.Join(words, "; "))
	}
}

// differing is a table of the agents that are not on every node.
func (p *listPage) differing() {
	if len(p.differ) == 0 {
		return
	}
	rows := p.differ
	if p.Filter == "" {
		rows = foldRows(rows)
	}
	labels := make([]string, len(rows))
	first := term.Cells("Not on every node")
	var folded []string
	for i, r := range rows {
		labels[i] = term.Clean(term.Clip(r.agents[0], maxAgentShown))
		if len(r.agents) > 1 {
			group := agentGroup(r.agents[0])
			labels[i] = term.Clean(group) + ", " + counted(group, len(r.agents))
			if !slices.Contains(folded, group) {
				folded = append(folded, group)
			}
		}
		first = max(first, term.Cells(labels[i])+2)
	}
	total := first
	widths := make([]int, len(p.reached))
	for i, n := range p.reached {
		widths[i] = max(3, term.Cells(term.Clean(n.Node)))
		total += 2 + widths[i]
	}
	p.Line()
	if total > p.Columns() { // too many nodes for columns
		p.Line(p.Paint(term.Bold, "Not on every node"))
		for i, r := range rows {
			p.Flowed("! ", labels[i]+": "+p.where(r.on))
		}
	} else {
		head := term.Pad(p.Paint(term.Bold, "Not on every node"), first)
		for i, n := range p.reached {
			head += "  " + term.Pad(term.Clean(n.Node), widths[i])
		}
		p.Line(head)
		for i, r := range rows {
			text := p.Paint(term.Red, "!") + " " + term.Pad(labels[i], first-2)
			for j, on := range r.on {
				cell := "yes"
				if !on {
					cell = p.Paint(term.Red, "-")
				}
				text += "  " + term.Pad(cell, widths[j])
			}
			p.Line(text)
		}
	}
	if len(folded) > 0 {
		p.FlowedWords("", append([]string{"to see each:"}, namesThem(folded)...))
	}
}

// where says which nodes have it, or have it not, whichever is shorter.
func (p *listPage) where(on []bool) string {
	var yes, no []string
	for i, n := range p.reached {
		if on[i] {
			yes = append(yes, term.Clean(n.Node))
		} else {
			no = append(no, term.Clean(n.Node))
		}
	}
	if len(yes) < len(no) {
		return "only on " + strings.Join(yes, " ")
	}
	return "not on " + strings.Join(no, " ")
}

// foldRows joins agents of one group that the same nodes lack, where they are
// many.
func foldRows(rows []agentRow) []agentRow {
	key := func(r agentRow) string { return agentGroup(r.agents[0]) + fmt.Sprint(r.on) }
	of := map[string][]string{}
	for _, r := range rows {
		of[key(r)] = append(of[key(r)], r.agents[0])
	}
	var out []agentRow
	for _, r := range rows {
		limit := foldedPattern
		if system(agentGroup(r.agents[0])) {
			limit = foldedSystem
		}
		k := key(r)
		switch all := of[k]; {
		case len(all) == 0: // told already
		case len(all) > limit:
			out = append(out, agentRow{agents: all, on: r.on})
			delete(of, k)
		default:
			out = append(out, r)
		}
	}
	return out
}

// counted says how many agents of a group they are, in its word for them.
func counted(group string, n int) string {
	switch group {
	case "systemd":
		return plural.Of(n, "unit")
	case "lsb":
		return plural.Of(n, "script")
	}
	return plural.Of(n, "agent")
}

// namesThem are the commands that list the agents of groups.
func namesThem(groups []string) []string {
	words := make([]string, len(groups))
	for i, g := range groups {
		words[i] = "hadeploy agents " + term.Clean(g) + ":"
	}
	return term.Listed(words)
}

// everywhere lists what all nodes have.
func (p *listPage) everywhere() {
	if len(p.common) == 0 {
		return
	}
	depth := ""
	if len(p.differ) > 0 {
		p.Line()
		p.Line(p.Paint(term.Bold, "On every node"))
		depth = "  "
	}
	order, of := groups(p.common)
	if p.Filter != "" && len(p.common) <= listedOneEach {
		if depth == "" {
			p.Line()
		}
		for _, g := range order {
			for _, a := range of[g] {
				p.Line("  ", term.Clean(term.Clip(a, maxAgentShown)))
			}
		}
		return
	}
	var only []string // counted
	for i, g := range order {
		if p.Filter == "" && system(g) {
			only = append(only, g)
			continue
		}
		if depth == "" || i > 0 {
			p.Line()
		}
		p.Line(depth, p.Paint(term.Bold, term.Clean(g)), fmt.Sprintf(" (%d)", len(of[g])))
		names := make([]string, len(of[g]))
		for i, a := range of[g] {
			names[i] = term.Clean(term.Clip(playbook.ParseAgent(a).Type, maxAgentShown))
		}
		for _, l := range term.InColumns(names, p.Columns()-2-len(depth)) {
			p.Line(depth, "  ", l)
		}
	}
	if len(only) > 0 {
		p.Line()
		var words []string
		for _, g := range only {
			words = append(words, g+" ("+counted(g, len(of[g]))+")")
		}
		p.FlowedWords("", append([]string{strings.Join(term.Listed(words), " ") + "; to see them:"}, namesThem(only)...))
	}
}
