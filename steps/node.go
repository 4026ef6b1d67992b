package steps

import (
	"errors"
	"time"

	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/remote"
	"github.com/hadeploy/hadeploy/inventory"
	"github.com/hadeploy/hadeploy/playbook"
)

// Node is one member, or the host of a remote or guest node: what the inventory says of it, the connection to it, and
// what was last observed on it.
type Node struct {
	inventory.Node
	// Remote is the remote or guest node that is to run there, nil for a member.
	Remote *playbook.RemoteNode
	Conn   remote.Conn
	Facts  *facts.Facts // without Debian's default cluster

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

// serves reports whether resources of the cluster may run there now.
func (n *Node) serves() bool {
	if n.Remote != nil {
		return n.Facts.Units[facts.PacemakerRemoted].Alive()
	}
	return n.Facts.Running()
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
