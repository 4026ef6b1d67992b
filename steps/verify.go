package steps

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/secret"
	"github.com/hadeploy/hadeploy/internal/verify"
)

// verify is Verify.
func (r *Run) verify(ctx context.Context, within time.Duration) (*Verification, error) {
	began := time.Now()
	deadline := began.Add(within)
	if end, ok := ctx.Deadline(); ok { // leaving time for the last look
		if last := began.Add(end.Sub(began) * 2 / 3); last.Before(deadline) {
			deadline = last
		}
	}
	limited, cancel := context.WithTimeout(ctx, within+2*time.Minute)
	defer cancel()
	w := wait{emit: r.emit, Waiting: Waiting{Step: "verify", For: "the declared state", Since: began, Limit: within}}
	defer w.end()
	if within > 0 && r.clusterChanges > 0 { // it will not be there at once
		if err := r.settle(limited, deadline, &w); err != nil {
			return nil, err
		}
	}
	if r.stopped() {
		return nil, &VerifyInterruptedError{}
	}
	for {
		v, err := r.look(limited)
		if err != nil {
			return nil, err
		}
		v.Took = time.Since(began)
		if r.stopped() {
			return nil, &VerifyInterruptedError{Findings: v.Findings, Looked: true}
		}
		if v.OK || !time.Now().Before(deadline) {
			w.end()
			for _, f := range v.Findings {
				r.report(f)
			}
			return v, nil
		}
		w.tell(firstError(v.Findings))
		select {
		case <-limited.Done():
			return nil, context.Cause(limited)
		case <-r.stop: // nil blocks
		case <-time.After(time.Second):
		}
		if err := r.settle(limited, deadline, &w); err != nil {
			return nil, err
		}
		if r.stopped() {
			return nil, &VerifyInterruptedError{Findings: v.Findings, Looked: true}
		}
	}
}

// wait tells what is waited for: once for the same trouble, though its words
// may hold a time, and not more often than a person can read.
type wait struct {
	Waiting
	emit  func(Event)
	open  bool
	about string
	told  time.Time
}

const tellEvery = 2 * time.Second

func (w *wait) tell(about, detail string) {
	if w.open && (about == w.about || time.Since(w.told) < tellEvery) {
		return
	}
	w.open, w.about, w.Detail, w.told = true, about, detail, time.Now()
	w.emit(w.Waiting)
}

func (w *wait) end() {
	if w.open {
		w.open, w.Done = false, true
		w.emit(w.Waiting)
	}
}

// settle waits until the resources are in their roles by the cheapest question
// there is: crm_mon on one node, 30 ms, where pcs status costs every node a
// Python start and the cluster the time to start resources. Now and then it
// asks why: what is stopped for a good reason is not waited for. Then the DC has to
// be at rest.
func (r *Run) settle(ctx context.Context, deadline time.Time, w *wait) error {
	tick := time.NewTicker(settleEvery)
	defer tick.Stop()
	node, asked := r.answering(), time.Now()
	for node != nil && time.Now().Before(deadline) && !r.stopped() {
		said := verify.NodeStatus{Node: node.Name, NodeName: node.NodeName}
		var err error
		if time.Since(asked) < askWhyEvery {
			said.Status, err = crmMonSoon(ctx, node)
		} else {
			said = r.hear(ctx, node, hearing{how: facts.StatusBriefly, patience: settlePatience, pause: waitedPause})
			asked, err = time.Now(), said.Err
		}
		if err != nil && ctx.Err() == nil {
			node.deaf = true // another one is asked the next time
		}
		r.maskStatus(&said)
		left, known := verify.New(r.verdictOn(said)).Left()
		if err != nil || !known {
			return nil // the full look will say so
		}
		if len(left) > 0 {
			w.tell(firstError(left))
		} else if busy := busyDC(ctx, node, said.Status.DC); busy != "" {
			w.tell("DC", busy)
		} else {
			return nil
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-r.stop:
		case <-tick.C:
		}
	}
	return nil
}

