package verify

import (
	"slices"

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

// answer is what a check comes to: seen tells in a few words what is well, or
// skipped why there was nothing to answer.
type answer struct {
	seen, skipped string
	found         []plan.Finding
}

// checks are all that is asked, in the order of a person's questions. The
// services themselves are asked after them (see Probes).
func checks() []check {
	return []check{
		{name: Readable, ask: (*Judge).readable, blind: true},
		{name: "members", ask: (*Judge).checkMembers},
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

// Readable is the check of what the others rest on.
const Readable = "readable"

// untold is why nothing can be checked.
const untold = "no node tells the cluster's state"

// Judged is one check with what it found; seen tells what is well.
func Judged(name, seen string, found []plan.Finding) plan.Check {
	passed := len(plan.Errors(found)) == 0
	if !passed {
		seen = ""
	}
	return plan.Check{Name: name, Passed: passed, Seen: seen, Findings: append([]plan.Finding{}, found...)}
}

// Skipped is a check that was not asked, and why.
func Skipped(name, why string) plan.Check {
	return plan.Check{Name: name, Skipped: why, Findings: []plan.Finding{}}
}

// Left is what keeps the resources from being as they are declared, by itself
// and in a moment or not at all: what an apply waits for. known is false when
// that cannot be said, as no node tells the state, or a declared one is not
// online.
func (j *Judge) Left() (left []plan.Finding, known bool) {
	online := func(name string) bool {
		n := j.st.Node(name)
		return n != nil && n.Online
	}
	if !j.Sees() || slices.ContainsFunc(j.members(), func(name string) bool { return !online(name) }) {
		return nil, false
	}
	return plan.Errors(slices.Concat(j.checkFailedActions().found, j.checkResources().found)), true
}

// Differences says where the cluster is not as declared, as far as its status
// tells; what is not understood in full is not judged. Failed actions, fencing
// and quorum are in the status itself.
func Differences(in Input) (found []plan.Finding) {
	for _, v := range in.Said {
		if len(v.Unread) > 0 {
			found = append(found, v.unreadFinding())
		}
	}
	in.Said = slices.DeleteFunc(slices.Clone(in.Said), func(v NodeStatus) bool { return v.Status == nil || v.Status.Unknown() })
	j := New(in)
	if !j.Sees() {
		return found
	}
	return slices.Concat(found, j.checkMembers().found, j.checkDaemons().found, j.checkResources().found, j.checkPlacement().found)
}
