package steps

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hadeploy/hadeploy/internal/remote"
)

// connectReading is connect for a node that is only to be looked at: whatever the
// operation, a connection that comes about there changes nothing.
func (c *Cluster) connectReading(ctx context.Context, n *Node, longest time.Duration) error {
	return c.connect(ctx, n, longest, remote.ReadOnly)
}

// connect makes the connection to a node where there is none, or none any more,
// and guards it. After a failure it gives the same error for a while, at most
// for longest.
func (c *Cluster) connect(ctx context.Context, n *Node, longest time.Duration, guard func(remote.Conn) remote.Conn) error {
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
	n.Conn, n.away = guard(conn), away{}
	c.emit(NodeConnected{Node: n.Name, Took: time.Since(began)})
	return nil
}
