package planreport

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/plural"
	"github.com/hadeploy/hadeploy/internal/report/findings"
	"github.com/hadeploy/hadeploy/internal/report/term"
)

// Text writes a plan for people: what each node gets, what the cluster
// gets, what Pacemaker would do about it, what is left alone, and last, where
// the eye falls first, what is dangerous and the sum.
func Text(w io.Writer, s term.Style, r Report) error {
	p := r.Public()
	out := &textPage{term.Page{Style: s}}
	out.list(fmt.Sprintf("Plan for cluster %s from %s, nodes ", s.Paint(term.Bold, term.Clean(p.Cluster)), term.Clean(p.Playbook)), "  ", p.Nodes)

	l := layout{width: s.Columns() - 4, full: r.Full}
	for _, sec := range fold(p) {
		out.Line()
		if len(sec.nodes) == 0 {
			out.Line(s.Paint(term.Bold, "In the cluster"))
		} else {
			out.heading("On ", sec.nodes)
		}
		sec.pcsOnce()
		notes := sec.footnotes()
		for _, it := range sec.items {
			out.rows(l.item(it))
		}
		for i, n := range notes {
			out.Words(fmt.Sprintf("  (%d) ", i+1), strings.Fields(untilWhen(n)), false)
		}
	}
	out.impact(p.Impact)
	out.leftAlone(p.LeftAlone)
	if len(p.Findings) > 0 {
		out.Line()
		findings.Write(&out.Page, p.Findings)
	}

	out.Line()
	for _, a := range attention(p) {
		names, rest := term.Some(a.names, 6)
		head := "! " + a.words + " "
		for _, l := range term.Flow(strings.Fields(strings.Join(names, ", ")+rest), out.Columns()-term.Cells(head), out.Columns()-4) {
			out.Line(s.Paint(term.Yellow, head+l))
			head = "    "
		}
	}
	out.Line(s.Paint(term.Bold, planSum(p)))
	return out.To(w)
}

// textPage is the page of a plan.
type textPage struct{ term.Page }

// list sets a heading and names behind it.
func (p *textPage) list(head, indent string, names []string) {
	for i, l := range term.Flow(term.Listed(term.Cleaned(names)), p.Columns()-term.Cells(head), p.Columns()-term.Cells(indent)) {
		if i == 0 {
			p.Line(head, l)
		} else {
			p.Line(indent, l)
		}
	}
}

func (p *textPage) heading(word string, nodes []string) {
	for i, l := range term.Flow(term.Listed(term.Cleaned(nodes)), p.Columns()-term.Cells(word), p.Columns()-term.Cells(word)) {
		if i > 0 {
			word = strings.Repeat(" ", term.Cells(word))
		}
		p.Line(p.Paint(term.Bold, word+l))
	}
}

var signColors = map[string]string{"+": term.Green, "-": term.Red, "~": term.Yellow, "!": term.Yellow, "#": term.Dim, "@": term.Dim}

// rows writes the rows of one change. A command goes beside its change when
// that is one line and there is room.
func (p *textPage) rows(rows []row) {
	if len(rows) == 2 && rows[1].sign == "#" {
		left := "  " + rows[0].sign + " " + rows[0].text
		col := max(p.Columns()/2-6, term.Cells(left)+2)
		if col+2+term.Cells(rows[1].text) <= p.Columns() {
			p.Line("  ", p.Paint(signColors[rows[0].sign], rows[0].sign), " ", rows[0].text,
				strings.Repeat(" ", col-term.Cells(left)), p.Paint(term.Dim, "# "+rows[1].text))
			return
		}
	}
	for _, r := range rows {
		color := signColors[r.sign]
		switch {
		case r.depth == 0:
			p.Line("  ", p.Paint(color, r.sign), " ", r.text)
		case r.sign == "":
			p.Line("      ", r.text)
		case r.sign == "~":
			p.Line("      ", p.Paint(color, r.sign), " ", r.text)
		case r.sign == "@":
			p.Line("      ", p.Paint(color, r.sign+r.text))
		default:
			p.Line("      ", p.Paint(color, r.sign+" "+r.text))
		}
	}
}

// disrupts are Pacemaker's actions that somebody notices, worst first. Other
// actions come after, and the harmless ones last.
var disrupts = []string{"Fence", "Stop", "Restart", "Move", "Migrate", "Demote"}

var harmless = []string{"Promote", "Start"}

// byAction groups impact by action, in the order in which it is to be read.
func byAction(impact []plan.Impact) [][]plan.Impact {
	rank := func(action string) int {
		if i := slices.Index(disrupts, action); i >= 0 {
			return i
		}
		if i := slices.Index(harmless, action); i >= 0 {
			return len(disrupts) + 1 + i
		}
		return len(disrupts)
	}
	sorted := slices.Clone(impact)
	slices.SortStableFunc(sorted, func(a, b plan.Impact) int {
		if d := rank(a.Action) - rank(b.Action); d != 0 {
			return d
		}
		return strings.Compare(a.Action, b.Action)
	})
	var groups [][]plan.Impact
	for i, im := range sorted {
		if i == 0 || im.Action != sorted[i-1].Action {
			groups = append(groups, nil)
		}
		groups[len(groups)-1] = append(groups[len(groups)-1], im)
	}
	return groups
}

