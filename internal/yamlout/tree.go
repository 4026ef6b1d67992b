package yamlout

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// At is the deepest part that a path leads to (resources[2].op.start.interval,
// as a yamldoc.Path is written), and the id of the innermost object around it.
// It is nil for a scalar at the top.
func (m *Map) At(path string) (part *Node, object string) {
	n := m.node
	for path != "" {
		next := -1
		switch n.Kind {
		case yaml.SequenceNode:
			var i int
			if _, err := fmt.Sscanf(path, "[%d]", &i); err == nil && i < len(n.Content) {
				next, path = i, path[strings.IndexByte(path, ']')+1:]
			}
		case yaml.MappingNode:
			path = strings.TrimPrefix(path, ".")
			longest := -1
			for i := 0; i+1 < len(n.Content); i += 2 {
				key := string(yamldoc.Path("").Key(n.Content[i].Value))
				rest, ok := strings.CutPrefix(path, key)
				if ok && (rest == "" || rest[0] == '.' || rest[0] == '[') && len(key) > longest {
					longest, next = len(key), i+1
				}
			}
			if next >= 0 {
				path = path[longest:]
			}
		}
		if next < 0 {
			break
		}
		n = n.Content[next]
		if id, ok := (&Map{n}).Text("id"); ok && n.Kind == yaml.MappingNode {
			object = id
		}
	}
	if n == m.node || n.Kind == yaml.ScalarNode && !strings.ContainsAny(path, ".[") && m.holds(n) {
		return nil, ""
	}
	return n, object
}

func (m *Map) holds(n *Node) bool { return slices.Contains(m.node.Content, n) }

// Without takes parts out of a value, and what is empty then.
func Without(n *Node, gone map[*Node]bool) {
	var kept []*Node
	step := 1
	if n.Kind == yaml.MappingNode {
		step = 2
	}
	for i := 0; i+step <= len(n.Content); i += step {
		value := n.Content[i+step-1]
		had := len(value.Content) > 0
		if gone[value] {
			continue
		}
		if Without(value, gone); had && IsEmpty(value) {
			continue
		}
		kept = append(kept, n.Content[i:i+step]...)
	}
	n.Content = kept
}

// IsEmpty reports whether a value is a list or a mapping that holds nothing.
func IsEmpty(n *Node) bool { return n.Kind != yaml.ScalarNode && len(n.Content) == 0 }

// Hosts are the names of the hosts of an inventory of Ansible, in the order in
// which they first stand there.
func (m *Map) Hosts() (names []string) {
	var walk func(n *Node)
	walk = func(n *Node) {
		for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
			value := n.Content[i+1]
			if n.Content[i].Value != "hosts" {
				walk(value)
				continue
			}
			for _, name := range (&Map{value}).Keys() {
				if !slices.Contains(names, name) {
					names = append(names, name)
				}
			}
		}
	}
	walk(m.node)
	return names
}
