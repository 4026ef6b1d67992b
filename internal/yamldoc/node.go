package yamldoc

import (
	"slices"
	"strconv"
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
)

// Kind of a Node.
type Kind int

// What YAML has, without anchors and tags.
const (
	Null   Kind = iota // nothing, ~ or null
	Scalar             // text
	Seq
	Map
)

func (k Kind) String() string {
	return [...]string{"nothing", "a single value", "a list", "a mapping"}[k]
}

// Node is one value of a document. Aliases are resolved: the same Node can
// stand in several places, and its position is that of the anchor.
type Node struct {
	Kind   Kind
	Text   string // of a scalar, exactly as written: 010, 1_000, yes
	Tag    string // one that Parse was told to tolerate: !vault
	Quoted bool   // a scalar that is text whatever it looks like: in quotes, or a block
	Items  []*Node
	Fields []Field

	Line, Column int // from 1, in runes

	index map[string]int // key -> place in Fields, for large mappings
}

// Field is one key of a mapping with its value. Keys are scalars.
type Field struct {
	Key          string
	Value        *Node
	Line, Column int // of the key
}

// Get returns the value of a key, nil when there is none.
func (n *Node) Get(key string) *Node {
	if f := n.Field(key); f != nil {
		return f.Value
	}
	return nil
}

// Field returns the field with that key, nil when there is none. It may be
// called on a nil Node.
func (n *Node) Field(key string) *Field {
	if n == nil {
		return nil
	}
	if n.index != nil {
		if i, ok := n.index[key]; ok {
			return &n.Fields[i]
		}
		return nil
	}
	for i := range n.Fields {
		if n.Fields[i].Key == key {
			return &n.Fields[i]
		}
	}
	return nil
}

// Without is a copy of a mapping that lacks one key.
func (n *Node) Without(key string) *Node {
	rest := *n
	rest.index = nil
	rest.Fields = slices.DeleteFunc(slices.Clone(n.Fields), func(f Field) bool { return f.Key == key })
	return &rest
}

// IsNull reports whether there is no value: no node at all, or null.
func (n *Node) IsNull() bool { return n == nil || n.Kind == Null }

// Walk calls fn once for every node under n, n included, however many places
// an anchored node stands in. The path is that of the first place.
func (n *Node) Walk(path Path, fn func(Path, *Node)) {
	n.walk(path, fn, map[*Node]bool{})
}

func (n *Node) walk(path Path, fn func(Path, *Node), seen map[*Node]bool) {
	if n == nil || seen[n] {
		return
	}
	seen[n] = true
	fn(path, n)
	for i, item := range n.Items {
		item.walk(path.Index(i), fn, seen)
	}
	for _, f := range n.Fields {
		f.Value.walk(path.Key(f.Key), fn, seen)
	}
}

// Path names a place in a document as people write it: resources[0].op.monitor.
type Path string

// Key is the path of a mapping's key below p. A key with other characters than
// those of a plain name is quoted: nodes["a.b"].
func (p Path) Key(key string) Path {
	if !plainKey(key) {
		return p + Path("["+strconv.Quote(key)+"]")
	}
	if p == "" {
		return Path(key)
	}
	return p + "." + Path(key)
}

// Index is the path of a list's item below p.
func (p Path) Index(i int) Path { return p + Path("["+strconv.Itoa(i)+"]") }

// Under reports whether p is path or below it.
func (p Path) Under(path Path) bool {
	rest, ok := strings.CutPrefix(string(p), string(path))
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

func plainKey(key string) bool {
	if key == "" {
		return false
	}
	for _, r := range key {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '_', r == '-':
		default:
			return false
		}
	}
	return true
}

// Document is one YAML document with its text.
type Document struct {
	File  string
	Root  *Node
	lines []string // passwords masked
}

// Text is the text of line n (from 1), "" when there is no such line. It is
// what diagnostics show, so passwords in it are masked.
func (d *Document) Text(n int) string {
	if n < 1 || n > len(d.lines) {
		return ""
	}
	return d.lines[n-1]
}

// Pos is the position of a value.
func (d *Document) Pos(n *Node) diag.Pos {
	if n == nil {
		return diag.Pos{File: d.File}
	}
	return diag.Pos{File: d.File, Line: n.Line, Column: n.Column}
}

// KeyPos is the position of a key.
func (d *Document) KeyPos(f *Field) diag.Pos {
	if f == nil {
		return diag.Pos{File: d.File}
	}
	return diag.Pos{File: d.File, Line: f.Line, Column: f.Column}
}

// Lookup finds what a JSON pointer (RFC 6901) points at: the value, and the
// field that holds it when its parent is a mapping.
func (d *Document) Lookup(pointer string) (*Field, *Node) {
	n, f := d.Root, (*Field)(nil)
	for _, part := range SplitPointer(pointer) {
		if n == nil {
			return nil, nil
		}
		f = nil
		switch n.Kind {
		case Map:
			if f = n.Field(part); f == nil {
				return nil, nil
			}
			n = f.Value
		case Seq:
			i, err := strconv.Atoi(part)
			if err != nil || i < 0 || i >= len(n.Items) {
				return nil, nil
			}
			n = n.Items[i]
		default:
			return nil, nil
		}
	}
	return f, n
}

// SplitPointer takes a JSON pointer apart.
func SplitPointer(pointer string) []string {
	if pointer == "" {
		return nil
	}
	parts := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	unescape := strings.NewReplacer("~1", "/", "~0", "~")
	for i := range parts {
		parts[i] = unescape.Replace(parts[i])
	}
	return parts
}

// PathOf is the Path that a JSON pointer means in this document.
func (d *Document) PathOf(pointer string) Path {
	var path Path
	n := d.Root
	for _, part := range SplitPointer(pointer) {
		if n != nil && n.Kind == Seq {
			i, err := strconv.Atoi(part)
			if err != nil || i < 0 || i >= len(n.Items) {
				n = nil
				path = path.Key(part)
				continue
			}
			path, n = path.Index(i), n.Items[i]
			continue
		}
		path, n = path.Key(part), n.Get(part)
	}
	return path
}

// At makes a diagnostic with the text of its line.
func (d *Document) At(pos diag.Pos, s diag.Severity, path Path, message, hint string) diag.Diagnostic {
	return diag.Diagnostic{Pos: pos, Severity: s, Path: string(path), Message: message, Hint: hint, Source: d.Text(pos.Line)}
}
