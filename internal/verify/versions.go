package verify

import (
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/plan"
)

// checkVersions looks closer where Pacemaker says MIXED-VERSION, which it also
// does of a node that has stored no version: one that is joining, and (3.0.0)
// one whose controller was started again.
func (j *Judge) checkVersions() []plan.Finding {
	away := func(n pcs.Node) bool { return n.Kind == pcs.Member && (!n.Online || n.Pending) }
	if !j.st.MixedVersion || slices.ContainsFunc(j.st.Nodes, away) {
		return nil
	}
	mixed := plan.Finding{Code: "VERSIONS_MIXED", Severity: plan.Warning, Expected: "one version", Seen: "mixed versions",
		Message: "the nodes run different versions of Pacemaker: an upgrade was not finished", Fix: "finish the upgrade on the other nodes"}
	if j.live == nil {
		return []plan.Finding{mixed}
	}
	sets := j.live.FeatureSets()
	var told, untold, versions []string
	for _, n := range j.st.Nodes {
		switch set := sets[n.Name]; {
		case n.Kind != pcs.Member:
		case set == "":
			untold = append(untold, n.Name)
		default:
			told = append(told, n.Name+" "+set)
			versions = append(versions, set)
		}
	}
	slices.Sort(versions)
	if len(slices.Compact(versions)) > 1 {
		mixed.Expected, mixed.Seen = "one feature set", strings.Join(told, ", ")
	} else if len(told) > 0 && len(untold) > 0 {
		names := strings.Join(untold, ", ")
		return []plan.Finding{{Code: "VERSION_NOT_STORED", Severity: plan.Info, Object: names, Expected: "a feature set of every node", Seen: strings.Join(told, ", "),
			Message: "Pacemaker says MIXED-VERSION only because the CIB has no version of " + names + ", as after a restart of its controller",
			Fix:     "attrd_updater --refresh on any node; journalctl -u pacemaker tells why the controller was started again"}}
	}
	return []plan.Finding{mixed}
}
