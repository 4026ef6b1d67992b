// Package statusreport shows a live or saved cluster, once or on a screen that
// changes.
package statusreport

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/plural"
	"github.com/hadeploy/hadeploy/internal/report"
	"github.com/hadeploy/hadeploy/internal/report/findings"
	"github.com/hadeploy/hadeploy/internal/report/term"
	"github.com/hadeploy/hadeploy/internal/verify"
)

// Report is a live or saved cluster, as a person wants to see it.
type Report struct {
	Views []View
	// Saved names the file that the only view was read from, "" for a live
	// cluster.
	Saved string
	// File is the playbook that Findings compare with; "" compares nothing.
	File     string
	Findings []plan.Finding
	Compact  bool // JSON on one line
}

// Formats are the ways to show a status.
var Formats = []report.Format[Report]{{Name: "text", Write: Text}, {Name: "json", Write: JSON, Note: " (with --watch: one document a line)"}}

// View is the cluster in the eyes of one node.
type View struct {
	Node   string      // who was asked, "" for saved text
	Status *pcs.Status // nil: see Err
	// Resources are those of Status, with verify's verdict on what is stopped.
	Resources []verify.Resource
	Err       error // not running, not reached, not read
	Links     []facts.Link
	Note      string    // what else has to be known of this view
	Now       time.Time // the node's clock when it answered, zero: not known
}

// Main is the view that is shown: of the first node with quorum, else with a
// DC, else that can be read at all; nil when there is none.
func (r Report) Main() *View {
	var best *View
	rank := func(v *View) int {
		switch {
		case v == nil || v.Status == nil:
			return 0
		case v.Status.Quorum:
			return 3
		case v.Status.DC != "":
			return 2
		}
		return 1
	}
	for i := range r.Views {
		if v := &r.Views[i]; rank(v) > rank(best) {
			best = v
		}
	}
	return best
}

// Text writes the status for people. Each line that begins with "!" is
// worth a look.
func Text(w io.Writer, s term.Style, r Report) error {
	out := &textPage{Page: term.Page{Style: s}, Report: r}
	out.write()
	return out.To(w)
}

// textPage writes one report.
type textPage struct {
	term.Page
	Report
	view *View
	st   *pcs.Status
}

// paint colours each word for itself, for the text is set into lines after.
func (p *textPage) paint(sgr, text string) string {
	if !p.Color {
		return text
	}
	words := strings.Split(text, " ")
	for i, w := range words {
		words[i] = p.Page.Paint(sgr, w)
	}
	return strings.Join(words, " ")
}

func (p *textPage) write() {
	p.view = p.Main()
	if p.view == nil {
		p.Line(p.paint(term.Red, "No node told the state of the cluster."))
		p.views()
		return
	}
	p.st = p.view.Status
	p.head()
	p.notUnderstood()
	p.views()
	p.nodes()
	p.resources()
	p.failedActions()
	p.fencing()
	p.failCounts()
	p.bans()
	p.tickets()
	p.links()
	p.daemons()
	p.pcsd()
	p.warnings()
	if len(p.Findings) > 0 {
		p.title("Differs from " + term.Clean(p.File))
		findings.Write(&p.Page, p.Findings)
	} else if p.File != "" && !p.st.Unknown() {
		p.Line()
		p.Line("Members, daemons and resources are as declared in ", term.Clean(p.File), ".")
	}
}

// title begins a section.
func (p *textPage) title(words string) {
	p.Line()
	p.Line(p.paint(term.Bold, words))
}

// item is a line of a section; what does not fit goes on below, further in.
// Its text is clean already.
func (p *textPage) item(bad bool, text string) {
	for i, l := range term.Flow(strings.Fields(text), p.Columns()-2, p.Columns()-4) {
		switch {
		case i > 0:
			p.Line("    ", l)
		case bad:
			p.Line(p.paint(term.Red, "!"), " ", l)
		default:
			p.Line("  ", l)
		}
	}
}

// headTold tells that the text has a head: pcs status nodes has none.
func headTold(s *pcs.Status) bool {
	return s.Stack != "" || s.DC != "" || s.DCVersion != "" || s.LastUpdated != "" || s.Counts != nil
}

