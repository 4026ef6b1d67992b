package statusreport

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/plural"
	"github.com/hadeploy/hadeploy/internal/report/term"
)

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
