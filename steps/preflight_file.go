package steps

import (
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/cib"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/playbook"
)

// checkFile is what the file says that does not fit its nodes. What the cluster
// has beside it counts: its remote nodes are nodes, its watchdog fences, and what
// its own fencing devices do is not known.
func checkFile(t *Target) []plan.Finding {
	live := t.knownCIB()
	if live == nil {
		return t.Playbook.NodeFindings(t.NodeNames(), nil)
	}
	found := t.Playbook.NodeFindings(t.NodeNames(), live.RemoteNodes())
	if watchdogFences(live) {
		found = slices.DeleteFunc(found, func(f plan.Finding) bool { return f.Code == "NODE_UNFENCED" })
	}
	others := slices.DeleteFunc(live.FencingIDs(), func(id string) bool {
		return slices.ContainsFunc(t.Playbook.Stonith.Devices, func(d playbook.Primitive) bool { return d.ID == id })
	})
	for i, f := range found {
		if f.Code == "NODE_UNFENCED" && len(others) > 0 {
			found[i].Message += "; whether " + strings.Join(others, ", ") + ", which the file does not declare, does was not looked at"
		}
	}
	return found
}

// watchdogFences reports whether the cluster lets nodes fence themselves by their
// watchdog.
func watchdogFences(c *cib.CIB) bool {
	return slices.ContainsFunc(playbook.WatchdogProperties, func(name string) bool {
		v, ok := c.Property(name)
		return ok && playbook.FencesByWatchdog(v)
	})
}
