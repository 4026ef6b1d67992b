package yamlout

import (
	"bytes"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// layout gives each mapping and list its style: on one line where it fits, holds
// no comment, and is no more than a few values deep.
func layout(n *yaml.Node, column int, inList bool) {
	if n.Kind == yaml.ScalarNode {
		return
	}
	if column > 0 && depth(n) <= 2 && !commented(n) {
		if w := width(n); w > 0 && column+w <= Width {
			n.Style |= yaml.FlowStyle
			return
		}
	}
	if n.Kind == yaml.SequenceNode {
		for _, item := range n.Content {
			layout(item, column+2, true)
		}
		return
	}
	for i := 0; i < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		at := column + 2
		if flat := column + utf8.RuneCountInString(key.Value) + 2; fits(value, flat) {
			value.Style |= yaml.FlowStyle
			continue
		}
		layout(value, at, false)
	}
}

// fits tells whether a value can stand behind its key, from a column on.
func fits(n *yaml.Node, column int) bool {
	if n.Kind == yaml.ScalarNode || depth(n) > 2 || commented(n) {
		return false
	}
	w := width(n)
	return w > 0 && column+w <= Width
}

// block marks a mapping that is never on one line; to yaml.v3 it says nothing of
// a mapping.
const block = yaml.FoldedStyle

// depth is how deep collections stand in each other.
func depth(n *yaml.Node) int {
	if n.Kind == yaml.ScalarNode {
		return 0
	}
	deepest := 0
	for _, c := range n.Content {
		deepest = max(deepest, depth(c))
	}
	return deepest + 1
}

// commented tells whether a comment, or a wish, keeps a value from one line.
func commented(n *yaml.Node) bool {
	if n.HeadComment != "" || n.LineComment != "" || n.Kind == yaml.MappingNode && n.Style&block != 0 {
		return true
	}
	for _, c := range n.Content {
		if commented(c) {
			return true
		}
	}
	return false
}

// width is what a value takes on one line; 0 where it takes several.
func width(n *yaml.Node) int {
	c := *n
	c.Style |= yaml.FlowStyle
	text, err := yaml.Marshal(&c)
	text = bytes.TrimRight(text, "\n")
	if err != nil || bytes.ContainsRune(text, '\n') {
		return 0
	}
	return utf8.RuneCount(text)
}
