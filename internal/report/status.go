package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/plan"
)

// StatusReport is a live or saved cluster, as a person wants to see it.
type StatusReport struct {
	Views []StatusView
	// Saved names the file that the only view was read from, "" for a live
	// cluster.
	Saved string
	// File is the playbook that Findings compare with; "" compares nothing.
	File     string
	Findings []plan.Finding
}

// StatusView is the cluster in the eyes of one node.
type StatusView struct {
	Node   string      // who was asked, "" for saved text
	Status *pcs.Status // nil: see Err
	Err    error       // not running, not reached, not read
	Links  []facts.Link
	Note   string    // what else has to be known of this view
	Now    time.Time // the node's clock when it answered, zero: not known
}

// Main is the view that is shown: of the first node with quorum, else with a
// DC, else that can be read at all; nil when there is none.
func (r StatusReport) Main() *StatusView {
	var best *StatusView
	rank := func(v *StatusView) int {
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

// StatusText writes the status for people. Each line that begins with "!" is
// worth a look.
func StatusText(w io.Writer, s Style, r StatusReport) error {
	out := &statusPage{page: page{Style: s}, StatusReport: r}
	out.write()
	return out.to(w)
}

// statusPage writes one report.
type statusPage struct {
	page
	StatusReport
	view *StatusView
	st   *pcs.Status
}

// paint colours each word for itself, for the text is set into lines after.
func (p *statusPage) paint(sgr, text string) string {
	if !p.Color {
		return text
	}
	words := strings.Split(text, " ")
	for i, w := range words {
		words[i] = p.page.paint(sgr, w)
	}
	return strings.Join(words, " ")
}

func (p *statusPage) write() {
	p.view = p.Main()
	if p.view == nil {
		p.line(p.paint(red, "No node told the state of the cluster."))
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
		p.title("Differs from " + Clean(p.File))
		p.page.findings(p.Findings)
	} else if p.File != "" && !p.st.Unknown() {
		p.line()
		p.line("Members, daemons and resources are as declared in ", Clean(p.File), ".")
	}
}

// title begins a section.
func (p *statusPage) title(words string) {
	p.line()
	p.line(p.paint(bold, words))
}

// item is a line of a section; what does not fit goes on below, further in.
// Its text is clean already.
func (p *statusPage) item(bad bool, text string) {
	for i, l := range flow(strings.Fields(text), p.width()-2, p.width()-4) {
		switch {
		case i > 0:
			p.line("    ", l)
		case bad:
			p.line(p.paint(red, "!"), " ", l)
		default:
			p.line("  ", l)
		}
	}
}

// headTold tells that the text has a head: pcs status nodes has none.
func headTold(s *pcs.Status) bool {
	return s.Stack != "" || s.DC != "" || s.DCVersion != "" || s.LastUpdated != "" || s.Counts != nil
}

func (p *statusPage) head() {
	s := p.st
	name := "Cluster"
	if s.Cluster != "" {
		name += " " + Clean(clip(s.Cluster, maxValue))
	}
	var words []string
	switch {
	case !headTold(s):
		words = append(words, "quorum and DC are not told by this text")
	case s.Quorum:
		words = append(words, "quorum")
	case s.DC != "": // without a DC nothing is said of quorum
		words = append(words, p.paint(red, "NO QUORUM"))
	}
	switch {
	case s.DC != "":
		words = append(words, "DC "+Clean(s.DC))
	case headTold(s):
		words = append(words, p.paint(red, "NO DC"))
	}
	if s.DCVersion != "" {
		words = append(words, "Pacemaker "+Clean(s.DCVersion))
	}
	if s.Stack != "" {
		words = append(words, Clean(s.Stack))
	}
	for i, l := range flow(strings.Fields(p.paint(bold, name)+": "+strings.Join(words, ", ")), p.width(), p.width()-2) {
		if i > 0 {
			l = "  " + l
		}
		p.line(l)
	}
	var when []string
	source := "seen from " + Clean(p.view.Node)
	if p.Saved != "" {
		source = "read from " + Clean(p.Saved)
	}
	if s.LastUpdated != "" {
		source += ", as of " + Clean(clip(s.LastUpdated, maxValue))
	}
	when = append(when, source)
	if s.LastChange != "" {
		when = append(when, "configuration changed "+Clean(clip(s.LastChange, maxValue)))
	}
	if c := s.Counts; c != nil {
		told := count(c.Nodes, "node") + " and " + count(c.Resources, "resource instance") + " configured"
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
func (p *statusPage) banners() {
	s := p.st
	if s.Maintenance {
		p.item(true, p.paint(yellow, "MAINTENANCE MODE:")+" the cluster starts, stops and watches no resource; to end it: pcs property set maintenance-mode=false")
	}
	if s.StopAll {
		p.item(true, p.paint(yellow, "STOP-ALL-RESOURCES")+" is set: every resource is kept stopped; to end it: pcs property set stop-all-resources=false")
	}
	if s.DC != "" && !s.Quorum {
		p.item(true, "without quorum this partition runs no resources, unless no-quorum-policy says otherwise")
	}
	if s.MixedVersion && !slices.ContainsFunc(s.Nodes, joining) {
		p.item(true, "the nodes run different versions of Pacemaker: finish the upgrade")
	}
	if s.Pacemakerd != "" && !strings.HasSuffix(strings.ToLower(s.Pacemakerd), "running") {
		p.item(true, "pacemakerd: "+Clean(s.Pacemakerd))
	}
}

// joining reports whether a member is not there yet, and so has told no version.
func joining(n pcs.Node) bool { return n.Kind == pcs.Member && (!n.Online || n.Pending) }

// notUnderstood says why this status must not be trusted.
func (p *statusPage) notUnderstood() {
	if !p.st.Unknown() {
		return
	}
	p.title("Not understood in full, so the state is unknown")
	for _, l := range p.st.Incomplete {
		p.item(true, Clean(clip(l, 2*maxValue)))
	}
	for _, l := range p.st.Unparsed {
		p.line(p.paint(red, "!"), fmt.Sprintf(" line %d: ", l.Line), Clean(clip(l.Text, maxValue)))
	}
}

// row sets a name, what is said of it, and, behind the column that has state
// cells, what it is: that goes below when the line is full. All are clean.
func (p *statusPage) row(bad bool, name, text, what string, state int) {
	sign := "  "
	if bad {
		sign = p.paint(red, "!") + " "
	}
	indent := cells(name) + 4
	room := p.width() - indent
	if room < 24 { // a very long name has a line of its own
		p.line(sign, name)
		sign, name, indent = "  ", "", 6
		room = p.width() - indent
	}
	lines := flow(strings.Fields(text), room, room)
	last := lines[len(lines)-1]
	if what != "" {
		if beside := pad(last, state); cells(beside)+2+cells(what) <= room {
			lines[len(lines)-1] = beside + "  " + p.paint(dim, what)
		} else {
			for _, l := range flow(strings.Fields(what), room-2, room-2) {
				lines = append(lines, "  "+p.paint(dim, l))
			}
		}
	}
	for i, l := range lines {
		if i == 0 {
			p.line(sign, pad(name, indent-4), "  ", l)
		} else {
			p.line(strings.Repeat(" ", indent), l)
		}
	}
}
