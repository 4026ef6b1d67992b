package statusreport

import (
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/report/term"
	"github.com/hadeploy/hadeploy/internal/verify"
)

// resources shows the tree of resources, in the order in which the cluster
// has them.
func (p *textPage) resources() {
	s := p.st
	if len(s.Resources) == 0 {
		switch {
		case s.Counts != nil && s.Counts.Resources > 0 && s.ActiveOnly:
			p.title("Resources")
			p.item(false, "none is active; what is not active is not listed in this text")
		case s.Counts != nil && s.Counts.Resources > 0:
			p.title("Resources")
			p.item(false, "not listed in this text")
		case headTold(s):
			p.title("Resources")
			p.item(false, "none configured")
		}
		return
	}
	p.title("Resources")
	var rows []treeRow
	for i, all := 0, p.view.Resources; i < len(all); {
		key := outermost(&all[i].Resource)
		end := i + 1
		for end < len(all) && key != "" && outermost(&all[end].Resource) == key {
			end++
		}
		rows = append(rows, p.tree(all[i:end])...)
		i = end
	}
	for i := range s.Sets {
		set := &s.Sets[i]
		if set.Clone == "" && !slices.ContainsFunc(s.Resources, func(r pcs.Resource) bool { return outermost(&r) == set.ID }) {
			rows = append(rows, treeRow{name: term.Clean(set.ID), text: "no members listed", what: set.Kind})
		}
	}
	width, state := 0, 0
	for _, r := range rows {
		width = max(width, min(32, 2*r.depth+term.Cells(r.name)))
		if n := term.Cells(r.text); r.what != "" && n <= p.Columns()*45/100 {
			state = max(state, n)
		}
	}
	for _, r := range rows {
		p.row(r.bad, term.Pad(strings.Repeat("  ", r.depth)+r.name, width), r.text, r.what, state)
	}
	if s.ActiveOnly {
		p.item(false, "(what is not active is not listed in this text)")
	}
}

// treeRow is a line of the tree, clean.
type treeRow struct {
	depth            int
	bad              bool
	name, text, what string
}

// outermost is the id of the bundle, clone or group that a resource stands in.
func outermost(r *pcs.Resource) string {
	for _, id := range []string{r.Bundle, r.Clone, r.Group} {
		if id != "" {
			return id
		}
	}
	return ""
}

func (p *textPage) set(kind, id string) *pcs.Set {
	for i := range p.st.Sets {
		if s := &p.st.Sets[i]; s.ID == id && s.Kind == kind {
			return s
		}
	}
	return &pcs.Set{Kind: kind, ID: id, Managed: true}
}

// tree makes the rows of one resource, or of a group, a clone or a bundle with
// all in it.
func (p *textPage) tree(all []verify.Resource) []treeRow {
	r := &all[0]
	switch {
	case r.Bundle != "":
		set := p.set("bundle", r.Bundle)
		what := "bundle"
		if set.Image != "" {
			what += " of " + term.Clean(term.Clip(set.Image, term.MaxValue))
		}
		return append([]treeRow{p.headline(set, what)}, p.members(all)...)
	case r.Clone != "":
		return p.clone(all)
	case r.Group != "":
		return append([]treeRow{p.headline(p.set("group", r.Group), "group")}, p.members(all)...)
	}
	return []treeRow{p.single(r)}
}

// headline is the row of a set; what is true of it is true of all in it.
func (p *textPage) headline(set *pcs.Set, what string) treeRow {
	row := treeRow{name: term.Clean(set.ID), text: what}
	for _, f := range p.setFlags(set) {
		row.text += ", " + f
	}
	if set.Description != "" {
		row.what = term.Clean(term.Clip(set.Description, term.MaxValue))
	}
	return row
}

func (p *textPage) setFlags(set *pcs.Set) (words []string) {
	switch {
	case p.st.Maintenance:
	case set.Maintenance:
		words = append(words, p.paint(term.Yellow, "maintenance"))
	case !set.Managed:
		words = append(words, p.paint(term.Yellow, "unmanaged"))
	}
	if set.Disabled {
		words = append(words, p.paint(term.Yellow, "disabled"))
	}
	return words
}

