package steps

import (
	"context"

	"github.com/sourcegraph/conc/iter"

	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/secret"
	"github.com/hadeploy/hadeploy/internal/verify"
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
func (r *StatusReader) Read(ctx context.Context) []verify.NodeStatus {
	return iter.Mapper[*Node, verify.NodeStatus]{MaxGoroutines: r.forks}.Map(r.Nodes, func(n **Node) verify.NodeStatus {
		return r.hear(ctx, *n, hearing{how: facts.StatusXML, pause: longestPause})
	})
}

// Differences says where the cluster is not as declared, as far as what the
// nodes said tells.
func (r *StatusReader) Differences(all []verify.NodeStatus) []plan.Finding {
	return secret.Words(r.mask, verify.Differences(r.verdictOn(all...)))
}

// Resources are those of one node's status, with what is to be said of the ones
// that are stopped.
func (r *StatusReader) Resources(said verify.NodeStatus) []verify.Resource {
	return verify.New(r.verdictOn(said)).Resources()
}
