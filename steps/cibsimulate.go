package steps

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/hadeploy/hadeploy/internal/cib"
	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/remote"
	"github.com/hadeploy/hadeploy/internal/secret"
)

// simulateScript asks for the summary alone where the answer can show that it is
// whole, as XML, which Pacemaker prints since 2.1.0: to carry out the transition
// of a thousand resources takes the simulator minutes.
const simulateScript = `if crm_simulate --help-output 2>/dev/null | grep -q -e --output-as; then
  exec crm_simulate --run --output-as=xml --xml-pipe
fi
exec crm_simulate --simulate --xml-pipe
`

// simulate asks Pacemaker's own simulator what the cluster would do with the
// planned CIB. It changes nothing.
func simulate(ctx context.Context, c *Cluster) ([]plan.Impact, error) {
	if c.delta == nil || len(c.delta.Changes) == 0 || c.liveCIB() == nil {
		return nil, nil
	}
	return foresee(ctx, c, c.delta)
}

// foresee is what the cluster would do with a difference: in one step, or in
// two where what is removed is stopped first.
func foresee(ctx context.Context, c *Cluster, d *cib.Delta) ([]plan.Impact, error) {
	next, err := d.Foreseen()
	if err != nil {
		return nil, err
	}
	after, err := transition(ctx, c, next)
	if err != nil || !d.StopsFirst() {
		return after, err
	}
	stopping, err := d.Stopping()
	if err != nil {
		return nil, err
	}
	first, err := transition(ctx, c, stopping)
	if err != nil {
		return nil, err
	}
	return inTwoSteps(first, after, d.Removed()), nil
}

// transition is what the cluster would do with a CIB, as crm_simulate says on
// the first node that runs.
func transition(ctx context.Context, c *Cluster, next secret.Value) ([]plan.Impact, error) {
	for _, n := range c.Nodes {
		if n.Facts.CIB.Live == nil {
			continue
		}
		res, err := n.Conn.Run(ctx, remote.Cmd{
			Script: simulateScript, Stdin: strings.NewReader(next.Reveal()),
			Reads: true, Sensitive: true, Limit: 16 << 20, Timeout: 5 * time.Minute, Label: "crm_simulate",
		})
		if err != nil {
			return nil, err
		}
		if err := res.Err("crm_simulate"); err != nil {
			return nil, err
		}
		impact, err := cib.ParseTransition(res.Stdout)
		if err != nil {
			return nil, NodeErrors{{Node: n.Name, Err: &facts.Error{Command: "crm_simulate", Why: err.Error()}}}
		}
		return secret.Words(c.mask, impact), nil
	}
	return nil, nil
}

// sameImpact asks the simulator again: what runs where may have changed since
// the plan was made, or what somebody else declared, and the same change then
// stops something that the plan does not name. What would happen anyway is
// nobody's surprise.
func (c *Cluster) sameImpact(ctx context.Context, live *cib.CIB, delta *cib.Delta) error {
	if live == nil {
		return nil // nothing runs
	}
	with, err := foresee(ctx, c, delta)
	if err != nil {
		return err
	}
	text, err := live.Text()
	if err != nil {
		return err
	}
	without, err := transition(ctx, c, text)
	if _, refused := errors.AsType[*remote.CommandError](err); err != nil && !refused {
		return err // a configuration that the simulator cannot carry out excuses nothing
	}
	tell := func(impact []plan.Impact) []plan.Interruption {
		p := plan.Plan{Impact: impact}
		p.Tell(c.fencingDevices())
		return p.Interruptions
	}
	planned := append(tell(without), c.approved.Interruptions...)
	if more := plan.NewImpact(planned, tell(with)); len(more) > 0 {
		return c.movedOn("cib", nil, more)
	}
	c.simulated = live.Epoch()
	return nil
}
