package planreport

import (
	"fmt"
	"io"
	"strings"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/plural"
	"github.com/hadeploy/hadeploy/internal/report"
	"github.com/hadeploy/hadeploy/internal/report/markdown"
	"github.com/hadeploy/hadeploy/internal/report/term"
)

// Side is one of two configurations that are compared.
type Side struct {
	Name string `json:"name"` // as it was given: cluster.yaml, live
	Is   string `json:"is"`   // what that is: the playbook of the cluster web
}

// Differences are those of two configurations, in the words of a plan that would
// make the second of the first.
type Differences struct {
	A, B        Side
	Changes     []plan.Change
	NotCompared []plan.Object // what one side does not tell
	LeftOut     []plan.Object // what differs and does not count
}

// DifferencesFormats are the ways to show differences.
var DifferencesFormats = []report.Format[Differences]{{Name: "text", Write: differencesText}, {Name: "json", Write: differencesJSON}, {Name: "markdown", Write: differencesMarkdown}}

// neverCompared is said once, whatever was found.
const neverCompared = "The status and what Pacemaker writes itself (dc-version and the like) are never compared."

// items are the changes, those that differ in the id alone as one.
func (d Differences) items() []item {
	s := section{}
	for _, c := range plan.PublicChanges(d.Changes) {
		s.add(c)
	}
	return s.items
}

// counts are how many objects only A, only B and both have.
func (d Differences) counts() (a, b, both int) {
	for _, c := range d.Changes {
		switch c.Action {
		case plan.Delete:
			a++
		case plan.Create:
			b++
		case plan.Update:
			both++
		}
	}
	return a, b, both
}

// sum says in one line what came of it; name shows a name.
func (d Differences) sum(name func(string) string) string {
	a, b, both := d.counts()
	switch {
	case len(d.Changes) > 0:
		return fmt.Sprintf("%s: %d only in %s, %d only in %s, %d in both",
			plural.Of(len(d.Changes), "difference"), a, name(d.A.Name), b, name(d.B.Name), both)
	case len(d.NotCompared) > 0:
		return "Nothing differs of what could be compared"
	}
	return "No differences"
}

// together are objects with the same kind and reason.
type together struct {
	kind, why string
	ids       []string
}

func (d Differences) notCompared() (list []together) {
	for _, o := range d.NotCompared {
		n := len(list)
		for i := range list {
			if list[i].kind == o.Kind && list[i].why == o.Why {
				n = i
			}
		}
		if n == len(list) {
			list = append(list, together{kind: o.Kind, why: o.Why})
		}
		list[n].ids = append(list[n].ids, o.ID)
	}
	return list
}

func differencesText(w io.Writer, s term.Style, d Differences) error {
	out := &textPage{term.Page{Style: s}}
	a, b := term.Clean(d.A.Name), term.Clean(d.B.Name)
	out.Line(s.Paint(term.Red, "-"), " only in ", s.Paint(term.Bold, a), ", ", term.Clean(d.A.Is))
	out.Line(s.Paint(term.Green, "+"), " only in ", s.Paint(term.Bold, b), ", ", term.Clean(d.B.Is))
	out.Line(s.Paint(term.Yellow, "~"), " in both: ", a, " -> ", b)
	if len(d.Changes) > 0 {
		out.Line()
	}
	l := layout{width: s.Columns() - 4}
	for _, it := range d.items() {
		out.rows(l.item(it))
	}
	if len(d.NotCompared) > 0 {
		out.Line()
		out.Line(s.Paint(term.Bold, "Not compared"))
		for _, t := range d.notCompared() {
			out.Words("    "+term.Clean(t.kind)+"  ", append(term.Listed(term.Cleaned(t.ids)), "("+term.Clean(t.why)+")"), false)
		}
	}
	if len(d.LeftOut) > 0 {
		out.Line()
		out.Line(s.Paint(term.Bold, "Left out: operators keep it, or the playbook ignores its changes"))
		Objects(&out.Page, d.LeftOut)
	}
	out.Line()
	out.Words("", strings.Fields(neverCompared), false)
	out.Line(s.Paint(term.Bold, d.sum(term.Clean)+"."))
	return out.To(w)
}

func differencesJSON(w io.Writer, _ term.Style, d Differences) error {
	var doc struct {
		A    Side `json:"a"`
		B    Side `json:"b"`
		Same bool `json:"same"` // no difference was found
		// Complete says that all could be compared.
		Complete bool `json:"complete"`
		Counts   struct {
			A    int `json:"only_a"`
			B    int `json:"only_b"`
			Both int `json:"both"`
		} `json:"counts"`
		Changes     []plan.Change `json:"changes"`
		NotCompared []plan.Object `json:"not_compared"`
		LeftOut     []plan.Object `json:"left_out"`
	}
	doc.A, doc.B, doc.Same, doc.Complete = d.A, d.B, len(d.Changes) == 0, len(d.NotCompared) == 0
	doc.Counts.A, doc.Counts.B, doc.Counts.Both = d.counts()
	doc.Changes, doc.NotCompared, doc.LeftOut = plan.PublicChanges(d.Changes), append([]plan.Object{}, d.NotCompared...), append([]plan.Object{}, d.LeftOut...)
	return term.JSON(w, doc, "  ")
}

func differencesMarkdown(w io.Writer, _ term.Style, d Differences) error {
	top, rest := &term.Page{}, &term.Page{}
	top.Line("### ", d.sum(func(name string) string { return markdown.Code(term.Clip(name, maxName)) }))
	top.Line()
	top.Line("`-` only in ", markdown.Code(d.A.Name), ", ", markdown.Text(d.A.Is), "; `+` only in ", markdown.Code(d.B.Name), ", ", markdown.Text(d.B.Is))

	left := &room{left: markdown.MaxComment - top.Size() - 1500} // for the note of what was cut
	var lines []string
	for _, t := range d.notCompared() {
		lines = append(lines, ln("- ", markdown.Text(t.kind), ": ", markdown.Codes(clipped(t.ids), 40), " (", markdown.Text(t.why), ")"))
	}
	left.lost(len(lines)-left.fill(rest, maxFolded, "#### Not compared\n\n", lines, ""), "line", "of what was not compared")
	lines = nil
	for _, o := range d.LeftOut {
		lines = append(lines, ln("- ", markdown.Text(term.Clip(o.Kind, maxName)), " ", objectMarkdown(o)))
	}
	out := &term.Page{}
	left.lost(len(lines)-left.fill(out, maxFolded, "#### Left out: operators keep it, or the playbook ignores its changes\n\n", lines, ""), "line", "of what is left out")

	changes := &term.Page{}
	lines = nil
	l, cut := layout{width: 110, pairs: true}, 0
	for _, it := range d.items() {
		all := diffLines(l.item(it))
		some := shorten(all, min(left.left, maxMarkdownItem))
		if len(some) < len(all) {
			cut += len(it.ids)
		}
		for _, line := range some {
			lines = append(lines, line)
			left.left -= len(line) + 1
		}
	}
	if len(lines) > 0 {
		markdown.Fence(changes, "diff", lines)
	}
	left.lost(cut, "difference", "not told in full")
	if len(left.cut) > 0 {
		top.Line()
		top.Line("**Cut to the size of a comment:** ", strings.Join(left.cut, "; "))
	}
	foot := &term.Page{}
	foot.Line("<sub>", markdown.Text(neverCompared), "</sub>")
	join(top, changes, rest, out, foot)
	return top.To(w)
}
