package planreport

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/plural"
	"github.com/hadeploy/hadeploy/internal/report/markdown"
	"github.com/hadeploy/hadeploy/internal/report/term"
)

// What of a change stands in its row; all of it stands in the folded part.
const (
	rowValue = 60  // bytes of a value
	rowWords = 160 // bytes of the attributes of what is created
	rowDiffs = 5   // attributes that change
	rowNames = 6   // nodes, or what is interrupted
	rowIDs   = 12  // objects that change alike
)

// tableRow is one object that changes, or several that change alike.
type tableRow struct {
	cells  [5]string
	weight int // how many changes it stands for
	rank   int // by what it costs: lower is worse
}

var tableHead = [5]string{"object", "where", "change", "cost", "declared at"}

// tableMarkdown is a table with a row for each object, what costs most first.
// Columns that would be empty are left out.
func tableMarkdown(p *plan.Plan, sections []section, r *room) *term.Page {
	t := table{plan: p}
	for _, sec := range sections {
		for _, it := range sec.items {
			t.rows = append(t.rows, t.row(sec, it))
		}
	}
	slices.SortStableFunc(t.rows, func(a, b tableRow) int { return a.rank - b.rank })

	out := &term.Page{}
	lines := t.lines()
	head := ""
	if len(lines) > 0 {
		head, lines = lines[0], lines[1:]
	}
	n := r.fill(out, markdown.MaxComment, head, lines, "")
	left := 0
	for _, row := range t.rows[n:] {
		left += row.weight
	}
	r.lost(left, "change", "without a row")
	if n == 0 {
		return out
	}
	for i, words := range t.notes {
		if line := ln("\n(", fmt.Sprint(i+1), ") ", markdown.Text(words)); r.take(line) {
			out.Add(line)
		}
	}
	return out
}

// table collects rows, and what several of them do not know yet.
type table struct {
	plan  *plan.Plan
	rows  []tableRow
	notes []string
}

// lines are the head of the table, with the line below it, and its rows.
func (t *table) lines() []string {
	if len(t.rows) == 0 {
		return nil
	}
	var used []int
	for i := range tableHead {
		if slices.ContainsFunc(t.rows, func(r tableRow) bool { return r.cells[i] != "" }) {
			used = append(used, i)
		}
	}
	line := func(cells [5]string) string {
		words := make([]string, len(used))
		for i, u := range used {
			words[i] = cells[u]
		}
		return ln("| ", strings.Join(words, " | "), " |")
	}
	out := []string{line(tableHead) + ln("|", strings.Repeat("---|", len(used)))}
	for _, row := range t.rows {
		out = append(out, line(row.cells))
	}
	return out
}

func (t *table) row(sec section, it item) tableRow {
	row := tableRow{weight: len(it.ids) * max(1, len(sec.nodes))}
	where := "cluster"
	switch n := len(sec.nodes); {
	case n > 1 && n == len(t.plan.Nodes):
		where = fmt.Sprintf("all %d nodes", n)
	case n > 0:
		where = markdown.Cells(clipped(sec.nodes), rowNames)
	}
	object := "`" + it.Action.Symbol() + "` " + markdown.Text(term.Clip(it.Kind, maxName))
	if it.ID != "" {
		object += " " + markdown.Cells(clipped(it.ids), rowIDs)
	}
	cost, rank := t.cost(sec, it)
	row.rank = rank
	row.cells = [5]string{object, where, strings.Join(t.change(it), "<br>"), cost, declaredMarkdown(it.at)}
	return row
}

