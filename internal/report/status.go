package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

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
	Note   string      // what else has to be known of this view
	Now    time.Time   // the node's clock when it answered, zero: not known
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
	p.daemons()
	p.pcsd()
	p.warnings()
	if len(p.Findings) > 0 {
		p.title("Differs from " + Clean(p.File))
		p.page.findings(p.Findings)
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
	default:
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
	if headTold(s) && !s.Quorum {
		p.item(true, "without quorum this partition runs no resources, unless no-quorum-policy says otherwise")
	}
	if s.MixedVersion {
		p.item(true, "the nodes run different versions of Pacemaker: finish the upgrade")
	}
	if s.Pacemakerd != "" && !strings.HasSuffix(strings.ToLower(s.Pacemakerd), "running") {
		p.item(true, "pacemakerd: "+Clean(s.Pacemakerd))
	}
}

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

// sight is what nodes of one partition agree on.
func sight(s *pcs.Status) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v %s", s.Quorum, s.DC)
	for _, n := range s.Nodes {
		fmt.Fprintf(&b, "\x00%s %v %v", n.Name, n.Online, n.Unclean)
	}
	return b.String()
}

// Disagree tells that nodes see different clusters, or that one is silent.
func (r StatusReport) Disagree() bool {
	first := r.Main()
	return slices.ContainsFunc(r.Views, func(v StatusView) bool {
		return first == nil || v.Status == nil || sight(v.Status) != sight(first.Status)
	})
}

// views shows each partition once, and the nodes that tell nothing.
func (p *statusPage) views() {
	for _, v := range p.Views {
		if v.Note != "" {
			p.line()
			p.item(true, Clean(v.Node)+": "+Clean(clip(v.Note, 2*maxValue)))
		}
	}
	if !p.Disagree() {
		return
	}
	var order []string
	nodes := map[string][]string{}
	seen := map[string]*pcs.Status{}
	for _, v := range p.Views {
		if v.Status == nil {
			continue
		}
		k := sight(v.Status)
		if seen[k] == nil {
			order, seen[k] = append(order, k), v.Status
		}
		nodes[k] = append(nodes[k], Clean(v.Node))
	}
	if len(order) > 1 {
		p.title("The nodes do not see the same cluster")
	} else {
		p.title("Nodes that tell nothing")
	}
	for _, k := range order {
		if len(order) == 1 {
			break
		}
		s := seen[k]
		told := p.paint(red, "NO QUORUM")
		if s.Quorum {
			told = "quorum"
		}
		dc := p.paint(red, "NO DC")
		if s.DC != "" {
			dc = "DC " + Clean(s.DC)
		}
		var up, down []string
		for _, n := range s.Nodes {
			switch {
			case n.Kind != pcs.Member:
			case n.Online:
				up = append(up, Clean(n.Name))
			default:
				down = append(down, Clean(n.Name))
			}
		}
		told += ", " + dc + ", online: " + orNone(up)
		if len(down) > 0 {
			told += ", offline: " + strings.Join(down, " ")
		}
		p.item(true, strings.Join(nodes[k], " ")+": "+told)
	}
	for _, v := range p.Views {
		if v.Status == nil {
			lines, _ := errorLines(v.Err, p.width())
			text := strings.TrimPrefix(strings.Join(lines, " "), Clean(v.Node)+": ")
			p.item(true, strings.TrimPrefix(Clean(v.Node)+": ", ": ")+clip(text, 2*maxValue))
		}
	}
}

func orNone(words []string) string {
	if len(words) == 0 {
		return "none"
	}
	return strings.Join(words, " ")
}

// nodes shows a line for each node.
func (p *statusPage) nodes() {
	if len(p.st.Nodes) == 0 {
		return
	}
	p.title("Nodes")
	width := 0
	for _, n := range p.st.Nodes {
		width = max(width, min(32, cells(Clean(n.Name))))
	}
	for i := range p.st.Nodes {
		n := &p.st.Nodes[i]
		words, bad := p.nodeWords(n)
		p.row(bad, pad(Clean(n.Name), width), words, "", 0)
	}
}

// nodeWords says how a node is, and whether that needs a look.
func (p *statusPage) nodeWords(n *pcs.Node) (words string, bad bool) {
	var all []string
	switch {
	case n.Unclean && n.Online:
		all, bad = append(all, p.paint(red, "UNCLEAN"), "(online): it waits to be fenced"), true
	case n.Unclean:
		all, bad = append(all, p.paint(red, "UNCLEAN"), "(offline): not known to be down until it is fenced; what ran there is not recovered before"), true
	case n.Pending:
		all, bad = append(all, p.paint(yellow, "pending"), "(still joining, or leaving)"), true
	case !n.Online:
		all, bad = append(all, p.paint(red, "OFFLINE")), true
	default:
		all = append(all, "online")
	}
	text := strings.Join(all, " ")
	switch {
	case n.StandbyOnFail:
		text, bad = text+", "+p.paint(yellow, "standby after a failure"), true
	case n.Standby:
		text, bad = text+", "+p.paint(yellow, "standby"), true
	}
	if n.Maintenance {
		text, bad = text+", "+p.paint(yellow, "maintenance"), true
	}
	if n.Health != "" && n.Health != "green" {
		text, bad = text+", "+p.paint(yellow, "health "+Clean(n.Health)), true
	}
	switch n.Kind {
	case pcs.Remote:
		text += ", remote node"
	case pcs.Guest:
		text += ", guest node"
		if n.Container != "" {
			text += " in " + Clean(n.Container)
		}
		if n.Host != "" {
			text += " on " + Clean(n.Host)
		}
		if !n.Online && !n.Unclean { // as its resource is stopped, which is shown there
			bad = false
		}
	}
	return text, bad
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
