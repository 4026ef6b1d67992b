package report

import (
	"strings"

	"github.com/hadeploy/hadeploy/internal/plan"
)

// alreadyDone lists what was planned and found done.
func (p *recapPage) alreadyDone(done []plan.Change) {
	if len(done) == 0 {
		return
	}
	p.line()
	p.line(p.paint(bold, "Done already, and left out"))
	for _, c := range done {
		words := []string{Clean(c.Kind), Clean(clip(c.ID, maxValue))}
		if c.Node != "" {
			words = append(words, "on", Clean(c.Node))
		}
		if names := diffNames(c.Diffs); c.Action == plan.Update && names != "" {
			words = append(words, " "+names)
		}
		p.line("  ", strings.Join(words, " "))
	}
}

func diffNames(diffs []plan.Diff) string {
	var names []string
	for _, d := range diffs {
		names = append(names, Clean(d.Name))
	}
	return strings.Join(names, ", ")
}

// sincePlan lists what came into the cluster meanwhile.
func (p *recapPage) sincePlan(objects []plan.Object) {
	if len(objects) == 0 {
		return
	}
	p.line()
	p.line(p.paint(bold, "New since the plan was made, not in the playbook, left alone"))
	writeObjects(&p.page, objects)
}
