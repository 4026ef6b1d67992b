package planreport

import (
	"github.com/hadeploy/hadeploy/internal/plural"
	"github.com/hadeploy/hadeploy/internal/report/term"
)

// maxName is how much of a name is shown where many stand together.
const maxName = 100

// What no part of a comment takes more of than this, in bytes, so that others
// are seen too.
const (
	maxAlert    = 10 << 10 // what is interrupted and deleted
	maxWarnings = 14 << 10
	maxFolded   = 6 << 10 // left alone, Pacemaker's actions, information
)

// room is what is left of a comment, and what had to be cut.
type room struct {
	left int
	cut  []string
}

// take says whether there is room for a text, and takes it.
func (r *room) take(text string) bool {
	if len(text) > r.left {
		return false
	}
	r.left -= len(text)
	return true
}

func (r *room) lost(n int, one, words string) {
	if n > 0 {
		r.cut = append(r.cut, plural.Of(n, one)+" "+words)
	}
}

// fill writes a part of a comment: a beginning, as many of its lines as there
// is room for within a limit, and an end; nothing when there is no room for a
// single one. It returns how many lines were written.
func (r *room) fill(p *term.Page, limit int, begin string, lines []string, end string) int {
	if len(lines) == 0 || !r.take(begin+end+lines[0]) {
		return 0
	}
	p.Add(begin + lines[0])
	n := 1
	for n < len(lines) && p.Size()+len(lines[n]) <= limit && r.take(lines[n]) {
		p.Add(lines[n])
		n++
	}
	p.Add(end)
	return n
}

// ln is a finished line of its own.
func ln(parts ...string) string {
	p := &term.Page{}
	p.Line(parts...)
	return p.Text()
}

func clipped(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = term.Clip(n, maxName)
	}
	return out
}
