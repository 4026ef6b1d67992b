// Package steps brings nodes to the declared state, one step at a time:
//
//	observe  ->  plan  ->  apply  ->  verify
//
// A step owns one part of a node's, or of the cluster's, state. The engine
// observes all nodes in one round trip each, asks every step what differs
// (Check), carries that out (Apply), observes again and asks again: a change
// that is left over is an error. Steps never print; they emit events.
package steps

import (
	"context"
	"slices"

	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/plan"
)

// Step owns one part of the declared state.
type Step interface {
	// Name is a short word for plans and recaps: packages, corosync, cib.
	Name() string
	// Check compares what is declared with what was observed and returns
	// what differs. It reads only. What it cannot know before an earlier
	// change is made, it reports as a Change that is Unknown until then; it
	// neither guesses nor fails for that.
	Check(ctx context.Context, t *Target) ([]plan.Change, error)
	// Apply makes exactly these changes.
	Apply(ctx context.Context, t *Target, changes []plan.Change) error
}

// ClusterWide is implemented by steps that run once for the whole cluster and
// need every member. Others run on all nodes at once.
type ClusterWide interface {
	Step
	ClusterWide()
}

// OnRemotes is implemented by steps that work on the hosts of remote and guest
// nodes too. Others leave them alone.
type OnRemotes interface {
	Step
	OnRemotes()
}

func onRemotes(s Step) bool {
	_, ok := s.(OnRemotes)
	return ok
}

// Surveyor is implemented by steps of single nodes that are right only where all
// nodes allow it. Survey looks at all of them, before any is checked and while
// none is worked on; Check, which others run beside, looks at its own node.
type Surveyor interface {
	Survey(ctx context.Context, c *Cluster) error
}

// Toucher is implemented by steps that know which facts their Apply changes.
// Only those are observed again; without it, all are.
type Toucher interface {
	Touches() []facts.Section
}

// Keeper is implemented by steps that leave in place what others wrote into what
// they own. Kept finds what was written there since the plan was made: no change
// of the step's own shows it.
type Keeper interface {
	Kept(t *Target, p *plan.Plan, found []plan.Change) []plan.Moved
}

// Owner is implemented by steps that put something of their own beside what is
// declared. What they find of it goes again, whether that was planned or not.
type Owner interface {
	Own(plan.Change) bool
}

// Target is what a step works on.
type Target struct {
	// Node is the node, nil for a cluster-wide step.
	Node *Node
	*Cluster
}

// touched are the facts that are read again after a step.
func touched(s Step) []facts.Section {
	if t, ok := s.(Toucher); ok {
		return slices.Clone(t.Touches())
	}
	return facts.All
}
