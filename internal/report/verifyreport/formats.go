package verifyreport

import "github.com/hadeploy/hadeploy/internal/report"

// Formats are the ways to show a report. Each but text says in its own way that
// there is no verdict.
var Formats = []report.Format[Report]{{Name: "text", Write: Text}, {Name: "json", Write: JSON}, {Name: "junit", Write: JUnit}, {Name: "markdown", Write: Markdown}}
