package editor

// values are the forms of values that hadeploy finds by rule.
func (s *editor) values() {
	s.definitions["score"] = object{"description": "A whole number, INFINITY or -INFINITY. Default: INFINITY.", "default": "INFINITY", "anyOf": score()}
	s.at("properties", "verify", "properties")["within"] = object{"description": "How long to wait for it. Default: 2min.", "default": "2min",
		"anyOf": []any{matching(timeText), object{"type": "integer", "minimum": 1, "maximum": maxSeconds}}}
	// A value is a scalar, or where a secret one comes from.
	secret := s.definition("value")
	secret["type"] = "object"
	s.definitions["secret"] = secret
	s.definitions["value"] = object{"anyOf": []any{object{"$ref": "#/definitions/scalar"}, object{"$ref": "#/definitions/secret"}}}
	s.at("properties", "hacluster", "properties")["password"] = object{"description": "The password of hacluster. Write where it comes from, not the password itself.",
		"anyOf": []any{object{"$ref": "#/definitions/secret"}, object{"type": []any{"string", "number", "boolean"}}}}
	form(s.at("properties", "name"), nameText, "number", "boolean")
	form(s.definition("id"), idText, "boolean")
	form(s.definition("package"), packageText, "number", "boolean")
	form(within(secret, "properties", "env"), envText, "boolean")
	file := s.at("properties", "files", "items", "properties")
	form(within(file, "path"), fileText)
	form(within(file, "owner"), ownerText, "number", "boolean")
	within(file, "mode")["anyOf"] = []any{matching(modeText), object{"type": "integer", "minimum": 0}}
	delete(within(file, "mode"), "type")
	within(file, "mode")["default"] = "0644"
	form(s.at("properties", "agents", "items", "properties", "name"), ownAgentText)
	form(s.at("properties", "alerts", "items", "properties", "path"), absolute)
	form(within(s.definition("ignored"), "items"), ignoredText)
	probe := s.at("properties", "verify", "properties", "probes", "items", "properties")
	form(within(probe, "http"), urlText)
	form(within(probe, "tcp"), portText)
	s.at("properties", "nodes", "additionalProperties", "properties")["utilization"] = object{"description": "Capacities, whole numbers.", "type": "object",
		"additionalProperties": object{"anyOf": []any{matching(capacity), object{"type": "integer", "minimum": -maxInt - 1, "maximum": maxInt}}}}
}

// form gives a text its form. Values of other types are taken where these have it
// when hadeploy reads them as texts.
func form(o object, pattern string, others ...string) {
	delete(o, "anyOf")
	if text := matching(pattern); len(others) > 0 {
		either(o, text, unoffered(others...))
	} else {
		move(text, o, "type", "pattern", "patternErrorMessage")
	}
}

// rules say what belongs together, as hadeploy validate does.
func (s *editor) rules() {
	file := s.at("properties", "files", "items")
	file["oneOf"] = []any{
		object{"required": []any{"source"}, "not": object{"required": []any{"content"}}},
		object{"required": []any{"content"}, "not": object{"required": []any{"source"}}},
	}
	s.one("resource", "agent", "template", "group", "clone", "promotable", "bundle")
	s.one("cloned", "agent", "template", "group")
	for kind, ends := range map[string][]any{"colocation": {"resource", "with"}, "order": {"first", "then"}} {
		s.at("properties", "constraints", "properties", kind, "items")["oneOf"] = []any{object{"required": ends}, object{"required": []any{"sets"}}}
	}
	probe := s.at("properties", "verify", "properties", "probes", "items")
	probe["oneOf"] = []any{object{"required": []any{"http"}}, object{"required": []any{"tcp"}}}
	for _, kind := range []string{"group", "clone", "promotable", "bundle"} { // which have no options of their own
		s.when("resource", object{"required": []any{kind}}, object{"properties": object{"options": false, "op": false}})
	}
	s.when("cloned", object{"required": []any{"group"}}, object{"properties": object{"options": false, "op": false, "meta": false}})
	more(probe, "allOf", object{"if": object{"required": []any{"tcp"}}, "then": object{"properties": object{"expect_status": false, "expect_body": false}}})
	// Devices and templates have an agent; of a template's options others may be given
	// where it is used.
	template := clone(s.definition("primitive"))
	delete(within(template, "properties"), "template")
	template["required"] = []any{"id", "agent"}
	device := clone(template)
	within(device, "properties")["agent"] = object{"$ref": "#/definitions/fence"}
	s.definitions["device"], s.definitions["shared"] = device, template
	s.at("properties", "stonith", "properties", "devices")["items"] = object{"$ref": "#/definitions/device"}
	s.at("properties", "templates")["items"] = object{"$ref": "#/definitions/shared"}
	s.one("primitive", "agent", "template")
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
