package planreport

import (
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/report/term"
)

// Interrupted puts what stops in words: "web-server restarts on n1,
// nginx.service stops on n3".
func Interrupted(all []plan.Interruption) string {
	var out []string
	for _, i := range plan.ByWhat(all) {
		out = append(out, interrupted(i, false))
	}
	return strings.Join(out, ", ")
}

// InterruptedNames are the distinct names of what stops, as --allow-disruption
// takes them.
func InterruptedNames(all []plan.Interruption) []string {
	var out []string
	for _, i := range all {
		if name := term.Clean(i.What); !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// interrupted is one of them in words, with its reason if that is wanted.
func interrupted(i plan.Interrupted, why bool) string {
	text := term.Clean(term.Clip(i.What, term.MaxValue)) + " " + term.Clean(i.How)
	if len(i.Nodes) > 0 {
		names, rest := term.Some(i.Nodes, 6)
		text += " on " + strings.Join(term.Cleaned(names), ", ") + rest
	}
	if why && i.Why != "" {
		text += " (" + term.Clean(term.Clip(i.Why, term.MaxValue)) + ")"
	}
	return text
}
