package schema

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

func (v *validator) validate(doc *yamldoc.Document) diag.List {
	err := v.compiled.Validate(v.value(doc.Root, v.raw))
	if err == nil {
		return nil
	}
	var violation *jsonschema.ValidationError
	if !errors.As(err, &violation) {
		return diag.List{doc.At(diag.Pos{File: doc.File}, diag.Error, "", err.Error(), "")}
	}
	r := reporter{v: v, doc: doc}
	r.walk(violation)
	return r.list.Sort()
}

// reporter collects the leaves of a violation.
type reporter struct {
	v    *validator
	doc  *yamldoc.Document
	list diag.List
}

func (r *reporter) walk(e *jsonschema.ValidationError) {
	if len(e.Causes) == 0 {
		r.leaf(e)
	}
	for _, cause := range e.Causes {
		r.walk(cause)
	}
}

// leaf describes one violation: at which value, of which keyword of which
// subschema.
func (r *reporter) leaf(e *jsonschema.ValidationError) {
	pointer := unescape(e.InstanceLocation)
	field, node := r.doc.Lookup(pointer)
	_, fragment, _ := strings.Cut(e.AbsoluteKeywordLocation, "#")
	at, keyword := split(unescape(fragment))
	s := r.v.at(at)
	p := place{field: field, node: node, path: r.doc.PathOf(pointer)}

	switch keyword {
	case "additionalProperties":
		r.unknownKeys(p, s)
	case "required":
		r.missingKeys(p, s)
	case "type":
		message, hint := wrongType(s.types(), node)
		if names := firstNames(node); s["x-names"] == true && names != "" {
			hint = names
		} else if form, ok := s["x-form"].(string); ok && node.Kind == yamldoc.Scalar {
			// What stands in the place of more may be a secret.
			message, hint = "must be a mapping, not a single value", form
		} else if hint == "" {
			hint = otherShape(s, node)
		}
		r.add(p.value(r.doc), p.path, message, hint)
	case "enum":
		r.notListed(p, s)
	case "minLength", "minItems":
		r.add(p.value(r.doc), p.path, "is empty", "")
	case "minProperties":
		hint := ""
		if keys := known(s); len(keys) > 0 {
			hint = "give one of " + strings.Join(keys, ", ")
		}
		r.add(p.value(r.doc), p.path, "is empty", hint)
	case "maxProperties":
		r.add(p.value(r.doc), p.path, "more than one source is given", "keep one of "+strings.Join(known(s), ", "))
	case "maxItems":
		r.add(p.value(r.doc), p.path, fmt.Sprintf("has %d entries, at most %v are possible", len(node.Items), s["maxItems"]), "")
	case "minimum", "maximum":
		r.add(p.value(r.doc), p.path, fmt.Sprintf("must be from %v to %v, not %s", s["minimum"], s["maximum"], node.Text), "")
	default:
		r.add(p.value(r.doc), p.path, e.Message, "")
	}
}

func (r *reporter) add(pos diag.Pos, path yamldoc.Path, message, hint string) {
	r.list = append(r.list, r.doc.At(pos, diag.Error, path, message, hint))
}

// place is where a violation is: a value, and the key before it if any.
type place struct {
	field *yamldoc.Field
	node  *yamldoc.Node
	path  yamldoc.Path
}

// key is the position of the key, or of the value in a list.
func (p place) key(doc *yamldoc.Document) diag.Pos {
	if p.field != nil {
		return doc.KeyPos(p.field)
	}
	return doc.Pos(p.node)
}

// value is the position of the value, or of the key when nothing follows it.
func (p place) value(doc *yamldoc.Document) diag.Pos {
	if p.node.IsNull() {
		return p.key(doc)
	}
	return doc.Pos(p.node)
}

func (r *reporter) unknownKeys(p place, s raw) {
	keys := known(s)
	later := s.list("x-later")
	for i := range p.node.Fields {
		f := &p.node.Fields[i]
		if slices.Contains(keys, f.Key) {
			continue
		}
		path := p.path.Key(f.Key)
		if slices.Contains(later, f.Key) {
			r.add(r.doc.KeyPos(f), path, "is not supported by this release", "remove it; a later release will read it")
			continue
		}
		hint := diag.DidYouMean(f.Key, keys)
		if alias := s.alias(f.Key); alias != "" {
			hint = fmt.Sprintf("did you mean %q?", alias)
		}
		hint = cmp.Or(s.hint(f.Key), hint)
		r.add(r.doc.KeyPos(f), path, fmt.Sprintf("unknown key %q", f.Key), hint)
	}
}

// missingKeys reports required keys, unless the object is of a form that this
// release does not read: that is said already.
func (r *reporter) missingKeys(p place, s raw) {
	for _, later := range s.list("x-later") {
		if p.node.Field(later) != nil {
			return
		}
	}
	for _, name := range s.list("required") {
		misspelt := slices.ContainsFunc(p.node.Fields, func(f yamldoc.Field) bool {
			return s.alias(f.Key) == name || diag.Closest(f.Key, []string{name}) == name && !slices.Contains(known(s), f.Key)
		})
		if misspelt || p.node.Field(name) != nil {
			continue
		}
		hint := s.hint(name)
		if d, ok := r.v.sub(s, name)["description"].(string); ok && hint == "" {
			hint = fmt.Sprintf("add %s: %s", name, strings.TrimSuffix(d, "."))
		}
		r.add(p.key(r.doc), p.path, fmt.Sprintf("the key %q is missing", name), hint)
	}
}

