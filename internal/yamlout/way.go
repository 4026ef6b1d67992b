package yamlout

import (
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// Way is what a path leads by, as diagnostics write it (resources[0].op.monitor):
// the mapping itself first, what stands at the path last. Where nothing stands
// there, it ends with what is nearest to it.
func (m *Map) Way(path string) (way []*yaml.Node) {
	for n := m.node; n != nil; {
		way = append(way, n)
		n, path = step(n, path)
	}
	return way
}

// step is the value of the path's first part, and the rest of the path.
func step(n *yaml.Node, path string) (*yaml.Node, string) {
	switch n.Kind {
	case yaml.SequenceNode:
		number, rest, closed := strings.Cut(strings.TrimPrefix(path, "["), "]")
		if i, err := strconv.Atoi(number); closed && err == nil && i >= 0 && i < len(n.Content) {
			return n.Content[i], rest
		}
	case yaml.MappingNode:
		path = strings.TrimPrefix(path, ".")
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := string(yamldoc.Path("").Key(n.Content[i].Value))
			if rest, ok := strings.CutPrefix(path, key); ok && (rest == "" || rest[0] == '.' || rest[0] == '[') {
				return n.Content[i+1], rest
			}
		}
	}
	return nil, ""
}

// Get is the value under a key, nil where none was set.
func (m *Map) Get(key string) *yaml.Node {
	for i := 0; i+1 < len(m.node.Content); i += 2 {
		if m.node.Content[i].Value == key {
			return m.node.Content[i+1]
		}
	}
	return nil
}

// Insert is Set before the key at a place, from 0.
func (m *Map) Insert(place int, key string, value *yaml.Node) {
	if value == nil {
		return
	}
	at := min(2*place, len(m.node.Content))
	rest := append([]*yaml.Node{Text(key), value}, m.node.Content[at:]...)
	m.node.Content = append(m.node.Content[:at:at], rest...)
}

// Remove takes a value out of the mapping or list around it, with its key.
func Remove(around, n *yaml.Node) {
	width := 1
	if around.Kind == yaml.MappingNode {
		width = 2
	}
	for i := 0; i+width <= len(around.Content); i += width {
		if around.Content[i+width-1] == n {
			around.Content = append(around.Content[:i:i], around.Content[i+width:]...)
			return
		}
	}
}

// Contains reports whether a value stands anywhere in the mapping.
func (m *Map) Contains(n *yaml.Node) bool { return contains(m.node, n) }

func contains(in, n *yaml.Node) bool {
	for _, c := range in.Content {
		if c == n || contains(c, n) {
			return true
		}
	}
	return false
}
