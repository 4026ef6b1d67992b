package findings

import (
	"fmt"

	"github.com/hadeploy/hadeploy/internal/report/markdown"
	"github.com/hadeploy/hadeploy/internal/report/term"
)

// WriteMarkdown writes findings, errors first, as far as there is room, and
// returns how many were cut.
func WriteMarkdown(p *term.Page, findings []Shared, room int) (cut int) {
	for i, f := range findings {
		if room < 0 {
			p.Line(fmt.Sprintf("- and %d more", len(findings)-i))
			return len(findings) - i
		}
		text := Markdown(f)
		p.Add(text)
		room -= len(text)
	}
	return 0
}

// Markdown is a finding as one text of a list.
func Markdown(f Shared) string {
	p := &term.Page{}
	about := append([]string{}, f.Nodes...)
	if f.Object != "" {
		about = append(about, f.Object)
	}
	head := "- **" + markdown.Text(string(f.Severity)) + "** " + markdown.Code(f.Code)
	if len(about) > 0 {
		head += " " + markdown.Codes(about, 20)
	}
	p.Line(head, ": ", markdown.Text(term.Clip(f.Message, 2*term.MaxValue)))
	for _, d := range [][2]string{{"expected", f.Expected}, {"seen", f.Seen}} {
		if d[1] != "" {
			p.Line("  - ", d[0], " ", markdown.Code(d[1]))
		}
	}
	if f.Fix != "" {
		p.Line("  - do: ", markdown.Text(term.Clip(f.Fix, 2*term.MaxValue)))
	}
	return p.Text()
}
