package steps

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/hadeploy/hadeploy/internal/agent"
	"github.com/hadeploy/hadeploy/internal/cib"
	"github.com/hadeploy/hadeploy/internal/facts"
)

// ConfigReader reads the configuration of a running cluster. A node that cannot
// be reached does not keep the others from being read: all have the same.
type ConfigReader struct {
	*AgentReader
}

// NewConfigReader prepares to read; it connects to no node yet. Of the Config it
// needs Nodes, Forks and Dial; name is what the events call the cluster.
func NewConfigReader(name string, cfg Config) (*ConfigReader, error) {
	cfg.Playbook = nil
	c, err := newCluster(Diff, name, cfg)
	if err != nil {
		return nil, err
	}
	return &ConfigReader{&AgentReader{c}}, nil
}

// Configuration is what was read of a running cluster.
type Configuration struct {
	CIB    *cib.CIB
	Agents map[string]*agent.Agent // the metadata that was asked for, of the agents that are there
	Unread NodeErrors              // nodes that told nothing; the others did
}

// Read asks every node. The error means that the configuration is not known: no
// node told it, Pacemaker runs on none, or they do not agree.
func (r *ConfigReader) Read(ctx context.Context, agents []string) (*Configuration, error) {
	out := &Configuration{Agents: map[string]*agent.Agent{}}
	errs := r.each(r.Nodes, func(n *Node) error {
		if err := r.connectReading(ctx, n, longestPause); err != nil {
			return err
		}
		return n.observe(ctx, facts.Ask{Sections: []facts.Section{facts.SectionCIB, facts.SectionAgents}, Agents: agents, Metadata: agents})
	})
	if ctx.Err() != nil {
		return nil, ErrInterrupted
	}
	var read []*Node
	for i, n := range r.Nodes {
		if errs[i] != nil {
			out.Unread = append(out.Unread, NodeError{Node: n.Name, Err: errs[i]})
			continue
		}
		maps.Copy(out.Agents, n.Facts.Agents.Metadata)
		if n.Facts.CIB.Live != nil {
			read = append(read, n)
		}
	}
	switch {
	case len(out.Unread) == len(r.Nodes):
		return nil, out.Unread
	case len(read) == 0:
		return nil, errors.Join(fmt.Errorf("the live configuration is not known: Pacemaker runs on none of %s", strings.Join(namesOf(r.Nodes), ", ")), joined(out.Unread))
	}
	if err := r.oneCluster(ctx, read); err != nil {
		return nil, err
	}
	out.CIB = read[0].Facts.CIB.Live
	r.learn(out.CIB)
	return out, nil
}

// joined is no error where there are none.
func joined(list NodeErrors) error {
	if len(list) == 0 {
		return nil
	}
	return list
}

// oneCluster makes it an error when the nodes are of different clusters, or stay
// at different versions of the configuration: then which is the cluster's is not
// known.
func (r *ConfigReader) oneCluster(ctx context.Context, nodes []*Node) error {
	first := nodes[0]
	name, _ := first.Facts.CIB.Live.Property("cluster-name")
	for _, n := range nodes[1:] {
		if other, _ := n.Facts.CIB.Live.Property("cluster-name"); other != name {
			return fmt.Errorf("%s is of the cluster %q, and %s of %q: name the nodes of one", first.Name, name, n.Name, other)
		}
	}
	for began := time.Now(); ; {
		behind := first
		for _, n := range nodes[1:] {
			if n.Facts.CIB.Live.Epoch() != first.Facts.CIB.Live.Epoch() {
				behind = n
			}
		}
		if behind == first {
			return nil
		}
		if time.Since(began) > agreeLimit {
			return NodeErrors{{Node: behind.Name, Err: &facts.Error{Command: "cibadmin --query", Why: fmt.Sprintf("its CIB is at version %s, and that of %s at %s: "+
				"one is cut off from the other, or still joins it; look at pcs status on both", behind.Facts.CIB.Live.Epoch(), first.Name, first.Facts.CIB.Live.Epoch())}}}
		}
		select {
		case <-ctx.Done():
			return ErrInterrupted
		case <-time.After(agreeEvery):
		}
		for i, err := range r.each(nodes, func(n *Node) error { return n.observe(ctx, facts.Ask{Sections: []facts.Section{facts.SectionCIB}}) }) {
			if err == nil && nodes[i].Facts.CIB.Live == nil {
				err = &facts.Error{Command: "cibadmin --query", Why: "Pacemaker does not run any more"}
			}
			if err != nil {
				return NodeErrors{{Node: nodes[i].Name, Err: err}}
			}
		}
	}
}
