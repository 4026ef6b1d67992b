package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Basis is what a plan was made from. A saved plan is applied only while all
// of it is still so.
type Basis struct {
	// Playbook has, by top-level key, a SHA-256 of what is declared there, with
	// every secret left out. Layout and comments do not count.
	Playbook map[string]string `json:"playbook,omitempty"`
	// Files has, by path on the nodes, the SHA-256 of what is shipped there;
	// only of what everybody may read there.
	Files   map[string]string `json:"files,omitempty"`
	Members []Member          `json:"members,omitempty"`
	// Remotes are the hosts of remote and guest nodes; their link is the address
	// that the members reach them at.
	Remotes []Member `json:"remotes,omitempty"`
	// Inventories are what was given with -i; none: the playbook's own.
	Inventories []string `json:"inventories,omitempty"`
	// Prune are the rules of --prune, besides those of the playbook.
	Prune []string `json:"prune,omitempty"`
	// Vars are those of -e. One whose value is a secret is not here; its name
	// is among SecretVars, and it has to be given again.
	Vars       map[string]string `json:"vars,omitempty"`
	SecretVars []string          `json:"secret_vars,omitempty"`
	// Corosync has, by node, the SHA-256 of corosync.conf as it was found: what
	// somebody else adds to it would stay, and would go unseen.
	Corosync map[string]string `json:"corosync_conf,omitempty"`
}

// Member is a node as the inventory has it.
type Member struct {
	Name     string   `json:"name"`      // in the inventory
	NodeName string   `json:"node_name"` // in the cluster
	Links    []string `json:"links"`     // addresses of its Corosync links
}

// Moved says what of the files has changed since, a line for each; nil:
// nothing. The nodes are not looked at.
func (b Basis) Moved(now Basis) []string {
	var out []string
	if keys := differing(b.Playbook, now.Playbook); keys != nil {
		out = append(out, "the playbook declares something else under "+strings.Join(keys, ", "))
	}
	for _, path := range differing(b.Files, now.Files) {
		out = append(out, "the file that is shipped to "+path+" is another")
	}
	out = append(out, movedMembers(b.Members, now.Members)...)
	return append(out, movedMembers(b.Remotes, now.Remotes)...)
}

func movedMembers(was, are []Member) (out []string) {
	find := func(list []Member, name string) *Member {
		if i := slices.IndexFunc(list, func(m Member) bool { return m.Name == name }); i >= 0 {
			return &list[i]
		}
		return nil
	}
	for _, m := range was {
		n := find(are, m.Name)
		switch {
		case n == nil:
			out = append(out, fmt.Sprintf("the inventory no longer has %s", m.Name))
		case n.NodeName != m.NodeName:
			out = append(out, fmt.Sprintf("the inventory names %s %s in the cluster, and not %s", m.Name, n.NodeName, m.NodeName))
		case !slices.Equal(n.Links, m.Links):
			out = append(out, fmt.Sprintf("the inventory gives %s the links %s, and not %s", m.Name, strings.Join(n.Links, " "), strings.Join(m.Links, " ")))
		}
	}
	for _, n := range are {
		if find(was, n.Name) == nil {
			out = append(out, fmt.Sprintf("the inventory now has %s", n.Name))
		}
	}
	return out
}

// differing are the keys with another value, or in only one of the two.
func differing(a, b map[string]string) []string {
	keys := map[string]bool{}
	for k, v := range a {
		if b[k] != v {
			keys[k] = true
		}
	}
	for k, v := range b {
		if a[k] != v {
			keys[k] = true
		}
	}
	return slices.Sorted(maps.Keys(keys))
}
