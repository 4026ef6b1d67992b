package steps

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hadeploy/hadeploy/internal/remote"
	"github.com/hadeploy/hadeploy/internal/verify"
)

// away is why there is no connection to a node, and when to try again.
type away struct {
	why   error
	pause time.Duration
	until time.Time
}

// Pauses between attempts to connect to a node that is away.
const (
	firstPause   = 2 * time.Second
	longestPause = 30 * time.Second
	// waitedPause is the longest while somebody waits for the node to come back.
	waitedPause = 5 * time.Second
)

// note remembers a failure, and when to try again: not at once, so that a node
// is not flooded with attempts, and seldom where trying often would lock us out.
func (a *away) note(err error, longest time.Duration) {
	var auth *remote.AuthError
	var key *remote.HostKeyError
	a.why, a.pause = err, min(max(firstPause, 2*a.pause), longest)
	if errors.As(err, &auth) || errors.As(err, &key) {
		a.pause = longestPause
	}
	a.until = time.Now().Add(a.pause)
}

// connect makes the connection to a node where there is none, or none any more.
// It only reads. After a failure it gives the same error for a while, at most
// for longest.
func (c *Cluster) connect(ctx context.Context, n *Node, longest time.Duration) error {
	if n.Conn != nil {
		select {
		case <-n.Conn.Lost():
			n.drop()
		default:
			return nil
		}
	}
	if n.away.why != nil && (c.dial == nil || time.Now().Before(n.away.until)) {
		return n.away.why
	}
	began := time.Now()
	conn, err := c.dial(ctx, n.Node)
	if err != nil {
		if errors.Is(ctx.Err(), context.DeadlineExceeded) { // which the error calls an interruption
			err = &remote.UnreachableError{Node: n.Name, Addr: n.Host, Err: fmt.Errorf("no answer within %s", time.Since(began).Round(100*time.Millisecond))}
		}
		n.away.note(err, longest)
		return err
	}
	n.Conn, n.away = remote.ReadOnly(conn), away{}
	c.emit(NodeConnected{Node: n.Name, Took: time.Since(began)})
	return nil
}

// drop closes the connection.
func (n *Node) drop() {
	if n.Conn != nil {
		_ = n.Conn.Close()
		n.Conn = nil
	}
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
	if err := c.connect(ctx, n, h.pause); err != nil {
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
