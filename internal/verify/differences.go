package verify

import (
	"slices"

	"github.com/hadeploy/hadeploy/internal/plan"
)

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
