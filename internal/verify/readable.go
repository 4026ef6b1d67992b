package verify

import (
	"errors"
	"strings"

	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/plan"
)

// readable reports the nodes whose status cannot be read, or not in full.
func (j *Judge) readable() (a answer) {
	for _, v := range j.Said {
		var down *pcs.NotRunningError
		f := plan.Finding{Code: "STATUS_UNKNOWN", Severity: plan.Error, Node: v.Node, Fix: "look at pcs status on the node"}
		switch {
		case v.Reach == Lost:
			f.Code, f.Expected, f.Seen = "NODE_UNREACHABLE", "reachable", "unreachable"
			f.Message = "the connection was lost while the node was asked: " + v.why()
			f.Fix = "is it switched on? did it restart? hadeploy verify --wait connects again"
		case v.Reach == Away:
			f.Code, f.Expected, f.Seen = "NODE_UNREACHABLE", "reachable", "unreachable"
			f.Message = "the node cannot be reached, so it was not asked: " + v.why()
			f.Fix = "is it switched on? can you log in by ssh?"
		case errors.As(v.Err, &down):
			f.Code, f.Expected, f.Seen = "NOT_RUNNING", "running", "not running"
			f.Message, f.Fix = "the cluster does not run on this node", "pcs cluster start "+v.NodeName
			if down.Starting {
				f.Seen, f.Message = "starting", "the cluster on this node does not answer yet"
			}
		case v.Err != nil:
			f.Message = "pcs status cannot be read: " + strings.TrimPrefix(v.why(), "pcs status: ")
		case v.Status.Unknown():
			f.Message = "pcs status was not understood in full, so nothing can be said for certain: " + v.Status.Problem().Error()
		case len(v.Unread) > 0:
			f = v.unreadFinding()
		case v.Disagreement != nil:
			f.Message = "the text and the XML of its status do not say the same, which is a bug of hadeploy: " + strings.Join(v.Disagreement.Differences, "; ")
			f.Fix = "hadeploy status saves both; please report them"
		default:
			continue
		}
		a.found = append(a.found, f)
	}
	return a
}
