package planreport

import (
	"fmt"

	"github.com/hadeploy/hadeploy/internal/plural"
	"github.com/hadeploy/hadeploy/internal/report/markdown"
	"github.com/hadeploy/hadeploy/internal/report/term"
)

const maxMarkdownItem = 8 << 10 // of one change in full

// fullMarkdown is every change with all of its attributes, its texts and the
// commands of pcs, as diffs in a folded part.
func fullMarkdown(sections []section, r *room) *term.Page {
	const begin, end = "<details>\n<summary>All in full, with pcs commands</summary>\n", "\n</details>\n"
	out := &term.Page{}
	cut := 0
	if len(sections) == 0 {
		return out
	}
	fits := r.take(begin + end)
	for _, sec := range sections {
		if !fits {
			cut += sec.changes()
			continue
		}
		cut += fullSection(out, sec, r)
	}
	r.lost(cut, "change", "not told in full")
	if out.Size() == 0 {
		return out
	}
	whole := &term.Page{}
	whole.Add(begin + out.Text() + end)
	return whole
}

// fullSection writes a block of changes as far as there is room, and returns
// how many were cut.
func fullSection(p *term.Page, sec section, r *room) (cut int) {
	where := "In the cluster"
	if len(sec.nodes) > 0 {
		where = "On " + markdown.Codes(clipped(sec.nodes), 40)
	}
	title := "\n" + ln("**", where, "**: ", plural.Of(sec.changes(), "change")) + "\n"
	if !r.take(title + "```diff\n```\n") {
		return sec.changes()
	}
	l := layout{width: 110, full: true, pairs: true}
	var lines []string
	sec.pcsOnce()
	notes := sec.footnotes()
	for i, n := range notes {
		notes[i] = fmt.Sprintf("  (%d) %s", i+1, untilWhen(n))
		r.left -= len(notes[i]) + 1
	}
	for _, it := range sec.items {
		all := diffLines(l.item(it))
		text := shorten(all, min(r.left, maxMarkdownItem))
		if len(text) < len(all) {
			cut += max(1, len(sec.nodes)) * len(it.ids)
		}
		for _, t := range text {
			lines = append(lines, t)
			r.left -= len(t) + 1
		}
	}
	if len(lines) > 0 {
		p.Add(title)
		markdown.Fence(p, "diff", append(lines, notes...))
	}
	return cut
}

// diffLines sets rows so that a highlighter of diffs sees their signs.
func diffLines(rows []row) []string {
	lines := make([]string, len(rows))
	for i, r := range rows {
		switch {
		case r.depth == 0:
			lines[i] = r.sign + " " + r.text
		case r.sign == "" || r.sign == "~":
			lines[i] = "      " + r.text
		case r.sign == "@":
			lines[i] = "      " + r.sign + r.text
		case r.sign == "#":
			lines[i] = "      # " + r.text
		default:
			lines[i] = r.sign + "     " + r.text
		}
		lines[i] = term.Guard(lines[i])
	}
	return lines
}

// shorten keeps the lines that fit into a number of bytes and says how many do
// not; nothing, when not even the first fits.
func shorten(lines []string, room int) []string {
	const note = 40
	used := 0
	for i, l := range lines {
		used += len(l) + 1
		rest := 0
		if i < len(lines)-1 {
			rest = note
		}
		if used+rest > room {
			if i == 0 {
				return nil
			}
			return append(lines[:i:i], fmt.Sprintf("      ... %s", plural.Of(len(lines)-i, "more line")))
		}
	}
	return lines
}
