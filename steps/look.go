package steps

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/remote"
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

// hearing is how a node is asked for its status.
type hearing struct {
	how      string        // facts.StatusXML and so on
	patience time.Duration // with the node; 0: as long as a sound one may need
	pause    time.Duration // the longest between attempts to connect, see connect
}

// hear asks a node what it says of the cluster, text and XML against each
// other. A node that is away is connected to again first. What goes wrong is the
// node's own: it is in the answer, and the time that it takes has a bound that
// leaves something of the whole.
func (c *Cluster) hear(ctx context.Context, n *Node, h hearing) verify.NodeStatus {
	ctx, cancel := context.WithTimeout(ctx, patience(ctx, h.patience))
	defer cancel()
	if err := c.connectReading(ctx, n, h.pause); err != nil {
		said := verify.NodeStatus{Node: n.Name, NodeName: n.NodeName, Reach: reach(err), Err: err}
		if said.Reach == verify.Asked {
			said.Reach = verify.Away
		}
		return said
	}
	var failed error
	asked := time.Now()
	said := lookTwice(func() (s verify.NodeStatus) {
		s, failed = lookAt(ctx, n, h.how)
		c.maskStatus(&s)
		return s
	})
	if failed != nil {
		said.Reach = reach(failed)
		n.drop() // the next time finds out whether the node is still there
	} else if waited := time.Since(asked); said.Err != nil && waited > tellWaited {
		said.Err = fmt.Errorf("%w; it was waited for %s", said.Err, waited.Round(time.Second))
	}
	c.maskStatus(&said)
	return said
}

// tellWaited is how long is worth a word.
const tellWaited = 10 * time.Second

// patience is how long one node may take: most, but never so long that nothing
// is left of the whole for what the others said.
func patience(ctx context.Context, most time.Duration) time.Duration {
	if most == 0 {
		most = lookTimeout
	}
	if end, ok := ctx.Deadline(); ok {
		most = min(most, time.Until(end)*2/3)
	}
	return most
}

// reach is how far a question got that ended with an error: the connection was
// lost, or the node does not let us in any more.
func reach(err error) verify.Reach {
	var lost *remote.LostError
	var unreachable *remote.UnreachableError
	var auth *remote.AuthError
	switch {
	case errors.As(err, &lost):
		return verify.Lost
	case errors.As(err, &unreachable), errors.As(err, &auth):
		return verify.Away
	}
	return verify.Asked
}
