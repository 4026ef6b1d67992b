package yamlout

import "gopkg.in/yaml.v3"

// Node is a value of a document.
type Node = yaml.Node

// Empty is a mapping that holds nothing, where one has to stand.
func Empty() *yaml.Node {
	return &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Style: yaml.FlowStyle}
}

// IsEmpty reports whether a value is a list or a mapping that holds nothing.
func IsEmpty(n *Node) bool { return n.Kind != yaml.ScalarNode && len(n.Content) == 0 }

// Keys are the keys that were set, in their order.
func (m *Map) Keys() (keys []string) {
	for i := 0; i < len(m.node.Content); i += 2 {
		keys = append(keys, m.node.Content[i].Value)
	}
	return keys
}
