package editor

// values are the forms of values that hadeploy finds by rule.
func (s *editor) values() {
	s.definitions["score"] = object{"description": "A whole number, INFINITY or -INFINITY. Default: INFINITY.", "default": "INFINITY", "anyOf": score()}
	s.at("properties", "verify", "properties")["within"] = object{"description": "How long to wait for it. Default: 2min.", "default": "2min", "anyOf": duration()}
	// A value is a scalar, or where a secret one comes from.
	secret := s.definition("value")
	secret["type"] = "object"
	s.definitions["secret"] = secret
	s.definitions["value"] = object{"anyOf": []any{object{"$ref": "#/definitions/scalar"}, object{"$ref": "#/definitions/secret"}}}
	s.at("properties", "hacluster", "properties")["password"] = object{"description": "The password of hacluster. Write where it comes from, not the password itself.",
		"anyOf": []any{object{"$ref": "#/definitions/secret"}, object{"type": []any{"string", "number", "boolean"}}}}
	s.at("properties", "name")["pattern"] = `^[A-Za-z0-9_-]{1,32}$|` + variable
	s.definition("id")["pattern"] = `^[A-Za-z_][A-Za-z0-9_.-]*$|` + variable
}

// rules say what belongs together, as hadeploy validate does.
func (s *editor) rules() {
	file := s.at("properties", "files", "items")
	file["oneOf"] = []any{
		object{"required": []any{"source"}, "not": object{"required": []any{"content"}}},
		object{"required": []any{"content"}, "not": object{"required": []any{"source"}}},
	}
	s.one("resource", "agent", "group", "clone", "promotable")
	s.one("cloned", "agent", "group")
	for kind, ends := range map[string][]any{"colocation": {"resource", "with"}, "order": {"first", "then"}} {
		s.at("properties", "constraints", "properties", kind, "items")["oneOf"] = []any{object{"required": ends}, object{"required": []any{"sets"}}}
	}
	probe := s.at("properties", "verify", "properties", "probes", "items")
	probe["oneOf"] = []any{object{"required": []any{"http"}}, object{"required": []any{"tcp"}}}
	for _, kind := range []string{"group", "clone", "promotable"} { // which have no options of their own
		s.when("resource", object{"required": []any{kind}}, object{"properties": object{"options": false, "op": false}})
	}
	device := clone(s.definition("primitive"))
	within(device, "properties")["agent"] = object{"$ref": "#/definitions/fence"}
	s.definitions["device"] = device
	s.at("properties", "stonith", "properties", "devices")["items"] = object{"$ref": "#/definitions/device"}
}

// one wants exactly one of some keys of a definition.
func (s *editor) one(definition string, keys ...string) {
	list := make([]any, len(keys))
	for i, key := range keys {
		list[i] = object{"required": []any{key}}
	}
	s.definition(definition)["oneOf"] = list
}

// when adds what holds for a definition under a condition.
func (s *editor) when(definition string, condition, then object) {
	more(s.definition(definition), "allOf", object{"if": condition, "then": then})
}
