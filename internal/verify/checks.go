package verify

import (
	"github.com/hadeploy/hadeploy/internal/plan"
)

// check is one question of a person about a running cluster.
type check struct {
	name string
	// ask answers it. It is asked when a node tells the cluster's state, unless
	// it is blind, and when there is something to ask: when is nil, or says so.
	ask   func(*Judge) answer
	blind bool
	when  func(*Judge) bool
}

// checks are all that is asked, in the order of a person's questions. The
// services themselves are asked after them (see Probes).
func checks() []check {
	return []check{
		{name: Readable, ask: (*Judge).readable, blind: true},
		{name: "members", ask: (*Judge).checkMembers},
		{name: "remote-nodes", ask: (*Judge).checkRemotes, when: (*Judge).hasRemotes},
		{name: "partition", ask: (*Judge).checkPartition},
		{name: "links", ask: (*Judge).checkLinks},
		{name: "daemons", ask: (*Judge).checkDaemons},
		{name: "fencing", ask: (*Judge).checkFencing},
		{name: "resources", ask: (*Judge).checkResources},
		{name: "placement", ask: (*Judge).checkPlacement},
		{name: "failed-actions", ask: (*Judge).checkFailedActions},
		{name: "addresses", ask: (*Judge).checkAddresses, when: (*Judge).hasAddresses},
		{name: "runtime", ask: (*Judge).checkRuntime, blind: true},
	}
}

// Checks are the answers to all that can be judged by what the nodes said.
func (j *Judge) Checks() (out []plan.Check) {
	for _, c := range checks() {
		switch {
		case c.when != nil && !(j.Sees() && c.when(j)):
		case !j.Sees() && !c.blind:
			out = append(out, Skipped(c.name, untold))
		default:
			a := c.ask(j)
			if a.skipped != "" {
				out = append(out, Skipped(c.name, a.skipped))
			} else {
				out = append(out, Judged(c.name, a.seen, a.found))
			}
		}
	}
	return out
}
