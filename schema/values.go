package schema

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// value converts a node to what the validation library takes. A scalar gets
// the type that the schema wants at its place: text wherever text is allowed,
// so that 010 and yes stay what they are.
func (v *validator) value(n *yamldoc.Node, r raw) any {
	switch n.Kind {
	case yamldoc.Null:
		return nil
	case yamldoc.Seq:
		var items raw
		if m, ok := r["items"].(map[string]any); ok {
			items = v.deref(m)
		}
		out := make([]any, 0, len(n.Items))
		for _, item := range n.Items {
			out = append(out, v.value(item, items))
		}
		return out
	case yamldoc.Map:
		out := make(map[string]any, len(n.Fields))
		for _, f := range n.Fields {
			out[f.Key] = v.value(f.Value, v.sub(r, f.Key))
		}
		return out
	case yamldoc.Scalar: // as the schema wants it
	}
	types := r.types()
	if slices.Contains(types, "string") {
		return n.Text
	}
	if slices.Contains(types, "boolean") {
		if b, ok := Bool(n.Text); ok {
			return b
		}
	}
	if slices.Contains(types, "integer") && integer.MatchString(n.Text) {
		return json.Number(n.Text)
	}
	return n.Text
}

var integer = regexp.MustCompile(`^(0|-?[1-9][0-9]{0,17})$`)

// Bool reads a switch: true, yes and on, or false, no and off, in any case.
func Bool(text string) (value, ok bool) {
	switch strings.ToLower(text) {
	case "true", "yes", "on":
		return true, true
	case "false", "no", "off":
		return false, true
	}
	return false, false
}
