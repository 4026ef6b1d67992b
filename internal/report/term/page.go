package term

import (
	"io"
	"strings"
)

// Page collects the lines of a text; every line passes Guard.
type Page struct {
	Style
	b strings.Builder
}

// Line writes a line of these parts.
func (p *Page) Line(parts ...string) {
	p.b.WriteString(Guard(strings.TrimRight(strings.Join(parts, ""), " ")))
	p.b.WriteByte('\n')
}

// To writes all lines.
func (p *Page) To(w io.Writer) error {
	_, err := io.WriteString(w, p.b.String())
	return err
}

// Add appends lines that are finished.
func (p *Page) Add(lines string) { p.b.WriteString(lines) }

// Text is all that was written.
func (p *Page) Text() string { return p.b.String() }

// Size is how many bytes were written.
func (p *Page) Size() int { return p.b.Len() }

// Words sets a list behind a head and keeps its indent.
func (p *Page) Words(head string, words []string, commas bool) {
	if commas {
		words = Listed(words)
	}
	room := max(20, p.Columns()-Cells(head))
	for i, l := range Flow(words, room, room) {
		if i == 1 {
			head = strings.Repeat(" ", Cells(head))
		}
		p.Line(head, l)
	}
}

// Flowed sets a text into lines; sign, "" or "! ", stands before the first.
func (p *Page) Flowed(sign, text string) { p.FlowedWords(sign, strings.Fields(text)) }

// FlowedWords is Flowed for words that may hold spaces.
func (p *Page) FlowedWords(sign string, words []string) {
	for i, l := range Flow(words, p.Columns()-Cells(sign), p.Columns()-2) {
		if i > 0 {
			p.Line("  ", l)
		} else {
			p.Line(p.Paint(Red, strings.TrimSpace(sign)), strings.Repeat(" ", min(1, len(sign))), l)
		}
	}
}

// Under sets a text into lines that begin in a column.
func (p *Page) Under(column int, text string) {
	for _, l := range Flow(strings.Fields(text), p.Columns()-column, p.Columns()-column) {
		p.Line(strings.Repeat(" ", column), l)
	}
}
