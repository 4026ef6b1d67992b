package verifyreport

import (
	"errors"
	"io"

	"github.com/hadeploy/hadeploy/internal/report/failure"
	"github.com/hadeploy/hadeploy/internal/report/findings"
	"github.com/hadeploy/hadeploy/internal/report/markdown"
	"github.com/hadeploy/hadeploy/internal/report/term"
	"github.com/hadeploy/hadeploy/steps"
)

const maxMarkdownList = 6 << 10 // of verify's findings

// Markdown writes a report as a comment.
func Markdown(w io.Writer, _ term.Style, r Report) error {
	out := &term.Page{}
	if r.Err != nil {
		markdownError(out, r)
		return out.To(w)
	}
	switch {
	case r.OK:
		words, rest := r.howDeclared()
		out.Line("### Cluster ", markdown.Code(r.Cluster), " ", words, rest)
	case r.State() == StateUnknown:
		out.Line("### The state of cluster ", markdown.Code(r.Cluster), " is **not known**")
	default:
		out.Line("### Cluster ", markdown.Code(r.Cluster), " is **not** as declared")
	}
	out.Line()
	if c := r.counts(); c != "" {
		out.Line("**", c, "**, after ", term.Duration(r.Took))
	} else {
		out.Line("Verified in ", term.Duration(r.Took))
	}
	if len(r.Findings) > 0 {
		out.Line()
		findings.WriteMarkdown(out, findings.Fold(r.Findings), maxMarkdownList)
		out.Line()
		out.Line("Why it matters and how to mend it: ", markdown.Code("hadeploy verify --explain CODE"))
	}
	if well := r.well(); len(well) > 0 {
		out.Line()
		checks, rest := term.Some(well, 40)
		for _, c := range checks {
			out.Line("- ok: ", markdown.Text(term.Clip(c, term.MaxValue)))
		}
		if rest != "" {
			out.Line("-", rest)
		}
	}
	for i, u := range r.unasked() {
		if i == 0 {
			out.Line()
		}
		out.Line("- not asked: ", markdown.Codes(u.names, 40), " (", markdown.Text(term.Clip(u.reason, term.MaxValue)), ")")
	}
	return out.To(w)
}

// markdownError writes that there is no verdict, and why.
func markdownError(out *term.Page, r Report) {
	what := "The state of the cluster"
	if r.Cluster != "" {
		what = "The state of cluster " + markdown.Code(r.Cluster)
	}
	if errors.Is(r.Err, steps.ErrInterrupted) {
		out.Line("### ", what, " is **not known**: the run was interrupted")
	} else {
		out.Line("### ", what, " is **not known**")
	}
	out.Line()
	lines, _ := failure.Lines(r.Err, term.NoTermWidth)
	for _, l := range lines {
		out.Line("- ", markdown.Code(l))
	}
}
