package steps

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"maps"
	"time"

	"github.com/hadeploy/hadeploy/internal/cib"
	"github.com/hadeploy/hadeploy/internal/corosync"
	"github.com/hadeploy/hadeploy/internal/excerpt"
	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/remote"
	"github.com/hadeploy/hadeploy/playbook"
)

// defaultCluster removes the one-node cluster that Debian's packages bring and
// start. With it in place, pcs authenticates nodes and stores no tokens.
type defaultCluster struct{}

func (defaultCluster) Name() string { return "default-cluster" }
func (defaultCluster) Touches() []facts.Section {
	return []facts.Section{facts.SectionUnits, facts.SectionCorosync, facts.SectionCIB, facts.SectionTokens}
}

//go:embed defaultcluster.sh
var defaultClusterScript string

// defaultStopLimit bounds the stop of each daemon. An idle one takes a second
// or two; one that is about to elect its first DC up to 20 s (dc-deadtime).
const defaultStopLimit = 60 * time.Second

// isDefaultCluster reports whether the node has Debian's packaged cluster and
// nobody has made anything of it: dpkg vouches for the file, the file says
// cluster "debian" with the sole node node1 at 127.0.0.1, and the CIB, live or
// on disk, holds nothing. The name of the playbook does not matter: the file
// of a cluster that pcs or hadeploy made is never the packaged one.
func isDefaultCluster(f *facts.Facts) bool {
	if !f.Corosync.Pristine || !corosync.IsDebianDefault(f.Corosync.Text) {
		return false
	}
	switch {
	case f.CIB.Live != nil:
		return untouchedCIB(f.CIB.Live)
	case f.CIB.Disk != nil:
		return untouchedCIB(f.CIB.Disk)
	}
	return !f.CIB.OnDisk // one that cannot be read may hold anything
}

// withoutDefault are a node's facts without the default cluster, so that no step
// takes it for a cluster: it has no corosync.conf, no CIB, and does not run.
func withoutDefault(seen *facts.Facts) *facts.Facts {
	f := *seen
	if !isDefaultCluster(seen) {
		return &f
	}
	f.Default = &facts.DefaultCluster{Running: f.Units[facts.Corosyncd].Running() || f.Units[facts.Pacemakerd].Running(), Text: f.Corosync.Text}
	f.Corosync.Config, f.Corosync.Text, f.Corosync.Runtime, f.Corosync.Pristine = nil, nil, nil, false
	f.CIB = facts.CIB{}
	f.Units = maps.Clone(f.Units)
	for _, unit := range []string{facts.Corosyncd, facts.Pacemakerd} {
		if u := f.Units[unit]; u.Running() {
			u.Active, u.Sub = "inactive", "dead"
			f.Units[unit] = u
		}
	}
	return &f
}

// untouchedCIB reports whether a CIB is as Pacemaker itself starts it: one
// node at most, no resource, no constraint, nor anything else that a person
// made. Properties do not count, Pacemaker sets some for itself.
func untouchedCIB(c *cib.CIB) bool {
	if len(c.NodeNames()) > 1 || len(c.ResourceIDs()) > 0 {
		return false
	}
	nothing, err := cib.Build(&playbook.Playbook{}, nil, nil, cib.Options{})
	if err != nil {
		return false
	}
	delta, err := cib.Compare(c, nothing)
	if err != nil {
		return false
	}
	for _, o := range delta.LeftAlone {
		if o.Kind != "property" && o.Kind != "node attribute" {
			return false
		}
	}
	return true
}

func (defaultCluster) Check(_ context.Context, t *Target) ([]plan.Change, error) {
	f := t.Node.Facts
	c := plan.Change{Action: plan.Delete, Kind: "cluster", ID: "debian", Pcs: "pcs cluster destroy",
		Diffs: []plan.Diff{plan.Was("origin", "the corosync package's default")}}
	if f.Default == nil {
		return nil, nil
	}
	state := "stopped"
	if f.Default.Running {
		state = "running"
	}
	c.Diffs = append(c.Diffs, plan.Was("nodes", "node1 at 127.0.0.1"), plan.Was("resources", "none"), plan.Was("state", state))
	return []plan.Change{c}, nil
}

// Apply makes the one change that there is of a node.
func (defaultCluster) Apply(ctx context.Context, t *Target, _ []plan.Change) error {
	sum := sha256.Sum256(t.Node.Facts.Default.Text)
	res, err := t.Node.Conn.Run(ctx, remote.Cmd{
		Script:  defaultClusterScript,
		Args:    []string{hex.EncodeToString(sum[:]), fmt.Sprint(int(defaultStopLimit.Seconds()))},
		Timeout: 3*defaultStopLimit + 10*time.Second,
		Label:   "remove the default cluster",
	})
	if err != nil {
		return err
	}
	switch res.Status {
	case 3:
		return fmt.Errorf("the packaged default cluster was changed since it was looked at (%s), and is left as it is; run again", excerpt.Tail(res.Stderr, 1))
	case 4:
		return fmt.Errorf("the packaged default cluster does not stop: %s; see journalctl -u pacemaker -u corosync on the node, then run again", excerpt.Tail(res.Stderr, 1))
	}
	return res.Err("remove the default cluster")
}
