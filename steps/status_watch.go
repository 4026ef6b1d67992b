package steps

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/verify"
)

// silence is how long a node may take to answer before what it said last is
// no longer shown.
const silence = 10 * time.Second

// Watch reads every node each interval and shows what they say, until the
// context ends, which is no error, or show fails. A slow or silent node holds
// up no other: it is shown as such, and asked again when it has answered or
// failed. XML is not read.
func (r *StatusReader) Watch(ctx context.Context, interval time.Duration, show func([]verify.NodeStatus) error) error {
	ctx, cancel := context.WithCancel(ctx)
	var readers sync.WaitGroup
	defer readers.Wait()
	defer cancel()

	type answer struct {
		node   int
		status verify.NodeStatus
	}
	answers := make(chan answer, len(r.Nodes)) // each node has at most one under way
	latest := make([]verify.NodeStatus, len(r.Nodes))
	asked := make([]time.Time, len(r.Nodes)) // zero: not under way
	for i, n := range r.Nodes {
		latest[i].Node = n.Name
	}
	for {
		next := time.NewTimer(interval)
		waiting := 0
		for i, n := range r.Nodes {
			if asked[i].IsZero() {
				asked[i] = time.Now()
				readers.Go(func() { answers <- answer{i, r.hear(ctx, n, hearing{how: facts.StatusText, pause: longestPause})} })
			}
			waiting++
		}
		over := false
		for waiting > 0 && !over {
			select {
			case a := <-answers:
				latest[a.node], asked[a.node] = a.status, time.Time{}
				waiting--
			case <-next.C:
				over = true
			case <-ctx.Done():
				next.Stop()
				return nil
			}
		}
		if ctx.Err() != nil { // what was cut off is no answer
			next.Stop()
			return nil
		}
		if err := show(withSilence(latest, asked, time.Now())); err != nil {
			next.Stop()
			return err
		}
		if over {
			continue
		}
		select {
		case <-next.C:
		case <-ctx.Done():
			next.Stop()
			return nil
		}
	}
}

// withSilence is what the nodes said last, but for those that have said
// nothing for long.
func withSilence(latest []verify.NodeStatus, asked []time.Time, now time.Time) []verify.NodeStatus {
	out := make([]verify.NodeStatus, len(latest))
	for i, s := range latest {
		out[i] = s
		never := s.Status == nil && s.Err == nil
		if took := now.Sub(asked[i]); !asked[i].IsZero() && (never || s.Status != nil && took >= silence) {
			out[i] = verify.NodeStatus{Node: s.Node, Err: fmt.Errorf("has not answered for %s", took.Truncate(time.Second))}
		}
	}
	return out
}
