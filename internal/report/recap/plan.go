package recap

import (
	"strings"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/report/planreport"
	"github.com/hadeploy/hadeploy/internal/report/term"
)

// alreadyDone lists what was planned and found done.
func (p *page) alreadyDone(done []plan.Change) {
	if len(done) == 0 {
		return
	}
	p.Line()
	p.Line(p.Paint(term.Bold, "Done already, and left out"))
	for _, c := range done {
		words := []string{term.Clean(c.Kind), term.Clean(term.Clip(c.ID, term.MaxValue))}
		if c.Node != "" {
			words = append(words, "on", term.Clean(c.Node))
		}
		if names := diffNames(c.Diffs); c.Action == plan.Update && names != "" {
			words = append(words, " "+names)
		}
		p.Line("  ", strings.Join(words, " "))
	}
}

func diffNames(diffs []plan.Diff) string {
	var names []string
	for _, d := range diffs {
		names = append(names, term.Clean(d.Name))
	}
	return strings.Join(names, ", ")
}

// sincePlan lists what came into the cluster meanwhile.
func (p *page) sincePlan(objects []plan.Object) {
	if len(objects) == 0 {
		return
	}
	p.Line()
	p.Line(p.Paint(term.Bold, "New since the plan was made, not in the playbook, left alone"))
	planreport.Objects(&p.Page, objects)
}
