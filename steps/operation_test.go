package steps

import (
	"strings"
	"testing"

	"github.com/hadeploy/hadeploy/internal/plan"
)

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
