package steps

import (
	"errors"
	"time"

	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/remote"
	"github.com/hadeploy/hadeploy/inventory"
)

// Node is one member: what the inventory says of it, the connection to it, and
// what was last observed on it.
type Node struct {
	inventory.Node
	Conn  remote.Conn
	Facts *facts.Facts // without Debian's default cluster

	seen     *facts.Facts // as they were read
	changes  int
	failedAt string // the step, empty: alive
	err      error  // why it failed, or cannot be reached
	away     away   // why there is no connection, see connect
	deaf     bool   // it told nothing when it was last asked for the status
}

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

// drop closes the connection.
func (n *Node) drop() {
	if n.Conn != nil {
		_ = n.Conn.Close()
		n.Conn = nil
	}
}

// linkAddresses are the Corosync addresses of a node.
func linkAddresses(n *Node) []string { return linksOf(n.Node) }
