package verify

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/plan"
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

// TestSaved: of a status alone, its nodes and its flags are believed.
func TestSaved(t *testing.T) {
	stopped := func(id string) pcs.Resource { return pcs.Resource{ID: id, Role: pcs.Stopped, Managed: true} }
	with := func(r pcs.Resource, change func(*pcs.Resource)) pcs.Resource { change(&r); return r }
	in := func(group, clone string) func(*pcs.Resource) {
		return func(r *pcs.Resource) { r.Group, r.Clone = group, clone }
	}
	runs := func(r *pcs.Resource) { r.Role, r.Nodes, r.StoppedOn = pcs.Started, []string{"n1"}, nil }
	well := []pcs.Node{{Name: "n1", Online: true}, {Name: "n2", Online: true}}
	aside := []pcs.Node{{Name: "n1", Online: true}, {Name: "n2", Online: true, Standby: true}}
	away := []pcs.Node{{Name: "n1"}, {Name: "n2", Online: true, Maintenance: true}}
	ping := with(stopped("ping"), in("", "ping-clone"))
	for name, c := range map[string]struct {
		st   pcs.Status
		want string // "id" is missed, "(id: why)" is not
	}{
		"it runs":                     {pcs.Status{Nodes: well, Resources: []pcs.Resource{with(stopped("a"), runs)}}, ""},
		"nothing says why":            {pcs.Status{Nodes: well, Resources: []pcs.Resource{stopped("a")}}, "a"},
		"disabled":                    {pcs.Status{Nodes: well, Resources: []pcs.Resource{with(stopped("a"), func(r *pcs.Resource) { r.Disabled = true })}}, ""},
		"unmanaged":                   {pcs.Status{Nodes: well, Resources: []pcs.Resource{with(stopped("a"), func(r *pcs.Resource) { r.Managed = false })}}, ""},
		"all stopped":                 {pcs.Status{Nodes: well, StopAll: true, Resources: []pcs.Resource{stopped("a")}}, ""},
		"no node can":                 {pcs.Status{Nodes: away, Resources: []pcs.Resource{stopped("a")}}, "(a: it may run on no node: n1: not online; n2: in maintenance)"},
		"fencing is always wanted":    {pcs.Status{Nodes: away, Resources: []pcs.Resource{with(stopped("f"), func(r *pcs.Resource) { r.Agent = "stonith:fence_xvm" })}}, "f: it may run on no node: n1: not online; n2: in maintenance"},
		"after another in a group":    {pcs.Status{Nodes: well, Resources: []pcs.Resource{with(stopped("a"), in("g", "")), with(stopped("b"), in("g", ""))}}, "a (b: a, which is before it in the group, does not run)"},
		"an instance, on a node":      {pcs.Status{Nodes: well, Resources: []pcs.Resource{with(ping, runs), with(ping, func(r *pcs.Resource) { r.StoppedOn = []string{"n2"} })}}, "ping"},
		"an instance, on one aside":   {pcs.Status{Nodes: aside, Resources: []pcs.Resource{with(ping, runs), with(ping, func(r *pcs.Resource) { r.StoppedOn = []string{"n2"} })}}, "(ping: n2: in standby)"},
		"an instance, somewhere":      {pcs.Status{Nodes: well, Resources: []pcs.Resource{with(ping, runs), ping}}, "ping"},
		"an instance, on that aside":  {pcs.Status{Nodes: aside, Resources: []pcs.Resource{with(ping, runs), ping}}, "(ping: n2: in standby)"},
		"no instance, and a node can": {pcs.Status{Nodes: aside, Resources: []pcs.Resource{ping}}, "ping"},
		"no instance, and none can":   {pcs.Status{Nodes: away, Resources: []pcs.Resource{ping}}, "(ping: n1: not online; n2: in maintenance)"},
	} {
		var got []string
		for i := range c.st.Nodes {
			c.st.Nodes[i].Kind = pcs.Member
		}
		for _, r := range Saved(&c.st).Resources() {
			text := r.ID
			if r.Why != "" {
				text += ": " + r.Why
			}
			switch {
			case r.Missed:
				got = append(got, text)
			case r.Why != "":
				got = append(got, fmt.Sprintf("(%s)", text))
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
