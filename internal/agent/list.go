package agent

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// ListScript asks a node for its agents, and MetadataScript, whose second
// argument is an agent, what that says of itself. The first argument of both is
// a random word that frames the answers.
var (
	//go:embed list.sh
	ListScript string
	//go:embed metadata.sh
	MetadataScript string
)

// OnNode are the agents that one node has.
type OnNode struct {
	Node      string   // inventory name
	Err       error    // not reached, or no answer; then the rest is empty
	Pacemaker string   // its version, "" where it is not installed
	Agents    []string // STANDARD:[PROVIDER:]TYPE, sorted, each once
}

// Has reports whether the node has the agent.
func (n OnNode) Has(agent string) bool {
	_, ok := slices.BinarySearch(n.Agents, agent)
	return ok
}

// All are the agents that any of the nodes has, sorted.
func All(list []OnNode) []string {
	var all []string
	for _, n := range list {
		all = append(all, n.Agents...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Told is what an agent says of itself on one node: Agent, or why not.
type Told struct {
	Node  string
	Name  string // of the agent
	Agent *Agent
	Err   error
}

// What is taken of one node's list.
const (
	maxAgents    = 50000
	maxAgentName = 255 // bytes
	maxAgentList = 4 << 20
)

// ListLimit is how much a node may answer to ListScript.
const ListLimit = 2*maxAgentList + 64<<10

// TakeList reads what a node answered to ListScript, by frame.
func TakeList(node string, frames map[string][]byte) OnNode {
	out := OnNode{Node: node}
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