func (p *textPage) impact(impact []plan.Impact) {
	if len(impact) == 0 {
		return
	}
	p.Line()
	p.Line(p.Paint(term.Bold, "What Pacemaker would do"))
	names, actions := 0, 0
	for _, im := range impact {
		actions = max(actions, term.Cells(term.Clean(im.Action)))
		if !slices.Contains(harmless, im.Action) {
			names = max(names, term.Cells(term.Clean(im.Resource)))
		}
	}
	names, actions = min(names, 40), min(actions, 20)
	for _, group := range byAction(impact) {
		action := term.Pad(term.Clean(group[0].Action), actions) + "  "
		if !slices.Contains(harmless, group[0].Action) {
			for _, im := range group {
				p.Line(p.Paint(term.Yellow, "  ! "), action, term.Pad(term.Clean(im.Resource), names), "  ", detail(im))
			}
			continue
		}
		var words []string
		for _, im := range group {
			words = append(words, term.Clean(im.Resource)+inParens(detail(im)))
		}
		p.Words("    "+action, words, true)
	}
}

func detail(im plan.Impact) string {
	return term.Clean(strings.TrimSpace(strings.Trim(strings.TrimSpace(im.Detail), "()")))
}

func inParens(text string) string {
	if text == "" {
		return ""
	}
	return " (" + text + ")"
}

func (p *textPage) leftAlone(objects []plan.Object) {
	if len(objects) == 0 {
		return
	}
	p.Line()
	p.Line(p.Paint(term.Bold, "Not in the playbook, left alone"))
	Objects(&p.Page, objects)
}

// Objects lists by kind, those with a value a line each.
func Objects(p *term.Page, objects []plan.Object) {
	kinds, byKind := objectsByKind(objects)
	for _, k := range kinds {
		head := "    " + term.Clean(k) + "  "
		var bare []string
		for _, o := range byKind[k] {
			if o.Value == "" && o.Why == "" {
				bare = append(bare, term.Clean(o.ID))
				continue
			}
			p.Words(head, strings.Fields(term.Clean(o.ID)+" = "+side(o.Value)+inParens(term.Clean(o.Why))), false)
		}
		if len(bare) > 0 {
			p.Words(head, bare, true)
		}
	}
}

func objectsByKind(objects []plan.Object) (kinds []string, byKind map[string][]plan.Object) {
	byKind = map[string][]plan.Object{}
	for _, o := range objects {
		if byKind[o.Kind] == nil {
			kinds = append(kinds, o.Kind)
		}
		byKind[o.Kind] = append(byKind[o.Kind], o)
	}
	return kinds, byKind
}

// notice is something that a reviewer must not miss.
type notice struct {
	words string
	names []string // of what it is about
}

func attention(p *plan.Plan) []notice {
	outage := notice{words: "full stop of the cluster:"}
	removed := notice{words: "deleted:"}
	hit := notice{words: "interrupted:"}
	add := func(n *notice, name string) {
		if !slices.Contains(n.names, name) {
			n.names = append(n.names, name)
		}
	}
	for _, c := range p.Changes {
		name := term.Clean(term.Clip(c.Kind+" "+c.ID, term.MaxValue))
		if c.Disruption == plan.Outage {
			add(&outage, name)
		}
		if c.Action == plan.Delete && c.Unknown == "" {
			add(&removed, name)
		}
	}
	for _, i := range plan.ByWhat(p.Interruptions) {
		add(&hit, interrupted(i, true))
	}
	return slices.DeleteFunc([]notice{outage, hit, removed}, func(n notice) bool { return n.names == nil })
}

// planSum is the last line of a plan.
func planSum(p *plan.Plan) string {
	if len(p.Changes) > 0 {
		return countsInWords(p) + "."
	}
	if n := findings.Count(p.Findings, plan.Error); n > 0 {
		return fmt.Sprintf("No changes, but %s to be looked at.", plural.Of(n, "error"))
	}
	if n := factsUnread(p); n > 0 {
		return fmt.Sprintf("Nothing differs of what could be read; %s could not be read.", plural.Of(n, "fact"))
	}
	return fmt.Sprintf("No changes. The cluster matches %s.", term.Clean(p.Playbook))
}

// factsUnread counts the facts that a plan does without since a node did not tell
// them.
func factsUnread(p *plan.Plan) (n int) {
	for _, f := range p.Findings {
		if f.Code == "FACT_UNKNOWN" {
			n++
		}
	}
	return n
}
