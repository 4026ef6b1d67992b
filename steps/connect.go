package steps

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hadeploy/hadeploy/internal/remote"
	"github.com/hadeploy/hadeploy/internal/verify"
)

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
