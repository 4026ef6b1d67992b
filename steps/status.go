package steps

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sourcegraph/conc/iter"

	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/remote"
	"github.com/hadeploy/hadeploy/inventory"
)

// StatusReader reads what each node says of the cluster. It keeps one
// connection to each, and makes it again when it was lost. A node that cannot
// be reached does not keep the others from being read.
type StatusReader struct {
	cluster *Cluster // what is declared
	nodes   []*statusNode
}

// statusNode is a node that is read, by one goroutine at a time.
type statusNode struct {
	*Node
	dial   func(context.Context, inventory.Node) (remote.Conn, error)
	emit   func(Event)
	failed error         // of the last attempt to connect
	pause  time.Duration // until the next
	again  time.Time
}

// NewStatusReader prepares to read; it connects to no node yet.
func NewStatusReader(cfg Config) (*StatusReader, error) {
	if cfg.Forks < 1 {
		return nil, fmt.Errorf("forks must be at least 1, not %d", cfg.Forks)
	}
	if len(cfg.Nodes) == 0 {
		return nil, errors.New("no nodes: the playbook's hosts select nothing from the inventory")
	}
	emit := serialised(cfg.Events)
	r := &StatusReader{cluster: &Cluster{Playbook: cfg.Playbook, forks: cfg.Forks, emit: emit, command: "status"}}
	var names []string
	for _, n := range cfg.Nodes {
		node := &Node{Node: n}
		r.cluster.Nodes = append(r.cluster.Nodes, node)
		r.nodes = append(r.nodes, &statusNode{Node: node, dial: cfg.Dial, emit: emit})
		names = append(names, n.Name)
	}
	emit(RunStarted{Command: "status", Cluster: cfg.Playbook.Name, Nodes: names})
	return r, nil
}

// Close closes every connection. Nothing may be reading.
func (r *StatusReader) Close() {
	for _, n := range r.nodes {
		n.drop()
	}
}

// Read asks every node once, for text and, where the node offers it, XML,
// which have to agree.
func (r *StatusReader) Read(ctx context.Context) []NodeStatus {
	return iter.Mapper[*statusNode, NodeStatus]{MaxGoroutines: r.cluster.forks}.Map(r.nodes, func(n **statusNode) NodeStatus {
		return lookTwice(func() NodeStatus { return (*n).read(ctx, facts.StatusXML) })
	})
}

// Differences says where the cluster is not as declared, as far as its status
// tells; what is not understood in full is not judged. Failed actions, fencing
// and quorum are in the status itself.
func (r *StatusReader) Differences(all []NodeStatus) (found []plan.Finding) {
	var views []view
	for i, s := range all {
		if s.Status != nil && !s.Status.Unknown() {
			views = append(views, view{node: r.nodes[i].Node, NodeStatus: s})
		}
	}
	j := newJudge(r.cluster, views)
	if j == nil {
		return nil
	}
	return slices.Concat(j.checkMembers(), j.checkDaemons(), j.checkResources(), j.checkPlacement())
}

// read asks the node once.
func (n *statusNode) read(ctx context.Context, how string) NodeStatus {
	if err := n.connect(ctx); err != nil {
		return NodeStatus{Node: n.Name, Err: err}
	}
	out, err := lookAt(ctx, n.Node, how)
	if err != nil {
		n.drop() // the next reading finds out whether the node is still there
	}
	return out
}

// Pauses between attempts to connect.
const (
	firstPause   = 2 * time.Second
	longestPause = 30 * time.Second
)

// connect makes the connection where there is none. After a failure it gives
// the same error for a while, so that a node is not flooded with attempts.
func (n *statusNode) connect(ctx context.Context) error {
	if n.Conn != nil {
		select {
		case <-n.Conn.Lost():
			n.drop()
		default:
			return nil
		}
	}
	if n.failed != nil && time.Now().Before(n.again) {
		return n.failed
	}
	began := time.Now()
	conn, err := n.dial(ctx, n.Node.Node)
	if err != nil {
		var auth *remote.AuthError
		var key *remote.HostKeyError
		n.failed, n.pause = err, min(max(firstPause, 2*n.pause), longestPause)
		if errors.As(err, &auth) || errors.As(err, &key) {
			n.pause = longestPause // trying often would lock us out
		}
		n.again = time.Now().Add(n.pause)
		return err
	}
	n.Conn, n.failed, n.pause = remote.ReadOnly(conn), nil, 0
	n.emit(NodeConnected{Node: n.Name, Took: time.Since(began)})
	return nil
}

// drop closes the connection.
func (n *statusNode) drop() {
	if n.Conn != nil {
		_ = n.Conn.Close()
		n.Conn = nil
	}
}
