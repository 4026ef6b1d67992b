package verifyreport

import (
	"io"
	"strings"

	"github.com/hadeploy/hadeploy/internal/finding"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/report/findings"
	"github.com/hadeploy/hadeploy/internal/report/term"
)

// Explain writes what the catalogue says of a code, set to the style's width.
func Explain(w io.Writer, s term.Style, e finding.Entry) error {
	out := &term.Page{Style: s}
	severity := plan.Severity(strings.FieldsFunc(e.Severity, func(r rune) bool { return r == ' ' || r == ';' })[0])
	if term.Cells(e.Code)+term.Cells(e.Severity)+2 <= out.Columns() {
		out.Line(out.Paint(term.Bold, e.Code), ", ", out.Paint(findings.Color(severity), e.Severity))
	} else {
		flowing(out, e.Code+", "+e.Severity, "")
	}
	flowing(out, plainText(e.Meaning), "")
	for i, p := range e.Paragraphs() {
		commands := strings.HasPrefix(p[0], "  ")
		if i == 0 || !commands { // commands stand close to what they are for
			out.Line()
		}
		if commands {
			for _, l := range p {
				out.Line(l)
			}
			continue
		}
		flowing(out, strings.Join(p, " "), ":")
	}
	return out.To(w)
}

// ExplainList writes all codes with what each means.
func ExplainList(w io.Writer, s term.Style, all []finding.Entry) error {
	out := &term.Page{Style: s}
	wide := 0
	for _, e := range all {
		wide = max(wide, len(e.Code))
	}
	group := ""
	for i, e := range all {
		if e.Group != group {
			if i > 0 {
				out.Line()
			}
			group = e.Group
			out.Line(out.Paint(term.Bold, group))
		}
		out.Line("  ", term.Pad(e.Code, wide), "  ", term.Fit(inShort(e.Meaning), max(20, out.Columns()-wide-4)))
	}
	return out.To(w)
}

// flowing writes a paragraph; up to the sign after its first words it is bold.
func flowing(p *term.Page, text, sign string) {
	for i, l := range term.Flow(strings.Fields(text), p.Columns(), p.Columns()) {
		if at := strings.Index(l, ":"); sign != "" && i == 0 && at > 0 && at < 40 {
			l = p.Paint(term.Bold, l[:at+1]) + l[at+1:]
		}
		p.Line(l)
	}
}

// inShort is a phrase of the catalogue without its explanation.
func inShort(phrase string) string {
	text := plainText(phrase)
	for _, sign := range []string{"; ", ": ", ", and ", ", because "} {
		if at := strings.Index(text, sign); at > 20 {
			text = text[:at]
		}
	}
	return text
}

// plainText is a phrase of the catalogue without its Markdown.
func plainText(phrase string) string { return strings.ReplaceAll(phrase, "`", "") }
