package cib

import (
	"regexp"
	"strings"

	"github.com/hadeploy/hadeploy/internal/plan"
)

var (
	impactLine = regexp.MustCompile(`^(\S+)\s+(\S+)\s*(?:\(([^)]*)\))?\s*(.*)$`)
	fenceLine  = regexp.MustCompile(`^Fence\s+(?:\(([^)]*)\)\s+)?(\S+)\s*(.*)$`)
	blanks     = regexp.MustCompile(`\s+`)
)

// impact reads one line of a transition summary.
func impact(line string) (plan.Impact, bool) {
	tidy := func(s string) string { return strings.TrimSpace(blanks.ReplaceAllString(s, " ")) }
	if m := fenceLine.FindStringSubmatch(line); m != nil {
		detail := strings.Trim(tidy(m[3]), "'")
		if m[1] != "" {
			detail = strings.TrimSuffix(m[1]+": "+detail, ": ")
		}
		return plan.Impact{Action: "Fence", Resource: m[2], Detail: detail}, true
	}
	m := impactLine.FindStringSubmatch(line)
	if m == nil {
		return plan.Impact{}, false
	}
	detail := tidy(m[3])
	if rest := tidy(m[4]); rest != "" {
		detail = strings.TrimSpace(detail + " " + rest)
	}
	return plan.Impact{Action: m[1], Resource: m[2], Detail: detail}, true
}
