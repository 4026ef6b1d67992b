// Package yamldoc reads YAML that a person wrote into a tree in which every
// value keeps its text and its place, and refuses what would be read otherwise
// than it looks: duplicate keys, a second document, unknown tags, aliases that
// blow up, bytes that are no text.
package yamldoc

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/hadeploy/hadeploy/internal/diag"
)

const (
	// MaxSize is the largest file that is read, in bytes.
	MaxSize = 1 << 20
	// maxDepth bounds the nesting of lists and mappings.
	maxDepth = 64
	// maxExpanded bounds how many values a document may have once its aliases
	// are resolved, beyond those that were written.
	maxExpanded = 100_000
)

// Parse reads one document. The Document is nil when the list holds an error
// that leaves nothing to look at (not text, not YAML, empty). A tag other than
// YAML's own is an error, but for those of tags: their nodes keep them.
func Parse(file string, src []byte, tags ...string) (*Document, diag.List) {
	return ParseUnder(file, src, "", tags...)
}

// ParseUnder is Parse with tags that are tolerated in one place only, and below
// it.
func ParseUnder(file string, src []byte, place Path, tags ...string) (*Document, diag.List) {
	d := &Document{File: file}
	fail := func(line, column int, message, hint string) (*Document, diag.List) {
		pos := diag.Pos{File: file, Line: line, Column: column}
		return nil, diag.List{d.At(pos, diag.Error, "", message, hint)}
	}
	if len(src) > MaxSize {
		return fail(0, 0, fmt.Sprintf("the file is larger than %d KiB", MaxSize>>10), "is this the right file?")
	}
	lines := splitLines(string(src))
	d.lines = mask(lines)
	if line, column, message, hint := checkText(src); message != "" {
		return fail(line, column, message, hint)
	}
	root, second, err := decode(src)
	if err != nil {
		return fail(syntaxError(src, lines, err))
	}
	if root == nil {
		return fail(0, 0, "the file is empty", "")
	}
	if second != nil {
		return fail(second.Line, second.Column, "a second YAML document starts here; it would be ignored",
			"put everything into one document, and remove the line ---")
	}
	b := builder{doc: d, tags: tags, place: place, done: map[*yaml.Node]*Node{}, busy: map[*yaml.Node]bool{}, size: map[*Node]int{}, height: map[*Node]int{}}
	d.Root = b.node(root.Content[0], "", 0)
	if d.Root == nil {
		d.Root = &Node{Kind: Null, Line: 1, Column: 1}
	}
	if written := len(b.done); b.size[d.Root] > written+maxExpanded {
		b.fail(root.Content[0], "", "aliases make this document too large", "write out what is repeated, or use fewer aliases of aliases")
		return nil, b.list.Sort()
	}
	return d, b.list.Sort()
}

// Text is a document of lines that are no YAML, for diagnostics to show: a
// password in them is masked already.
func Text(file string, lines []string) *Document { return &Document{File: file, lines: lines} }

// CheckText is what makes src no text, as Parse tells it: a byte that is not
// UTF-8, a control character.
func (d *Document) CheckText(src []byte) diag.List {
	line, column, message, hint := checkText(src)
	if message == "" {
		return nil
	}
	return diag.List{d.At(diag.Pos{File: d.File, Line: line, Column: column}, diag.Error, "", message, hint)}
}

// decode parses src into yaml's own tree. It returns the first document (nil
// when there is none) and the second (nil when there is none).
func decode(src []byte) (first, second *yaml.Node, err error) {
	return decodeFrom(yaml.NewDecoder(strings.NewReader(string(src))))
}

func decodeFrom(dec *yaml.Decoder) (first, second *yaml.Node, err error) {
	// The parser reports what it finds by panicking, and has been seen to
	// let a panic of its own through on garbage.
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("yaml: cannot be parsed: %v", r)
		}
	}()
	var a, b yaml.Node
	switch err := dec.Decode(&a); {
	case errors.Is(err, io.EOF):
		return nil, nil, nil
	case err != nil:
		return nil, nil, err
	}
	switch err := dec.Decode(&b); {
	case errors.Is(err, io.EOF):
		return &a, nil, nil
	case err != nil:
		return nil, nil, err
	}
	return &a, &b, nil
}

