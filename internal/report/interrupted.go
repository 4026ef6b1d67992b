package report

import (
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/plan"
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
		if name := Clean(i.What); !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// interrupted is one of them in words, with its reason if that is wanted.
func interrupted(i plan.Interrupted, why bool) string {
	text := Clean(clip(i.What, maxValue)) + " " + Clean(i.How)
	if len(i.Nodes) > 0 {
		names, rest := some(i.Nodes, 6)
		text += " on " + strings.Join(cleaned(names), ", ") + rest
	}
	if why && i.Why != "" {
		text += " (" + Clean(clip(i.Why, maxValue)) + ")"
	}
	return text
}
