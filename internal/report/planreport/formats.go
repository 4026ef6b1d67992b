package planreport

import "github.com/hadeploy/hadeploy/internal/report"

// Formats are the ways to show a plan.
var Formats = []report.Format[Report]{{Name: "text", Write: Text}, {Name: "json", Write: JSON}, {Name: "markdown", Write: Markdown}}
