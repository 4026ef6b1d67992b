package agentreport

import "github.com/hadeploy/hadeploy/internal/report"

// ListFormats are the ways to show a list.
var ListFormats = []report.Format[List]{{Name: "text", Write: ListText}, {Name: "json", Write: ListJSON}}

// DescriptionFormats are the ways to show a description.
var DescriptionFormats = []report.Format[Description]{{Name: "text", Write: DescriptionText}, {Name: "json", Write: DescriptionJSON}}
