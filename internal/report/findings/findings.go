// Package findings puts what preflight and verify have found in words, for a
// terminal and for a comment: what several nodes share is told once.
package findings

import (
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/report/term"
)

// Shared is a finding that several nodes share.
type Shared struct {
	plan.Finding
	Nodes []string
}

// Fold joins what is the same on several nodes; errors come first.
func Fold(findings []plan.Finding) []Shared {
	var out []Shared
	at := map[plan.Finding]int{}
	for _, f := range findings {
		node := f.Node
		f.Node = ""
		i, ok := at[f]
		if !ok {
			i = len(out)
			at[f] = i
			out = append(out, Shared{Finding: f})
		}
		if node != "" && !slices.Contains(out[i].Nodes, node) {
			out[i].Nodes = append(out[i].Nodes, node)
		}
	}
	slices.SortStableFunc(out, func(a, b Shared) int { return severityRank(a.Severity) - severityRank(b.Severity) })
	return out
}

func severityRank(s plan.Severity) int {
	return slices.Index([]plan.Severity{plan.Info, plan.Warning, plan.Error}, s) * -1
}

// Color is the colour of a severity's word.
func Color(s plan.Severity) string {
	return map[plan.Severity]string{plan.Error: term.Red, plan.Warning: term.Yellow}[s]
}

// Count is how many findings have a severity.
func Count(findings []plan.Finding, s plan.Severity) int {
	n := 0
	for _, f := range findings {
		if f.Severity == s {
			n++
		}
	}
	return n
}

// Where names what a finding is about, unless its message begins with that:
// "n1, n2: web-ip: ".
func (f Shared) Where() string {
	var parts []string
	if len(f.Nodes) > 0 && !(len(f.Nodes) == 1 && strings.HasPrefix(f.Message, f.Nodes[0]+" ")) {
		parts = append(parts, strings.Join(term.Cleaned(f.Nodes), ", "))
	}
	if f.Object != "" && !strings.HasPrefix(f.Message, f.Object+" ") {
		parts = append(parts, term.Clean(f.Object))
	}
	if len(parts) == 0 {
		return ""
	}
	return strings.Join(parts, ": ") + ": "
}

// Write writes each finding: what, then what was declared, seen, and what
// to do.
func Write(p *term.Page, findings []plan.Finding) {
	for _, f := range Fold(findings) {
		head := term.Clean(string(f.Severity))
		tail := " [" + term.Clean(f.Code) + "] "
		words := strings.Fields(f.Where() + term.Clean(term.Clip(f.Message, 4*term.MaxValue)))
		for i, l := range term.Flow(words, p.Columns()-term.Cells(head+tail), p.Columns()-4) {
			if i == 0 {
				p.Line(p.Paint(Color(f.Severity), head), p.Paint(term.Bold, tail), l)
			} else {
				p.Line("    ", l)
			}
		}
		for _, d := range [][2]string{{"expected  ", f.Expected}, {"seen      ", f.Seen}, {"do        ", f.Fix}} {
			if d[1] == "" {
				continue
			}
			for i, l := range term.CleanLines(d[1]) {
				head := d[0]
				if i > 0 {
					head = strings.Repeat(" ", len(d[0]))
				}
				p.Line("    ", p.Paint(term.Dim, head), term.Clip(l, 4*term.MaxValue))
			}
		}
	}
}

// Line is a finding in one line, as it is seen.
func Line(s term.Style, f plan.Finding) string {
	same := Shared{Finding: f}
	if f.Node != "" {
		same.Nodes = []string{f.Node}
	}
	return s.Paint(Color(f.Severity), term.Clean(string(f.Severity))) + " [" + term.Clean(f.Code) + "] " +
		same.Where() + term.Clean(term.Clip(f.Message, 2*term.MaxValue))
}
