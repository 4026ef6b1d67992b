package statusreport

import (
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
		case !s.Tells("resources") && !s.Tells("dc"): // pcs status nodes
		case !s.Tells("resources"):
			p.title("Resources")
			p.item(false, "not listed in this text")
		default:
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
	held := map[string]bool{}
	for i := range s.Resources {
		held[outermost(&s.Resources[i])] = true
	}
	for i := range s.Sets {
		set := &s.Sets[i]
		if set.Clone == "" && !held[set.ID] {
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

// outermost is the id of the bundle, clone or group that a resource stands in.
func outermost(r *pcs.Resource) string {
	for _, id := range []string{r.Bundle, r.Clone, r.Group} {
		if id != "" {
			return id
		}
	}
	return ""
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

func (p *textPage) members(all []verify.Resource) (rows []treeRow) {
	for i := range all {
		row := p.single(&all[i])
		row.depth = 1
		rows = append(rows, row)
	}
	return rows
}