func (p *textPage) head() {
	s := p.st
	name := "Cluster"
	if s.Cluster != "" {
		name += " " + term.Clean(term.Clip(s.Cluster, term.MaxValue))
	}
	var words []string
	switch {
	case !headTold(s):
		words = append(words, "quorum and DC are not told by this text")
	case s.Quorum:
		words = append(words, "quorum")
	case s.DC != "": // without a DC nothing is said of quorum
		words = append(words, p.paint(term.Red, "NO QUORUM"))
	}
	switch {
	case s.DC != "":
		words = append(words, "DC "+term.Clean(s.DC))
	case headTold(s):
		words = append(words, p.paint(term.Red, "NO DC"))
	}
	if s.DCVersion != "" {
		words = append(words, "Pacemaker "+term.Clean(s.DCVersion))
	}
	if s.Stack != "" {
		words = append(words, term.Clean(s.Stack))
	}
	for i, l := range term.Flow(strings.Fields(p.paint(term.Bold, name)+": "+strings.Join(words, ", ")), p.Columns(), p.Columns()-2) {
		if i > 0 {
			l = "  " + l
		}
		p.Line(l)
	}
	var when []string
	source := "seen from " + term.Clean(p.view.Node)
	if p.Saved != "" {
		source = "read from " + term.Clean(p.Saved)
	}
	if s.LastUpdated != "" {
		source += ", as of " + term.Clean(term.Clip(s.LastUpdated, term.MaxValue))
	}
	when = append(when, source)
	if s.LastChange != "" {
		when = append(when, "configuration changed "+term.Clean(term.Clip(s.LastChange, term.MaxValue)))
	}
	if c := s.Counts; c != nil {
		told := plural.Of(c.Nodes, "node") + " and " + plural.Of(c.Resources, "resource instance") + " configured"
		if c.Disabled > 0 {
			told += fmt.Sprintf(", %d disabled", c.Disabled)
		}
		if c.Blocked > 0 {
			told += fmt.Sprintf(", %d blocked", c.Blocked)
		}
		when = append(when, told)
	}
	for _, w := range when {
		p.item(false, w)
	}
	p.banners()
}

// banners are the states of the whole cluster in which it does not do what
// one expects of it.
func (p *textPage) banners() {
	s := p.st
	if s.Maintenance {
		p.item(true, p.paint(term.Yellow, "MAINTENANCE MODE:")+" the cluster starts, stops and watches no resource; to end it: pcs property set maintenance-mode=false")
	}
	if s.StopAll {
		p.item(true, p.paint(term.Yellow, "STOP-ALL-RESOURCES")+" is set: every resource is kept stopped; to end it: pcs property set stop-all-resources=false")
	}
	if s.DC != "" && !s.Quorum {
		p.item(true, "without quorum this partition runs no resources, unless no-quorum-policy says otherwise")
	}
	if s.MixedVersion && !slices.ContainsFunc(s.Nodes, joining) {
		p.item(true, "the nodes run different versions of Pacemaker: finish the upgrade")
	}
	if s.Pacemakerd != "" && !strings.HasSuffix(strings.ToLower(s.Pacemakerd), "running") {
		p.item(true, "pacemakerd: "+term.Clean(s.Pacemakerd))
	}
}

// joining reports whether a member is not there yet, and so has told no version.
func joining(n pcs.Node) bool { return n.Kind == pcs.Member && (!n.Online || n.Pending) }

// notUnderstood says why this status must not be trusted.
func (p *textPage) notUnderstood() {
	if !p.st.Unknown() {
		return
	}
	p.title("Not understood in full, so the state is unknown")
	for _, l := range p.st.Incomplete {
		p.item(true, term.Clean(term.Clip(l, 2*term.MaxValue)))
	}
	for _, l := range p.st.Unparsed {
		p.Line(p.paint(term.Red, "!"), fmt.Sprintf(" line %d: ", l.Line), term.Clean(term.Clip(l.Text, term.MaxValue)))
	}
}

// row sets a name, what is said of it, and, behind the column that has state
// cells, what it is: that goes below when the line is full. All are clean.
func (p *textPage) row(bad bool, name, text, what string, state int) {
	sign := "  "
	if bad {
		sign = p.paint(term.Red, "!") + " "
	}
	indent := term.Cells(name) + 4
	room := p.Columns() - indent
	if room < 24 { // a very long name has a line of its own
		p.Line(sign, name)
		sign, name, indent = "  ", "", 6
		room = p.Columns() - indent
	}
	lines := term.Flow(strings.Fields(text), room, room)
	last := lines[len(lines)-1]
	if what != "" {
		if beside := term.Pad(last, state); term.Cells(beside)+2+term.Cells(what) <= room {
			lines[len(lines)-1] = beside + "  " + p.paint(term.Dim, what)
		} else {
			for _, l := range term.Flow(strings.Fields(what), room-2, room-2) {
				lines = append(lines, "  "+p.paint(term.Dim, l))
			}
		}
	}
	for i, l := range lines {
		if i == 0 {
			p.Line(sign, term.Pad(name, indent-4), "  ", l)
		} else {
			p.Line(strings.Repeat(" ", indent), l)
		}
	}
}
