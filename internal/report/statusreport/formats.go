package statusreport

import "github.com/hadeploy/hadeploy/internal/report"

// Formats are the ways to show a status.
var Formats = []report.Format[Report]{{Name: "text", Write: Text}, {Name: "json", Write: JSON, Note: " (with --watch: one document a line)"}}
