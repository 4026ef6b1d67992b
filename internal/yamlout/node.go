package yamlout

import (
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// Node is a value of a document.
type Node = yaml.Node

// At is what stands at a path, as diagnostics write it (resources[0].op.monitor),
// and what is around it, the outermost first. Where nothing stands at the path
// itself, it is what is there of the way to it.
func (m *Map) At(path string) (way []*Node) {
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
			key := n.Content[i].Value
			for _, written := range []string{key, "[" + strconv.Quote(key) + "]"} {
				if rest, ok := strings.CutPrefix(path, written); ok && (rest == "" || rest[0] == '.' || rest[0] == '[') {
					return n.Content[i+1], rest
				}
			}
		}
	}
	return nil, ""
}

// IsList reports whether a value is a list.
func IsList(n *Node) bool { return n.Kind == yaml.SequenceNode }

// Remove takes a value out of the mapping or list around it, with its key.
func Remove(around, n *Node) {
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

// IsEmpty reports whether a mapping or list holds nothing.
func IsEmpty(n *Node) bool { return n.Kind != yaml.ScalarNode && len(n.Content) == 0 }

// Empty is a mapping that holds nothing, where one has to stand.
func Empty() *Node { return &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Style: yaml.FlowStyle} }

// Names are the keys that were set, in their order.
func (m *Map) Names() (names []string) {
	for i := 0; i < len(m.node.Content); i += 2 {
		names = append(names, m.node.Content[i].Value)
	}
	return names
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

// Holds reports whether a value stands anywhere in the mapping.
func (m *Map) Holds(n *Node) bool { return holds(m.node, n) }

func holds(in, n *yaml.Node) bool {
	for _, c := range in.Content {
		if c == n || holds(c, n) {
			return true
		}
	}
	return false
}
