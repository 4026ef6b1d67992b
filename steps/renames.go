package steps

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hadeploy/hadeploy/internal/cib"
	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/remote"
	"github.com/hadeploy/hadeploy/internal/secret"
)

// handoverLimit bounds each wait of a rename. Stopping a database may take
// long.
const handoverLimit = 10 * time.Minute

// nextCIB is what is pushed for a difference: all of it, or first what stops
// what is removed, or the first half of a rename.
func nextCIB(d *cib.Delta) (secret.Value, error) {
	if d.StopsFirst() {
		return d.Stopping()
	}
	switch d.Handover() {
	case cib.InPlace:
		return d.Held()
	case cib.StopFirst:
		return d.Without()
	default: // cib.Plain
		return d.Result()
	}
}

// stopRenamed waits until what was taken out of the CIB has stopped, and
// returns what is then to be done: what was planned, seen from there.
func stopRenamed(ctx context.Context, c *Cluster, d *cib.Delta, pushed secret.Value) ([]plan.Change, error) {
	old := slices.Sorted(maps.Values(d.Renames()))
	err := c.wait(ctx, Waiting{Step: "cib", For: strings.Join(old, ", ") + " to stop under the old id", Limit: handoverLimit}, pollEvery,
		func(ctx context.Context) (bool, string, error) {
			st, err := crmMon(ctx, c.Nodes[0])
			if err != nil {
				return false, "", err
			}
			var left []string
			for _, id := range old {
				if slices.ContainsFunc(st.Find(id), func(r pcs.Resource) bool { return r.Active() }) {
					left = append(left, id)
				}
			}
			return left == nil, strings.Join(left, ", ") + " is not stopped yet", nil
		})
	if err != nil {
		return nil, fmt.Errorf("renaming: the old resource was taken out of the CIB, and the new one is not in it yet; run the same command again: %w", err)
	}
	half, err := cib.Parse([]byte(pushed.Reveal()))
	if err != nil {
		return nil, err
	}
	rest, err := compareCIB(ctx, c, half)
	if err != nil {
		return nil, err
	}
	return rest.Changes, nil
}

// finishRenames ends renames in place, of this run or of one that was cut off:
// when the cluster has found what runs under its new id, the history of the old
// one is cleared, and only then orphans are stopped again.
func finishRenames(ctx context.Context, c *Cluster) error {
	node := c.Nodes[0]
	live, _, err := readCIB(ctx, node)
	if err != nil {
		return err
	}
	old := live.Handovers()
	if len(old) == 0 {
		return nil
	}
	c.emit(Working{Step: "cib", Text: "waiting until the renamed resources are found where they run"})
	if err := run(ctx, node, remote.Cmd{Argv: []string{"crm_resource", "--wait", "--timeout=120"}, Reads: true, Timeout: 150 * time.Second, Label: "crm_resource --wait"}); err != nil {
		return fmt.Errorf("renaming: the cluster does not settle; orphans are not stopped until it does, and the same command goes on from here: %w", err)
	}
	for _, id := range old {
		if err := run(ctx, node, remote.Cmd{Argv: []string{"crm_resource", "--refresh", "--resource", id}, Timeout: 2 * time.Minute,
			Label: "crm_resource --refresh --resource " + id}); err != nil {
			return fmt.Errorf("renaming: clearing the history of %s: %w", id, err)
		}
	}
	err = c.wait(ctx, Waiting{Step: "cib", For: "the history of " + strings.Join(old, ", ") + " to be cleared", Limit: time.Minute}, pollEvery,
		func(ctx context.Context) (bool, string, error) {
			live, _, err := readCIB(ctx, node)
			if err != nil {
				return false, "", err
			}
			left := slices.DeleteFunc(slices.Clone(old), func(id string) bool { return !live.HasHistory(id) })
			return len(left) == 0, strings.Join(left, ", ") + " is still known", nil
		})
	if err != nil {
		return fmt.Errorf("renaming: %w", err)
	}
	return run(ctx, node, remote.Cmd{Argv: []string{"cibadmin", "--delete", "--scope", "crm_config", "--xml-text", cib.HandoverXML},
		Timeout: time.Minute, Label: "cibadmin --delete"})
}
