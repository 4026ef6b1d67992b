package verify

import "github.com/hadeploy/hadeploy/internal/plan"

// answer is what a check comes to: seen tells in a few words what is well, or
// skipped why there was nothing to answer.
type answer struct {
	seen, skipped string
	found         []plan.Finding
}

// untold is why nothing can be checked.
const untold = "no node tells the cluster's state"

// Judged is one check with what it found; seen tells what is well.
func Judged(name, seen string, found []plan.Finding) plan.Check {
	passed := len(plan.Errors(found)) == 0
	if !passed {
		seen = ""
	}
	return plan.Check{Name: name, Passed: passed, Seen: seen, Findings: append([]plan.Finding{}, found...)}
}

// Skipped is a check that was not asked, and why.
func Skipped(name, why string) plan.Check {
	return plan.Check{Name: name, Skipped: why, Findings: []plan.Finding{}}
}

// Readable is the check of what the others rest on.
const Readable = "readable"
