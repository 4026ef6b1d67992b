package verify

import (
	"fmt"
	"slices"

	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/plural"
)

func (j *Judge) checkMembers() answer {
	var found []plan.Finding
	views := j.partition()
	for _, n := range j.Nodes {
		for _, v := range views {
			s := v.Status.Node(n.NodeName)
			f := plan.Finding{Code: "NODE_OFFLINE", Severity: plan.Error, Node: n.Name, Expected: "online"}
			switch {
			case s == nil:
				f.Seen, f.Message = "absent", fmt.Sprintf("%s is not a member in the eyes of %s", n.NodeName, v.NodeName)
				f.Fix = "hadeploy apply"
			case s.Unclean:
				f.Seen, f.Message = "UNCLEAN", fmt.Sprintf("%s is UNCLEAN: it has to be fenced before its resources can run elsewhere", n.NodeName)
				f.Fix = "find out what happened to the node; is there a fencing device?"
			case !s.Online && !s.Pending:
				f.Seen, f.Message, f.Fix = "offline", fmt.Sprintf("%s is offline in the eyes of %s", n.NodeName, v.NodeName), "pcs cluster start "+n.NodeName
			case s.Pending:
				f.Seen, f.Message, f.Fix = "pending", fmt.Sprintf("%s is still joining", n.NodeName), "wait a moment; then journalctl -u pacemaker on "+n.NodeName
			case s.StandbyOnFail:
				f.Code, f.Severity, f.Seen = "NODE_STANDBY", plan.Error, "standby (on-fail)"
				f.Message = n.NodeName + " is in standby since a resource failed there (on-fail=standby): it runs no resources"
				f.Fix = "mend the cause, then pcs resource cleanup"
			case s.Standby:
				f.Code, f.Severity, f.Seen = "NODE_STANDBY", plan.Warning, "standby"
				f.Message, f.Fix = n.NodeName+" is in standby, as a person set it: it runs no resources", "pcs node unstandby "+n.NodeName
			case s.Maintenance && !j.st.Maintenance:
				f.Code, f.Severity, f.Seen = "NODE_MAINTENANCE", plan.Warning, "maintenance"
				f.Message, f.Fix = n.NodeName+" is in maintenance, as a person set it: its resources are not watched", "pcs node unmaintenance "+n.NodeName
			default:
				continue
			}
			found = append(found, f)
			break // one node's word is enough
		}
	}
	for _, n := range j.Nodes {
		if bad := j.badHealth(n.NodeName); bad != "" {
			found = append(found, plan.Finding{Code: "NODE_HEALTH", Severity: plan.Warning, Node: n.Name, Expected: "green", Seen: bad,
				Message: fmt.Sprintf("the health of %s is %s; node-health-strategy may keep resources away from it", n.NodeName, bad),
				Fix:     "mend what the attribute tells of; the agent that set it clears it"})
		}
	}
	declared := j.members()
	for _, n := range j.st.Nodes {
		if n.Kind == pcs.Member && !slices.Contains(declared, n.Name) {
			found = append(found, plan.Finding{Code: "NODE_UNDECLARED", Severity: plan.Error, Object: n.Name, Expected: "no such member", Seen: "a member",
				Message: n.Name + " is a member of the cluster, and the inventory does not name it", Fix: "add it to the inventory, or pcs cluster node remove " + n.Name})
		}
	}
	return answer{seen: plural.Of(len(j.Nodes), "node") + " online", found: append(found, j.checkVersions()...)}
}
