package steps

import (
	"context"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/corosync"
	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/plan"
)

// keptConf gives the members the corosync.conf of the backup that is restored,
// where they can be given it as the cluster runs. Keys are in no backup and stay.
type keptConf struct{ corosyncConf }

func (keptConf) Check(_ context.Context, t *Target) ([]plan.Change, error) {
	if t.kept == nil {
		return nil, nil
	}
	why, err := t.notRestored()
	if err != nil {
		return nil, err
	}
	if why != "" {
		t.report(plan.Finding{Code: "COROSYNC_NOT_RESTORED", Severity: plan.Warning, Object: facts.CorosyncConf,
			Message: "corosync.conf is not what it was at the backup, and is not restored: " + why,
			Fix:     "declare it under cluster: as it was, and run hadeploy apply, whose plan says what it costs"})
		return nil, nil
	}
	var changes []plan.Change
	for _, n := range t.Nodes {
		if !isMember(n) {
			continue
		}
		c, err := compareConf(n, t.kept)
		if err != nil {
			return nil, err
		}
		if c != nil {
			changes = append(changes, *c)
		}
	}
	return append(changes, runtimeChanges(t.Cluster, t.kept, changes)...), nil
}

// notRestored says why the backup's corosync.conf is not to be given to the
// members; "" where it is, or where they have it.
func (c *Cluster) notRestored() (string, error) {
	for _, n := range c.Nodes {
		if !isMember(n) {
			continue
		}
		if added, removed := corosync.Membership(n.Facts.Corosync.Config, c.kept); added != nil || removed != nil {
			return "it has other members, where now are " + strings.Join(memberNames(n.Facts.Corosync.Config), ", ") +
				", were " + strings.Join(memberNames(c.kept), ", "), nil
		}
		diffs, err := corosync.Compare(n.Facts.Corosync.Config, c.kept)
		if err != nil {
			return "", err
		}
		if stops := slices.DeleteFunc(diffs, func(d corosync.Difference) bool { return d.Needs != corosync.Outage }); len(stops) > 0 && n.Facts.Running() {
			return "the cluster would have to stop for it: " + stops[0].String(), nil
		}
	}
	return "", nil
}
