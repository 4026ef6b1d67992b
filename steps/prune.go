package steps

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hadeploy/hadeploy/internal/cib"
	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/plan"
)

// stopLimit bounds the wait for what is pruned. Stopping a database may take
// long.
const stopLimit = 10 * time.Minute

// stopRemoved waits until nothing runs any more of what is to be removed.
func stopRemoved(ctx context.Context, c *Cluster, d *cib.Delta) error {
	err := c.wait(ctx, Waiting{Step: "cib", For: strings.Join(d.Removed(), ", ") + " to stop before it is removed", Limit: stopLimit}, pollEvery,
		func(ctx context.Context) (bool, string, error) {
			if c.stopped() { // the same command goes on from here
				return false, "", ErrInterrupted
			}
			st, err := crmMon(ctx, c.Nodes[0])
			if err != nil {
				return false, "", err
			}
			left, stuck := stillActive(st, d.Removed())
			if stuck != "" {
				return false, "", fmt.Errorf("%s could not be stopped, and Pacemaker has given up on it (blocked)", stuck)
			}
			return left == nil, strings.Join(left, ", ") + " is not stopped yet", nil
		})
	if err != nil && !errors.Is(err, ErrInterrupted) {
		return fmt.Errorf("pruning: %s is switched off and still in the CIB; mend it, and run the same command again: %w", strings.Join(d.Removed(), ", "), err)
	}
	return err
}

// stillActive are those of the ids that run somewhere; stuck is one that will
// not stop by itself.
func stillActive(st *pcs.Status, ids []string) (left []string, stuck string) {
	for _, r := range st.Resources {
		for _, id := range []string{r.ID, r.Bundle} {
			if !slices.Contains(ids, id) || !r.Active() {
				continue
			}
			if r.Blocked {
				stuck = id
			}
			if !slices.Contains(left, id) {
				left = append(left, id)
			}
		}
	}
	return left, stuck
}

// inTwoSteps joins what happens while the removed stop with what happens then.
// What stops for that and stays is started again.
func inTwoSteps(first, then []plan.Impact, removed []string) (all []plan.Impact) {
	of := func(i plan.Impact) string { id, _, _ := strings.Cut(i.Resource, ":"); return id }
	stops := func(list []plan.Impact, resource string) bool {
		return slices.ContainsFunc(list, func(i plan.Impact) bool { return i.Resource == resource && i.Action == "Stop" })
	}
	for _, i := range first {
		if i.Action == "Stop" && !slices.Contains(removed, of(i)) && !stops(then, i.Resource) {
			i.Action = "Restart"
		}
		all = append(all, i)
	}
	for _, i := range then {
		known := slices.IndexFunc(all, func(a plan.Impact) bool {
			return a.Resource == i.Resource && (i.Action != "Start" || a.Action == "Start")
		})
		more := known < 0
		if !more {
			i, more = onward(all[known], i)
		}
		if !slices.Contains(removed, of(i)) && more {
			all = append(all, i)
		}
	}
	return all
}

// onward is what then happens to what has moved before: not where it is now, but
// where it went.
func onward(moved, i plan.Impact) (plan.Impact, bool) {
	from, to, ok := strings.Cut(moved.Detail, " -> ")
	rest, there := strings.CutPrefix(i.Detail, from)
	if moved.Action != "Move" && moved.Action != "Migrate" || !ok || !there {
		return i, false
	}
	to, _, _ = strings.Cut(to, " ")
	if next, _, _ := strings.Cut(strings.TrimPrefix(rest, " -> "), " "); i.Action == "Move" && next == to {
		return i, false
	}
	i.Detail = to + rest
	return i, true
}
