package steps

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/remote"
	"github.com/hadeploy/hadeploy/inventory"
)

// sickNode answers like saysNode where trouble gives nil, and else with its
// error.
type sickNode struct {
	saysNode
	trouble func(context.Context) error
	closed  *atomic.Int32
}

func (n sickNode) Run(ctx context.Context, cmd remote.Cmd) (remote.Result, error) {
	if err := n.trouble(ctx); err != nil {
		return remote.Result{}, err
	}
	if cmd.Script == "" {
		return remote.Result{}, errors.New("there is no crm_mon here")
	}
	return n.saysNode.Run(ctx, cmd)
}

func (n sickNode) Close() error {
	if n.closed != nil {
		n.closed.Add(1)
	}
	return nil
}

// hangs answers as the connection does of a command that never ends.
func hangs(ctx context.Context) error {
	began := time.Now()
	<-ctx.Done()
	if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return &remote.InterruptedError{Node: "n2", Label: "pcs status", Err: context.Cause(ctx)}
	}
	return &remote.TimeoutError{Node: "n2", Label: "pcs status", After: time.Since(began)}
}

func sickCluster(t *testing.T, name string, trouble func(context.Context) error) *Cluster {
	c := verifyCluster(t, "running")
	c.forks = 3
	for _, n := range c.Nodes {
		if n.Name == name {
			n.Conn = sickNode{saysNode: n.Conn.(saysNode), trouble: trouble}
		}
	}
	c.dial = func(context.Context, inventory.Node) (remote.Conn, error) { return nil, errors.New("not now") }
	return c
}

func findingsOn(v *Verification, node string) (found []plan.Finding) {
	return slices.DeleteFunc(slices.Clone(v.Findings), func(f plan.Finding) bool { return f.Node != node })
}

// A node that is sick is a finding, and the others are judged, in a time that
// leaves something of the whole.
func TestVerifySickNode(t *testing.T) {
	for name, c := range map[string]struct {
		trouble func(context.Context) error
		whole   time.Duration // of the run, 0: no bound
		longest time.Duration
		code    string
		message string
	}{
		"hangs":             {hangs, 0, lookTimeout, "STATUS_UNKNOWN", "pcs status cannot be read: not finished after 1m20s"},
		"hangs, and nagios": {hangs, 50 * time.Second, 40 * time.Second, "STATUS_UNKNOWN", "not finished after 33.3s"},
		"floods": {func(context.Context) error {
			return &remote.LimitError{Node: "n2", Label: "pcs status", Stream: "stdout", Limit: 9}
		}, 0, time.Second, "STATUS_UNKNOWN", "wrote more than 9 bytes to stdout"},
		"restarts": {func(context.Context) error {
			return &remote.LostError{Node: "n2", Label: "pcs status", Err: errors.New("the node closed the connection")}
		}, 0, time.Second, "NODE_UNREACHABLE", "the connection was lost while the node was asked: pcs status: connection lost"},
		"lets us in no more": {func(context.Context) error {
			return &remote.AuthError{Node: "n2", User: "u", Addr: "x", Reason: "sudo asks for a password"}
		}, 0, time.Second, "NODE_UNREACHABLE", "sudo asks"},
		"fails": {func(context.Context) error {
			return &remote.CommandError{Node: "n2", Label: "pcs status", Status: 137, Stderr: "Killed"}
		}, 0, time.Second, "STATUS_UNKNOWN", "exit status 137: Killed"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, began := t.Context(), time.Now()
				if c.whole > 0 {
					limited, cancel := context.WithTimeout(ctx, c.whole)
					defer cancel()
					ctx = limited
				}
				v, err := (&Run{Cluster: sickCluster(t, "n2", c.trouble)}).Verify(ctx, 0)
				if err != nil {
					t.Fatal(err)
				}
				if took := time.Since(began); took > c.longest {
					t.Errorf("it took %s", took)
				}
				found := findingsOn(v, "n2")
				if v.OK || len(found) != 1 || found[0].Code != c.code || !strings.Contains(found[0].Message, c.message) || found[0].Severity != plan.Error {
					t.Errorf("got %+v", found)
				}
				if len(plan.Errors(v.Findings)) != 1 {
					t.Errorf("got %+v", v.Findings)
				}
				var well []string
				for _, check := range v.Checks {
					if check.Passed {
						well = append(well, check.Seen)
					}
				}
				if got := strings.Join(well, "; "); !strings.Contains(got, "3 nodes online; quorum, DC n1") || !strings.Contains(got, "daemons active on n1, n3; ; 4 resources as declared") {
					t.Errorf("of the others: %s", got)
				}
			})
		})
	}
}

// Where the node that has the address tells nothing, nobody says that the
// address is gone.
func TestVerifyAddressOfSickNode(t *testing.T) {
	for _, name := range []string{"n1", "n2", "n3"} {
		c := sickCluster(t, name, func(context.Context) error { return &remote.LostError{Node: name, Err: errors.New("gone")} })
		v, err := (&Run{Cluster: c, op: Plan}).Verify(t.Context(), 0)
		if err != nil {
			t.Fatal(err)
		}
		if bad := plan.Errors(v.Findings); len(bad) != 1 || bad[0].Node != name {
			t.Errorf("without %s: %+v", name, bad)
		}
	}
}

