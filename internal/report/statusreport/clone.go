package statusreport

import (
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/report/term"
	"github.com/hadeploy/hadeploy/internal/verify"
)

// clone makes the rows of a clone: one line for all instances of which there
// is nothing to say but where they run, and one for each kind of the others.
func (p *textPage) clone(all []verify.Resource) []treeRow {
	set := p.set("clone", all[0].Clone)
	kind := "clone"
	switch {
	case set.Promotable && set.Unique:
		kind = "promotable unique clone"
	case set.Promotable:
		kind = "promotable clone"
	case set.Unique:
		kind = "unique clone"
	}
	ids := []string{}
	for i := range all {
		if !slices.Contains(ids, all[i].ID) {
			ids = append(ids, all[i].ID)
		}
	}
	group := p.groupIn(set.ID)
	if len(ids) > 1 { // a cloned group of which members are shown
		row := p.headline(set, kind)
		if group != "" {
			row.text = strings.Replace(row.text, kind, kind+" of the group "+group, 1)
		}
		rows := []treeRow{row}
		for _, id := range ids {
			own := slices.DeleteFunc(slices.Clone(all), func(r verify.Resource) bool { return r.ID != id })
			for _, r := range p.instances(own, term.Clean(id), term.Clean(own[0].Agent)) {
				r.depth++
				rows = append(rows, r)
			}
		}
		return rows
	}
	what := kind
	switch id := term.Clean(ids[0]); {
	case group != "":
		what += " of the group " + group
	case id != term.Clean(set.ID):
		what += " of " + id
	}
	rows := p.instances(all, term.Clean(set.ID), what)
	for _, f := range p.setFlags(set) {
		if !strings.Contains(rows[0].text, f) { // else its instances say so
			rows[0].text += ", " + f
		}
	}
	return rows
}

// groupIn is the id of the group that a clone is of, "" for a primitive.
func (p *textPage) groupIn(clone string) string { return term.Clean(p.sets.groups[clone]) }

// instances are the rows of entries that have one id.
func (p *textPage) instances(all []verify.Resource, name, what string) []treeRow {
	type bucket struct {
		pcs.Resource        // the first of its kind
		flags        string // the same for all
		bad          bool
		nodes        []string
		away         []string // where an instance may run and does not
	}
	var buckets []*bucket
	active := slices.ContainsFunc(all, func(r verify.Resource) bool { return r.Active() })
	for i := range all {
		r := &all[i]
		flags, bad := p.flags(&r.Resource)
		at := slices.IndexFunc(buckets, func(b *bucket) bool { return b.Role == r.Role && b.Failed == r.Failed && b.flags == flags })
		if at < 0 {
			at = len(buckets)
			buckets = append(buckets, &bucket{Resource: r.Resource, flags: flags, bad: bad})
		}
		b := buckets[at]
		for _, n := range r.Nodes {
			n = term.Clean(n)
			if len(r.Instances) > 0 && p.set("clone", r.Clone).Unique {
				n += " (" + strings.Join(term.Cleaned(r.Instances), ", ") + ")"
			}
			b.nodes = append(b.nodes, n)
		}
		b.away = append(b.away, term.Cleaned(r.StoppedOn)...)
		b.bad = b.bad || r.Missed
	}
	// On the first line stands what has no flags, else what has those of the
	// first kind.
	common := ""
	if !slices.ContainsFunc(buckets, func(b *bucket) bool { return b.flags == "" && !b.Failed }) {
		common = buckets[0].flags
	}
	for _, b := range buckets { // a node where one is still stopping is in both lists
		b.away = slices.DeleteFunc(b.away, func(n string) bool {
			return slices.ContainsFunc(buckets, func(o *bucket) bool { return slices.Contains(o.nodes, n) })
		})
	}
	buckets = slices.DeleteFunc(buckets, func(b *bucket) bool {
		return b.Role == pcs.Stopped && active && !b.Failed && len(b.StoppedOn) > 0 && len(b.away) == 0
	})
	var plain []string
	first := treeRow{name: name, what: what}
	var rows []treeRow
	for i, b := range buckets {
		text := p.state(&b.Resource, b.nodes)
		if b.Role == pcs.Stopped && active && !b.Failed {
			text = p.paint(term.Yellow, "the rest stopped")
			if len(b.away) > 0 {
				text = p.paint(term.Yellow, "not on "+strings.Join(b.away, " "))
			}
		}
		if b.flags == common && (!b.Failed || i == 0 && common != "" || len(buckets) == 1) {
			plain, first.bad = append(plain, text), first.bad || b.bad
			continue
		}
		rows = append(rows, treeRow{depth: 1, bad: b.bad, text: strings.TrimSuffix(text+", "+b.flags, ", ")})
	}
	if common != "" {
		plain = append(plain, common)
	}
	if plain == nil { // failed, each in its own way
		first.text, first.bad, rows = rows[0].text, rows[0].bad, rows[1:]
	} else {
		first.text = strings.Join(plain, ", ")
	}
	return append([]treeRow{first}, rows...)
}
