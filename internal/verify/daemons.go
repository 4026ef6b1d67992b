package verify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/plan"
)

func (j *Judge) checkDaemons() answer {
	var found []plan.Finding
	boot := "enabled"
	if !j.Playbook.Cluster.Enable {
		boot = "disabled"
	}
	for _, v := range j.views {
		want := map[string]string{"corosync": "active/" + boot, "pacemaker": "active/" + boot, "pcsd": "active/enabled"}
		for _, daemon := range []string{"corosync", "pacemaker", "pcsd"} {
			seen, ok := v.Status.Daemons[daemon]
			if !ok {
				seen = "not shown"
			}
			if seen != want[daemon] {
				found = append(found, plan.Finding{Code: "DAEMON", Severity: plan.Error, Node: v.Node, Object: daemon, Expected: want[daemon], Seen: seen,
					Message: fmt.Sprintf("the daemon %s is %s, not %s", daemon, seen, want[daemon]), Fix: "hadeploy apply, or systemctl status " + daemon})
			}
		}
	}
	return answer{seen: j.daemonsSeen(), found: found}
}

// daemonsSeen names the nodes where not all of them told.
func (j *Judge) daemonsSeen() string {
	if len(j.views) == len(j.Nodes) {
		return "daemons active"
	}
	var names []string
	for _, n := range j.Nodes {
		if slices.ContainsFunc(j.views, func(v NodeStatus) bool { return v.Node == n.Name }) {
			names = append(names, n.Name)
		}
	}
	return "daemons active on " + strings.Join(names, ", ")
}
