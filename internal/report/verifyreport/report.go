// Package verifyreport shows what verify found: as text, as one line for
// monitoring, and as JSON, JUnit XML and Markdown; and that there is no verdict,
// where there is none. It explains findings too.
package verifyreport

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/plural"
	"github.com/hadeploy/hadeploy/internal/report/findings"
	"github.com/hadeploy/hadeploy/internal/report/term"
)

// Report is the answer to "does the cluster do what the file says?".
type Report struct {
	Cluster  string         `json:"cluster"`
	OK       bool           `json:"ok"` // no finding is an error
	Checks   []plan.Check   `json:"checks"`
	Findings []plan.Finding `json:"findings"` // of all checks
	Took     time.Duration  `json:"took_ns"`
	// Err is why there is no verdict, in place of checks and findings; nil: there
	// is one. File is then what names the run while the cluster is not known.
	Err  error  `json:"-"`
	File string `json:"-"`
	// compared says that the configuration was compared with the file in the
	// same run, as apply does; a check of its own says it of verify --plan.
	compared bool
}

// configuration is the check that compares options, of verify --plan.
const configuration = "configuration"

// uncompared are the codes of what could not be compared.
var uncompared = []string{"SECRET_MISSING", "CIB_NOT_COMPARED"}

// howDeclared says of a sound cluster how much of the file that covers, and
// who knows the rest.
func (r Report) howDeclared() (words, rest string) {
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

// verdict is one line; it claims nothing that the report does not hold.
func (r Report) verdict() string {
	switch {
	case r.OK:
		words, _ := r.howDeclared()
		return fmt.Sprintf("cluster %s %s", term.Clean(r.Cluster), words)
	case r.State() == StateUnknown:
		return fmt.Sprintf("the state of cluster %s is not known", term.Clean(r.Cluster))
	}
	return fmt.Sprintf("cluster %s is not as declared", term.Clean(r.Cluster))
}

// AfterApply is the report at the end of an apply, whose plan compared all and
// has shown its findings on the same screen.
func (r Report) AfterApply(shown []plan.Finding) Report {
	r.Findings, r.compared = Untold(r.Findings, shown), true
	return r
}

// Untold are the findings that are not among those shown.
func Untold(all, shown []plan.Finding) []plan.Finding {
	return slices.DeleteFunc(slices.Clone(all), func(f plan.Finding) bool { return slices.Contains(shown, f) })
}

// well are the checks that passed, in their words: "3 nodes online".
func (r Report) well() (out []string) {
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

func (r Report) unasked() (out []unasked) {
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

func (r Report) counts() string {
	var parts []string
	for _, s := range []plan.Severity{plan.Error, plan.Warning} {
		if n := findings.Count(r.Findings, s); n > 0 {
			parts = append(parts, plural.Of(n, string(s)))
		}
	}
	return strings.Join(parts, ", ")
}

// unread are the codes of a node that told nothing. They say nothing of the
// cluster either, unless another node told something.
var unread = []string{"STATUS_UNKNOWN", "NODE_UNREACHABLE"}

// State judges a report. It is unknown when no node told anything, or there is no
// verdict.
func (r Report) State() State {
	if r.Err != nil {
		return StateUnknown
	}
	if r.OK {
		if findings.Count(r.Findings, plan.Warning) > 0 {
			return StateWarning
		}
		return StateOK
	}
	more := slices.ContainsFunc(r.Checks, func(c plan.Check) bool { return c.Name != "readable" && c.Skipped == "" })
	known := slices.ContainsFunc(r.Findings, func(f plan.Finding) bool {
		return f.Severity == plan.Error && !slices.Contains(unread, f.Code)
	})
	if !more && !known {
		return StateUnknown
	}
	return StateCritical
}

// readable is the check that comes first: whether the cluster tells its state.
const readable = "readable"
