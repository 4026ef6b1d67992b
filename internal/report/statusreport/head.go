package statusreport

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/plural"
	"github.com/hadeploy/hadeploy/internal/report/term"
)

func (p *textPage) head() {
	s := p.st
	name := "Cluster"
	if s.Cluster != "" {
		name += " " + term.Clean(term.Clip(s.Cluster, term.MaxValue))
	}
	var words []string
	switch {
	case !s.Tells("dc"): // pcs status nodes has no head
		words = append(words, "quorum and DC are not told by this text")
	case s.Quorum:
		words = append(words, "quorum")
	case s.DC != "": // without a DC nothing is said of quorum
		words = append(words, p.paint(term.Red, "NO QUORUM"))
	}
	switch {
	case s.DC != "":
		words = append(words, "DC "+term.Clean(s.DC))
	case s.Tells("dc"):
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
		if len(s.Undone) > 0 {
			source += " (undone: " + term.Clean(strings.Join(s.Undone, ", ")) + ")"
		}
	}
	if s.LastUpdated != "" {
		source += ", as of " + term.Clean(term.Clip(s.LastUpdated, term.MaxValue))
	}
	when = append(when, source)
	if s.LastChange != "" {
		when = append(when, "configuration changed "+term.Clean(term.Clip(s.LastChange, term.MaxValue)))
	}
	if c := s.Counts; c != nil {
		var counts []string
		if c.Nodes >= 0 {
			counts = append(counts, plural.Of(c.Nodes, "node"))
		}
		if c.Resources >= 0 {
			counts = append(counts, plural.Of(c.Resources, "resource instance"))
		}
		told := strings.Join(counts, " and ") + " configured"
		if c.Disabled > 0 {
			told += fmt.Sprintf(", %d disabled", c.Disabled)
		}
		if c.Blocked > 0 {
			told += fmt.Sprintf(", %d blocked", c.Blocked)
		}
		when = append(when, told)
	}
	for i, b := range s.Beside {
		if i == 4 {
			when = append(when, fmt.Sprintf("and %d more parts that are no status", len(s.Beside)-i))
			break
		}
		where := fmt.Sprintf("line %d is", b.Line)
		if b.Lines > 1 {
			where = fmt.Sprintf("lines %d to %d are", b.Line, b.Line+b.Lines-1)
		}
		when = append(when, where+" no part of the status: "+term.Clean(term.Clip(b.Text, 60)))
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