// checkText finds the first byte that is no text.
func checkText(src []byte) (line, column int, message, hint string) {
	line, column = 1, 1
	if len(src) >= 2 && (src[0] == 0xfe && src[1] == 0xff || src[0] == 0xff && src[1] == 0xfe) {
		return 1, 1, "the file is UTF-16", "save it as UTF-8 without a byte order mark"
	}
	for i := 0; i < len(src); {
		r, n := utf8.DecodeRune(src[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			return line, column, fmt.Sprintf("byte 0x%02x is not UTF-8", src[i]), "save the file as UTF-8"
		case r == '\ufeff' && i == 0:
			return 1, 1, "the file starts with a byte order mark", "save it as UTF-8 without a byte order mark"
		case r == '\n' || r == '\r' && (i+1 >= len(src) || src[i+1] != '\n') || r == '\u0085' || r == '\u2028' || r == '\u2029':
			line, column = line+1, 0
		case r == '\t' || r == '\r':
		case diag.Unprintable(r):
			return line, column, fmt.Sprintf("the character %U does not belong in a text file", r),
				"remove it; in a value, nothing of what hadeploy sets may hold one"
		}
		column++
		i += n
	}
	return 0, 0, "", ""
}

// splitLines cuts a text at the line breaks that YAML knows.
func splitLines(s string) []string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n").Replace(s)
	return strings.Split(s, "\n")
}

// builder turns yaml's tree into ours.
type builder struct {
	doc    *Document
	tags   []string // tolerated
	place  Path     // where they are
	done   map[*yaml.Node]*Node
	busy   map[*yaml.Node]bool // being built, to find an anchor inside itself
	size   map[*Node]int       // values under a node, aliases counted each time
	height map[*Node]int       // levels below a node
	list   diag.List
}

func (b *builder) fail(n *yaml.Node, path Path, message, hint string) {
	pos := diag.Pos{File: b.doc.File, Line: n.Line, Column: n.Column}
	b.list = append(b.list, b.doc.At(pos, diag.Error, path, message, hint))
}

// node never returns nil, except for what was reported.
func (b *builder) node(y *yaml.Node, path Path, depth int) *Node {
	if y.Kind == yaml.AliasNode {
		target := y.Alias
		if b.busy[target] {
			b.fail(y, path, "an alias stands inside its own anchor", "")
			return nil
		}
		return b.node(target, path, depth)
	}
	n, done := b.done[y]
	if depth+b.height[n] > maxDepth {
		b.fail(y, path, fmt.Sprintf("lists and mappings are nested more than %d deep", maxDepth), "")
		return nil
	}
	if done {
		return n
	}
	if !b.knownTag(y, path) {
		return nil
	}
	n = &Node{Line: y.Line, Column: y.Column}
	if tag := y.ShortTag(); b.tolerated(tag, path) {
		n.Tag = tag
	}
	b.busy[y] = true
	total, levels := 1, 0
	switch y.Kind {
	case yaml.SequenceNode:
		n.Kind = Seq
		for i, c := range y.Content {
			if item := b.node(c, path.Index(i), depth+1); item != nil {
				n.Items = append(n.Items, item)
				total += b.size[item]
				levels = max(levels, 1+b.height[item])
			}
		}
	case yaml.MappingNode:
		if text := b.doc.jinja(y); text != "" {
			// Whoever reads on takes it for the text that was meant.
			n.Kind, n.Text = Scalar, text
			b.fail(y, path, text+" has no quotes around it, and is read as two mappings", quoteIt(text))
			break
		}
		n.Kind = Map
		b.fields(n, y, path, depth)
		n.makeIndex()
		for _, f := range n.Fields {
			total += 1 + b.size[f.Value]
			levels = max(levels, 1+b.height[f.Value])
		}
	default:
		n.Text = y.Value
		n.Kind = Scalar
		n.Quoted = y.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0
		if y.ShortTag() == "!!null" {
			n.Kind = Null
		}
	}
	delete(b.busy, y)
	b.done[y] = n
	b.size[n] = min(total, 1<<30)
	b.height[n] = levels
	return n
}

