package steps

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/hadeploy/hadeploy/internal/remote"
)

// stopsNode is the node in whose answer the user presses Ctrl-C.
type stopsNode struct {
	saysNode
	stop chan struct{}
}

func (n stopsNode) Run(ctx context.Context, cmd remote.Cmd) (remote.Result, error) {
	select {
	case <-n.stop:
	default:
		close(n.stop)
	}
	return n.saysNode.Run(ctx, cmd)
}

// TestVerifyInterrupted: who presses Ctrl-C gets no verdict, whatever was seen.
func TestVerifyInterrupted(t *testing.T) {
	for name, c := range map[string]struct {
		state  string
		within time.Duration
		want   string
	}{
		"while it waits":     {"clone-failed", time.Hour, "seen last: "},
		"in its only look":   {"clone-failed", 0, "seen last: "},
		"when all was well":  {"running", time.Hour, "no error was seen"},
		"before it had seen": {"running", 0, "before anything was seen"},
	} {
		t.Run(name, func(t *testing.T) {
			stop := make(chan struct{})
			cluster := verifyCluster(t, c.state)
			var open int
			cluster.emit = func(e Event) {
				if w, ok := e.(Waiting); ok {
					open++
					if w.Done {
						open -= 2
					} else {
						close(stop)
					}
				}
			}
			cluster.stop = stop
			run := &Run{Cluster: cluster, op: Plan}
			if name == "before it had seen" {
				close(stop)
			} else if c.want == "no error was seen" || c.within == 0 { // in the middle of the first look
				cluster.Nodes[2].Conn = stopsNode{cluster.Nodes[2].Conn.(saysNode), stop}
			}
			v, err := run.Verify(t.Context(), c.within)
			if v != nil || !errors.Is(err, ErrInterrupted) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %+v, %v", v, err)
			}
			if open != 0 {
				t.Errorf("%d waits are left open", open)
			}
			if len(cluster.findings) > 0 {
				t.Errorf("what was seen until then was reported as found: %v", cluster.findings)
			}
		})
	}
}
