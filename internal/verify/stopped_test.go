package verify

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/inventory"
	"github.com/hadeploy/hadeploy/playbook"
)

// agree holds what is said of each resource for a status against what the check of
// resources found. codes counts what was compared.
func agree(t *testing.T, j *Judge, found []plan.Finding, codes map[string]int) {
	t.Helper()
	missed := map[string]bool{}
	for _, r := range j.Resources() {
		for _, id := range j.chain(r.ID) {
			missed[id] = missed[id] || r.Missed
		}
	}
	for _, f := range found {
		switch f.Code {
		case "RESOURCE_STOPPED":
			codes[f.Code]++
			if !missed[f.Object] {
				t.Errorf("verify says %s, and a status would not miss it", f.Message)
			}
		case "RESOURCE_NOT_ALLOWED", "RESOURCE_DISABLED", "RESOURCE_UNMANAGED":
			codes[f.Code]++
			if missed[f.Object] {
				t.Errorf("verify says %s, and a status misses it", f.Message)
			}
		}
	}
	for id := range missed {
		told := func(f plan.Finding) bool {
			return slices.Contains(j.chain(id), f.Object) || slices.Contains(j.chain(f.Object), id)
		}
		if missed[id] && !slices.ContainsFunc(plan.Errors(found), told) {
			t.Errorf("a status misses %s, and verify finds nothing", id)
		}
	}
}