const (
	settleEvery = 300 * time.Millisecond
	askWhyEvery = 2 * time.Second
	// deafPatience is for a node that did not answer the last time, while it is
	// waited for: the others are to be looked at now and then.
	deafPatience = 20 * time.Second
)

// crmMonSoon is crmMon of a node that has better things to do than to wait.
func crmMonSoon(ctx context.Context, n *Node) (*pcs.Status, error) {
	ctx, cancel := context.WithTimeout(ctx, patience(ctx, settlePatience))
	defer cancel()
	return crmMon(ctx, n)
}

// verdictOn is what a verdict on these answers rests on.
func (c *Cluster) verdictOn(said ...verify.NodeStatus) verify.Input {
	return verify.Input{Playbook: c.Playbook, Nodes: c.InventoryNodes(), Said: said}
}

// answering is the first node that there is a connection to and that answered
// when it was last asked, nil where there is none.
func (r *Run) answering() *Node {
	for _, n := range r.Nodes {
		if n.Conn != nil && !n.deaf {
			return n
		}
	}
	return nil
}

// look reads the cluster once, from every node. The error is that of the
// context.
func (r *Run) look(ctx context.Context) (*Verification, error) {
	in := r.verdictOn(make([]verify.NodeStatus, len(r.Nodes))...)
	index := map[*Node]int{}
	for i, n := range r.Nodes {
		index[n] = i
	}
	r.each(r.Nodes, func(n *Node) error {
		h := hearing{how: facts.StatusXML, pause: waitedPause}
		if n.deaf {
			h.patience = deafPatience
		}
		said := r.hear(ctx, n, h)
		n.deaf = said.Status == nil
		in.Said[index[n]] = said
		return nil
	})
	if ctx.Err() != nil && slices.ContainsFunc(in.Said, func(s verify.NodeStatus) bool { return s.Err != nil }) {
		return nil, context.Cause(ctx) // some answers were cut off
	}
	in.Daemons, in.Corosync = r.askDaemons(ctx)
	in.Hosts = r.askRemotes(ctx)
	j := verify.New(in)
	v := &Verification{Checks: j.Checks()}
	if len(r.Playbook.Verify.Probes) > 0 {
		v.Checks = append(v.Checks, probes(ctx, j, v.Checks))
	}
	for _, c := range v.Checks {
		v.Findings = append(v.Findings, c.Findings...)
	}
	v.OK = len(plan.Errors(v.Findings)) == 0
	v = secret.Words(r.mask, v)
	r.seen = v
	return v, nil
}

// probes asks the declared services when all else is well.
func probes(ctx context.Context, j *verify.Judge, before []plan.Check) plan.Check {
	ask, why := j.ToProbe(before)
	if why != "" {
		return verify.Skipped(verify.Probes, why)
	}
	errs := make([]error, len(ask))
	for i, p := range ask {
		errs[i] = probe(ctx, p)
	}
	if errors.Is(ctx.Err(), context.Canceled) { // there is no verdict then
		return verify.Skipped(verify.Probes, "interrupted")
	}
	return verify.Probed(ask, errs)
}

// Verify reads `pcs status` on every node and says whether the cluster does
// what the file declares. What is not yet so may still come: it looks again
// until all is well or within is over; 0 looks once. A node that cannot be
// reached, or does not answer in its time, is a finding, and the others are
// judged; while it waits, it connects again to one that comes back. An error
// means that the context ended, or, a *VerifyInterruptedError, that the user
// asked to stop: what was seen until then is no verdict.
func (r *Run) Verify(ctx context.Context, within time.Duration) (*Verification, error) {
	ctx, done := r.looking(ctx)
	defer done()
	r.seen = nil
	v, err := r.verify(ctx, within)
	if !r.stopped() && !errors.Is(err, context.Canceled) && !errors.Is(err, ErrInterrupted) {
		return v, err
	}
	no := &VerifyInterruptedError{Looked: r.seen != nil}
	if r.seen != nil {
		no.Findings = r.seen.Findings
	}
	return nil, no
}
