package steps

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/remote"
	"github.com/hadeploy/hadeploy/internal/verify"
	"github.com/hadeploy/hadeploy/internal/yamldoc/cases"
)

// TestConfigurationCheck: verify --plan finds what plan would change, told as a
// difference. The words are those of the package verify.
func TestConfigurationCheck(t *testing.T) {
	for name, c := range map[string]struct {
		shadow, edit, password string
		want                   []string
		seen                   string
	}{
		"as declared": {password: "sekrit-pw", seen: "nothing to change"},
		"an option": {password: "sekrit-pw", edit: "monitor: {interval: 10s} => monitor: {interval: 33s}",
			want: []string{"error CONFIG_DRIFT  primitive web-ip: op.monitor.interval=33s, op.monitor.interval=10s"}},
		"a password":         {password: "sekrit-pw", shadow: otherPassword, want: []string{"error CONFIG_DRIFT n3 password hacluster: password=(secret), password=(secret)"}},
		"without the secret": {shadow: otherPassword, want: []string{"warning SECRET_MISSING  : , "}, seen: "nothing to change in what could be compared"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("HACLUSTER_PASSWORD", c.password)
			kase := cases.Case{Dir: t.TempDir(), Args: map[string]string{"-nodes": "running", "-playbook": c.edit}}
			if c.shadow != "" {
				cases.Write(t, kase.Dir+"/n3/shadow", []byte(c.shadow))
			}
			cluster := caseCluster(t, kase)
			check := verify.Compared(casePlan(t, cluster), nil, cluster.Playbook.Findings()) // which the check of fencing has
			var got []string
			for _, f := range check.Findings {
				got = append(got, fmt.Sprintf("%s %s %s %s: %s, %s", f.Severity, f.Code, f.Node, f.Object, f.Expected, f.Seen))
			}
			if !slices.Equal(got, c.want) || check.Seen != c.seen || check.Passed != (c.seen != "") {
				t.Errorf("got %q, seen %q", got, check.Seen)
			}
		})
	}
}

// observedNode answers an observation with what was captured.
type observedNode struct {
	remote.Conn
	stdout, stderr string
	err            error
}

func (n observedNode) Run(_ context.Context, cmd remote.Cmd) (remote.Result, error) {
	said := func(text string) []byte { return []byte(strings.ReplaceAll(text, "@MARK ", "@"+cmd.Args[0]+" ")) }
	return remote.Result{Stdout: said(n.stdout), Stderr: said(n.stderr)}, n.err
}
func (observedNode) Lost() <-chan struct{} { return nil }
func (observedNode) Close() error          { return nil }

// TestConfigurationCheckOfTheRest: where a node cannot be read, it is named and
// what can be compared without it is.
func TestConfigurationCheckOfTheRest(t *testing.T) {
	t.Setenv("HACLUSTER_PASSWORD", "sekrit-pw")
	drift := []string{"CONFIG_DRIFT primitive web-ip", "CONFIG_DRIFT n2 password hacluster"}
	for name, c := range map[string]struct {
		sick string
		conn remote.Conn
		want []string
	}{
		"one hangs":       {"n3", observedNode{err: &remote.TimeoutError{Node: "n3", Label: "observe", After: time.Minute}}, append(slices.Clone(drift), "CONFIG_UNKNOWN n3 : observe: not finished after 1m0s and stopped")},
		"the first one":   {"n1", observedNode{err: &remote.LimitError{Node: "n1", Label: "observe", Stream: "stdout", Limit: 7}}, []string{"CONFIG_DRIFT primitive web-ip", "CONFIG_UNKNOWN n1 : observe: wrote more than 7 bytes to stdout and was stopped"}},
		"one is away":     {"n3", nil, append(slices.Clone(drift), "CONFIG_UNKNOWN n3 : no route to host")},
		"the changed one": {"n2", nil, []string{"CONFIG_DRIFT primitive web-ip", "CONFIG_UNKNOWN n2 : no route to host"}},
	} {
		t.Run(name, func(t *testing.T) {
			kase := cases.Case{Dir: t.TempDir(), Args: map[string]string{"-nodes": "running", "-playbook": "monitor: {interval: 10s} => monitor: {interval: 33s}"}}
			cases.Write(t, kase.Dir+"/n2/shadow", []byte(otherPassword))
			cluster := caseCluster(t, kase)
			if c.sick == "n1" { // of which alone the agents' metadata was captured
				cluster.Nodes[1].Conn = cluster.Nodes[0].Conn
			}
			for _, n := range cluster.Nodes {
				n.Facts = nil
				if n.Name == c.sick {
					if n.Conn = c.conn; c.conn == nil {
						n.away.why = errors.New("no route to host")
					}
				}
			}
			run := &Run{Cluster: cluster, op: Plan}
			v := &Verification{OK: true, Findings: cluster.Playbook.Findings()}
			if err := run.Compare(t.Context(), v); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range v.Checks[0].Findings {
				_, why, _ := strings.Cut(f.Message, "members)")
				got = append(got, strings.TrimSpace(f.Code+" "+strings.TrimSpace(f.Node+" "+f.Object)+" "+why))
			}
			slices.Sort(got)
			slices.Sort(c.want)
			if v.OK || !slices.Equal(got, c.want) || len(run.Nodes) != 3 {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// TestConfigurationCheckWithoutPlan: what cannot be compared is not well, and
// takes nothing from what the other checks saw.
func TestConfigurationCheckWithoutPlan(t *testing.T) {
	cluster := verifyCluster(t, "running")
	for _, n := range cluster.Nodes[1:] {
		n.Conn = monNode{err: errors.New("connection lost")}
	}
	run := &Run{Cluster: cluster, op: Plan}
	v := &Verification{OK: true, Checks: []plan.Check{verify.Judged("members", "3 nodes online", nil)}}
	if err := run.Compare(t.Context(), v); err != nil {
		t.Fatal(err)
	}
	if v.OK || len(v.Checks) != 2 || v.Checks[1].Passed || len(v.Findings) != 3 || v.Findings[1].Code != "CONFIG_UNKNOWN" || !strings.Contains(v.Findings[1].Message, "connection lost") {
		t.Errorf("got %+v", v)
	}
}

// TestConfigurationCheckInterrupted: Ctrl-C while the nodes are read for the
// comparison leaves no verdict, though the other checks had passed.
func TestConfigurationCheckInterrupted(t *testing.T) {
	stop := make(chan struct{})
	cluster := verifyCluster(t, "running")
	cluster.Nodes[1].Conn = stopsNode{cluster.Nodes[1].Conn.(saysNode), stop}
	cluster.stop = stop
	run := &Run{Cluster: cluster, op: Plan}
	v := &Verification{OK: true}
	if err := run.Compare(t.Context(), v); !errors.Is(err, ErrInterrupted) || len(v.Checks) > 0 {
		t.Errorf("got %v, %+v", err, v)
	}
}

// monNode answers crm_mon.
type monNode struct {
	remote.Conn
	out string
	err error
}

func (monNode) Lost() <-chan struct{} { return nil }
func (monNode) Close() error          { return nil }

func (n monNode) Run(context.Context, remote.Cmd) (remote.Result, error) {
	return remote.Result{Stdout: []byte(n.out)}, n.err
}
