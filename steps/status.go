package steps

import (
	"context"

	"github.com/hadeploy/hadeploy/internal/pcs"
)

// NodeStatus is what one node says of the cluster: Status, or why not.
type NodeStatus struct {
	Node   string
	Status *pcs.Status
	Err    error
}

// Status reads pcs status on every node.
func (r *Run) Status(ctx context.Context) ([]NodeStatus, error) {
	out := make([]NodeStatus, len(r.Nodes))
	index := map[*Node]int{}
	for i, n := range r.Nodes {
		index[n] = i
	}
	err := r.eachErr(r.Nodes, func(n *Node) error {
		v, err := lookAt(ctx, n)
		out[index[n]] = NodeStatus{Node: n.Name, Status: v.status, Err: v.err}
		return err
	})
	return out, err
}
