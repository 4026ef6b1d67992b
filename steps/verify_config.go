package steps

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/secret"
	"github.com/hadeploy/hadeploy/internal/verify"
)

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
	v.OK = len(plan.Errors(v.Findings)) == 0
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
	case ctx.Err() != nil || !slices.ContainsFunc(read, func(n *Node) bool { return n.Remote == nil }):
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
	case ctx.Err() != nil:
		late := verify.Incomparable("", errors.New("there was no time left to compare it"))
		return verify.Compared(nil, append(found, late), nil), nil //nolint:nilerr // what the other checks saw is still worth telling
	case errors.As(err, &refused):
		return verify.Compared(nil, append(found, refused.Findings...), nil), nil
	case err != nil: // what the other checks saw is still worth telling
		return verify.Compared(nil, append(found, incomparable(err)), nil), nil
	}
	return verify.Compared(p, found, v.Findings), nil
}

// observeSome reads all that matters from the nodes that answer, and says of
// the others why they do not.
func (r *Run) observeSome(ctx context.Context) (read []*Node, unread []plan.Finding) {
	nodes := r.All()
	errs := r.each(nodes, func(n *Node) error {
		ctx, cancel := context.WithTimeout(ctx, patience(ctx, observeTimeout))
		defer cancel()
		if err := r.connectReading(ctx, n, waitedPause); err != nil {
			return err
		}
		return r.read(ctx, n, facts.All)
	})
	r.agree(ctx, nodes, errs)
	for i, n := range nodes {
		if errs[i] == nil {
			read = append(read, n)
			continue
		}
		f := verify.Incomparable(n.Name, errs[i])
		f.Message = "the node was not compared, nor what needs all nodes (corosync.conf, authentication, members): " +
			strings.ReplaceAll(strings.TrimPrefix(errs[i].Error(), n.Name+": "), "\n", "; ")
		unread = append(unread, f)
	}
	return read, unread
}

// planOf compares what can be compared with some of the nodes: each of them, and
// the cluster's configuration. What is asked of all members together is not.
func (r *Run) planOf(ctx context.Context, read []*Node) (*plan.Plan, error) {
	all, hosts := r.Nodes, r.Remotes
	r.Nodes = slices.DeleteFunc(slices.Clone(read), func(n *Node) bool { return n.Remote != nil })
	r.Remotes = slices.DeleteFunc(slices.Clone(read), func(n *Node) bool { return n.Remote == nil })
	defer func() { r.Nodes, r.Remotes = all, hosts }()
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
		_, cib := s.(cibConf)
		_, hosts := s.(remoteNodes)
		if together && (!cib && !hosts || r.liveCIB() == nil) {
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

// incomparable says that there is no plan, and of which node if it is one's fault.
func incomparable(err error) plan.Finding {
	var failed NodeErrors
	if errors.As(err, &failed) && len(failed) == 1 {
		return verify.Incomparable(failed[0].Node, failed[0].Err)
	}
	return verify.Incomparable("", err)
}
