package verify

import (
	"strings"
	"testing"

	"github.com/hadeploy/hadeploy/internal/plan"
)

// TestCompared: what a plan would change is told as a difference, and what it
// could not compare is not taken for equal.
func TestCompared(t *testing.T) {
	missing := plan.Finding{Code: "SECRET_MISSING", Severity: plan.Warning, Message: "the hacluster password was not compared", Fix: "apply needs it"}
	interval := plan.Change{Action: plan.Update, Kind: "primitive", ID: "web-ip", Diffs: []plan.Diff{plan.Changes("op.monitor.interval", "10s", "33s"), plan.Becomes("meta.x", "1")}}
	password := plan.Change{Node: "n3", Action: plan.Update, Kind: "password", ID: "hacluster",
		Diffs: []plan.Diff{{Name: "password", Before: "a", After: "b", HasBefore: true, HasAfter: true, Secret: true}}}
	for name, c := range map[string]struct {
		plan *plan.Plan
		told []plan.Finding
		want string
	}{
		"as declared": {plan: &plan.Plan{}, want: "configuration passed: nothing to change\n"},
		"an option": {plan: &plan.Plan{Changes: []plan.Change{interval}}, want: `configuration failed
  error [CONFIG_DRIFT] primitive web-ip: is not as declared: op.monitor.interval, meta.x
      op.monitor.interval=33s meta.x=1; seen: op.monitor.interval=10s meta.x=(not set)
      do: hadeploy plan shows it in full; hadeploy apply mends it
`},
		"a password": {plan: &plan.Plan{Changes: []plan.Change{password}}, want: `configuration failed
  error [CONFIG_DRIFT] n3 password hacluster: is not as declared: password
      password=(secret); seen: password=(secret)
      do: hadeploy plan shows it in full; hadeploy apply mends it
`},
		"a file that is new, and one that goes": {plan: &plan.Plan{Changes: []plan.Change{{Action: plan.Create, Kind: "file", ID: "/a"},
			{Action: plan.Delete, Kind: "file", ID: "/b", Unknown: "until c"}}}, want: `configuration failed
  error [CONFIG_DRIFT] file /a: is declared and not there
      present; seen: absent
      do: hadeploy plan shows it in full; hadeploy apply mends it
  error [CONFIG_DRIFT] file /b: is there and should not be (not known in full until c)
      absent; seen: present
      do: hadeploy plan shows it in full; hadeploy apply mends it
`},
		"without the secret": {plan: &plan.Plan{Changes: []plan.Change{{Action: plan.Update, Maybe: true}}, Findings: []plan.Finding{missing}},
			want: `configuration passed: nothing to change in what could be compared
  warning [SECRET_MISSING] cluster: the hacluster password was not compared
      do: apply needs it
`},
		"told already": {plan: &plan.Plan{Findings: []plan.Finding{missing}}, told: []plan.Finding{missing},
			want: "configuration passed: nothing to change in what could be compared\n"},
		"no plan": {want: "configuration passed\n"},
	} {
		var out strings.Builder
		writeCheck(&out, Compared(c.plan, nil, c.told))
		if out.String() != c.want {
			t.Errorf("%s: want:\n%sgot:\n%s", name, c.want, out.String())
		}
	}
}
