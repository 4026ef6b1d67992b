// Package yamlout writes YAML that people read and keep: sections apart, short
// mappings on one line, comments above what they are about. What other programs
// are told from (a CIB, an inventory, variables of a role) becomes a playbook
// with it. It is there because yaml.v3's encoder knows one style for all.
package yamlout

import (
	"bytes"
	"strings"

	"gopkg.in/yaml.v3"
)

// Node is a value: a scalar, a list or a mapping.
type Node = yaml.Node

// Width is how long a line may get before a mapping is written on several, in
// characters.
const Width = 100

// Text is a scalar that reads back as exactly these characters. It is quoted
// only where YAML wants that.
func Text(value string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Value: value}
	plain := n.ShortTag() // what the bare word would be taken for
	switch plain {
	case "!!int", "!!float", "!!bool", "!!timestamp":
		// Readers of this project take every scalar as its characters.
		n.Tag = plain
	default:
		n.SetString(value)
	}
	return n
}

// Null is the value that says that there is none.
func Null() *Node { return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "~"} }

// Map is a mapping in the order in which its keys were set.
type Map struct{ node *yaml.Node }

// NewMap is an empty mapping.
func NewMap() *Map { return &Map{&yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}} }

// Set adds a key with its value; a nil value adds nothing.
func (m *Map) Set(key string, value *yaml.Node) *Map {
	if value != nil {
		m.node.Content = append(m.node.Content, Text(key), value)
	}
	return m
}

// SetText adds a key with a scalar; an empty one adds nothing.
func (m *Map) SetText(key, value string) *Map {
	if value != "" {
		m.Set(key, Text(value))
	}
	return m
}

// Comment puts lines above a key that was set.
func (m *Map) Comment(key, text string) {
	for i := 0; i < len(m.node.Content); i += 2 {
		if m.node.Content[i].Value == key {
			comment(m.node.Content[i], text)
		}
	}
}

// Len is the number of keys.
func (m *Map) Len() int { return len(m.node.Content) / 2 }

// Node is the mapping as a value, nil when it is empty.
func (m *Map) Node() *yaml.Node {
	if m == nil || m.Len() == 0 {
		return nil
	}
	return m.node
}

// List is a list of values, nil when there are none.
func List(items ...*yaml.Node) *yaml.Node {
	n := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
	for _, item := range items {
		if item != nil {
			n.Content = append(n.Content, item)
		}
	}
	if len(n.Content) == 0 {
		return nil
	}
	return n
}

// Texts is a list of scalars, nil when there are none.
func Texts(values ...string) *yaml.Node {
	var items []*yaml.Node
	for _, v := range values {
		items = append(items, Text(v))
	}
	return List(items...)
}

// Comment puts lines above a value of a list.
func Comment(n *yaml.Node, text string) {
	if n.Kind == yaml.MappingNode && len(n.Content) > 0 {
		n = n.Content[0]
	}
	comment(n, text)
}

func comment(n *yaml.Node, text string) {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight("# "+line, " ")
	}
	if n.HeadComment != "" {
		n.HeadComment += "\n"
	}
	n.HeadComment += strings.Join(lines, "\n")
}

// Document is a whole file: head stands in front of all as a comment, each
// section of the mapping is apart from the one before.
func Document(head string, m *Map) ([]byte, error) {
	layout(m.node, 0)
	var b bytes.Buffer
	if head != "" {
		for line := range strings.Lines(strings.TrimSpace(head)) {
			b.WriteString(strings.TrimRight("# "+line, " \n") + "\n")
		}
		b.WriteString("\n")
	}
	for i := 0; i < len(m.node.Content); i += 2 {
		key, value := m.node.Content[i], m.node.Content[i+1]
		one := &yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{key, value}}
		if i > 0 && (long(m.node.Content[i-2], m.node.Content[i-1]) || long(key, value)) {
			b.WriteString("\n")
		}
		e := yaml.NewEncoder(&b)
		e.SetIndent(2)
		if err := e.Encode(one); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), nil
}

// long tells whether a section takes more than one line.
func long(key, value *yaml.Node) bool {
	return key.HeadComment != "" || value.Kind != yaml.ScalarNode && value.Style&yaml.FlowStyle == 0
}

// Keys are the keys that were set, in their order.
func (m *Map) Keys() (keys []string) {
	for i := 0; i < len(m.node.Content); i += 2 {
		keys = append(keys, m.node.Content[i].Value)
	}
	return keys
}

// Text is the scalar under a key, if one was set.
func (m *Map) Text(key string) (string, bool) {
	for i := 0; i < len(m.node.Content); i += 2 {
		if m.node.Content[i].Value == key && m.node.Content[i+1].Kind == yaml.ScalarNode {
			return m.node.Content[i+1].Value, true
		}
	}
	return "", false
}

// Replace gives a key that was set another value.
func (m *Map) Replace(key string, value *yaml.Node) {
	for i := 0; i < len(m.node.Content); i += 2 {
		if m.node.Content[i].Value == key {
			m.node.Content[i+1] = value
		}
	}
}

// Append adds all keys of another mapping.
func (m *Map) Append(other *Map) *Map {
	m.node.Content = append(m.node.Content, other.node.Content...)
	return m
}

// Empty is a mapping that holds nothing, where one has to stand.
func Empty() *yaml.Node {
	return &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Style: yaml.FlowStyle}
}
