package steps

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/secret"
)

const configurationCheck = "configuration"

// Compare adds to a verification what its other checks leave open: whether the
// nodes and the cluster's configuration are as declared, option by option. It
// makes the plan of what apply would change, and changes nothing.
func (r *Run) Compare(ctx context.Context, v *Verification) error {
	ctx, done := r.looking(ctx)
	defer done()
	check, err := r.compared(ctx, v)
	if err != nil {
		return err
	}
	check = secret.Words(r.mask, check)
	v.Checks = append(v.Checks, check)
	v.Findings = append(v.Findings, check.Findings...)
	v.OK = len(errorsOnly(v.Findings)) == 0
	for _, f := range check.Findings {
		r.report(f)
	}
	return nil
}

func (r *Run) compared(ctx context.Context, v *Verification) (plan.Check, error) {
	var away []string
	for _, n := range r.Nodes {
		if n.Conn == nil {
			away = append(away, n.Name)
		}
	}
	if away != nil { // a plan is of all nodes or none
		return skipped(configurationCheck, strings.Join(away, ", ")+" cannot be reached"), nil
	}
	if r.stopped() {
		return plan.Check{}, &VerifyInterruptedError{Findings: v.Findings, Looked: true}
	}
	was := r.lenient
	r.lenient = true // as every plan that only looks
	defer func() { r.lenient = was }()
	var p *plan.Plan
	err := r.Observe(ctx)
	if err == nil {
		p, err = r.Plan(ctx)
	}
	var refused *RefusedError
	switch {
	case r.stopped():
		return plan.Check{}, &VerifyInterruptedError{Findings: v.Findings, Looked: true}
	case err != nil && ctx.Err() != nil: // out of time
		return plan.Check{}, err
	case errors.As(err, &refused):
		return asked(configurationCheck, "", refused.Findings), nil
	case err != nil: // what the other checks saw is still worth telling
		return asked(configurationCheck, "", []plan.Finding{incomparable(err)}), nil
	}
	return judgePlan(p, v.Findings), nil
}

// incomparable says that there is no plan. It is an error: what was not
// compared may be what differs.
func incomparable(err error) plan.Finding {
	f := plan.Finding{Code: "CONFIG_UNKNOWN", Severity: plan.Error, Expected: "a plan without changes", Seen: "no plan",
		Fix: "hadeploy plan fails in the same way, and says more"}
	var failed NodeErrors
	if errors.As(err, &failed) && len(failed) == 1 {
		f.Node, err = failed[0].Node, failed[0].Err
	}
	f.Message = "the configuration could not be compared: " + err.Error()
	return f
}

// judgePlan makes the check of a plan; told are the findings that other checks
// have.
func judgePlan(p *plan.Plan, told []plan.Finding) plan.Check {
	var found []plan.Finding
	for _, c := range p.Changes {
		if !c.Maybe { // that it was not compared is a finding of the plan
			found = append(found, drifted(c))
		}
	}
	seen := "nothing to change"
	for _, f := range p.Findings {
		if !slices.ContainsFunc(told, func(t plan.Finding) bool { return t == f }) {
			found = append(found, f)
		}
		if f.Code == "SECRET_MISSING" || f.Code == "CIB_NOT_COMPARED" {
			seen = "nothing to change in what could be compared"
		}
	}
	return asked(configurationCheck, seen, found)
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
		return fmt.Sprintf("(%s)", counted(strings.Count(text, "\n"), "line", "lines"))
	}
	return text
}
