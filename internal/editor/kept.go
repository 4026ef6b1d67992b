package editor

import "github.com/hadeploy/hadeploy/internal/pacemaker"

// kept names what may stand there and nowhere else.
func (s *editor) kept() {
	scalar := object{"$ref": "#/definitions/scalar"}
	properties := object{}
	for _, name := range pacemaker.OwnProperties() {
		properties[name] = scalar
	}
	own := s.at("properties", "kept", "properties")
	own["properties"] = object{"description": within(own, "properties")["description"], "type": "object", "additionalProperties": false, "properties": properties}
	within(own, "nodes")["additionalProperties"] = object{"type": "object", "additionalProperties": false,
		"properties":        object{"standby": scalar, "maintenance": scalar, "terminate": scalar},
		"patternProperties": object{"^#": scalar}}
}
