package steps

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/remote"
	"github.com/hadeploy/hadeploy/internal/yamldoc/cases"
	"github.com/hadeploy/hadeploy/inventory"
	"github.com/hadeploy/hadeploy/playbook"
)

// plainNode runs whatever it is given, and counts what changes it. Observations
// are for the node that it stands for.
type plainNode struct {
	remote.Conn
	changed, locked *int
}

func (n plainNode) Run(ctx context.Context, cmd remote.Cmd) (remote.Result, error) {
	if !cmd.Reads {
		*n.changed++
	}
	if cmd.Label == "observe" {
		return n.Conn.Run(ctx, cmd)
	}
	return remote.Result{}, nil
}

func (n plainNode) Lock(context.Context, string) (func(), error) {
	*n.locked++
	return func() {}, nil
}

func (plainNode) Lost() <-chan struct{} { return nil }
func (plainNode) Close() error          { return nil }

// TestOperations: what a run may do to its nodes is its operation's to say, and
// nothing hangs on the name.
func TestOperations(t *testing.T) {
	for op, may := range map[*Operation]bool{&Plan: false, &Apply: true, &Verify: false, &Status: false, &Agents: false, &Destroy: true} {
		for _, name := range []string{op.Name, "apply", "plan"} {
			changed, locked := 0, 0
			some := *op
			some.Name = name
			cfg := Config{Playbook: &playbook.Playbook{Name: "c"}, Forks: 1, Nodes: []inventory.Node{{Name: "n1"}},
				Dial: func(context.Context, inventory.Node) (remote.Conn, error) {
					return plainNode{changed: &changed, locked: &locked}, nil
				}}
			r, err := Open(t.Context(), some, cfg)
			if err != nil {
				t.Fatal(err)
			}
			_, err = r.Nodes[0].Conn.Run(t.Context(), remote.Cmd{Argv: []string{"touch", "/x"}})
			var refused *remote.ReadOnlyError
			if (changed == 1) != may || errors.As(err, &refused) == may {
				t.Errorf("%s, named %s: changed %d, %v", op.Name, name, changed, err)
			}
			// One that comes back is only looked at.
			r.Nodes[0].drop()
			if err := r.connectReading(t.Context(), r.Nodes[0], waitedPause); err != nil {
				t.Fatal(err)
			}
			if _, err := r.Nodes[0].Conn.Run(t.Context(), remote.Cmd{Argv: []string{"touch", "/x"}}); !errors.As(err, &refused) {
				t.Errorf("%s: made again, it may change: %v", op.Name, err)
			}
		}
	}
}

// TestPartial: only what goes on with some of its nodes does so, and never with
// none.
func TestPartial(t *testing.T) {
	for op, may := range map[*Operation]bool{&Plan: false, &Apply: false, &Verify: true, &Destroy: false} {
		for _, away := range []string{"n2", "n1 n2"} {
			var n int
			r, err := Open(t.Context(), *op, Config{Playbook: &playbook.Playbook{Name: "c"}, Forks: 1, Nodes: []inventory.Node{{Name: "n1"}, {Name: "n2"}},
				Dial: func(_ context.Context, at inventory.Node) (remote.Conn, error) {
					if strings.Contains(away, at.Name) {
						return nil, &remote.UnreachableError{Node: at.Name, Err: errors.New("no route to host")}
					}
					return plainNode{changed: &n, locked: &n}, nil
				}})
			var unreachable *UnreachableError
			if open := may && away == "n2"; open != (err == nil) || !open && !errors.As(err, &unreachable) {
				t.Errorf("%s without %s: %v, %v", op.Name, away, r, err)
			}
		}
	}
}

// outage is a step that would stop the whole cluster.
type outage struct{}

func (outage) Name() string { return "outage" }
func (outage) Check(context.Context, *Target) ([]plan.Change, error) {
	return []plan.Change{{Action: plan.Update, Kind: "file", ID: "/etc/corosync/corosync.conf", Disruption: plan.Outage}}, nil
}
func (outage) Apply(context.Context, *Target, []plan.Change) error { return nil }
func (outage) ClusterWide()                                        {}

// TestPrepare: what changes nodes locks them, and does not stop a cluster unless
// that is what it is for.
func TestPrepare(t *testing.T) {
	for op, c := range map[*Operation]struct {
		locked int
		refuse bool
	}{&Plan: {0, false}, &Apply: {3, true}, &Destroy: {3, false}} {
		changed, locked := 0, 0
		some := *op
		some.Steps = []Step{outage{}}
		r := &Run{op: some, Cluster: caseCluster(t, cases.Case{Dir: t.TempDir(), Args: map[string]string{"-nodes": "running"}})}
		for _, n := range r.Nodes {
			n.Conn = plainNode{Conn: n.Conn, changed: &changed, locked: &locked}
		}
		for _, saved := range []*plan.Plan{nil, {Changes: []plan.Change{{ID: "/etc/corosync/corosync.conf", Node: "n1", Disruption: plan.Outage}}}} {
			locked = 0
			p, err := r.Prepare(t.Context(), saved)
			var no *OutageError
			if errors.As(err, &no) != c.refuse || !c.refuse && (p == nil || len(p.Changes) != 1) {
				t.Errorf("%s: %v, %v", op.Name, p, err)
			}
			if locked != c.locked || changed != 0 {
				t.Errorf("%s: locked %d times, changed %d", op.Name, locked, changed)
			}
		}
	}
}

// TestOutageIsRefused: apply makes no change that stops the whole cluster.
func TestOutageIsRefused(t *testing.T) {
	for _, d := range []plan.Disruption{plan.None, plan.Reload, plan.Restart, plan.Outage} {
		err := refuseOutage(&plan.Plan{Changes: []plan.Change{{ID: "a"}, {ID: "/etc/corosync/corosync.conf", Node: "n2", Disruption: d}}})
		if (err != nil) != (d == plan.Outage) {
			t.Errorf("%q: %v", d, err)
		}
		if err != nil && !strings.Contains(err.Error(), "/etc/corosync/corosync.conf on n2") {
			t.Error(err)
		}
	}
}