// TestSaved: of a status alone, its nodes and its flags are believed, and what it
// does not tell is no reason.
func TestSaved(t *testing.T) {
	stopped := func(id string) pcs.Resource { return pcs.Resource{ID: id, Role: pcs.Stopped, Managed: true} }
	with := func(r pcs.Resource, change func(*pcs.Resource)) pcs.Resource { change(&r); return r }
	in := func(group, clone string) func(*pcs.Resource) {
		return func(r *pcs.Resource) { r.Group, r.Clone = group, clone }
	}
	runs := func(r *pcs.Resource) { r.Role, r.Nodes, r.StoppedOn = pcs.Started, []string{"n1"}, nil }
	well := []pcs.Node{{Name: "n1", Online: true}, {Name: "n2", Online: true}}
	aside := []pcs.Node{{Name: "n1", Online: true}, {Name: "n2", Online: true, Standby: true}}
	byHand := []pcs.Node{{Name: "n1", Online: true, Standby: true}, {Name: "n2", Online: true, Maintenance: true}}
	mixed := []pcs.Node{{Name: "n1"}, {Name: "n2", Online: true, Standby: true}}
	lost := []pcs.Node{{Name: "n1"}, {Name: "n2"}}
	failed := []pcs.Node{{Name: "n1", Online: true, Standby: true, StandbyOnFail: true}, {Name: "n2", Online: true, Standby: true}}
	joining := []pcs.Node{{Name: "n1", Online: true, Pending: true}, {Name: "n2", Online: true, Standby: true}}
	untold := []pcs.Node{{Name: "n1", NotTold: true}, {Name: "n2", Online: true, Standby: true}}
	ping := with(stopped("ping"), in("", "ping-clone"))
	for name, c := range map[string]struct {
		st   pcs.Status
		want string // the ids that are missed
	}{
		"it runs":                     {pcs.Status{Nodes: well, Resources: []pcs.Resource{with(stopped("a"), runs)}}, ""},
		"nothing says why":            {pcs.Status{Nodes: well, Resources: []pcs.Resource{stopped("a")}}, "a"},
		"disabled":                    {pcs.Status{Nodes: well, Resources: []pcs.Resource{with(stopped("a"), func(r *pcs.Resource) { r.Disabled = true })}}, ""},
		"unmanaged":                   {pcs.Status{Nodes: well, Resources: []pcs.Resource{with(stopped("a"), func(r *pcs.Resource) { r.Managed = false })}}, ""},
		"all stopped":                 {pcs.Status{Nodes: well, StopAll: true, Resources: []pcs.Resource{stopped("a")}}, ""},
		"all nodes put aside":         {pcs.Status{Nodes: byHand, Resources: []pcs.Resource{stopped("a")}}, ""},
		"one lost, one put aside":     {pcs.Status{Nodes: mixed, Resources: []pcs.Resource{stopped("a")}}, "a"},
		"all nodes lost":              {pcs.Status{Nodes: lost, Resources: []pcs.Resource{stopped("a")}}, "a"},
		"standby by a failure":        {pcs.Status{Nodes: failed, Resources: []pcs.Resource{stopped("a")}}, "a"},
		"a node still joins":          {pcs.Status{Nodes: joining, Resources: []pcs.Resource{stopped("a")}}, "a"},
		"a node of which is not told": {pcs.Status{Nodes: untold, Resources: []pcs.Resource{stopped("a")}}, "a"},
		"no list of nodes":            {pcs.Status{NotTold: []string{"nodes"}, Resources: []pcs.Resource{stopped("a")}}, "a"},
		"a node may be cut":           {pcs.Status{Nodes: byHand, Incomplete: []string{"cut"}, Resources: []pcs.Resource{stopped("a"), ping}}, "a ping"},
		"fencing is always wanted":    {pcs.Status{Nodes: byHand, Resources: []pcs.Resource{with(stopped("f"), func(r *pcs.Resource) { r.Agent = "stonith:fence_xvm" })}}, "f"},
		"after another in a group":    {pcs.Status{Nodes: well, Resources: []pcs.Resource{with(stopped("a"), in("g", "")), with(stopped("b"), in("g", ""))}}, "a"},
		"an instance, on a node":      {pcs.Status{Nodes: well, Resources: []pcs.Resource{with(ping, runs), with(ping, func(r *pcs.Resource) { r.StoppedOn = []string{"n2"} })}}, "ping"},
		"an instance, on one aside":   {pcs.Status{Nodes: aside, Resources: []pcs.Resource{with(ping, runs), with(ping, func(r *pcs.Resource) { r.StoppedOn = []string{"n2"} })}}, ""},
		"an instance, somewhere":      {pcs.Status{Nodes: well, Resources: []pcs.Resource{with(ping, runs), ping}}, "ping"},
		"an instance, on that aside":  {pcs.Status{Nodes: aside, Resources: []pcs.Resource{with(ping, runs), ping}}, ""},
		"no instance, and a node can": {pcs.Status{Nodes: aside, Resources: []pcs.Resource{ping}}, "ping"},
		"no instance, and none can":   {pcs.Status{Nodes: byHand, Resources: []pcs.Resource{ping}}, ""},
		"no instance, and one lost":   {pcs.Status{Nodes: mixed, Resources: []pcs.Resource{ping}}, "ping"},
		"no instance, all lost":       {pcs.Status{Nodes: lost, Resources: []pcs.Resource{ping}}, "ping"},
		"an instance, on one lost":    {pcs.Status{Nodes: []pcs.Node{{Name: "n1", Online: true}, {Name: "n2"}}, Resources: []pcs.Resource{with(ping, runs), with(ping, func(r *pcs.Resource) { r.StoppedOn = []string{"n2"} })}}, ""},
		"no instance, untold nodes":   {pcs.Status{NotTold: []string{"nodes"}, Resources: []pcs.Resource{ping}}, "ping"},
		"instances, nodes cut":        {pcs.Status{Incomplete: []string{"the text ends before any node"}, Resources: []pcs.Resource{with(ping, runs), with(ping, func(r *pcs.Resource) { r.StoppedOn = []string{"n2"} })}}, "ping"},
		"instances, untold nodes":     {pcs.Status{NotTold: []string{"nodes"}, Resources: []pcs.Resource{with(ping, runs), with(ping, func(r *pcs.Resource) { r.StoppedOn = []string{"n2"} })}}, "ping"},
	} {
		var got []string
		for i := range c.st.Nodes {
			c.st.Nodes[i].Kind = pcs.Member
		}
		for _, r := range Saved(&c.st).Resources() {
			if r.Missed {
				got = append(got, r.ID)
			}
		}
		if got := strings.Join(got, " "); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
	if got := New(Input{}).Resources(); got != nil {
		t.Errorf("without a status: %+v", got)
	}
}

// TestLost: what is stopped since a node is lost is a fault, and what the
// configuration keeps off that node as well is none.
func TestLost(t *testing.T) {
	p := &playbook.Playbook{Resources: []playbook.Resource{
		{ID: "vip", Primitive: &playbook.Primitive{ID: "vip", Agent: "ocf:heartbeat:IPaddr2"}},
		{ID: "ping-clone", Clone: &playbook.Cloned{Primitive: &playbook.Primitive{ID: "ping", Agent: "ocf:pacemaker:ping"}}},
	}}
	banned := *p
	for _, id := range []string{"vip", "ping-clone"} {
		banned.Constraints.Location = append(banned.Constraints.Location, playbook.Location{ID: "ban-" + id, Resource: id, Node: "n1", Score: "-INFINITY"})
	}
	aside := pcs.Node{Name: "n2", Kind: pcs.Member, Online: true, Standby: true}
	for name, c := range map[string]struct {
		p     *playbook.Playbook
		n1    pcs.Node
		wants []string
	}{
		"lost": {p, pcs.Node{Name: "n1", Kind: pcs.Member}, []string{
			"RESOURCE_STOPPED: vip is stopped: no node is left that may run it: n1: not online; n2: in standby; do: bring back n1",
			"RESOURCE_STOPPED: ping-clone is stopped: no node is left that may run it: n1: not online; n2: in standby; do: bring back n1",
		}},
		"lost, and banned there": {&banned, pcs.Node{Name: "n1", Kind: pcs.Member}, []string{
			"RESOURCE_NOT_ALLOWED: vip is stopped, and rightly so: it may run on no node: n1: forbidden by ban-vip; n2: in standby; do: nothing, if it is meant so; else change what is named",
		}},
		"put aside": {p, pcs.Node{Name: "n1", Kind: pcs.Member, Online: true, Standby: true}, []string{
			"RESOURCE_NOT_ALLOWED: vip is stopped, and rightly so: it may run on no node: n1: in standby; n2: in standby; do: nothing, if it is meant so; else change what is named",
		}},
	} {
		st := &pcs.Status{DC: "n2", Quorum: true, Nodes: []pcs.Node{c.n1, aside}, Resources: []pcs.Resource{
			{ID: "vip", Role: pcs.Stopped, Managed: true},
			{ID: "ping", Clone: "ping-clone", Role: pcs.Stopped, Managed: true},
		}}
		nodes := []inventory.Node{{Name: "n1", NodeName: "n1"}, {Name: "n2", NodeName: "n2"}}
		j := New(Input{Playbook: c.p, Nodes: nodes, Said: []NodeStatus{{Node: "n2", NodeName: "n2", Status: st}}})
		found := j.checkResources().found
		var got []string
		for _, f := range found {
			got = append(got, f.Code+": "+f.Message+"; do: "+f.Fix)
		}
		if diff := cmp.Diff(c.wants, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		agree(t, j, found, map[string]int{})
	}
}