func (p *textPage) members(all []verify.Resource) (rows []treeRow) {
	for i := range all {
		row := p.single(&all[i])
		row.depth = 1
		rows = append(rows, row)
	}
	return rows
}

// single is the row of a resource that is no instance of a clone.
func (p *textPage) single(r *verify.Resource) treeRow {
	row := treeRow{name: term.Clean(r.ID), what: term.Clean(r.Agent)}
	var up, lost []string // of the lost nodes nobody knows
	for _, name := range r.Nodes {
		if n := p.st.Node(name); len(r.Nodes) > 1 && n != nil && n.Unclean && !n.Online {
			lost = append(lost, term.Clean(name))
		} else {
			up = append(up, term.Clean(name))
		}
	}
	row.text = p.state(&r.Resource, up)
	if len(lost) > 0 {
		row.text, row.bad = row.text+", "+p.paint(term.Red, "and not known on "+strings.Join(lost, " ")), true
	}
	if len(up) > 1 {
		row.text, row.bad = row.text+", "+p.paint(term.Red, "ACTIVE ON SEVERAL NODES AT ONCE"), true
	}
	flags, bad := p.flags(&r.Resource)
	if flags != "" {
		row.text += ", " + flags
	}
	row.bad = row.bad || bad || r.Missed
	if r.Address != "" {
		row.what = strings.TrimSpace(term.Clean(r.Address) + " " + row.what)
	}
	if r.Description != "" {
		row.what += " (" + term.Clean(term.Clip(r.Description, term.MaxValue)) + ")"
	}
	return row
}

// state is a role with its nodes: "Started on n1 n2", "FAILED on n1".
func (p *textPage) state(r *pcs.Resource, nodes []string) string {
	text := term.Clean(r.Role)
	switch r.Role {
	case pcs.Started, pcs.Promoted, pcs.Unpromoted:
	default: // stopped, or on its way
		text = p.paint(term.Yellow, text)
	}
	if r.Failed && !r.FailureIgnored {
		switch r.Role {
		case pcs.Started, pcs.Unpromoted, pcs.Stopped: // what Pacemaker prints does not tell these apart
			text = p.paint(term.Red, "FAILED")
		default:
			text = p.paint(term.Red, "FAILED") + " " + text
		}
	}
	if len(nodes) > 0 {
		text += " on " + strings.Join(nodes, " ")
	}
	return text
}

// flags are the words behind the role, and whether one of them is trouble.
func (p *textPage) flags(r *pcs.Resource) (text string, bad bool) {
	var words []string
	trouble := func(set bool, word string) {
		if set {
			words, bad = append(words, p.paint(term.Red, word)), true
		}
	}
	known := func(set bool, word string) {
		if set {
			words = append(words, p.paint(term.Yellow, word))
		}
	}
	bad = r.Failed && !r.FailureIgnored // the state says so
	known(r.Failed && r.FailureIgnored, "failed, which the configuration ignores")
	trouble(r.Blocked, "blocked (until cleaned up)")
	trouble(r.Unclean, "UNCLEAN")
	trouble(r.Orphaned, "orphaned (no longer in the configuration)")
	trouble(r.Probe != "", term.Clean(term.Clip(r.Probe, term.MaxValue)))
	known(r.Disabled, "disabled")
	known(!p.st.Maintenance && r.Maintenance, "maintenance")
	known(!p.st.Maintenance && !r.Maintenance && !r.Managed && !r.Blocked, "unmanaged")
	known(r.LockedTo != "", "locked to "+term.Clean(r.LockedTo))
	known(r.TargetRole != "" && r.TargetRole != pcs.Started && r.TargetRole != r.Role && !r.Disabled, "wanted "+term.Clean(r.TargetRole))
	known(r.Pending != "", term.Clean(r.Pending)+" under way")
	return strings.Join(words, ", "), bad
}
