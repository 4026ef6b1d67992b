package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/plural"
)

// VerifyReport is the answer to "does the cluster do what the file says?".
type VerifyReport struct {
	Cluster  string         `json:"cluster"`
	OK       bool           `json:"ok"` // no finding is an error
	Checks   []plan.Check   `json:"checks"`
	Findings []plan.Finding `json:"findings"` // of all checks
	Took     time.Duration  `json:"took_ns"`
	// compared says that the configuration was compared with the file in the
	// same run, as apply does; a check of its own says it of verify --plan.
	compared bool
}

// verdict is one line; it claims nothing that the report does not hold.
func (r VerifyReport) verdict() string {
	switch {
	case r.OK:
		words, _ := r.howDeclared()
		return fmt.Sprintf("cluster %s %s", Clean(r.Cluster), words)
	case r.State() == StateUnknown:
		return fmt.Sprintf("the state of cluster %s is not known", Clean(r.Cluster))
	}
	return fmt.Sprintf("cluster %s is not as declared", Clean(r.Cluster))
}

// howDeclared says of a sound cluster how much of the file that covers, and
// who knows the rest.
func (r VerifyReport) howDeclared() (words, rest string) {
	if r.compared {
		return "is as declared", ""
	}
	for _, c := range r.Checks {
		if c.Name != configuration || c.Skipped != "" {
			continue
		}
		if slices.ContainsFunc(c.Findings, func(f plan.Finding) bool { return slices.Contains(uncompared, f.Code) }) {
			return "is as declared, as far as it could be compared", ""
		}
		return "is as declared", ""
	}
	return "runs as declared", "; options are compared by plan"
}

// configuration is the check that compares options, of verify --plan.
const configuration = "configuration"

// uncompared are the codes of what could not be compared.
var uncompared = []string{"SECRET_MISSING", "CIB_NOT_COMPARED"}

// AfterApply is the report at the end of an apply, whose plan compared all and
// has shown its findings on the same screen.
func (r VerifyReport) AfterApply(shown []plan.Finding) VerifyReport {
	r.Findings, r.compared = Untold(r.Findings, shown), true
	return r
}

// Untold are the findings that are not among those shown.
func Untold(all, shown []plan.Finding) []plan.Finding {
	return slices.DeleteFunc(slices.Clone(all), func(f plan.Finding) bool { return slices.Contains(shown, f) })
}

// well are the checks that passed, in their words: "3 nodes online".
func (r VerifyReport) well() (out []string) {
	for _, c := range r.Checks {
		if c.Passed && c.Seen != "" {
			out = append(out, c.Seen)
		}
	}
	return out
}

// unasked are checks that were skipped for one reason.
type unasked struct {
	names  []string
	reason string
}

func (r VerifyReport) unasked() (out []unasked) {
	for _, c := range r.Checks {
		if c.Skipped == "" {
			continue
		}
		at := slices.IndexFunc(out, func(u unasked) bool { return u.reason == c.Skipped })
		if at < 0 {
			at = len(out)
			out = append(out, unasked{reason: c.Skipped})
		}
		out[at].names = append(out[at].names, c.Name)
	}
	return out
}

func (r VerifyReport) counts() string {
	var parts []string
	for _, s := range []plan.Severity{plan.Error, plan.Warning} {
		if n := countSeverity(r.Findings, s); n > 0 {
			parts = append(parts, plural.Of(n, string(s)))
		}
	}
	return strings.Join(parts, ", ")
}

// VerifyText writes a report for people: findings first, then what is well,
// then the verdict.
func VerifyText(w io.Writer, s Style, r VerifyReport) error {
	out := &page{Style: s}
	if len(r.Findings) > 0 {
		writeFindings(out, r.Findings)
		out.line(out.paint(dim, "Why it matters and how to mend it: hadeploy verify --explain CODE"))
		out.line()
	}
	if well := r.well(); len(well) > 0 {
		color := green
		if !r.OK {
			color = ""
		}
		for i, l := range flow(listed(cleaned(well)), out.width()-4, out.width()-4) {
			head := out.paint(color, "ok: ")
			if i > 0 {
				head = "    "
			}
			out.line(head, l)
		}
	}
	for _, u := range r.unasked() {
		words := append(listed(cleaned(u.names)), strings.Fields("("+Clean(clip(u.reason, maxValue))+")")...)
		for i, l := range flow(append([]string{"not asked:"}, words...), out.width(), out.width()-4) {
			if i > 0 {
				l = "    " + l
			}
			out.line(l)
		}
	}
	verdict := r.verdict()
	if c := r.counts(); c != "" {
		verdict += ": " + c
	}
	if _, rest := r.howDeclared(); r.OK {
		verdict += rest
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
	r.Checks = append([]plan.Check{}, r.Checks...)
	for i, c := range r.Checks {
		r.Checks[i].Findings = append([]plan.Finding{}, c.Findings...)
	}
	r.Findings = append([]plan.Finding{}, r.Findings...)
	return writeJSON(w, struct {
		Version int `json:"version"`
		VerifyReport
	}{1, r}, "  ")
}
