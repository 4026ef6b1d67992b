package report

import (
	"io"
	"strings"
)

// page collects the lines of a text; every line passes guard.
type page struct {
	Style
	b strings.Builder
}

func (p *page) line(parts ...string) {
	p.b.WriteString(guard(strings.TrimRight(strings.Join(parts, ""), " ")))
	p.b.WriteByte('\n')
}

func (p *page) to(w io.Writer) error {
	_, err := io.WriteString(w, p.b.String())
	return err
}

// add appends lines that are finished.
func (p *page) add(lines string) { p.b.WriteString(lines) }

// text is all that was written.
func (p *page) text() string { return p.b.String() }

// size is how many bytes were written.
func (p *page) size() int { return p.b.Len() }

// words sets a list behind a head and keeps its indent.
func (p *page) words(head string, words []string, commas bool) {
	if commas {
		words = listed(words)
	}
	room := max(20, p.width()-cells(head))
	for i, l := range flow(words, room, room) {
		if i == 1 {
			head = strings.Repeat(" ", cells(head))
		}
		p.line(head, l)
	}
}

// flowed sets a text into lines; sign, "" or "! ", stands before the first.
func (p *page) flowed(sign, text string) { p.flowedWords(sign, strings.Fields(text)) }

// flowedWords is flowed for words that may hold spaces.
func (p *page) flowedWords(sign string, words []string) {
	for i, l := range flow(words, p.width()-cells(sign), p.width()-2) {
		if i > 0 {
			p.line("  ", l)
		} else {
			p.line(p.paint(red, strings.TrimSpace(sign)), strings.Repeat(" ", min(1, len(sign))), l)
		}
	}
}

// under sets a text into lines that begin in a column.
func (p *page) under(column int, text string) {
	for _, l := range flow(strings.Fields(text), p.width()-column, p.width()-column) {
		p.line(strings.Repeat(" ", column), l)
	}
}
