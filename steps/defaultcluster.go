package steps

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/hadeploy/hadeploy/internal/excerpt"
	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/remote"
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
