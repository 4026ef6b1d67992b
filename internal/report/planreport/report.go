// Package planreport shows a plan: as text, as Markdown for a pull request, and
// as the JSON that a saved plan is.
package planreport

import "github.com/hadeploy/hadeploy/internal/plan"

// Report is a plan, and how much of it is shown.
type Report struct {
	*plan.Plan
	Full bool // whole texts of files in Text, however long
}