// cost says what a change stops. What Pacemaker does about an object of the
// cluster is known by its id.
func (t *table) cost(sec section, it item) (words string, rank int) {
	var out []string
	add := func(text string) {
		if !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	rank = 4
	switch it.Disruption {
	case plan.Outage:
		add("**the cluster stops**")
		rank = 0
	case plan.Restart:
		add("**restarts**")
		rank = 1
	case plan.Reload:
		add("reload")
		rank = 3
	case plan.None:
	}
	for _, i := range plan.ByWhat(it.Interrupts) {
		add(markdown.Cell(term.Clip(i.What, maxName)) + " **" + markdown.Text(term.Clip(i.How, maxName)) + "**")
		rank = min(rank, 1)
	}
	if len(sec.nodes) == 0 {
		for _, i := range t.plan.Interruptions {
			switch {
			case !slices.Contains(it.ids, i.What):
				continue
			case len(it.ids) > 1:
				add(markdown.Cell(term.Clip(i.What, maxName)) + " **" + markdown.Text(term.Clip(i.How, maxName)) + "**")
			default:
				add("**" + markdown.Text(term.Clip(i.How, maxName)) + "**")
			}
			rank = min(rank, 1)
		}
	}
	if it.Action == plan.Delete {
		rank = min(rank, 2)
	}
	out, rest := term.Some(out, rowNames)
	return strings.Join(out, "<br>") + rest, rank
}

// change is what a row says of its attributes, a line each.
func (t *table) change(it item) []string {
	var agent, words, texts []string
	var attrs []plan.Diff
	defaults := false
	for _, d := range it.Diffs {
		switch {
		case d.Default:
			defaults = true
		case d.Lines && !d.Secret:
			texts = append(texts, textMarkdown(d))
		case d.Name == "agent" && it.Action != plan.Update && !d.Secret:
			agent = append(agent, markdown.Cell(term.Clip(d.Before+d.After, maxName)))
		default:
			attrs = append(attrs, d)
		}
	}
	if it.Action == plan.Update {
		for i, d := range attrs {
			if i == rowDiffs && len(attrs) > i+1 {
				words = append(words, fmt.Sprintf("and %d more", len(attrs)-i))
				break
			}
			words = append(words, diffMarkdown(d))
		}
	} else if text := pairsMarkdown(attrs); text != "" {
		words = append(words, text)
	}
	out := slices.Concat(agent, words, texts)
	if defaults {
		out = append(out, "default operations")
	}
	if it.Unknown != "" {
		if out == nil {
			out = []string{""}
		}
		last := &out[len(out)-1]
		*last = strings.TrimSpace(*last + " " + t.unknown(it.Unknown))
	}
	if it.Note != "" {
		out = append(out, markdown.Text(term.Clip(it.Note, 2*maxName)))
	}
	return out
}

// unknown refers to what is not known yet by a number; beyond a few it is only
// said that there is something.
func (t *table) unknown(words string) string {
	words = untilWhen(words)
	n := slices.Index(t.notes, words)
	if n < 0 {
		if len(t.notes) == 9 {
			return "not known in full yet"
		}
		n = len(t.notes)
		t.notes = append(t.notes, words)
	}
	return fmt.Sprintf("(%d)", n+1)
}

// diffMarkdown is one attribute, before and after.
func diffMarkdown(d plan.Diff) string {
	name := markdown.Text(term.Clip(d.Name, maxName)) + ": "
	if d.Name == "value" || d.Name == "" {
		name = ""
	}
	side := func(has bool, text, none string) string {
		switch {
		case !has:
			return none
		case text == "":
			return "(empty)"
		}
		return markdown.Cell(term.Clip(text, rowValue))
	}
	if _, what := sides(d); d.Secret {
		return name + what
	}
	return name + side(d.HasBefore, d.Before, "(not set)") + " → " + side(d.HasAfter, d.After, "(removed)")
}

// pairsMarkdown is what is created or deleted, as pcs has it.
func pairsMarkdown(attrs []plan.Diff) string {
	if len(attrs) == 0 {
		return ""
	}
	if d := attrs[0]; len(attrs) == 1 && (d.Name == "value" || d.Name == "") && !d.Secret {
		return markdown.Cell(term.Clip(d.Before+d.After, rowValue))
	}
	return markdown.Cell(term.Clip(strings.Join(pairsOf(attrs), " "), rowWords))
}

// textMarkdown says of a text of many lines how much of it is new.
func textMarkdown(d plan.Diff) string {
	name := markdown.Text(term.Clip(d.Name, maxName))
	if !d.HasBefore || !d.HasAfter {
		return name + ", " + plural.Of(len(term.CleanLines(d.Before+d.After)), "line")
	}
	switch n := differingLines(d.Before, d.After); n {
	case 0:
		return name + ", the same text"
	case 1:
		return name + ", 1 line differs"
	default:
		return fmt.Sprintf("%s, %d lines differ", name, n)
	}
}

// differingLines counts the lines that are added, removed, or both: changed.
func differingLines(before, after string) int {
	n, added, removed := 0, 0, 0
	for _, l := range append(unified(before, after), " ") {
		switch l[0] {
		case '+':
			added++
		case '-':
			removed++
		case '\\': // no newline at the end of a side: the lines go on
		default:
			n += max(added, removed)
			added, removed = 0, 0
		}
	}
	return n
}

// declaredMarkdown lists places, those in one file by their lines: "a.yaml:3,
// :7".
func declaredMarkdown(at []string) string {
	var out []string
	seen, file := map[string]bool{}, ""
	for _, place := range at {
		if place == "" || seen[place] {
			continue
		}
		seen[place] = true
		text := term.Clip(place, maxName)
		if i := strings.LastIndex(text, ":"); i > 0 {
			if text[:i] == file {
				text = text[i:]
			} else {
				file = text[:i]
			}
		}
		out = append(out, markdown.Cell(text))
	}
	out, rest := term.Some(out, 3)
	return strings.Join(out, ", ") + rest
}