func (b *builder) fields(n *Node, y *yaml.Node, path Path, depth int) {
	first := map[string]*yaml.Node{}
	var merges []*yaml.Node
	for i := 0; i+1 < len(y.Content); i += 2 {
		k, v := y.Content[i], y.Content[i+1]
		if k.Kind == yaml.ScalarNode && k.ShortTag() == "!!merge" {
			merges = append(merges, v)
			continue
		}
		if k.Kind == yaml.AliasNode {
			k = k.Alias
		}
		if k.Kind != yaml.ScalarNode {
			b.fail(y.Content[i], path, "a key must be a plain name, not a list or a mapping", "quote a value that starts with { or [")
			continue
		}
		if !b.knownTag(k, path) {
			continue
		}
		key := k.Value
		at := path.Key(key)
		if f := first[key]; f != nil {
			b.fail(y.Content[i], at, fmt.Sprintf("the key %q is given twice; it stands first on line %d", key, f.Line), "keep one of them")
			continue
		}
		first[key] = y.Content[i]
		if value := b.node(v, at, depth+1); value != nil {
			n.Fields = append(n.Fields, Field{Key: key, Value: value, Line: y.Content[i].Line, Column: y.Content[i].Column})
		}
	}
	if merges != nil {
		n.makeIndex()
	}
	for _, m := range merges {
		b.merge(n, m, path, depth)
	}
}

// jinja is the template {{ name }} that a mapping was meant to be, "" when it
// is none: a mapping in braces whose one key is a mapping in braces, with
// nothing behind it.
func (d *Document) jinja(y *yaml.Node) string {
	if y.Style&yaml.FlowStyle == 0 || len(y.Content) != 2 || y.Line > len(d.lines) {
		return ""
	}
	k, v := y.Content[0], y.Content[1]
	if k.Kind != yaml.MappingNode || k.Style&yaml.FlowStyle == 0 || k.Line != y.Line || k.Column != y.Column+1 || v.ShortTag() != "!!null" {
		return ""
	}
	rest := []rune(d.lines[y.Line-1])
	if y.Column > len(rest) {
		return ""
	}
	text := string(rest[y.Column-1:])
	end := strings.Index(text, "}}")
	if end < 0 || end > maxTemplate {
		return "{{ ... }}"
	}
	return text[:end+2]
}

// maxTemplate bounds the text of a template in messages, in bytes.
const maxTemplate = 100

// makeIndex makes looking up keys quick where there are many.
func (n *Node) makeIndex() {
	if len(n.Fields) < 32 {
		return
	}
	n.index = make(map[string]int, len(n.Fields))
	for i, f := range n.Fields {
		n.index[f.Key] = i
	}
}

// merge adds the fields of <<: *anchor that the mapping does not have itself.
func (b *builder) merge(n *Node, y *yaml.Node, path Path, depth int) {
	from := b.node(y, path, depth+1)
	if from == nil {
		return
	}
	sources := []*Node{from}
	if from.Kind == Seq {
		sources = from.Items
	}
	for _, s := range sources {
		if s.Kind != Map {
			b.fail(y, path, "<< takes a mapping or a list of mappings, not "+s.Kind.String(), "")
			continue
		}
		for _, f := range s.Fields {
			if n.Field(f.Key) == nil {
				n.Fields = append(n.Fields, f)
				if n.index != nil {
					n.index[f.Key] = len(n.Fields) - 1
				}
			}
		}
	}
}

func (b *builder) tolerated(tag string, path Path) bool {
	return slices.Contains(b.tags, tag) && (b.place == "" || path.Under(b.place))
}

// knownTag accepts YAML's own tags for text, numbers, lists and mappings, and
// reports any other: it would make another value than the one that is seen.
func (b *builder) knownTag(y *yaml.Node, path Path) bool {
	if y.Style&yaml.TaggedStyle == 0 {
		return true
	}
	if b.tolerated(y.ShortTag(), path) {
		return true
	}
	hint := "remove the tag; quote a value that starts with !"
	switch tag := y.ShortTag(); tag {
	case "!!str", "!!int", "!!float", "!!bool", "!!null", "!!map", "!!seq", "!!timestamp", "!":
		return true
	case "!vault":
		hint = "ansible-vault text is not read; use {command: [ansible-vault, view, FILE]}, {env: NAME} or {file: PATH}"
	}
	// The line shows the tag, unless it is the start of a password.
	b.fail(y, path, "tags other than YAML's own are not supported", hint)
	return false
}
