package report

import (
	"fmt"
	"io"
)

// maxMarkdown is the size of a comment in bytes, and so at most in characters:
// GitHub takes 65536 of these.
const maxMarkdown = 60 << 10

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
		out.markdownFindings(foldFindings(r.Findings), maxMarkdownList)
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

// markdownFindings writes findings, errors first, as far as there is room, and
// returns how many were cut.
func (p *page) markdownFindings(findings []sameFinding, room int) (cut int) {
	for i, f := range findings {
		if room < 0 {
			p.line(fmt.Sprintf("- and %d more", len(findings)-i))
			return len(findings) - i
		}
		text := markdownFinding(f)
		p.b.WriteString(text)
		room -= len(text)
	}
	return 0
}

func markdownFinding(f sameFinding) string {
	p := &page{}
	about := append([]string{}, f.nodes...)
	if f.Object != "" {
		about = append(about, f.Object)
	}
	head := "- **" + mdText(string(f.Severity)) + "** " + mdCode(f.Code)
	if len(about) > 0 {
		head += " " + mdCodes(about, 20)
	}
	p.line(head, ": ", mdText(clip(f.Message, 2*maxValue)))
	for _, d := range [][2]string{{"expected", f.Expected}, {"seen", f.Seen}} {
		if d[1] != "" {
			p.line("  - ", d[0], " ", mdCode(d[1]))
		}
	}
	if f.Fix != "" {
		p.line("  - do: ", mdText(clip(f.Fix, 2*maxValue)))
	}
	return p.b.String()
}
