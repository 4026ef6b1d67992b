package statusreport

import (
	"io"

	"github.com/hadeploy/hadeploy/internal/report/findings"
	"github.com/hadeploy/hadeploy/internal/report/term"
)

// Text writes the status for people. Each line that begins with "!" is
// worth a look.
func Text(w io.Writer, s term.Style, r Report) error {
	out := &textPage{Page: term.Page{Style: s}, Report: r}
	out.write()
	return out.To(w)
}

func (p *textPage) write() {
	p.view = p.Main()
	if p.view == nil {
		p.Line(p.paint(term.Red, "No node told the state of the cluster."))
		p.views()
		return
	}
	p.st = p.view.Status
	p.sets = indexSets(p.st.Sets)
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
