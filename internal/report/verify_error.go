package report

import (
	"errors"
	"io"
	"strings"
	"time"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/steps"
)

// VerifyJSONError writes the document of VerifyJSON for a run without a verdict:
// no check, and error says why; interrupted that the user asked to stop.
func VerifyJSONError(w io.Writer, cluster string, err error, took time.Duration) error {
	lines, _ := errorLines(err, noTermWidth)
	return writeJSON(w, struct {
		Version int `json:"version"`
		VerifyReport
		Error       string `json:"error"`
		Interrupted bool   `json:"interrupted,omitempty"`
	}{1, VerifyReport{Cluster: cluster, Checks: []plan.Check{}, Findings: []plan.Finding{}, Took: took},
		strings.Join(lines, "\n"), errors.Is(err, steps.ErrInterrupted)}, "  ")
}

// VerifyMarkdownError writes that there is no verdict, and why.
func VerifyMarkdownError(w io.Writer, cluster string, err error) error {
	out := &page{}
	what := "The state of the cluster"
	if cluster != "" {
		what = "The state of cluster " + mdCode(cluster)
	}
	if errors.Is(err, steps.ErrInterrupted) {
		out.line("### ", what, " is **not known**: the run was interrupted")
	} else {
		out.line("### ", what, " is **not known**")
	}
	out.line()
	lines, _ := errorLines(err, noTermWidth)
	for _, l := range lines {
		out.line("- ", mdCode(l))
	}
	return out.to(w)
}
