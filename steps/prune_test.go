package steps

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/plan"
)

// TestInTwoSteps: what stops for what is removed, and stays, is started again;
// of what is removed only the stop counts.
func TestInTwoSteps(t *testing.T) {
	first := []plan.Impact{{Action: "Stop", Resource: "old:0", Detail: "n1"}, {Action: "Stop", Resource: "app", Detail: "n1"},
		{Action: "Stop", Resource: "other", Detail: "n2"}, {Action: "Start", Resource: "b", Detail: "n1"}}
	then := []plan.Impact{{Action: "Stop", Resource: "old:0", Detail: "n1"}, {Action: "Stop", Resource: "other", Detail: "n2"},
		{Action: "Start", Resource: "b", Detail: "n1"}, {Action: "Move", Resource: "vip", Detail: "n1 -> n2"}}
	want := []plan.Impact{{Action: "Stop", Resource: "old:0", Detail: "n1"}, {Action: "Restart", Resource: "app", Detail: "n1"},
		{Action: "Stop", Resource: "other", Detail: "n2"}, {Action: "Start", Resource: "b", Detail: "n1"},
		{Action: "Move", Resource: "vip", Detail: "n1 -> n2"}}
	if d := cmp.Diff(want, inTwoSteps(first, then, []string{"old"})); d != "" {
		t.Error(d)
	}
}

// TestInTwoStepsOnward: what the first step moves, the second finds where it
// went.
func TestInTwoStepsOnward(t *testing.T) {
	move := plan.Impact{Action: "Move", Resource: "web", Detail: "n1 -> n2"}
	for _, c := range []struct {
		then plan.Impact
		want []plan.Impact
	}{
		{plan.Impact{Action: "Stop", Resource: "web", Detail: "n1 due to node availability"},
			[]plan.Impact{move, {Action: "Stop", Resource: "web", Detail: "n2 due to node availability"}}},
		{plan.Impact{Action: "Restart", Resource: "web", Detail: "n1"}, []plan.Impact{move, {Action: "Restart", Resource: "web", Detail: "n2"}}},
		{plan.Impact{Action: "Move", Resource: "web", Detail: "n1 -> n3"}, []plan.Impact{move, {Action: "Move", Resource: "web", Detail: "n2 -> n3"}}},
		{move, []plan.Impact{move}},
	} {
		if d := cmp.Diff(c.want, inTwoSteps([]plan.Impact{move}, []plan.Impact{c.then}, []string{"old"})); d != "" {
			t.Errorf("%v: %s", c.then, d)
		}
	}
}

// TestStillActive: what is blocked will not stop by itself; a replica counts for
// its bundle.
func TestStillActive(t *testing.T) {
	st := &pcs.Status{Resources: []pcs.Resource{
		{ID: "gone", Role: "Stopped"},
		{ID: "runs", Role: "Started", Nodes: []string{"n1"}},
		{ID: "runs", Role: "Started", Nodes: []string{"n2"}},
		{ID: "httpd-podman-0", Bundle: "httpd", Role: "Started", Nodes: []string{"n1"}},
		{ID: "stays", Role: "Started", Nodes: []string{"n1"}},
	}}
	left, stuck := stillActive(st, []string{"gone", "runs", "httpd"})
	if d := cmp.Diff([]string{"runs", "httpd"}, left); d != "" || stuck != "" {
		t.Errorf("%q is stuck, and still active are:\n%s", stuck, d)
	}
	st.Resources[1].Blocked = true
	if _, stuck = stillActive(st, []string{"runs"}); stuck != "runs" {
		t.Errorf("%q is stuck", stuck)
	}
}
