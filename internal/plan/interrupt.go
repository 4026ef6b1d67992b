package plan

import (
	"slices"
	"strings"
)

// Interruption is something that runs now and stops, if only for a moment.
type Interruption struct {
	// What stops: a resource's id, or a unit that no resource stands for yet
	// (nginx.service).
	What string `json:"what"`
	Node string `json:"node,omitempty"` // where, when it is one node
	How  string `json:"how"`            // Stops, Restarts, Moves, ...
	Why  string `json:"why,omitempty"`  // "options.ip changes", "the cluster takes it over"
}

// How something is interrupted.
const (
	Stops    = "stops"
	Restarts = "restarts"
	Moves    = "moves"
	Demotes  = "is demoted"
	Fenced   = "is fenced"
)

// interrupting are the actions of Pacemaker's simulator that somebody notices.
var interrupting = map[string]string{
	"Stop": Stops, "Restart": Restarts, "Move": Moves, "Migrate": Moves, "Demote": Demotes, "Fence": Fenced,
}

// interruptions gathers what stops: by a step's own doing, and by Pacemaker's,
// the instances of a clone (db:0, db:1) under its primitive's id, node by node.
func interruptions(p *Plan, fencing []string) []Interruption {
	var out []Interruption
	add := func(i Interruption) {
		same := func(x Interruption) bool { return x.What == i.What && x.Node == i.Node && x.How == i.How }
		if !slices.ContainsFunc(out, same) {
			out = append(out, i)
		}
	}
	for _, c := range p.Changes {
		for _, i := range c.Interrupts {
			if i.Node == "" {
				i.Node = c.Node
			}
			add(i)
		}
	}
	for _, im := range p.Impact {
		how := interrupting[im.Action]
		id, _, _ := strings.Cut(im.Resource, ":")
		if how == "" || how != Fenced && slices.Contains(fencing, id) {
			continue
		}
		node, why := where(im.Detail)
		add(Interruption{What: id, Node: node, How: how, Why: why})
	}
	return out
}

// where takes the simulator's words apart: "n1 due to required web-ip start",
// "n1 -> n2 due to node availability". Other forms have no node.
func where(detail string) (node, why string) {
	place, why, due := strings.Cut(strings.TrimSpace(strings.Trim(strings.TrimSpace(detail), "()")), " due to ")
	words := strings.Fields(place)
	switch {
	case len(words) == 1:
		return strings.TrimSuffix(words[0], ","), why
	case len(words) == 3 && words[1] == "->":
		return words[0], strings.TrimSuffix("to "+words[2]+", "+why, ", ")
	case due:
		return "", place + ", " + why
	}
	return "", place
}

// Interrupted is one thing that stops, on all the nodes where it does.
type Interrupted struct {
	What, How, Why string
	Nodes          []string
}

// ByWhat joins what is the same on several nodes.
func ByWhat(all []Interruption) []Interrupted {
	var out []Interrupted
	for _, i := range all {
		at := slices.IndexFunc(out, func(o Interrupted) bool { return o.What == i.What && o.How == i.How })
		if at < 0 {
			at = len(out)
			out = append(out, Interrupted{What: i.What, How: i.How, Why: i.Why})
		}
		if i.Node != "" {
			out[at].Nodes = append(out[at].Nodes, i.Node)
		}
	}
	for _, i := range out {
		slices.Sort(i.Nodes)
	}
	return out
}

// NotAllowed are the interruptions that a list of names does not cover; "all"
// covers any.
func NotAllowed(all []Interruption, allowed []string) []Interruption {
	if slices.Contains(allowed, "all") {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(all), func(i Interruption) bool {
		return slices.Contains(allowed, i.What) || slices.Contains(allowed, strings.TrimSuffix(i.What, ".service"))
	})
}