func (r *reporter) notListed(p place, s raw) {
	values := s.list("enum")
	text := p.node.Text
	if slices.Contains(s.list("x-later-values"), text) {
		r.add(p.value(r.doc), p.path, fmt.Sprintf("%q is not supported by this release", text), "possible now: "+strings.Join(values, ", "))
		return
	}
	hint := ""
	if meant := s.alias(text); meant != "" {
		hint = fmt.Sprintf("did you mean %q?", meant)
	} else if meant := diag.Closest(text, values); meant != "" {
		hint = fmt.Sprintf("did you mean %q?", meant)
	}
	r.add(p.value(r.doc), p.path, fmt.Sprintf("%s is not one of %s", short(text), strings.Join(values, ", ")), hint)
}

// wrongType says what a value is and what it should be.
func wrongType(types []string, n *yamldoc.Node) (message, hint string) {
	names := map[string]string{"object": "a mapping", "array": "a list", "boolean": "true or false", "integer": "a whole number"}
	var want []string
	text := slices.Contains(types, "string")
	if text {
		want = append(want, "a single value")
	}
	for _, t := range types {
		if w := names[t]; w != "" && (!text || t == "object" || t == "array") {
			want = append(want, w)
		}
	}
	wanted := strings.Join(want, " or ")
	switch {
	case n.IsNull() && text:
		return "has no value", `write "" for an empty one, or remove the key`
	case n.IsNull():
		return "has no value", "give it " + wanted + ", or remove the key"
	case n.Kind == yamldoc.Scalar:
		return fmt.Sprintf("must be %s, not %s", wanted, short(n.Text)), ""
	}
	return fmt.Sprintf("must be %s, not %s", wanted, n.Kind), ""
}

// otherShape says how a mapping is written as the list that is wanted, or the
// other way round, "" where that is not known.
func otherShape(s raw, n *yamldoc.Node) string {
	switch types := s.types(); {
	case slices.Contains(types, "string"):
		if sign, ok := s["x-join"].(string); ok && n.Kind == yamldoc.Seq {
			return inOne(n, sign)
		}
	case n.Kind == yamldoc.Map && slices.Contains(types, "array") && !slices.Contains(types, "object") && len(n.Fields) > 0:
		if first := n.Fields[0]; first.Value.Kind == yamldoc.Map {
			return fmt.Sprintf("begin each entry with a dash, and name it inside: %q, with the rest below", "- id: "+first.Key)
		}
		return fmt.Sprintf("put a dash before the first key of each entry: %q", "- "+n.Fields[0].Key+": ...")
	case n.Kind == yamldoc.Seq && slices.Contains(types, "object") && !slices.Contains(types, "array") && len(n.Items) > 0:
		if item := n.Items[0]; item.Kind == yamldoc.Map && len(item.Fields) > 0 {
			return fmt.Sprintf("write %q without the dash", item.Fields[0].Key+": ...")
		}
	}
	return ""
}

// inOne says how a list of texts is written as one text, "" when the node is no
// such list.
func inOne(n *yamldoc.Node, sign string) string {
	var texts []string
	for _, item := range n.Items[:min(3, len(n.Items))] {
		if item.Kind != yamldoc.Scalar {
			return ""
		}
		texts = append(texts, item.Text)
	}
	if len(texts) == 0 {
		return ""
	}
	if len(n.Items) > len(texts) {
		texts = append(texts, "...")
	}
	return "write one text: " + short(strings.Join(texts, sign))
}

// firstNames says how a list of names is written as a mapping, "" when the
// node is no such list.
func firstNames(n *yamldoc.Node) string {
	if n.Kind != yamldoc.Seq || len(n.Items) == 0 {
		return ""
	}
	var want []string
	for _, item := range n.Items[:min(2, len(n.Items))] {
		name := item.Text
		if item.Kind == yamldoc.Map && len(item.Fields) > 0 {
			name = item.Fields[0].Key
		}
		if name == "" {
			return ""
		}
		want = append(want, strconv.Quote(name+":"))
	}
	return fmt.Sprintf("write %s with a colon, not %q", strings.Join(want, " and "), "- "+strings.TrimSuffix(strings.Trim(want[0], `"`), ":"))
}

// known are the keys that a subschema names, sorted.
func known(s raw) []string {
	props, _ := s["properties"].(map[string]any)
	keys := make([]string, 0, len(props))
	for k := range props {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// short quotes a value of a file, cut to what fits into a message.
func short(text string) string {
	if r := []rune(text); len(r) > 40 {
		text = string(r[:40]) + "..."
	}
	return `"` + text + `"`
}

// split takes the last part off a JSON pointer.
func split(pointer string) (rest, last string) {
	i := strings.LastIndexByte(pointer, '/')
	if i < 0 {
		return "", pointer
	}
	return pointer[:i], pointer[i+1:]
}

func unescape(s string) string {
	if u, err := url.PathUnescape(s); err == nil {
		return u
	}
	return s
}
