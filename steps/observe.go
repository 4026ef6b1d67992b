package steps

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/remote"
)

// What an observation may cost. A CIB of some megabytes is the most that a node
// has to say; each answer has a bound of its own in its script.
const (
	observeTimeout = 90 * time.Second
	observeLimit   = 24 << 20
)

// observe reads the sections on the node and stores them in its facts; facts
// of other sections stay. What the node did not answer is an error.
func (n *Node) observe(ctx context.Context, q facts.Ask) error {
	if n.seen == nil {
		n.seen = &facts.Facts{}
	}
	defer func() { n.Facts = withoutDefault(n.seen) }()
	take := func() error {
		mark := rand.Text()
		res, when, err := n.inquire(ctx, q, mark, "observe", observeTimeout)
		if err != nil {
			return err
		}
		return n.seen.Take(q, mark, res.Stdout, res.Stderr, when)
	}
	err := take()
	var unread facts.Errors
	if errors.As(err, &unread) && unread.Changed() { // somebody wrote in that moment
		err = take()
	}
	return err
}

// inquire runs an observation. What the node was asked when it stopped answering is
// in the error.
func (n *Node) inquire(ctx context.Context, q facts.Ask, mark, label string, limit time.Duration) (remote.Result, facts.Asked, error) {
	var open atomic.Pointer[string]
	began := time.Now()
	res, err := n.Conn.Run(ctx, remote.Cmd{
		Script:    facts.Script(),
		Args:      []string{mark},
		Stdin:     strings.NewReader(q.Stdin()),
		Timeout:   limit,
		Limit:     observeLimit,
		Label:     label,
		Reads:     true,
		Sensitive: true, // hashes, tokens and passwords pass here
		OnLine: func(line string) {
			if frame, ok := facts.Begun(line, mark); ok {
				open.Store(&frame)
			}
		},
	})
	when := facts.Asked{Began: began, Took: res.Took}
	var late *remote.TimeoutError
	var flood *remote.LimitError
	if frame := open.Load(); frame != nil && (errors.As(err, &late) || errors.As(err, &flood)) {
		return res, when, fmt.Errorf("%w, while it was asked: %s", err, *frame)
	}
	if err != nil {
		return res, when, err
	}
	return res, when, res.Err(label)
}
