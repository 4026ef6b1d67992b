package report

import (
	"io"
	"strings"

	"github.com/hadeploy/hadeploy/internal/finding"
	"github.com/hadeploy/hadeploy/internal/plan"
)

// Explain writes what the catalogue says of a code, set to the style's width.
func Explain(w io.Writer, s Style, e finding.Entry) error {
	out := &page{Style: s}
	severity := plan.Severity(strings.FieldsFunc(e.Severity, func(r rune) bool { return r == ' ' || r == ';' })[0])
	if cells(e.Code)+cells(e.Severity)+2 <= out.width() {
		out.line(out.paint(bold, e.Code), ", ", out.paint(severityColor(severity), e.Severity))
	} else {
		flowing(out, e.Code+", "+e.Severity, "")
	}
	flowing(out, plainText(e.Meaning), "")
	for i, p := range e.Paragraphs() {
		commands := strings.HasPrefix(p[0], "  ")
		if i == 0 || !commands { // commands stand close to what they are for
			out.line()
		}
		if commands {
			for _, l := range p {
				out.line(l)
			}
			continue
		}
		flowing(out, strings.Join(p, " "), ":")
	}
	return out.to(w)
}

// ExplainList writes all codes with what each means.
func ExplainList(w io.Writer, s Style, all []finding.Entry) error {
	out := &page{Style: s}
	wide := 0
	for _, e := range all {
		wide = max(wide, len(e.Code))
	}
	group := ""
	for i, e := range all {
		if e.Group != group {
			if i > 0 {
				out.line()
			}
			group = e.Group
			out.line(out.paint(bold, group))
		}
		out.line("  ", pad(e.Code, wide), "  ", fit(inShort(e.Meaning), max(20, out.width()-wide-4)))
	}
	return out.to(w)
}

// flowing writes a paragraph; up to the sign after its first words it is bold.
func flowing(p *page, text, sign string) {
	for i, l := range flow(strings.Fields(text), p.width(), p.width()) {
		if at := strings.Index(l, ":"); sign != "" && i == 0 && at > 0 && at < 40 {
			l = p.paint(bold, l[:at+1]) + l[at+1:]
		}
		p.line(l)
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
