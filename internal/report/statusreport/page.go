package statusreport

import (
	"strings"

	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/report/term"
)

// textPage writes one report.
type textPage struct {
	term.Page
	Report
	view *View
	st   *pcs.Status
	sets setIndex
}

// paint colours each word for itself, for the text is set into lines after.
func (p *textPage) paint(sgr, text string) string {
	if !p.Color {
		return text
	}
	words := strings.Split(text, " ")
	for i, w := range words {
		words[i] = p.Paint(sgr, w)
	}
	return strings.Join(words, " ")
}

// title begins a section.
func (p *textPage) title(words string) {
	p.Line()
	p.Line(p.paint(term.Bold, words))
}

// item is a line of a section; what does not fit goes on below, further in.
// Its text is clean already.
func (p *textPage) item(bad bool, text string) {
	for i, l := range term.Flow(strings.Fields(text), p.Columns()-2, p.Columns()-4) {
		switch {
		case i > 0:
			p.Line("    ", l)
		case bad:
			p.Line(p.paint(term.Red, "!"), " ", l)
		default:
			p.Line("  ", l)
		}
	}
}

// row sets a name, what is said of it, and, behind the column that has state
// cells, what it is: that goes below when the line is full. All are clean.
func (p *textPage) row(bad bool, name, text, what string, state int) {
	sign := "  "
	if bad {
		sign = p.paint(term.Red, "!") + " "
	}
	indent := term.Cells(name) + 4
	room := p.Columns() - indent
	if room < 24 { // a very long name has a line of its own
		p.Line(sign, name)
		sign, name, indent = "  ", "", 6
		room = p.Columns() - indent
	}
	lines := term.Flow(strings.Fields(text), room, room)
	last := lines[len(lines)-1]
	if what != "" {
		if beside := term.Pad(last, state); term.Cells(beside)+2+term.Cells(what) <= room {
			lines[len(lines)-1] = beside + "  " + p.paint(term.Dim, what)
		} else {
			for _, l := range term.Flow(strings.Fields(what), room-2, room-2) {
				lines = append(lines, "  "+p.paint(term.Dim, l))
			}
		}
	}
	for i, l := range lines {
		if i == 0 {
			p.Line(sign, term.Pad(name, indent-4), "  ", l)
		} else {
			p.Line(strings.Repeat(" ", indent), l)
		}
	}
}
