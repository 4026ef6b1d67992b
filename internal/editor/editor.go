// Package editor makes the playbook's JSON Schema as editors use it. The schema
// that hadeploy validates with knows the structure of a playbook and nothing of
// names that pass through it to Pacemaker, Corosync and the agents; an editor is
// to complete and explain these too, and to find what hadeploy finds by rule.
package editor

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/agent"
	"github.com/hadeploy/hadeploy/schema"
)

// object is a schema, or a part of one.
type object = map[string]any

// Schema is the playbook's JSON Schema (draft-07) with all that an editor can
// offer. Agents are completed with those given in place of the well-known ones of
// the same name: whole says that these are all that the nodes have, so that any
// other agent is an error.
func Schema(agents []*agent.Agent, whole bool) ([]byte, error) {
	var root object
	if err := json.Unmarshal(schema.Playbook(), &root); err != nil {
		return nil, fmt.Errorf("the playbook's schema: %w", err)
	}
	tidy(root)
	s := &editor{root: root, definitions: within(root, "definitions"), properties: within(root, "properties")}
	s.values()
	s.pacemaker()
	s.corosync()
	s.rules()
	s.snippets()
	if err := s.inventory(); err != nil {
		return nil, err
	}
	known, err := common()
	if err != nil {
		return nil, err
	}
	s.agents(known, agents, whole)
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(root); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// editor is the schema while it is made.
type editor struct {
	root, definitions, properties object
}

// at is the schema at a path of keys below the root.
func (s *editor) at(path ...string) object { return within(s.root, path...) }

// definition is one of the parts that others refer to.
func (s *editor) definition(name string) object { return within(s.definitions, name) }

// within is the part of a schema at a path of keys, made where it is not there.
func within(o object, path ...string) object {
	for _, key := range path {
		next, ok := o[key].(object)
		if !ok {
			next = object{}
			o[key] = next
		}
		o = next
	}
	return o
}

// more appends to a list of a schema.
func more(o object, key string, items ...any) {
	list, _ := o[key].([]any)
	o[key] = append(list, items...)
}

// tidy drops what only hadeploy reads, and lets a variable stand wherever a
// value is not any text, and a number wherever it is one.
func tidy(o object) {
	for key := range o {
		if strings.HasPrefix(key, "x-") {
			delete(o, key)
		}
	}
	for _, value := range o {
		switch value := value.(type) {
		case object:
			tidy(value)
		case []any:
			for _, item := range value {
				if part, ok := item.(object); ok {
					tidy(part)
				}
			}
		}
	}
	switch o["type"] {
	case "boolean":
		either(o, matching(switchText), object{"type": "boolean"})
	case "integer":
		number := object{"type": "integer"}
		move(o, number, "minimum", "maximum")
		either(o, number, matching(variable))
	case "string": // hadeploy reads 5 and true as texts where it wants one
		if _, listed := o["enum"]; listed {
			words := object{"type": "string"}
			move(o, words, "enum")
			either(o, words, matching(variable))
			return
		}
		text := object{"type": []any{"string", "number"}}
		move(o, text, "minLength")
		either(o, text, unoffered("boolean"))
	}
}

// either makes o a choice of two; its descriptions stay.
func either(o object, choices ...object) {
	delete(o, "type")
	list := make([]any, len(choices))
	for i := range choices {
		list[i] = choices[i]
	}
	o["anyOf"] = list
}

func move(from, to object, keys ...string) {
	for _, key := range keys {
		if v, ok := from[key]; ok {
			to[key] = v
			delete(from, key)
		}
	}
}

// unoffered is any value of these types, which an editor takes; by "type" it would
// offer true and false for a boolean.
func unoffered(types ...string) object {
	var others []any
	for _, t := range []string{"object", "array", "null", "string", "number", "boolean"} {
		if !slices.Contains(types, t) {
			others = append(others, t)
		}
	}
	return object{"not": object{"type": others}}
}

// choice is a schema of some words that are offered, and of a text of a form.
func choice(words []string, pattern string) object {
	list := []any{object{"type": "string", "enum": words}, matching(pattern)}
	return object{"anyOf": list}
}

// clone copies a schema, so that a part of the copy can be another.
func clone(o object) object {
	out := make(object, len(o))
	for key, v := range o {
		if part, ok := v.(object); ok {
			v = clone(part)
		}
		out[key] = v
	}
	return out
}
