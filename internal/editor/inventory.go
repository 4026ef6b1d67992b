package editor

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/hadeploy/hadeploy/schema"
)

// inventory explains an inventory that stands in the playbook by the schema of
// those in files.
func (s *editor) inventory() error {
	var of object
	if err := json.Unmarshal(schema.Inventory(), &of); err != nil {
		return fmt.Errorf("the inventory's schema: %w", err)
	}
	tidy(of)
	rename(of)
	for name, part := range within(of, "definitions") {
		s.definitions["inventory_"+name] = part
	}
	own := s.at("properties", "inventory")
	delete(own, "minLength")
	either(own, object{"type": []any{"string", "number"}, "minLength": 1, "examples": []any{"inventory.yaml"}},
		object{"type": "object", "minProperties": 1, "additionalProperties": of["additionalProperties"]})
	return nil
}

// rename lets the references of an inventory's schema lead to its definitions
// within the playbook's.
func rename(o object) {
	for key, value := range o {
		switch value := value.(type) {
		case object:
			rename(value)
		case []any:
			for _, item := range value {
				if part, ok := item.(object); ok {
					rename(part)
				}
			}
		case string:
			if name, ok := strings.CutPrefix(value, "#/definitions/"); ok && key == "$ref" {
				o[key] = "#/definitions/inventory_" + name
			}
		}
	}
}
