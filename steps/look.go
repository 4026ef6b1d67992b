package steps

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"time"

	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/verify"
)

// lookTimeout is more than a sound node needs; each command has a bound of its own.
const lookTimeout = 90 * time.Second

// lookAt asks a node what it says of the cluster. The error, which is also in
// the answer, means that the question did not get through.
func lookAt(ctx context.Context, n *Node, how string) (verify.NodeStatus, error) {
	out := verify.NodeStatus{Node: n.Name, NodeName: n.NodeName}
	q := facts.Ask{Sections: []facts.Section{facts.SectionStatus}, Status: how}
	mark := rand.Text()
	res, _, err := n.inquire(ctx, q, mark, "pcs status", lookTimeout)
	if err != nil {
		out.Err = err
		return out, err
	}
	said, err := facts.TakeStatus(q, mark, res.Stdout, res.Stderr)
	if err != nil {
		out.Err = fmt.Errorf("pcs status: %w", err)
		return out, nil
	}
	out.Take(said)
	return out, nil
}

// lookTwice reads text and XML. The cluster may move on between the two: only
// what differs in a second reading as in the first is a disagreement.
func lookTwice(look func() verify.NodeStatus) verify.NodeStatus {
	first := look()
	if first.Disagreement == nil {
		return first
	}
	second := look()
	if second.Disagreement != nil {
		second.Disagreement.Differences = slices.DeleteFunc(second.Disagreement.Differences, func(d string) bool {
			return !slices.Contains(first.Disagreement.Differences, d)
		})
		if len(second.Disagreement.Differences) == 0 {
			second.Disagreement = nil
		}
	}
	return second
}
