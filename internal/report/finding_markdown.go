package report

import "fmt"

// markdownFindings writes findings, errors first, as far as there is room, and
// returns how many were cut.
func markdownFindings(p *page, findings []sameFinding, room int) (cut int) {
	for i, f := range findings {
		if room < 0 {
			p.line(fmt.Sprintf("- and %d more", len(findings)-i))
			return len(findings) - i
		}
		text := markdownFinding(f)
		p.add(text)
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
	return p.text()
}
