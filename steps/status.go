package steps

import (
	"context"
	"slices"

	"github.com/sourcegraph/conc/iter"

	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/secret"
)

// StatusReader reads what each node says of the cluster. It keeps one
// connection to each, and makes it again when it was lost. A node that cannot
// be reached, or does not answer, does not keep the others from being read.
type StatusReader struct {
	*Cluster
}

// NewStatusReader prepares to read; it connects to no node yet.
func NewStatusReader(cfg Config) (*StatusReader, error) {
	c, err := newCluster(Status, cfg.Playbook.Name, cfg)
	if err != nil {
		return nil, err
	}
	return &StatusReader{c}, nil
}

// Close closes every connection. Nothing may be reading.
func (r *StatusReader) Close() {
	for _, n := range r.Nodes {
		n.drop()
	}
}

// Read asks every node once, for text and, where the node offers it, XML,
// which have to agree.
func (r *StatusReader) Read(ctx context.Context) []NodeStatus {
	return iter.Mapper[*Node, NodeStatus]{MaxGoroutines: r.forks}.Map(r.Nodes, func(n **Node) NodeStatus {
		return r.hear(ctx, *n, hearing{how: facts.StatusXML, pause: longestPause})
	})
}

// Differences says where the cluster is not as declared, as far as its status
// tells; what is not understood in full is not judged. Failed actions, fencing
// and quorum are in the status itself.
func (r *StatusReader) Differences(all []NodeStatus) (found []plan.Finding) {
	var views []view
	for i, s := range all {
		if len(s.Unread) > 0 {
			found = append(found, unreadFinding(r.Nodes[i], s.Unread))
		}
		if s.Status != nil && !s.Status.Unknown() {
			views = append(views, view{node: r.Nodes[i], NodeStatus: s})
		}
	}
	j := newJudge(r.Cluster, views)
	if j == nil {
		return secret.Words(r.mask, found)
	}
	return secret.Words(r.mask, slices.Concat(found, j.checkMembers(), j.checkDaemons(), j.checkResources(), j.checkPlacement()))
}
