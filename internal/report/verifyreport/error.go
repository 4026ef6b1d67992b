package verifyreport

import (
	"errors"
	"io"
	"strings"
	"time"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/report/failure"
	"github.com/hadeploy/hadeploy/internal/report/markdown"
	"github.com/hadeploy/hadeploy/internal/report/term"
	"github.com/hadeploy/hadeploy/steps"
)

// JSONError writes the document of JSON for a run without a verdict:
// no check, and error says why; interrupted that the user asked to stop.
func JSONError(w io.Writer, cluster string, err error, took time.Duration) error {
	lines, _ := failure.Lines(err, term.NoTermWidth)
	return term.JSON(w, struct {
		Version int `json:"version"`
		Report
		Error       string `json:"error"`
		Interrupted bool   `json:"interrupted,omitempty"`
	}{1, Report{Cluster: cluster, Checks: []plan.Check{}, Findings: []plan.Finding{}, Took: took},
		strings.Join(lines, "\n"), errors.Is(err, steps.ErrInterrupted)}, "  ")
}

// MarkdownError writes that there is no verdict, and why.
func MarkdownError(w io.Writer, cluster string, err error) error {
	out := &term.Page{}
	what := "The state of the cluster"
	if cluster != "" {
		what = "The state of cluster " + markdown.Code(cluster)
	}
	if errors.Is(err, steps.ErrInterrupted) {
		out.Line("### ", what, " is **not known**: the run was interrupted")
	} else {
		out.Line("### ", what, " is **not known**")
	}
	out.Line()
	lines, _ := failure.Lines(err, term.NoTermWidth)
	for _, l := range lines {
		out.Line("- ", markdown.Code(l))
	}
	return out.To(w)
}
