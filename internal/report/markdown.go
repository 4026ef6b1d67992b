package report

import (
	"io"
)

const maxMarkdownList = 6 << 10 // of verify's findings

// VerifyMarkdown writes a report as a comment.
func VerifyMarkdown(w io.Writer, r VerifyReport) error {
	out := &page{}
	switch {
	case r.OK:
		words, rest := r.howDeclared()
		out.line("### Cluster ", mdCode(r.Cluster), " ", words, rest)
	case r.State() == StateUnknown:
		out.line("### The state of cluster ", mdCode(r.Cluster), " is **not known**")
	default:
		out.line("### Cluster ", mdCode(r.Cluster), " is **not** as declared")
	}
	out.line()
	if c := r.counts(); c != "" {
		out.line("**", c, "**, after ", duration(r.Took))
	} else {
		out.line("Verified in ", duration(r.Took))
	}
	if len(r.Findings) > 0 {
		out.line()
		markdownFindings(out, foldFindings(r.Findings), maxMarkdownList)
		out.line()
		out.line("Why it matters and how to mend it: ", mdCode("hadeploy verify --explain CODE"))
	}
	if well := r.well(); len(well) > 0 {
		out.line()
		checks, rest := some(well, 40)
		for _, c := range checks {
			out.line("- ok: ", mdText(clip(c, maxValue)))
		}
		if rest != "" {
			out.line("-", rest)
		}
	}
	for i, u := range r.unasked() {
		if i == 0 {
			out.line()
		}
		out.line("- not asked: ", mdCodes(u.names, 40), " (", mdText(clip(u.reason, maxValue)), ")")
	}
	return out.to(w)
}
