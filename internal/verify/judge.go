// Package verify judges a running cluster: it holds what the nodes said against
// what is declared, and tells what is well, what is not, and why. It asks nobody
// and changes nothing: what the nodes said comes in as an Input, and checks go
// out. A check is a line in checks.go, and a function from the Judge to findings
// in the file of its subject.
//
// What is there for a good reason (a standby, a ban, a ticket) is explained and
// no failure: why.go. What is not understood is never taken for fine.
package verify

import (
	"cmp"
	"slices"

	"github.com/hadeploy/hadeploy/internal/cib"
	"github.com/hadeploy/hadeploy/internal/corosync"
	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/inventory"
	"github.com/hadeploy/hadeploy/playbook"
)

// Input is all that a verdict rests on.
type Input struct {
	Playbook *playbook.Playbook
	Nodes    []inventory.Node // the declared members
	// Said is what nodes say of the cluster: all of them, or those that matter.
	Said []NodeStatus
	// Daemons is what the nodes say that their daemons run with, and Corosync the
	// corosync.conf that is declared for them, nil where there is none.
	Daemons  []Daemons
	Corosync *corosync.Config
	// Hosts is what the hosts of remote and guest nodes say; none: they were not asked.
	Hosts []RemoteHost
}

// Judge holds what the nodes say against what is declared. It asks nobody.
type Judge struct {
	Input
	views []NodeStatus // of the nodes that could be read, the one that is believed first
	// What is believed: nil when no node tells the cluster's state.
	st      *pcs.Status
	fencing []pcs.FencingEvent // the latest first
	// What that node also told, both nil when it did not: the live CIB, and the
	// scheduler's own scores.
	live        *cib.CIB
	scores      *cib.Scores
	constraints []cib.Constraint // live, and declared ones that are missing there
	index       index            // of st
	failCounts  []cib.FailCount  // of live
}

// New is the judge of what the nodes said.
func New(in Input) *Judge {
	j := &Judge{Input: in, views: slices.DeleteFunc(slices.Clone(in.Said), func(v NodeStatus) bool { return v.Status == nil })}
	if len(j.views) == 0 {
		return j
	}
	// A view that is not understood in full says nothing for certain.
	if known := slices.DeleteFunc(slices.Clone(j.views), func(v NodeStatus) bool { return v.Status.Unknown() }); len(known) > 0 {
		j.views = known
	}
	// The nodes of a partition without quorum do not judge the others.
	slices.SortStableFunc(j.views, func(a, b NodeStatus) int {
		return cmp.Compare(boolRank(b.Status.Quorum), boolRank(a.Status.Quorum))
	})
	first := j.views[0]
	j.st, j.live, j.scores = first.Status, first.CIB, first.Scores
	j.index = newIndex(j.st)
	if j.fencing = first.Fencing; len(j.fencing) == 0 {
		j.fencing = j.st.Fencing // of which text tells the failures only
	}
	if j.live != nil {
		j.constraints, j.failCounts = j.live.Constraints(), j.live.FailCounts()
	}
	j.constraints = append(j.constraints, declaredConstraints(j.Playbook, j.constraints)...)
	return j
}

// Sees reports whether a node tells the cluster's state at all.
func (j *Judge) Sees() bool { return j.st != nil }

// members are Pacemaker's names of the declared nodes.
func (j *Judge) members() []string {
	names := make([]string, len(j.Nodes))
	for i, n := range j.Nodes {
		names[i] = n.NodeName
	}
	return names
}

// property is a cluster property of the live CIB, "" when it is not set or not
// known.
func (j *Judge) property(name string) string {
	if j.live == nil {
		return ""
	}
	value, _ := j.live.Property(name)
	return value
}

// declaredProperty is a cluster property of the playbook.
func (j *Judge) declaredProperty(name string) string {
	v, _ := j.Playbook.Properties.Get(name)
	return v.Text
}

func boolRank(b bool) int {
	if b {
		return 1
	}
	return 0
}

// declaredConstraints are those of the playbook that none of the live ones says.
func declaredConstraints(p *playbook.Playbook, live []cib.Constraint) (out []cib.Constraint) {
	if p == nil {
		return nil
	}
	for _, c := range cib.DeclaredConstraints(p) {
		if !slices.ContainsFunc(live, func(l cib.Constraint) bool { return l.Says(c) }) {
			c.ID = cmp.Or(c.ID, "a declared "+c.Kind)
			out = append(out, c)
		}
	}
	return out
}
