package statusreport

import (
	"strings"

	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/report/term"
	"github.com/hadeploy/hadeploy/internal/verify"
)

// treeRow is a line of the tree, clean.
type treeRow struct {
	depth            int
	bad              bool
	name, text, what string
}

func (p *textPage) set(kind, id string) *pcs.Set {
	if s := p.sets.byName[setName{kind, id}]; s != nil {
		return s
	}
	return &pcs.Set{Kind: kind, ID: id, Managed: true}
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
	case pcs.Untold:
		text = p.paint(term.Yellow, "not told")
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
