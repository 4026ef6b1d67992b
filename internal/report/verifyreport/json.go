package verifyreport

import (
	"errors"
	"io"
	"strings"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/report/failure"
	"github.com/hadeploy/hadeploy/internal/report/term"
	"github.com/hadeploy/hadeploy/steps"
)

// JSON writes a report as one JSON document. Of a run without a verdict it has
// no check, and error says why; interrupted that the user asked to stop.
func JSON(w io.Writer, _ term.Style, r Report) error {
	r.Checks = append([]plan.Check{}, r.Checks...)
	for i, c := range r.Checks {
		r.Checks[i].Findings = append([]plan.Finding{}, c.Findings...)
	}
	r.Findings = append([]plan.Finding{}, r.Findings...)
	doc := struct {
		Version int `json:"version"`
		Report
		Error       string `json:"error,omitempty"`
		Interrupted bool   `json:"interrupted,omitempty"`
	}{Version: 1, Report: r}
	if r.Err != nil {
		lines, _ := failure.Lines(r.Err, term.NoTermWidth)
		doc.Error, doc.Interrupted = strings.Join(lines, "\n"), errors.Is(r.Err, steps.ErrInterrupted)
	}
	return term.JSON(w, doc, "  ")
}
