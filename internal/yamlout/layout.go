package yamlout

import (
	"slices"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// layout gives each mapping and list its style. A few plain values that fit on
// one line stand there; what holds mappings of its own is opened, and so are the
// lists of such.
func layout(n *yaml.Node, column int) {
	switch n.Kind {
	case yaml.SequenceNode:
		for _, item := range n.Content {
			place(item, column+2)
		}
	case yaml.MappingNode:
		for i := 0; i < len(n.Content); i += 2 {
			key, value := n.Content[i], n.Content[i+1]
			quote(key, false)
			if flat(value) && !commented(value) && column+width(key)+2+width(value) <= Width {
				flow(value)
				continue
			}
			layout(value, column+2)
		}
	default:
		quote(n, false)
	}
}

// place is layout for an item of a list.
func place(n *yaml.Node, column int) {
	if n.Kind != yaml.ScalarNode && plain(n) && !commented(n) && column+width(n) <= Width {
		flow(n)
		return
	}
	layout(n, column)
}

// plain reports whether a collection holds scalars, and lists of them, only.
func plain(n *yaml.Node) bool {
	for _, c := range n.Content {
		if c.Kind == yaml.MappingNode && len(c.Content) > 0 || c.Kind == yaml.SequenceNode && depth(c) > 1 {
			return false
		}
	}
	return true
}

// flat reports whether a value may stand behind its key: plain, or one thing in
// another, such as {password: {env: NAME}}.
func flat(n *yaml.Node) bool {
	switch {
	case n.Kind == yaml.ScalarNode:
		return false // it does anyway
	case plain(n):
		return true
	}
	return n.Kind == yaml.MappingNode && len(n.Content) == 2 && depth(n) == 2 && plain(n.Content[1])
}

func flow(n *yaml.Node) {
	if n.Kind == yaml.ScalarNode {
		quote(n, true)
		return
	}
	n.Style |= yaml.FlowStyle
	for _, c := range n.Content {
		flow(c)
	}
}

// quote gives a scalar that needs quotes the ones that people use here.
func quote(n *yaml.Node, inFlow bool) {
	if n.Tag == "!!null" || n.Tag == "!!int" || n.Tag == "!!float" || n.Tag == "!!bool" || n.Tag == "!!timestamp" || n.Style != 0 {
		return
	}
	if strings.IndexFunc(n.Value, odd) < 0 && n.ShortTag() == "!!str" {
		return
	}
	var c any = n
	if inFlow {
		c = &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle, Content: []*yaml.Node{{Kind: yaml.ScalarNode, Tag: "!!str", Value: n.Value}}}
	}
	if text, err := yaml.Marshal(c); err == nil && strings.HasPrefix(strings.TrimPrefix(string(text), "["), "'") {
		n.Style = yaml.DoubleQuotedStyle
	}
}

// odd tells the characters that may need quotes.
func odd(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_' && r != '-' && r != '.' && r != '/'
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

func commented(n *yaml.Node) bool {
	if n.HeadComment != "" || n.LineComment != "" || n.Kind == yaml.MappingNode && n.Style&block != 0 {
		return true
	}
	return slices.ContainsFunc(n.Content, commented)
}

// width is about what a value takes on one line, in characters.
func width(n *yaml.Node) int {
	if n.Kind == yaml.ScalarNode {
		w := utf8.RuneCountInString(n.Value)
		if n.Value == "" || strings.IndexFunc(n.Value, odd) >= 0 {
			w += 2
		}
		return w
	}
	w := 2
	for _, c := range n.Content {
		w += width(c) + 2
	}
	return w
}