// A node that takes the connection and then says nothing is away like others.
func TestVerifySlowLogin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := sickCluster(t, "", nil)
		c.Nodes[1].Conn = nil
		c.dial = func(ctx context.Context, n inventory.Node) (remote.Conn, error) {
			<-ctx.Done()
			return nil, &remote.InterruptedError{Node: n.Name, Label: "connect", Err: context.Cause(ctx)}
		}
		ctx, cancel := context.WithTimeout(t.Context(), 12*time.Second)
		defer cancel()
		v, err := (&Run{Cluster: c, op: Plan}).Verify(ctx, 0)
		if err != nil {
			t.Fatal(err)
		}
		if f := findingsOn(v, "n2"); len(f) != 1 || f[0].Code != "NODE_UNREACHABLE" || !strings.Contains(f[0].Message, "no answer within 8s") {
			t.Errorf("got %+v", f)
		}
	})
}

func TestVerifyAllSick(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := sickCluster(t, "", nil)
		for _, n := range c.Nodes {
			n.Conn = sickNode{trouble: hangs}
		}
		began := time.Now()
		v, err := (&Run{Cluster: c, op: Plan}).Verify(t.Context(), 30*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took > 30*time.Second+lookTimeout {
			t.Errorf("it took %s", took)
		}
		if v.OK || len(v.Findings) != 3 {
			t.Errorf("got %+v", v.Findings)
		}
		for _, check := range v.Checks[1:] {
			if check.Passed || check.Skipped != "no node tells the cluster's state" {
				t.Errorf("got %+v", check)
			}
		}
	})
}

// A node that restarts while it is waited for is connected to again, not too
// often, and is judged then.
func TestVerifyWaitsForSickNode(t *testing.T) {
	for name, c := range map[string]struct {
		sick     string
		trouble  func(context.Context, time.Duration) error
		away     time.Duration // connecting fails until then
		from, to time.Duration // when all is well
		dials    int           // most
	}{
		"it restarts": {"n2", func(context.Context, time.Duration) error {
			return &remote.LostError{Node: "n2", Label: "pcs status", Err: errors.New("the node closed the connection")}
		}, 40 * time.Second, 40 * time.Second, 47 * time.Second, 11},
		"pcs hangs on it, for a minute": {"n2", func(ctx context.Context, after time.Duration) error {
			if after > time.Minute {
				return nil
			}
			return hangs(ctx)
		}, 0, 80 * time.Second, 110 * time.Second, 3},
		"the first of all hangs": {"n1", func(ctx context.Context, after time.Duration) error {
			if after > 30*time.Second {
				return nil
			}
			return hangs(ctx)
		}, 0, 80 * time.Second, 110 * time.Second, 3},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				var opened, closed, dials atomic.Int32
				cluster := sickCluster(t, "", nil)
				var waits []Waiting
				cluster.emit = func(e Event) {
					if w, ok := e.(Waiting); ok {
						waits = append(waits, w)
					}
				}
				var says saysNode
				for _, n := range cluster.Nodes {
					opened.Add(1)
					well := n.Conn.(saysNode)
					n.Conn = sickNode{saysNode: well, closed: &closed, trouble: func(context.Context) error { return nil }}
					if n.Name == c.sick {
						says = well
						n.Conn = sickNode{saysNode: says, closed: &closed, trouble: func(ctx context.Context) error { return c.trouble(ctx, time.Since(began)) }}
					}
				}
				cluster.dial = func(context.Context, inventory.Node) (remote.Conn, error) {
					dials.Add(1)
					if time.Since(began) < c.away {
						return nil, &remote.UnreachableError{Node: c.sick, Addr: "x:22", Err: errors.New("refused")}
					}
					opened.Add(1)
					again := func(context.Context) error { return nil }
					if c.away == 0 {
						again = func(ctx context.Context) error { return c.trouble(ctx, time.Since(began)) }
					}
					return sickNode{saysNode: says, closed: &closed, trouble: again}, nil
				}
				run := &Run{Cluster: cluster, op: Plan}
				v, err := run.Verify(t.Context(), 3*time.Minute)
				if err != nil {
					t.Fatal(err)
				}
				if took := time.Since(began); !v.OK || took < c.from || took > c.to {
					t.Errorf("after %s: %+v", took, plan.Errors(v.Findings))
				}
				if int(dials.Load()) > c.dials || dials.Load() == 0 {
					t.Errorf("connected %d times", dials.Load())
				}
				if len(waits) < 2 || !strings.Contains(waits[0].Detail, "connection was lost") && !strings.Contains(waits[0].Detail, "not finished") || !waits[len(waits)-1].Done {
					t.Errorf("told: %+v", waits)
				}
				run.Close()
				if opened.Load() != closed.Load() {
					t.Errorf("%d connections opened, %d closed", opened.Load(), closed.Load())
				}
			})
		})
	}
}

// While --timeout lasts, the findings are told before it is over.
func TestVerifyWaitsWithinTheWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Second)
		defer cancel()
		began := time.Now()
		v, err := (&Run{Cluster: sickCluster(t, "n2", hangs)}).Verify(ctx, 10*time.Minute)
		if err != nil || v.OK || len(findingsOn(v, "n2")) != 1 {
			t.Errorf("got %+v, %v", v, err)
		}
		if took := time.Since(began); took >= 50*time.Second {
			t.Errorf("it took %s", took)
		}
	})
}
