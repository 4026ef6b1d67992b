package steps

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/cib"
	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/remote"
)

// view is the cluster as one node sees it.
type view struct {
	node *Node
	NodeStatus
}

// judge holds what the nodes say against what is declared. It asks nobody.
type judge struct {
	*Cluster
	views   []view             // of the nodes that could be read, the one that is believed first
	st      *pcs.Status        // of that one
	fencing []pcs.FencingEvent // the latest first
	// What it also told, both nil when it did not: the live CIB, and the
	// scheduler's own scores.
	live        *cib.CIB
	scores      *cib.Scores
	constraints []cib.Constraint // live, and declared ones that are missing there
}

// newJudge is nil when no view can be read.
func newJudge(c *Cluster, all []view) *judge {
	views := slices.DeleteFunc(slices.Clone(all), func(v view) bool { return v.Status == nil })
	if len(views) == 0 {
		return nil
	}
	// A view that is not understood in full says nothing for certain.
	if known := slices.DeleteFunc(slices.Clone(views), func(v view) bool { return v.Status.Unknown() }); len(known) > 0 {
		views = known
	}
	// The nodes of a partition without quorum do not judge the others.
	slices.SortStableFunc(views, func(a, b view) int {
		return cmp.Compare(boolRank(b.Status.Quorum), boolRank(a.Status.Quorum))
	})
	first := views[0]
	j := &judge{Cluster: c, views: views, st: first.Status, live: first.cib, scores: first.scores}
	if j.fencing = first.fencing; len(j.fencing) == 0 {
		j.fencing = j.st.Fencing // of which text tells the failures only
	}
	if j.live != nil {
		j.constraints = j.live.Constraints()
	}
	j.constraints = append(j.constraints, declaredConstraints(c.Playbook, j.constraints)...)
	return j
}

// partition are the views of the nodes that see the same cluster as the one
// that is believed.
func (j *judge) partition() []view {
	return slices.DeleteFunc(slices.Clone(j.views), func(v view) bool {
		return v.Status.DC != j.st.DC || v.Status.Quorum != j.st.Quorum
	})
}

// property is a cluster property of the live CIB, "" when it is not set or not
// known.
func (j *judge) property(name string) string {
	if j.live == nil {
		return ""
	}
	value, _ := j.live.Property(name)
	return value
}

// declaredProperty is a cluster property of the playbook.
func (j *judge) declaredProperty(name string) string {
	v, _ := j.Playbook.Properties.Get(name)
	return v.Text
}

// isFalse reads a boolean as Pacemaker does.
func isFalse(s string) bool {
	return slices.Contains([]string{"false", "off", "no", "n", "0"}, strings.ToLower(s))
}

func isTrue(s string) bool {
	return slices.Contains([]string{"true", "on", "yes", "y", "1"}, strings.ToLower(s))
}

// why is the error in its words, without the name of the node, which stands
// beside it.
func (v view) why() string { return strings.TrimPrefix(v.Err.Error(), v.node.Name+": ") }

// checkReadable reports the nodes whose status cannot be read, or not in full.
func checkReadable(views []view) (found []plan.Finding) {
	for _, v := range views {
		var down *pcs.NotRunningError
		var lost *remote.LostError
		var away *awayError
		f := plan.Finding{Code: "STATUS_UNKNOWN", Severity: plan.Error, Node: v.node.Name, Fix: "look at pcs status on the node"}
		switch {
		case errors.As(v.Err, &lost):
			f.Code, f.Expected, f.Seen = "NODE_UNREACHABLE", "reachable", "unreachable"
			f.Message = "the connection was lost while the node was asked: " + v.why()
			f.Fix = "is it switched on? did it restart? hadeploy verify --wait connects again"
		case errors.As(v.Err, &away), shutOut(v.Err):
			f.Code, f.Expected, f.Seen = "NODE_UNREACHABLE", "reachable", "unreachable"
			f.Message = "the node cannot be reached, so it was not asked: " + v.why()
			f.Fix = "is it switched on? can you log in by ssh?"
		case errors.As(v.Err, &down):
			f.Code, f.Expected, f.Seen = "NOT_RUNNING", "running", "not running"
			f.Message, f.Fix = "the cluster does not run on this node", "pcs cluster start "+v.node.NodeName
			if down.Starting {
				f.Seen, f.Message = "starting", "the cluster on this node does not answer yet"
			}
		case v.Err != nil:
			f.Message = "pcs status cannot be read: " + strings.TrimPrefix(v.why(), "pcs status: ")
		case v.Status.Unknown():
			f.Message = "pcs status was not understood in full, so nothing can be said for certain: " + v.Status.Problem().Error()
		case len(v.Unread) > 0:
			f = unreadFinding(v.node, v.Unread)
		case v.Disagreement != nil:
			f.Message = "the text and the XML of its status do not say the same, which is a bug of hadeploy: " + strings.Join(v.Disagreement.Differences, "; ")
			f.Fix = "hadeploy status saves both; please report them"
		default:
			continue
		}
		found = append(found, f)
	}
	return found
}

// unreadFinding tells what a node did not answer beside its status.
func unreadFinding(n *Node, unread []*facts.Error) plan.Finding {
	return plan.Finding{Code: "STATUS_UNKNOWN", Severity: plan.Error, Node: n.Name, Fix: "run the command on the node to see why",
		Message: "not all that a verdict rests on could be read: " + strings.ReplaceAll(facts.Errors(unread).Error(), "\n", "; ")}
}

// asked is one check with what it found; seen tells what is well.
func asked(name, seen string, found []plan.Finding) plan.Check {
	passed := len(errorsOnly(found)) == 0
	if !passed {
		seen = ""
	}
	return plan.Check{Name: name, Passed: passed, Seen: seen, Findings: append([]plan.Finding{}, found...)}
}

func skipped(name, why string) plan.Check {
	return plan.Check{Name: name, Skipped: why, Findings: []plan.Finding{}}
}

// untold is why nothing can be checked.
const untold = "no node tells the cluster's state"

// unasked are the checks when no node tells its state.
func unasked() (checks []plan.Check) {
	for _, name := range []string{"members", "partition", "links", "daemons", "fencing", "resources", "placement", "failed-actions"} {
		checks = append(checks, skipped(name, untold))
	}
	return checks
}

// checks are all that the status tells, in the order of a person's questions.
func (j *judge) checks() []plan.Check {
	resources := j.checkResources()
	checks := []plan.Check{
		asked("members", counted(len(j.Nodes), "node", "nodes")+" online", j.checkMembers()),
		asked("partition", "quorum, DC "+j.st.DC, j.checkPartition()),
		asked("links", j.linksSeen(), j.checkLinks()),
		asked("daemons", j.daemonsSeen(), j.checkDaemons()),
		asked("fencing", j.fencingSeen(), j.checkFencing()),
		asked("resources", j.resourcesSeen(resources), resources),
		asked("placement", "", j.checkPlacement()),
		asked("failed-actions", "no failed action", checkFailedActions(j.st)),
	}
	if vips := addressResources(j.Playbook); len(vips) > 0 {
		held, found := j.checkAddresses(vips)
		seen := ""
		if held > 0 {
			seen = counted(held, "address", "addresses") + " where pcs says"
		}
		checks = append(checks, asked("addresses", seen, found))
	}
	return checks
}
