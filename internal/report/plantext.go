package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/plural"
)

// PlanOptions say how much of a plan is shown.
type PlanOptions struct {
	Full bool // whole texts of files, however long
}

// PlanText writes a plan for people: what each node gets, what the cluster
// gets, what Pacemaker would do about it, what is left alone, and last, where
// the eye falls first, what is dangerous and the sum.
func PlanText(w io.Writer, s Style, p *plan.Plan, o PlanOptions) error {
	p = p.Public()
	out := &planPage{page{Style: s}}
	out.list(fmt.Sprintf("Plan for cluster %s from %s, nodes ", s.paint(bold, Clean(p.Cluster)), Clean(p.Playbook)), "  ", p.Nodes)

	l := layout{width: s.width() - 4, full: o.Full}
	for _, sec := range fold(p) {
		out.line()
		if len(sec.nodes) == 0 {
			out.line(s.paint(bold, "In the cluster"))
		} else {
			out.heading("On ", sec.nodes)
		}
		sec.pcsOnce()
		notes := sec.footnotes()
		for _, it := range sec.items {
			out.rows(l.item(it))
		}
		for i, n := range notes {
			out.words(fmt.Sprintf("  (%d) ", i+1), strings.Fields(untilWhen(n)), false)
		}
	}
	out.impact(p.Impact)
	out.leftAlone(p.LeftAlone)
	if len(p.Findings) > 0 {
		out.line()
		writeFindings(&out.page, p.Findings)
	}

	out.line()
	for _, a := range attention(p) {
		names, rest := some(a.names, 6)
		head := "! " + a.words + " "
		for _, l := range flow(strings.Fields(strings.Join(names, ", ")+rest), out.width()-cells(head), out.width()-4) {
			out.line(s.paint(yellow, head+l))
			head = "    "
		}
	}
	out.line(s.paint(bold, planSum(p)))
	return out.to(w)
}

// planPage is the page of a plan.
type planPage struct{ page }

// list sets a heading and names behind it.
func (p *planPage) list(head, indent string, names []string) {
	for i, l := range flow(listed(cleaned(names)), p.width()-cells(head), p.width()-cells(indent)) {
		if i == 0 {
			p.line(head, l)
		} else {
			p.line(indent, l)
		}
	}
}

func (p *planPage) heading(word string, nodes []string) {
	for i, l := range flow(listed(cleaned(nodes)), p.width()-cells(word), p.width()-cells(word)) {
		if i > 0 {
			word = strings.Repeat(" ", cells(word))
		}
		p.line(p.paint(bold, word+l))
	}
}

var signColors = map[string]string{"+": green, "-": red, "~": yellow, "!": yellow, "#": dim, "@": dim}

// rows writes the rows of one change. A command goes beside its change when
// that is one line and there is room.
func (p *planPage) rows(rows []row) {
	if len(rows) == 2 && rows[1].sign == "#" {
		left := "  " + rows[0].sign + " " + rows[0].text
		col := max(p.width()/2-6, cells(left)+2)
		if col+2+cells(rows[1].text) <= p.width() {
			p.line("  ", p.paint(signColors[rows[0].sign], rows[0].sign), " ", rows[0].text,
				strings.Repeat(" ", col-cells(left)), p.paint(dim, "# "+rows[1].text))
			return
		}
	}
	for _, r := range rows {
		color := signColors[r.sign]
		switch {
		case r.depth == 0:
			p.line("  ", p.paint(color, r.sign), " ", r.text)
		case r.sign == "":
			p.line("      ", r.text)
		case r.sign == "~":
			p.line("      ", p.paint(color, r.sign), " ", r.text)
		case r.sign == "@":
			p.line("      ", p.paint(color, r.sign+r.text))
		default:
			p.line("      ", p.paint(color, r.sign+" "+r.text))
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

func (p *planPage) impact(impact []plan.Impact) {
	if len(impact) == 0 {
		return
	}
	p.line()
	p.line(p.paint(bold, "What Pacemaker would do"))
	names, actions := 0, 0
	for _, im := range impact {
		actions = max(actions, cells(Clean(im.Action)))
		if !slices.Contains(harmless, im.Action) {
			names = max(names, cells(Clean(im.Resource)))
		}
	}
	names, actions = min(names, 40), min(actions, 20)
	for _, group := range byAction(impact) {
		action := pad(Clean(group[0].Action), actions) + "  "
		if !slices.Contains(harmless, group[0].Action) {
			for _, im := range group {
				p.line(p.paint(yellow, "  ! "), action, pad(Clean(im.Resource), names), "  ", detail(im))
			}
			continue
		}
		var words []string
		for _, im := range group {
			words = append(words, Clean(im.Resource)+inParens(detail(im)))
		}
		p.words("    "+action, words, true)
	}
}

func detail(im plan.Impact) string {
	return Clean(strings.TrimSpace(strings.Trim(strings.TrimSpace(im.Detail), "()")))
}

func inParens(text string) string {
	if text == "" {
		return ""
	}
	return " (" + text + ")"
}

func (p *planPage) leftAlone(objects []plan.Object) {
	if len(objects) == 0 {
		return
	}
	p.line()
	p.line(p.paint(bold, "Not in the playbook, left alone"))
	writeObjects(&p.page, objects)
}

// writeObjects lists by kind, those with a value a line each.
func writeObjects(p *page, objects []plan.Object) {
	kinds, byKind := objectsByKind(objects)
	for _, k := range kinds {
		head := "    " + Clean(k) + "  "
		var bare []string
		for _, o := range byKind[k] {
			if o.Value == "" && o.Why == "" {
				bare = append(bare, Clean(o.ID))
				continue
			}
			p.words(head, strings.Fields(Clean(o.ID)+" = "+side(o.Value)+inParens(Clean(o.Why))), false)
		}
		if len(bare) > 0 {
			p.words(head, bare, true)
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
		name := Clean(clip(c.Kind+" "+c.ID, maxValue))
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
	if n := countSeverity(p.Findings, plan.Error); n > 0 {
		return fmt.Sprintf("No changes, but %s to be looked at.", plural.Of(n, "error"))
	}
	if n := factsUnread(p); n > 0 {
		return fmt.Sprintf("Nothing differs of what could be read; %s could not be read.", plural.Of(n, "fact"))
	}
	return fmt.Sprintf("No changes. The cluster matches %s.", Clean(p.Playbook))
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

// PlanJSON writes a plan as one JSON document, in which secrets are left out:
// the same that a saved plan is, and apply takes it.
func PlanJSON(w io.Writer, p *plan.Plan) error {
	doc, err := p.Document()
	if err != nil {
		return err
	}
	_, err = w.Write(safeJSON(doc))
	return err
}
