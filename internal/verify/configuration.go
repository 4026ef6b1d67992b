package verify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/plural"
)

// Configuration is the check of whether the nodes and the cluster's
// configuration are as declared, option by option: what a plan would change.
const Configuration = "configuration"

// Incomparable says that there is no plan, and of which node if it is one's
// fault. It is an error: what was not compared may be what differs.
func Incomparable(node string, err error) plan.Finding {
	return plan.Finding{Code: "CONFIG_UNKNOWN", Severity: plan.Error, Node: node, Expected: "a plan without changes", Seen: "no plan",
		Message: "the configuration could not be compared: " + err.Error(),
		Fix:     "hadeploy plan fails in the same way, and says more"}
}

// Compared is that check: found is what could not be compared, p the plan of the
// rest, nil where there is none; told are the findings that other checks have.
func Compared(p *plan.Plan, found, told []plan.Finding) plan.Check {
	if p == nil {
		return Judged(Configuration, "", found)
	}
	for _, c := range p.Changes {
		if !c.Maybe { // that it was not compared is a finding of the plan
			found = append(found, drifted(c))
		}
	}
	seen := "nothing to change"
	for _, f := range p.Findings {
		if !slices.Contains(told, f) {
			found = append(found, f)
		}
		if f.Code == "SECRET_MISSING" || f.Code == "CIB_NOT_COMPARED" {
			seen = "nothing to change in what could be compared"
		}
	}
	return Judged(Configuration, seen, found)
}

// drifted says in words how an object differs from what is declared.
func drifted(c plan.Change) plan.Finding {
	f := plan.Finding{Code: "CONFIG_DRIFT", Severity: plan.Error, Node: c.Node, Object: c.Kind + " " + c.ID, Fix: "hadeploy plan shows it in full; hadeploy apply mends it"}
	switch c.Action {
	case plan.Create:
		f.Message, f.Expected, f.Seen = "is declared and not there", "present", "absent"
	case plan.Delete:
		f.Message, f.Expected, f.Seen = "is there and should not be", "absent", "present"
	default:
		var names, want, have []string
		for _, d := range c.Diffs {
			names = append(names, d.Name)
			want = append(want, d.Name+"="+valueOf(d, d.After, d.HasAfter))
			have = append(have, d.Name+"="+valueOf(d, d.Before, d.HasBefore))
		}
		f.Message = "is not as declared: " + strings.Join(names, ", ")
		f.Expected, f.Seen = strings.Join(want, " "), strings.Join(have, " ")
	}
	if c.Unknown != "" {
		f.Message += " (not known in full " + c.Unknown + ")"
	}
	return f
}

// valueOf is one side of a difference in one line, without any secret.
func valueOf(d plan.Diff, text string, has bool) string {
	switch {
	case !has:
		return "(not set)"
	case d.Secret:
		return "(secret)"
	case d.Lines:
		return fmt.Sprintf("(%s)", plural.Of(strings.Count(text, "\n"), "line"))
	}
	return text
}
