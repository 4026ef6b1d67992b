package steps

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sourcegraph/conc/iter"

	"github.com/hadeploy/hadeploy/internal/agent"
	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/remote"
)

// AgentReader asks nodes for their agents. A node that cannot be reached does
// not keep the others from being read.
type AgentReader struct {
	*Cluster
}

// NewAgentReader prepares to read; it connects to no node yet. Of the Config
// it needs Nodes, Forks and Dial, and no secret of the Playbook; name is what the
// events call the cluster.
func NewAgentReader(name string, cfg Config) (*AgentReader, error) {
	cfg.Playbook = nil
	c, err := newCluster(Agents, name, cfg)
	if err != nil {
		return nil, err
	}
	return &AgentReader{c}, nil
}

// Close closes every connection. Nothing may be reading.
func (r *AgentReader) Close() {
	for _, n := range r.Nodes {
		n.drop()
	}
}

// List asks every node for its agents, in the order of the inventory.
func (r *AgentReader) List(ctx context.Context) []agent.OnNode {
	return iter.Mapper[*Node, agent.OnNode]{MaxGoroutines: r.forks}.Map(r.Nodes, func(n **Node) agent.OnNode {
		return r.agents(ctx, *n)
	})
}

// Metadata asks the nodes that have the agent what it says of itself.
func (r *AgentReader) Metadata(ctx context.Context, name string, list []agent.OnNode) []agent.Told {
	var having []*Node
	for i, n := range r.Nodes {
		if list[i].Has(name) {
			having = append(having, n)
		}
	}
	return iter.Mapper[*Node, agent.Told]{MaxGoroutines: r.forks}.Map(having, func(n **Node) agent.Told {
		out := agent.Told{Node: (*n).Name, Name: name}
		out.Agent, out.Err = r.metadata(ctx, *n, name)
		return out
	})
}

// MetadataOfAll asks what each agent of ocf and stonith says of itself, of one
// node each; the nodes share the work. An agent that told nothing has an error.
func (r *AgentReader) MetadataOfAll(ctx context.Context, list []agent.OnNode) []agent.Told {
	mine := make([][]string, len(r.Nodes))
	for i, name := range agent.All(list) {
		if !strings.HasPrefix(name, "ocf:") && !strings.HasPrefix(name, "stonith:") {
			continue // a unit or a script has no options
		}
		for k := range r.Nodes {
			if at := (i + k) % len(r.Nodes); list[at].Has(name) {
				mine[at] = append(mine[at], name)
				break
			}
		}
	}
	numbers := make([]int, len(r.Nodes))
	for i := range numbers {
		numbers[i] = i
	}
	return slices.Concat(iter.Mapper[int, []agent.Told]{MaxGoroutines: r.forks}.Map(numbers, func(i *int) (told []agent.Told) {
		n := r.Nodes[*i]
		for _, name := range mine[*i] {
			if ctx.Err() != nil {
				return told
			}
			t := agent.Told{Node: n.Name, Name: name}
			t.Agent, t.Err = r.metadata(ctx, n, name)
			told = append(told, t)
		}
		return told
	})...)
}

func (r *AgentReader) agents(ctx context.Context, n *Node) agent.OnNode {
	frames, _, err := r.askFramed(ctx, n, remote.Cmd{Script: agent.ListScript, Reads: true, Timeout: 90 * time.Second, Limit: agent.ListLimit, Label: "list agents"})
	if err != nil {
		return agent.OnNode{Node: n.Name, Err: err}
	}
	return agent.TakeList(n.Name, frames)
}

func (r *AgentReader) metadata(ctx context.Context, n *Node, name string) (*agent.Agent, error) {
	frames, stderr, err := r.askFramed(ctx, n, remote.Cmd{Script: agent.MetadataScript, Args: []string{name}, Reads: true, Timeout: 90 * time.Second, Label: "metadata of " + name})
	if err != nil {
		return nil, err
	}
	a, err := agent.Parse(name, frames["metadata"])
	if said := lastLine(stderr); err != nil && said != "" {
		return nil, fmt.Errorf("%w; the node says: %s", err, said)
	}
	return a, err
}

// askFramed runs a script whose answer is framed by its first argument.
func (r *AgentReader) askFramed(ctx context.Context, n *Node, cmd remote.Cmd) (frames map[string][]byte, stderr []byte, err error) {
	if err := r.connectReading(ctx, n, longestPause); err != nil {
		return nil, nil, err
	}
	mark := rand.Text()
	cmd.Args = append([]string{mark}, cmd.Args...)
	res, err := n.Conn.Run(ctx, cmd)
	if err != nil {
		n.drop()
		return nil, nil, err
	}
	answers, err := facts.Frames(res.Stdout, mark)
	if err != nil {
		if failed := res.Err(cmd.Label); failed != nil {
			return nil, nil, failed
		}
		return nil, nil, fmt.Errorf("%s: %w", cmd.Label, err)
	}
	frames = map[string][]byte{}
	for name, a := range answers {
		frames[name] = a.Out
	}
	return frames, res.Stderr, nil
}

// lastLine is the last line that says something, at most 300 bytes of it.
func lastLine(b []byte) string {
	text := strings.ToValidUTF8(strings.TrimSpace(string(b)), "?")
	line := strings.TrimSpace(text[strings.LastIndexByte(text, '\n')+1:])
	if len(line) > 300 {
		line = strings.ToValidUTF8(line[:300], "") + "..."
	}
	return line
}
