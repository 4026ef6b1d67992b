package report

import (
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/plan"
)

// Interrupted puts what stops in words: "web-server restarts, nginx.service
// stops on n3".
func Interrupted(all []plan.Interruption) string {
	var out []string
	for _, i := range all {
		out = append(out, interruption(i, false))
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

// interruption is one of them in words, with its reason if that is wanted.
func interruption(i plan.Interruption, why bool) string {
	text := Clean(clip(i.What, maxValue)) + " " + Clean(i.How)
	if i.Node != "" {
		text += " on " + Clean(i.Node)
	}
	if why && i.Why != "" {
		text += " (" + Clean(clip(i.Why, maxValue)) + ")"
	}
	return text
}
