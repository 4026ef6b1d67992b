package report

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/hadeploy/hadeploy/internal/plan"
)

// VerifyReport is the answer to "does the cluster do what the file says?".
type VerifyReport struct {
	Cluster string `json:"cluster"`
	OK      bool   `json:"ok"`
	// Checks are what was looked at and found as declared: "3 nodes online",
	// "quorum", "DC n1", "9 resources in their roles".
	Checks   []string       `json:"checks"`
	Findings []plan.Finding `json:"findings"`
	Took     time.Duration  `json:"took_ns"`
}

// verdict is one line; it claims nothing that the report does not hold.
func (r VerifyReport) verdict() string {
	if r.OK {
		return fmt.Sprintf("cluster %s is as declared", Clean(r.Cluster))
	}
	return fmt.Sprintf("cluster %s is not as declared", Clean(r.Cluster))
}

func (r VerifyReport) counts() string {
	var parts []string
	for _, s := range []plan.Severity{plan.Error, plan.Warning} {
		if n := countSeverity(r.Findings, s); n > 0 {
			parts = append(parts, count(n, string(s)))
		}
	}
	return strings.Join(parts, ", ")
}

// VerifyText writes a report for people: findings first, then what is well,
// then the verdict.
func VerifyText(w io.Writer, s Style, r VerifyReport) error {
	out := &page{Style: s}
	if len(r.Findings) > 0 {
		out.findings(r.Findings)
		out.line()
	}
	if len(r.Checks) > 0 {
		color := green
		if !r.OK {
			color = ""
		}
		for i, l := range flow(listed(cleaned(r.Checks)), out.width()-4, out.width()-4) {
			head := out.paint(color, "ok: ")
			if i > 0 {
				head = "    "
			}
			out.line(head, l)
		}
	}
	verdict := r.verdict()
	if c := r.counts(); c != "" {
		verdict += ": " + c
	}
	color := bold
	if !r.OK {
		color = red
	}
	out.line(out.paint(color, strings.ToUpper(verdict[:1])+verdict[1:]+" ("+duration(r.Took)+")."))
	return out.to(w)
}

// VerifyJSON writes a report as one JSON document.
func VerifyJSON(w io.Writer, r VerifyReport) error {
	r.Checks = append([]string{}, r.Checks...)
	r.Findings = append([]plan.Finding{}, r.Findings...)
	return writeJSON(w, struct {
		Version int `json:"version"`
		VerifyReport
	}{1, r}, "  ")
}
