package steps

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/secret"
	"github.com/hadeploy/hadeploy/playbook"
)

// Verification is what a look at the running cluster found.
type Verification struct {
	OK       bool
	Checks   []plan.Check   // what was looked at, in a fixed order
	Findings []plan.Finding // of all checks
	Took     time.Duration
}

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
// asks why: what is stopped for a good reason is not waited for.
func (r *Run) settle(ctx context.Context, deadline time.Time, w *wait) error {
	tick := time.NewTicker(settleEvery)
	defer tick.Stop()
	node, asked := r.answering(), time.Now()
	for node != nil && time.Now().Before(deadline) && !r.stopped() {
		v := view{node: node}
		var err error
		if time.Since(asked) < askWhyEvery {
			v.Status, err = crmMonSoon(ctx, node)
		} else {
			v.NodeStatus = r.hear(ctx, node, hearing{how: facts.StatusBriefly, patience: settlePatience, pause: waitedPause})
			asked, err = time.Now(), v.Err
		}
		if err != nil && ctx.Err() == nil {
			node.deaf = true // another one is asked the next time
		}
		r.maskStatus(&v.NodeStatus)
		j := newJudge(r.Cluster, []view{v})
		if err != nil || j == nil || !allOnline(r.Cluster, j.st) {
			return nil // the full look will say so
		}
		left := errorsOnly(append(checkFailedActions(j.st), j.checkResources()...))
		if len(left) == 0 {
			return nil
		}
		w.tell(firstError(left))
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
	// settlePatience is for crm_mon, which takes 30 ms.
	settlePatience = 10 * time.Second
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

func allOnline(c *Cluster, st *pcs.Status) bool {
	return !slices.ContainsFunc(c.NodeNames(), func(name string) bool {
		n := findNode(st, name)
		return n == nil || !n.Online
	})
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

// readable is the check of what the others rest on.
const readable = "readable"

// look reads the cluster once, from every node. The error is that of the
// context.
func (r *Run) look(ctx context.Context) (*Verification, error) {
	views := make([]view, len(r.Nodes))
	index := map[*Node]int{}
	for i, n := range r.Nodes {
		index[n] = i
	}
	r.each(r.Nodes, func(n *Node) error {
		h := hearing{how: facts.StatusXML, pause: waitedPause}
		if n.deaf {
			h.patience = deafPatience
		}
		v := view{node: n, NodeStatus: r.hear(ctx, n, h)}
		n.deaf = v.Status == nil
		views[index[n]] = v
		return nil
	})
	if ctx.Err() != nil && slices.ContainsFunc(views, func(v view) bool { return v.Err != nil }) {
		return nil, context.Cause(ctx) // some answers were cut off
	}
	v := &Verification{Checks: []plan.Check{asked(readable, "", checkReadable(views))}}
	j := newJudge(r.Cluster, views)
	if j != nil {
		v.Checks = append(v.Checks, j.checks()...)
	} else {
		v.Checks = append(v.Checks, unasked()...)
	}
	v.Checks = append(v.Checks, r.checkRuntime(ctx, j))
	if probes := r.Playbook.Verify.Probes; len(probes) > 0 {
		v.Checks = append(v.Checks, r.probes(ctx, j, v.Checks))
	}
	for _, c := range v.Checks {
		v.Findings = append(v.Findings, c.Findings...)
	}
	v.OK = len(errorsOnly(v.Findings)) == 0
	v = secret.Words(r.mask, v)
	r.seen = v
	return v, nil
}

// probes asks the declared services when all else is well, though a node may
// have told nothing. One at an address that is down for a good reason is not
// asked.
func (r *Run) probes(ctx context.Context, j *judge, before []plan.Check) plan.Check {
	const name = "probes"
	switch {
	case j == nil:
		return skipped(name, untold)
	case slices.ContainsFunc(before, func(c plan.Check) bool { return !c.Passed && c.Name != readable }):
		return skipped(name, "the cluster is not as declared")
	}
	var ask []playbook.Probe
	down := map[string]bool{}
	for _, p := range r.Playbook.Verify.Probes {
		if id := j.stoppedAddress(probeHost(p)); id != "" {
			down[id] = true
		} else {
			ask = append(ask, p)
		}
	}
	if len(ask) == 0 {
		return skipped(name, strings.Join(slices.Sorted(maps.Keys(down)), ", ")+" is stopped for the reason given")
	}
	found := checkProbes(ctx, ask)
	if errors.Is(ctx.Err(), context.Canceled) { // there is no verdict then
		return skipped(name, "interrupted")
	}
	return asked(name, counted(len(ask), "probe", "probes")+" answered", found)
}

func errorsOnly(fs []plan.Finding) []plan.Finding {
	return slices.DeleteFunc(slices.Clone(fs), func(f plan.Finding) bool { return f.Severity != plan.Error })
}

// firstError names the first error by what stays the same in it, and tells it.
func firstError(fs []plan.Finding) (what, detail string) {
	bad := errorsOnly(fs)
	if len(bad) == 0 {
		return "", ""
	}
	// The failed action is the reason of what is stopped.
	slices.SortStableFunc(bad, func(a, b plan.Finding) int {
		return cmp.Compare(boolRank(b.Code == "FAILED_ACTION"), boolRank(a.Code == "FAILED_ACTION"))
	})
	what, detail = fmt.Sprint(bad[0].Code, bad[0].Node, bad[0].Object, len(bad)), bad[0].Message
	if len(bad) > 1 {
		detail = fmt.Sprintf("%s, and %d more", detail, len(bad)-1)
	}
	return what, detail
}

func boolRank(b bool) int {
	if b {
		return 1
	}
	return 0
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
