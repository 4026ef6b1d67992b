package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/plural"
	"github.com/hadeploy/hadeploy/playbook"
	"github.com/hadeploy/hadeploy/steps"
)

// AgentList is what agents the nodes have.
type AgentList struct {
	Filter string // "" chooses all
	Nodes  []steps.NodeAgents
	Agents []string // those that are chosen, sorted; each is on a node at least
}

// read are the nodes that told their agents.
func (l AgentList) read() []steps.NodeAgents {
	return slices.DeleteFunc(slices.Clone(l.Nodes), func(n steps.NodeAgents) bool { return n.Err != nil })
}

// What is folded in a list of agents.
const (
	foldedPattern = 10 // agents of one provider that the same nodes lack, without a filter
	foldedSystem  = 3  // the same of units and scripts
	listedOneEach = 30 // more of them than this are set in columns

	maxAgentShown = 120 // bytes of a name
)

// AgentsText writes the agents for people: first what is not on every node.
// Without a filter units and scripts of the system are only counted.
func AgentsText(w io.Writer, s Style, l AgentList) error {
	p := &agentsPage{page: page{Style: s}, AgentList: l, reached: l.read()}
	order, of := groups(l.Agents)
	for _, g := range order {
		for _, a := range of[g] {
			p.take(a)
		}
	}
	p.head()
	p.differing()
	p.everywhere()
	return p.to(w)
}

type agentsPage struct {
	page
	AgentList
	reached []steps.NodeAgents
	common  []string   // on every node
	differ  []agentRow // not on every node
}

// agentRow are agents that the same nodes have.
type agentRow struct {
	agents []string
	on     []bool // of each node
}

// take puts an agent where it is shown.
func (p *agentsPage) take(agent string) {
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

func (p *agentsPage) head() {
	names := make([]string, len(p.reached))
	versions := map[string][]string{}
	var order []string
	for i, n := range p.reached {
		names[i] = Clean(n.Node)
		if versions[n.Pacemaker] == nil {
			order = append(order, n.Pacemaker)
		}
		versions[n.Pacemaker] = append(versions[n.Pacemaker], names[i])
	}
	text := p.paint(bold, plural.Of(len(p.Agents), "agent"))
	if p.Filter != "" {
		verb := " match "
		if len(p.Agents) == 1 {
			verb = " matches "
		}
		text += verb + `"` + Clean(clip(p.Filter, maxValue)) + `"`
	}
	text += " on " + strings.Join(names, ", ")
	if len(order) == 1 && order[0] != "" {
		text += ", Pacemaker " + Clean(order[0])
	}
	if n := len(p.differ); n > 0 {
		text += fmt.Sprintf("; %d not on every node", n)
	} else if len(names) > 1 {
		text += "; the same on every node"
	}
	p.flowed("", text)
	for _, n := range p.Nodes {
		if n.Err != nil {
			text := n.Err.Error()
			if !strings.HasPrefix(text, n.Node+": ") {
				text = n.Node + ": " + text
			}
			p.flowed("! ", Clean(clip(text, 2*maxValue)))
		}
	}
	if on := versions[""]; on != nil {
		p.flowed("! ", "Pacemaker is not installed on "+strings.Join(on, ", ")+"; shown is what its files tell")
	}
	if order = slices.DeleteFunc(order, func(v string) bool { return v == "" }); len(order) > 1 {
		words := make([]string, len(order))
		for i, v := range order {
			words[i] = Clean(v) + " on " + strings.Join(versions[v], ", ")
		}
		p.flowed("! ", "Pacemaker differs: "+strings.Join(words, "; "))
	}
}

// differing is a table of the agents that are not on every node.
func (p *agentsPage) differing() {
	if len(p.differ) == 0 {
		return
	}
	rows := p.differ
	if p.Filter == "" {
		rows = foldRows(rows)
	}
	labels := make([]string, len(rows))
	first := cells("Not on every node")
	var folded []string
	for i, r := range rows {
		labels[i] = Clean(clip(r.agents[0], maxAgentShown))
		if len(r.agents) > 1 {
			group := agentGroup(r.agents[0])
			labels[i] = Clean(group) + ", " + counted(group, len(r.agents))
			if !slices.Contains(folded, group) {
				folded = append(folded, group)
			}
		}
		first = max(first, cells(labels[i])+2)
	}
	total := first
	widths := make([]int, len(p.reached))
	for i, n := range p.reached {
		widths[i] = max(3, cells(Clean(n.Node)))
		total += 2 + widths[i]
	}
	p.line()
	if total > p.width() { // too many nodes for columns
		p.line(p.paint(bold, "Not on every node"))
		for i, r := range rows {
			p.flowed("! ", labels[i]+": "+p.where(r.on))
		}
	} else {
		head := pad(p.paint(bold, "Not on every node"), first)
		for i, n := range p.reached {
			head += "  " + pad(Clean(n.Node), widths[i])
		}
		p.line(head)
		for i, r := range rows {
			text := p.paint(red, "!") + " " + pad(labels[i], first-2)
			for j, on := range r.on {
				cell := "yes"
				if !on {
					cell = p.paint(red, "-")
				}
				text += "  " + pad(cell, widths[j])
			}
			p.line(text)
		}
	}
	if len(folded) > 0 {
		p.flowedWords("", append([]string{"to see each:"}, namesThem(folded)...))
	}
}

// where says which nodes have it, or have it not, whichever is shorter.
func (p *agentsPage) where(on []bool) string {
	var yes, no []string
	for i, n := range p.reached {
		if on[i] {
			yes = append(yes, Clean(n.Node))
		} else {
			no = append(no, Clean(n.Node))
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
		words[i] = "hadeploy agents " + Clean(g) + ":"
	}
	return listed(words)
}

// everywhere lists what all nodes have.
func (p *agentsPage) everywhere() {
	if len(p.common) == 0 {
		return
	}
	depth := ""
	if len(p.differ) > 0 {
		p.line()
		p.line(p.paint(bold, "On every node"))
		depth = "  "
	}
	order, of := groups(p.common)
	if p.Filter != "" && len(p.common) <= listedOneEach {
		if depth == "" {
			p.line()
		}
		for _, g := range order {
			for _, a := range of[g] {
				p.line("  ", Clean(clip(a, maxAgentShown)))
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
			p.line()
		}
		p.line(depth, p.paint(bold, Clean(g)), fmt.Sprintf(" (%d)", len(of[g])))
		names := make([]string, len(of[g]))
		for i, a := range of[g] {
			names[i] = Clean(clip(playbook.ParseAgent(a).Type, maxAgentShown))
		}
		for _, l := range columns(names, p.width()-2-len(depth)) {
			p.line(depth, "  ", l)
		}
	}
	if len(only) > 0 {
		p.line()
		var words []string
		for _, g := range only {
			words = append(words, g+" ("+counted(g, len(of[g]))+")")
		}
		p.flowedWords("", append([]string{strings.Join(listed(words), " ") + "; to see them:"}, namesThem(only)...))
	}
}
