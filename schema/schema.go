// Package schema holds the JSON Schemas (draft-07) of the playbook, of the
// inventory and of plans, and turns what violates the first two into
// diagnostics.
package schema

import (
	_ "embed"
	"encoding/json"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

//go:embed playbook.schema.json
var playbook []byte

//go:embed inventory.schema.json
var inventory []byte

//go:embed plan.schema.json
var plan []byte

// Plan is the text of the schema of plans, for programs that read them.
func Plan() []byte { return append([]byte(nil), plan...) }

// Playbook is the text of the playbook's schema, for editors.
func Playbook() []byte { return append([]byte(nil), playbook...) }

// Inventory is the text of the inventory's schema, for editors.
func Inventory() []byte { return append([]byte(nil), inventory...) }

// ValidatePlaybook returns every violation of the playbook's schema, sorted.
func ValidatePlaybook(doc *yamldoc.Document) diag.List { return validateBy(playbookSchema, doc) }

// ValidateInventory returns what is wrong with the groups, hosts and sections
// of an inventory, sorted. Its variables are held against the schema one by
// one, where they count: ValidateVariable. place is where in its file the
// inventory stands.
func ValidateInventory(doc *yamldoc.Document, place yamldoc.Path) diag.List {
	list := validateBy(inventorySchema, doc)
	for i := range list {
		if below := list[i].Path; place != "" && (below == "" || below[0] == '[') {
			list[i].Path = string(place) + below
		} else if place != "" {
			list[i].Path = string(place) + "." + below
		}
	}
	return list
}

// ValidateVariable returns what is wrong with the value of one variable of an
// inventory, whatever file it stands in; path is its own.
func ValidateVariable(doc *yamldoc.Document, f *yamldoc.Field, path yamldoc.Path) diag.List {
	alone := *doc
	alone.Root = &yamldoc.Node{Kind: yamldoc.Map, Fields: []yamldoc.Field{*f}, Line: f.Line, Column: f.Column}
	list := validateBy(variableSchema, &alone)
	for i := range list {
		list[i].Path = string(path) + strings.TrimPrefix(list[i].Path, string(yamldoc.Path("").Key(f.Key)))
	}
	return list
}

var (
	playbookSchema  = sync.OnceValues(func() (*validator, error) { return compile(playbook) })
	inventorySchema = sync.OnceValues(func() (*validator, error) {
		return compileEdited(inventory, func(r raw) {
			if definitions, ok := r["definitions"].(map[string]any); ok {
				definitions["vars"] = map[string]any{"type": []any{"object", "null"}}
			}
		})
	})
	variableSchema = sync.OnceValues(func() (*validator, error) {
		return compileEdited(inventory, func(r raw) {
			if definitions, ok := r["definitions"].(map[string]any); ok {
				if vars, ok := definitions["vars"].(map[string]any); ok {
					r["properties"] = vars["properties"]
				}
			}
			delete(r, "additionalProperties")
			delete(r, "minProperties")
		})
	})
)

// compileEdited compiles a schema of which a part is another one.
func compileEdited(text []byte, edit func(raw)) (*validator, error) {
	var r raw
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, err
	}
	edit(r)
	edited, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	return compile(edited)
}

// validateBy holds a document against a schema. The schemas are part of this
// program; one that is broken is its defect, and no document passes it.
func validateBy(schema func() (*validator, error), doc *yamldoc.Document) diag.List {
	v, err := schema()
	if err != nil {
		return diag.List{{Pos: diag.Pos{File: doc.File}, Severity: diag.Error,
			Message: "the schema that is part of hadeploy is broken: " + err.Error(), Hint: "this is a defect: please report it"}}
	}
	return v.validate(doc)
}

// validator is a compiled schema beside its own text: the library tells where
// in the schema a violation is, and the text tells what is known there.
type validator struct {
	compiled *jsonschema.Schema
	raw      raw
}

// raw is a (sub)schema as plain JSON.
type raw map[string]any

func compile(text []byte) (*validator, error) {
	var r raw
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, err
	}
	url, _ := r["$id"].(string)
	c := jsonschema.NewCompiler()
	c.Draft = jsonschema.Draft7
	if err := c.AddResource(url, strings.NewReader(string(text))); err != nil {
		return nil, err
	}
	compiled, err := c.Compile(url)
	if err != nil {
		return nil, err
	}
	return &validator{compiled: compiled, raw: r}, nil
}

// at returns the subschema that a JSON pointer names, nil when there is none.
func (v *validator) at(pointer string) raw {
	var x any = map[string]any(v.raw)
	for _, part := range yamldoc.SplitPointer(pointer) {
		m, ok := x.(map[string]any)
		if !ok {
			return nil
		}
		x = m[part]
	}
	m, _ := x.(map[string]any)
	return m
}

// deref follows $ref, which in draft-07 stands alone.
func (v *validator) deref(r raw) raw {
	for range 16 {
		ref, ok := r["$ref"].(string)
		if !ok {
			return r
		}
		r = v.at(strings.TrimPrefix(ref, "#"))
	}
	return nil
}

// sub returns the subschema of a key, nil when it has none.
func (v *validator) sub(r raw, key string) raw {
	if props, ok := r["properties"].(map[string]any); ok {
		if m, ok := props[key].(map[string]any); ok {
			return v.deref(m)
		}
	}
	if m, ok := r["additionalProperties"].(map[string]any); ok {
		return v.deref(m)
	}
	return nil
}

// types are the JSON types that a subschema allows.
func (r raw) types() []string {
	switch t := r["type"].(type) {
	case string:
		return []string{t}
	case []any:
		return texts(t)
	}
	return nil
}

// list is the list of texts of a keyword, nil when it has none.
func (r raw) list(keyword string) []string {
	items, _ := r[keyword].([]any)
	return texts(items)
}

// alias is what name means in the words of this schema, "" when unknown.
func (r raw) alias(name string) string {
	m, _ := r["x-aliases"].(map[string]any)
	s, _ := m[name].(string)
	return s
}

// hint is what to do about a key that people bring along and that is unknown, or
// about one that is missing; "" when nothing is known.
func (r raw) hint(key string) string {
	m, _ := r["x-hints"].(map[string]any)
	s, _ := m[key].(string)
	return s
}

func texts(items []any) []string {
	var out []string
	for _, x := range items {
		if s, ok := x.(string); ok {
			out = append(out, s)
		}
	}
	return out
}
