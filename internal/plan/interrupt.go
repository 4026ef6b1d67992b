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

// Interrupting reports whether an action of Pacemaker's simulator stops
// something that runs.
func Interrupting(action string) bool { return interrupting[action] != "" }

// interruptions gathers what stops: by a step's own doing, and by Pacemaker's.
// The instances of a clone (db:0, db:1) count once each node.
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
		add(Interruption{What: id, How: how, Why: strings.TrimSpace(strings.Trim(strings.TrimSpace(im.Detail), "()"))})
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
