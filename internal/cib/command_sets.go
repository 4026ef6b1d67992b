package cib

import (
	"slices"

	"github.com/hadeploy/hadeploy/internal/pacemaker"
)

// pcsSets is the command that makes a constraint with sets.
func (e *editor) pcsSets(verb string, w *object, options []pair) string {
	line := "pcs constraint " + verb
	for _, s := range w.sets {
		line += " set"
		for _, id := range s.members {
			line += " " + shellWord(id)
		}
		for _, a := range s.attrs {
			if a.name == "role" {
				a.value = pacemaker.RoleFor(a.value, e.want.dialect.NewRoles())
			}
			line += " " + pcsPair(a)
		}
	}
	if options = w.withID(slices.Clone(options)); len(options) > 0 {
		line = pcsLine(line+" setoptions", options...)
	}
	return line
}
