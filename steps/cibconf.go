package steps

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/hadeploy/hadeploy/internal/cib"
	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/secret"
)

// cibConf puts the declared resources, constraints, properties and
// fencing devices into the CIB: as one patch, so that nothing starts before
// its constraints exist.
type cibConf struct{}

func (cibConf) Name() string             { return "cib" }
func (cibConf) ClusterWide()             {}
func (cibConf) Touches() []facts.Section { return []facts.Section{facts.SectionCIB} }

// Own are the traces that a first start and a rename leave for a while.
func (cibConf) Own(c plan.Change) bool { return cib.Own(c) }

func (cibConf) Check(ctx context.Context, t *Target) ([]plan.Change, error) {
	delta, err := compareCIB(ctx, t.Cluster, t.knownCIB())
	if err != nil {
		return nil, err
	}
	t.delta, t.unmanaged = delta, secret.Words(t.mask, delta.LeftAlone)
	if !t.Playbook.Cluster.Start && t.liveCIB() == nil && len(delta.Changes) > 0 {
		t.report(plan.Finding{Code: "CIB_NOT_COMPARED", Severity: plan.Warning,
			Message: "the cluster does not run and cluster.start is false: its configuration is neither compared nor changed",
			Fix:     "start it, or set cluster.start: true"})
		t.unmanaged = nil
		return nil, nil
	}
	return slices.Clone(delta.Changes), nil
}

// How long, and how often, a change of the CIB is tried while others keep
// changing it.
const (
	pushLimit   = time.Minute
	firstPush   = 50 * time.Millisecond
	slowestPush = 5 * time.Second
	tellFromTry = 2
)

// Apply pushes the difference to the CIB of this moment, as long as that is
// still the difference that is to be made. While others keep changing other
// things, it tries again, with growing pauses.
func (cibConf) Apply(ctx context.Context, t *Target, changes []plan.Change) error {
	if t.target == nil {
		if err := secretsAtHand(ctx, t.Cluster); err != nil {
			return err
		}
	}
	if err := awaitMembers(ctx, t.Cluster, "cib"); err != nil {
		return err
	}
	began, pause, stopped := time.Now(), firstPush, false
	for try := 1; ; try++ {
		node := t.Nodes[0]
		live, text, err := readCIB(ctx, node)
		if err != nil {
			return err
		}
		delta, err := compareCIB(ctx, t.Cluster, live)
		if err != nil {
			return err
		}
		node.Facts.CIB.Live = live
		c := plan.Cover(changes, delta.Changes)
		if c.Moved != nil {
			return t.movedOn("cib", c.Moved, nil)
		}
		if len(c.Due) == 0 {
			return nil // somebody else has made it so
		}
		if live.Epoch() != t.simulated && !t.bringsMembers {
			if err := t.sameImpact(ctx, live, delta); err != nil {
				return err
			}
		}
		if len(delta.Removed()) > 0 && !delta.StopsFirst() && !stopped {
			if err := stopRemoved(ctx, t.Cluster, delta); err != nil {
				return err
			}
			stopped = true
			continue // what was read still says that it runs
		}
		next, err := nextCIB(delta)
		if err != nil {
			return err
		}
		err = pushCIB(ctx, node, text, next)
		switch {
		case err == nil && delta.StopsFirst():
			continue
		case err == nil && delta.Handover() == cib.StopFirst:
			if changes, err = stopRenamed(ctx, t.Cluster, delta, next); err != nil {
				return err
			}
			continue
		case err == nil:
			return finishRenames(ctx, t.Cluster)
		case !errors.Is(err, errStale):
			return err
		case time.Since(began)+pause > pushLimit:
			return fmt.Errorf("the CIB was changed by others %d times within %s, each time while the patch was being made; it was not pushed (%s)",
				try, time.Since(began).Round(time.Second), whoWrote(live))
		}
		if try >= tellFromTry {
			t.emit(Working{Step: "cib", Text: fmt.Sprintf("others change the CIB while the patch is made; trying again (%d)", try)})
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(pause):
		}
		pause = min(2*pause, slowestPush)
	}
}

// secretsAtHand resolves every secret of the configuration, so that a missing
// one is named before anything is pushed.
func secretsAtHand(ctx context.Context, c *Cluster) error {
	for o := range c.Playbook.Secrets() {
		if _, err := c.Secret(ctx, *o.Value.Secret); err != nil {
			return err
		}
	}
	return nil
}
