package verify

import (
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/pcs"
)

// entries are what the status says of a resource id.
func (j *Judge) entries(id string) []pcs.Resource { return j.at(j.index.ids[id]) }

// find gives what pcs.Status.Find gives, by the index.
func (j *Judge) find(id string) []pcs.Resource { return j.at(j.index.names[id]) }

func (j *Judge) at(places []int) (out []pcs.Resource) {
	for _, i := range places {
		out = append(out, j.st.Resources[i])
	}
	return out
}

// seenAs tells roles and nodes in words: "Promoted on n1, Unpromoted on n2".
func seenAs(all []pcs.Resource) string {
	var parts []string
	for _, r := range all {
		s := r.Role
		if len(r.Nodes) > 0 {
			s += " on " + strings.Join(r.Nodes, ", ")
		}
		parts = append(parts, s)
	}
	return strings.Join(parts, "; ")
}

// activeOn are the nodes where a resource, group or clone is active in a role:
// Started and "" stand for any.
func (j *Judge) activeOn(id, role string) (nodes []string) {
	for _, r := range j.find(id) {
		switch r.Role {
		case pcs.Stopped, pcs.Starting:
			continue
		}
		if role == pcs.Promoted && r.Role != pcs.Promoted && r.Role != pcs.Demoting ||
			role == pcs.Unpromoted && r.Role != pcs.Unpromoted && r.Role != pcs.Promoting {
			continue
		}
		for _, n := range r.Nodes {
			if !slices.Contains(nodes, n) {
				nodes = append(nodes, n)
			}
		}
	}
	return nodes
}

func (j *Judge) anyActive(ids []string, role string) bool {
	return slices.ContainsFunc(ids, func(id string) bool { return len(j.activeOn(id, role)) > 0 })
}

// chain is a primitive and what it is in, innermost first: the ids by which a
// constraint may bind it.
func (j *Judge) chain(id string) []string {
	if chain := j.index.chains[id]; chain != nil {
		return slices.Clip(chain) // who appends to it gets another
	}
	return []string{id}
}

// allStopped says that a resource is stopped for a reason that another finding
// tells for the whole cluster.
func (j *Judge) allStopped() bool { return j.st.StopAll || !j.st.Quorum }

// badHealth tells what is yellow or red on a node.
func (j *Judge) badHealth(node string) string {
	if j.live != nil {
		return strings.Join(j.live.HealthOf(node), ", ")
	}
	if s := j.st.Node(node); s != nil && s.Health != "green" {
		return s.Health
	}
	return ""
}

// inWords is a role as an adjective.
func inWords(role string) string {
	if role == pcs.Started {
		return "running"
	}
	return strings.ToLower(role)
}
