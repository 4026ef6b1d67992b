package report

import (
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/plan"
)

// sameFinding is a finding that several nodes share.
type sameFinding struct {
	plan.Finding
	nodes []string
}

// foldFindings joins what is the same on several nodes; errors come first.
func foldFindings(findings []plan.Finding) []sameFinding {
	var out []sameFinding
	at := map[plan.Finding]int{}
	for _, f := range findings {
		node := f.Node
		f.Node = ""
		i, ok := at[f]
		if !ok {
			i = len(out)
			at[f] = i
			out = append(out, sameFinding{Finding: f})
		}
		if node != "" && !slices.Contains(out[i].nodes, node) {
			out[i].nodes = append(out[i].nodes, node)
		}
	}
	slices.SortStableFunc(out, func(a, b sameFinding) int { return severityRank(a.Severity) - severityRank(b.Severity) })
	return out
}

func severityRank(s plan.Severity) int {
	return slices.Index([]plan.Severity{plan.Info, plan.Warning, plan.Error}, s) * -1
}

// severityColor is the colour of a severity's word.
func severityColor(s plan.Severity) string {
	return map[plan.Severity]string{plan.Error: red, plan.Warning: yellow}[s]
}

func countSeverity(findings []plan.Finding, s plan.Severity) int {
	n := 0
	for _, f := range findings {
		if f.Severity == s {
			n++
		}
	}
	return n
}

// where names what a finding is about, unless its message begins with that:
// "n1, n2: web-ip: ".
func (f sameFinding) where() string {
	var parts []string
	if len(f.nodes) > 0 && !(len(f.nodes) == 1 && strings.HasPrefix(f.Message, f.nodes[0]+" ")) {
		parts = append(parts, strings.Join(cleaned(f.nodes), ", "))
	}
	if f.Object != "" && !strings.HasPrefix(f.Message, f.Object+" ") {
		parts = append(parts, Clean(f.Object))
	}
	if len(parts) == 0 {
		return ""
	}
	return strings.Join(parts, ": ") + ": "
}

// writeFindings writes each finding: what, then what was declared, seen, and what
// to do.
func writeFindings(p *page, findings []plan.Finding) {
	for _, f := range foldFindings(findings) {
		head := Clean(string(f.Severity))
		tail := " [" + Clean(f.Code) + "] "
		words := strings.Fields(f.where() + Clean(clip(f.Message, 4*maxValue)))
		for i, l := range flow(words, p.width()-cells(head+tail), p.width()-4) {
			if i == 0 {
				p.line(p.paint(severityColor(f.Severity), head), p.paint(bold, tail), l)
			} else {
				p.line("    ", l)
			}
		}
		for _, d := range [][2]string{{"expected  ", f.Expected}, {"seen      ", f.Seen}, {"do        ", f.Fix}} {
			if d[1] == "" {
				continue
			}
			for i, l := range cleanLines(d[1]) {
				head := d[0]
				if i > 0 {
					head = strings.Repeat(" ", len(d[0]))
				}
				p.line("    ", p.paint(dim, head), clip(l, 4*maxValue))
			}
		}
	}
}

// findingLine is a finding in one line, as it is seen.
func findingLine(s Style, f plan.Finding) string {
	same := sameFinding{Finding: f}
	if f.Node != "" {
		same.nodes = []string{f.Node}
	}
	return s.paint(severityColor(f.Severity), Clean(string(f.Severity))) + " [" + Clean(f.Code) + "] " +
		same.where() + Clean(clip(f.Message, 2*maxValue))
}
