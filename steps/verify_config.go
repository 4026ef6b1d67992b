package steps

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/secret"
)

const configurationCheck = "configuration"

// Compare adds to a verification what its other checks leave open: whether the
// nodes and the cluster's configuration are as declared, option by option. It
// makes the plan of what apply would change, and changes nothing.
func (r *Run) Compare(ctx context.Context, v *Verification) error {
	began := time.Now()
	ctx, done := r.looking(ctx)
	defer done()
	check, err := r.compared(ctx, v)
	if err != nil {
		return err
	}
	check = secret.Words(r.mask, check)
	v.Took += time.Since(began)
	v.Checks = append(v.Checks, check)
	v.Findings = append(v.Findings, check.Findings...)
	v.OK = len(errorsOnly(v.Findings)) == 0
	for _, f := range check.Findings {
		r.report(f)
	}
	return nil
}

func (r *Run) compared(ctx context.Context, v *Verification) (plan.Check, error) {
	if r.stopped() {
		return plan.Check{}, &VerifyInterruptedError{Findings: v.Findings, Looked: true}
	}
	read, found := r.observeSome(ctx)
	var p *plan.Plan
	var err error
	switch {
	case ctx.Err() != nil || len(read) == 0:
	case found == nil:
		p, err = r.Plan(ctx)
	default:
		p, err = r.planOf(ctx, read)
	}
	var refused *RefusedError
	switch {
	case r.stopped():
		return plan.Check{}, &VerifyInterruptedError{Findings: v.Findings, Looked: true}
	case errors.Is(ctx.Err(), context.Canceled):
		return plan.Check{}, context.Cause(ctx)
	case ctx.Err() != nil: // what the other checks saw is still worth telling
		return asked(configurationCheck, "", append(found, incomparable(errors.New("there was no time left to compare it")))), nil
	case errors.As(err, &refused):
		return asked(configurationCheck, "", append(found, refused.Findings...)), nil
	case err != nil: // what the other checks saw is still worth telling
		return asked(configurationCheck, "", append(found, incomparable(err))), nil
	case p == nil:
		return asked(configurationCheck, "", found), nil
	}
	seen, more := judgePlan(p, v.Findings)
	return asked(configurationCheck, seen, append(found, more...)), nil
}

// observeSome reads all that matters from the nodes that answer, and says of
// the others why they do not.
func (r *Run) observeSome(ctx context.Context) (read []*Node, unread []plan.Finding) {
	errs := r.each(r.Nodes, func(n *Node) error {
		ctx, cancel := context.WithTimeout(ctx, patience(ctx, observeTimeout))
		defer cancel()
		if err := r.connect(ctx, n, waitedPause); err != nil {
			return err
		}
		return r.read(ctx, n, facts.All)
	})
	r.agree(ctx, r.Nodes, errs)
	for i, n := range r.Nodes {
		if errs[i] == nil {
			read = append(read, n)
			continue
		}
		f := incomparable(NodeErrors{{Node: n.Name, Err: errs[i]}})
		f.Message = "the node was not compared, nor what needs all nodes (corosync.conf, authentication, members): " +
			strings.ReplaceAll(strings.TrimPrefix(errs[i].Error(), n.Name+": "), "\n", "; ")
		unread = append(unread, f)
	}
	return read, unread
}

// planOf compares what can be compared with some of the nodes: each of them, and
// the cluster's configuration. What is asked of all members together is not.
func (r *Run) planOf(ctx context.Context, read []*Node) (*plan.Plan, error) {
	all := r.Nodes
	r.Nodes = read
	defer func() { r.Nodes = all }()
	if read[0] != all[0] { // which alone was asked what the agents say of themselves
		if err := r.eachErr(read[:1], func(n *Node) error {
			return r.read(ctx, n, []facts.Section{facts.SectionAgents})
		}); err != nil {
			return nil, err
		}
	}
	p := &plan.Plan{}
	for _, s := range r.op.Steps {
		_, together := s.(ClusterWide)
		if _, cib := s.(configuration); together && (!cib || r.liveCIB() == nil) {
			continue
		}
		targets := r.targets(s)
		for i := range targets {
			changes, err := r.check(ctx, s, &targets[i])
			if err != nil {
				return nil, err
			}
			p.Changes = append(p.Changes, changes...)
		}
	}
	p.Findings = r.findings
	return p, nil
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

// judgePlan says what a plan shows; told are the findings that other checks
// have.
func judgePlan(p *plan.Plan, told []plan.Finding) (seen string, found []plan.Finding) {
	for _, c := range p.Changes {
		if !c.Maybe { // that it was not compared is a finding of the plan
			found = append(found, drifted(c))
		}
	}
	seen = "nothing to change"
	for _, f := range p.Findings {
		if !slices.ContainsFunc(told, func(t plan.Finding) bool { return t == f }) {
			found = append(found, f)
		}
		if f.Code == "SECRET_MISSING" || f.Code == "CIB_NOT_COMPARED" {
			seen = "nothing to change in what could be compared"
		}
	}
	return seen, found
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
