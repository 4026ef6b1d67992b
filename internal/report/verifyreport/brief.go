package verifyreport

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/report/failure"
	"github.com/hadeploy/hadeploy/internal/report/findings"
	"github.com/hadeploy/hadeploy/internal/report/term"
)

// What a monitoring system and its pager can show of a line.
const (
	maxBrief        = 200
	maxBriefMessage = 130
	maxBriefName    = 40
	maxBriefCodes   = 4
)

// inBrief are the checks that tell best that all is well.
var inBrief = []string{"members", "partition", "resources", configuration}

// Brief writes a report as one line: its state, the cluster, the first
// of what is wrong, how many more there are, and their codes.
func Brief(w io.Writer, _ term.Style, r Report) error {
	if r.Err != nil {
		return briefError(w, r)
	}
	state := r.State()
	head := fmt.Sprintf("%s - cluster %s: ", state, term.Fit(term.Clean(r.Cluster), maxBriefName))
	severity := plan.Error
	switch state {
	case StateOK:
		return briefLine(w, head+strings.Join(term.Cleaned(r.essential()), ", "), "")
	case StateWarning:
		severity = plan.Warning
	case StateCritical, StateUnknown:
	}
	all := findings.Fold(r.Findings)
	all = slices.DeleteFunc(all, func(f findings.Shared) bool { return f.Severity != severity })
	if len(all) == 0 { // not ok, and nothing says why
		return briefLine(w, head+r.verdict(), "")
	}
	end := ""
	if n := len(all) - 1; n > 0 {
		end = fmt.Sprintf(", and %d more", n)
	}
	var codes []string
	for _, f := range all {
		if c := term.Fit(term.Clean(f.Code), maxBriefName); !slices.Contains(codes, c) {
			codes = append(codes, c)
		}
	}
	if len(codes) > maxBriefCodes {
		codes = append(codes[:maxBriefCodes:maxBriefCodes], "...")
	}
	return briefLine(w, head+brief(all[0]), end+" ["+strings.Join(codes, " ")+"]")
}

// briefError is the line of a run that could not say anything of the cluster.
func briefError(w io.Writer, r Report) error {
	what := r.File
	if r.Cluster != "" {
		what = "cluster " + r.Cluster
	}
	lines, _ := failure.Lines(r.Err, maxBrief)
	text := term.Clean(strings.Join(strings.Fields(strings.Join(lines, "; ")), " "))
	head := fmt.Sprintf("%s - ", StateUnknown)
	if what != "" && !strings.HasPrefix(text, term.Clean(what)) {
		head += term.Fit(term.Clean(what), maxBriefName) + ": "
	}
	return briefLine(w, head+text, "")
}

// essential are the words of the checks that say most; of a report that has
// none of them, all that are well.
func (r Report) essential() (out []string) {
	for _, name := range inBrief {
		for _, c := range r.Checks {
			if c.Name == name && c.Passed && c.Seen != "" {
				out = append(out, c.Seen)
			}
		}
	}
	if out == nil {
		out = r.well()
	}
	if out == nil {
		out = []string{"as declared"}
	}
	return out
}

// brief is a finding in few words. The message mostly names its node or object
// already.
func brief(f findings.Shared) string {
	text := term.Fit(term.Clean(strings.Join(strings.Fields(f.Message), " ")), maxBriefMessage)
	var missing []string
	for _, name := range append(slices.Clone(f.Nodes), f.Object) {
		if name != "" && !strings.Contains(f.Message, name) {
			missing = append(missing, term.Fit(term.Clean(name), maxBriefName))
		}
	}
	if len(missing) > 0 {
		return strings.Join(missing[:min(len(missing), 4)], ", ") + ": " + text
	}
	return text
}

// briefLine writes one line of at most maxBrief cells, of which end is always
// kept. Monitoring systems take what follows a "|" for measured values.
func briefLine(w io.Writer, text, end string) error {
	clean := strings.NewReplacer("|", "/").Replace
	out := &term.Page{}
	out.Line(term.Fit(clean(text), maxBrief-term.Cells(end)), clean(end))
	return out.To(w)
}
