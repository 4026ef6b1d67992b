package cib

import (
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/plan"
)

// pcsContainer is the command for a group's or a clone's change, empty when
// pcs has none.
func (e *editor) pcsContainer(c *container, ch *plan.Change, now []string) string {
	if slices.ContainsFunc(ch.Diffs, func(d plan.Diff) bool { return d.Name == describedAs && !d.HasAfter }) {
		return "" // neither pcs nor cibadmin takes a description away
	}
	own := e.pcsContained(c, ch, now)
	text := describing(ch, e.ids[c.id])
	if ch.Action == plan.Update && own == "" && len(ch.Diffs) > 1 {
		return ""
	}
	return commands([]string{own, text})
}

func (e *editor) pcsContained(c *container, ch *plan.Change, now []string) string {
	meta := slices.DeleteFunc(slices.Clone(ch.Diffs), func(d plan.Diff) bool { return !strings.HasPrefix(d.Name, "meta.") })
	if slices.ContainsFunc(ch.Diffs, func(d plan.Diff) bool { return d.Name == "kind" }) {
		promotable := ""
		if c.kind == kindPromotable {
			promotable = "true"
		}
		meta = append(meta, plan.Becomes("meta.promotable", promotable))
	}
	setMeta := ""
	if w := pcsDiffs(meta, "meta."); w != "" {
		setMeta = "pcs resource meta " + c.id + w
	}
	if c.kind == kindGroup {
		if ch.Action == plan.Create {
			return commands([]string{"pcs resource group add " + c.id + " " + strings.Join(now, " "), setMeta})
		}
		return commands(append(pcsMembers(c.id, e.members[c.id], now), setMeta))
	}
	if ch.Action == plan.Update {
		for _, d := range ch.Diffs {
			if d.Name == "resource" {
				return "" // pcs cannot put another resource into a clone
			}
		}
		return setMeta
	}
	words := "pcs resource clone "
	if c.kind == kindPromotable {
		words = "pcs resource promotable "
	}
	words += c.children[0].id + " " + c.id
	want := slices.DeleteFunc(e.inSchema(c.meta), func(p pair) bool { return p.name == "promotable" })
	if len(want) > 0 {
		words += e.want.dialect.CloneMeta()
	}
	return pcsLine(words, want...)
}

// pcsMembers are the commands that make a group's members what they shall be.
// Members that leave do so by their own change.
func pcsMembers(group string, before, after []string) (list []string) {
	for _, m := range moves(before, after) {
		list = append(list, "pcs resource group add "+group+m.where+" "+m.id)
	}
	return list
}

// move puts an id into a list, or to another place in it.
type move struct {
	id    string
	where string // " --after ID", " --before ID", or "" for the end
}

// moves make a list of ids of another one, less those that leave it.
func moves(before, after []string) (list []move) {
	have := slices.DeleteFunc(slices.Clone(before), func(id string) bool { return !slices.Contains(after, id) })
	for i, id := range after {
		at := slices.Index(have, id)
		if at == i {
			continue
		}
		m := move{id: id}
		switch {
		case at < 0 && i == len(have):
		case i > 0:
			m.where = " --after " + after[i-1]
		default:
			m.where = " --before " + have[0]
		}
		list = append(list, m)
		if at >= 0 {
			have = slices.Delete(have, at, at+1)
		}
		have = slices.Insert(have, i, id)
	}
	return list
}
