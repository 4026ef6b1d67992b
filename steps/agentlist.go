package steps

import (
	"context"
	"crypto/rand"
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/sourcegraph/conc/iter"

	"github.com/hadeploy/hadeploy/internal/agent"
	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/remote"
)

//go:embed agentlist.sh
var agentListScript string

//go:embed agentlist_meta.sh
var agentMetaScript string

// NodeAgents are the agents that one node has.
type NodeAgents struct {
	Node      string   // inventory name
	Err       error    // not reached, or no answer; then the rest is empty
	Pacemaker string   // its version, "" where it is not installed
	Agents    []string // STANDARD:[PROVIDER:]TYPE, sorted, each once
}

// Has reports whether the node has the agent.
func (n NodeAgents) Has(agent string) bool {
	_, ok := slices.BinarySearch(n.Agents, agent)
	return ok
}

// NodeMetadata is what an agent says of itself on one node: Agent, or why not.
type NodeMetadata struct {
	Node  string
	Agent *agent.Agent
	Err   error
}

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
func (r *AgentReader) List(ctx context.Context) []NodeAgents {
	return iter.Mapper[*Node, NodeAgents]{MaxGoroutines: r.forks}.Map(r.Nodes, func(n **Node) NodeAgents {
		return r.agents(ctx, *n)
	})
}

// Metadata asks the nodes that have the agent what it says of itself.
func (r *AgentReader) Metadata(ctx context.Context, agent string, list []NodeAgents) []NodeMetadata {
	var having []*Node
	for i, n := range r.Nodes {
		if list[i].Has(agent) {
			having = append(having, n)
		}
	}
	return iter.Mapper[*Node, NodeMetadata]{MaxGoroutines: r.forks}.Map(having, func(n **Node) NodeMetadata {
		out := NodeMetadata{Node: (*n).Name}
		out.Agent, out.Err = r.metadata(ctx, *n, agent)
		return out
	})
}

// What is taken of one node's list.
const (
	maxAgents    = 50000
	maxAgentName = 255 // bytes
	maxAgentList = 4 << 20
)

func (r *AgentReader) agents(ctx context.Context, n *Node) NodeAgents {
	out := NodeAgents{Node: n.Name}
	frames, _, err := r.askFramed(ctx, n, remote.Cmd{Script: agentListScript, Reads: true, Timeout: 90 * time.Second, Limit: 2*maxAgentList + 64<<10, Label: "list agents"})
	if err != nil {
		out.Err = err
		return out
	}
	for _, name := range []string{"agents", "units"} {
		if len(frames[name]) > maxAgentList {
			out.Err = fmt.Errorf("the list of its agents is longer than the %d MiB that are read", maxAgentList>>20)
			return out
		}
	}
	version := strings.TrimPrefix(strings.TrimSpace(string(frames["pacemaker"])), "Pacemaker ")
	if !utf8.ValidString(version) || len(version) > maxAgentName {
		version = "of an unknown version"
	}
	agents := agentNames(string(frames["agents"]) + "\n" + string(frames["units"]))
	if len(agents) > maxAgents {
		out.Err = fmt.Errorf("it tells of %d agents, more than the %d that are read", len(agents), maxAgents)
		return out
	}
	out.Pacemaker, out.Agents = version, agents
	return out
}

// agentNames reads the lines of a node's answer. What has no type, or is
// longer than a file's name can be, is none. A service is whatever systemd or
// lsb has, as it is for Pacemaker.
func agentNames(lines string) []string {
	var names []string
	for line := range strings.Lines(lines) {
		name := strings.TrimRight(line, "\r\n")
		standard, rest, _ := strings.Cut(name, ":")
		typ := rest
		if standard == "ocf" {
			var provider string
			if provider, typ, _ = strings.Cut(rest, ":"); provider == "" {
				continue
			}
		}
		if standard == "" || typ == "" || len(typ) > maxAgentName || len(name) > 3*maxAgentName || !utf8.ValidString(name) {
			continue
		}
		names = append(names, name)
		if standard == "systemd" || standard == "lsb" {
			names = append(names, "service:"+typ)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (r *AgentReader) metadata(ctx context.Context, n *Node, name string) (*agent.Agent, error) {
	frames, stderr, err := r.askFramed(ctx, n, remote.Cmd{Script: agentMetaScript, Args: []string{name}, Reads: true, Timeout: 90 * time.Second, Label: "metadata of " + name})
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
