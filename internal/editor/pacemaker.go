package editor

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"github.com/hadeploy/hadeploy/internal/pacemaker"
)

// pacemaker names the cluster properties, meta attributes and options of
// operations.
func (s *editor) pacemaker() {
	s.properties["properties"] = spelled("Cluster properties.", pacemaker.Properties())
	s.at("properties", "property_sets", "items", "properties")["options"] = spelled("Properties of the set.", pacemaker.Properties())
	s.definitions["meta"] = spelled("Meta attributes of the resource.", pacemaker.MetaAttributes())
	s.properties["resource_defaults"] = s.defaults("Defaults of meta attributes for all resources.", pacemaker.MetaAttributes())
	s.properties["operation_defaults"] = s.defaults("Defaults of options for all operations.", pacemaker.OperationOptions())

	alert := s.at("properties", "alerts", "items", "properties")
	for _, of := range []object{alert, within(alert, "recipients", "items", "properties")} {
		of["meta"] = settings("Pacemaker's own options of the alert.", alertOptions)
	}
	constraint := func(kind string, known []pacemaker.Option) {
		o := settings("Options of the constraint.", known)
		o["additionalProperties"] = false
		s.at("properties", "constraints", "properties", kind, "items", "properties")["options"] = o
	}
	constraint("location", locationOptions)
	constraint("colocation", colocationOptions)

	operation := settings("Options of the operation.", pacemaker.OperationOptions())
	operation["additionalProperties"] = false
	for _, o := range []object{operation, within(s.properties, "operation_defaults", "items", "properties", "meta")} {
		within(o, "properties", "timeout")["anyOf"] = []any{matching(someTime), object{"type": "integer", "minimum": 1, "maximum": maxSeconds}}
	}
	within(operation, "properties")["options"] = s.definition("operation_options")
	s.definitions["operation"] = operation
	each := object{"anyOf": []any{object{"$ref": "#/definitions/operation"}, object{"type": "array", "items": object{"$ref": "#/definitions/operation"}}}}
	named := object{}
	for _, o := range operations {
		named[o.name] = object{"description": o.use, "anyOf": each["anyOf"], "defaultSnippets": []any{object{"label": o.name, "body": o.example}}}
	}
	s.definitions["operations"] = object{
		"description": "Operations by name: monitor: {interval: 10s}, or a list of such. Those that the agent advises need not be written.",
		"type":        "object", "properties": named, "additionalProperties": each, "propertyNames": matching(operationText),
	}
}

// Options of alerts and constraints, with what Pacemaker Explained says of them.
var (
	alertOptions = []pacemaker.Option{
		{Name: "timeout", Sort: pacemaker.Text, Default: "30s", Use: "How long the program may take before it is ended."},
		{Name: "timestamp-format", Sort: pacemaker.Text, Default: "%H:%M:%S.%06N", Use: "How the program is told the time, as date(1) takes it."},
		{Name: "enabled", Sort: pacemaker.Text, Default: "true", Use: "Whether the alert is used at all.", Since: pacemaker.Release{2, 1, 6}},
	}
	locationOptions = []pacemaker.Option{
		{Name: "resource-discovery", Sort: pacemaker.Select, Values: []string{"always", "never", "exclusive"}, Default: "always",
			Use: "Whether it is looked for the resource on this node. never: not there; exclusive: only on nodes with exclusive."},
	}
	colocationOptions = []pacemaker.Option{
		{Name: "influence", Sort: pacemaker.Boolean, Default: "true", Use: "Whether the resource that follows has a say in where the other runs. Without it, critical of the resource that follows decides."},
		{Name: "node-attribute", Sort: pacemaker.Text, Default: "#uname", Use: "Which attribute of nodes has to be the same: the node itself, or a site or a rack."},
	}
)

// operations are those that agents have in common.
var operations = []struct {
	name, use string
	example   object
}{
	{"monitor", "Looks whether the resource is there. A promotable one has one monitor for each role, with different intervals.", object{"interval": "${1:10s}", "timeout": "${2:20s}"}},
	{"start", "Starts the resource.", object{"timeout": "${1:60s}"}},
	{"stop", "Stops the resource. Where it fails, the node is fenced.", object{"timeout": "${1:60s}"}},
	{"promote", "Promotes an instance.", object{"timeout": "${1:60s}"}},
	{"demote", "Demotes an instance.", object{"timeout": "${1:60s}"}},
	{"migrate_to", "Moves the resource away live.", object{"timeout": "${1:120s}"}},
	{"migrate_from", "Takes the resource over live.", object{"timeout": "${1:120s}"}},
	{"reload", "Takes new values without a restart.", object{"timeout": "${1:20s}"}},
}

// defaults is a section of defaults whose names are known.
func (s *editor) defaults(description string, known []pacemaker.Option) object {
	set := clone(s.definition("defaults"))
	within(set, "items", "properties")["meta"] = spelled("Names with their default values.", known)
	set["description"] = description
	return set
}

// settings are options by name. Others than the known ones are possible too.
func settings(description string, known []pacemaker.Option) object {
	named := object{}
	for i := range known {
		named[known[i].Name] = value(&known[i])
	}
	return object{"description": description, "type": "object", "properties": named, "additionalProperties": object{"$ref": "#/definitions/scalar"}}
}

// spelled are settings that refuse the known names with _ for -, as hadeploy
// validate does.
func spelled(description string, known []pacemaker.Option) object {
	var slips []any
	for i := range known {
		if slip := strings.ReplaceAll(known[i].Name, "-", "_"); slip != known[i].Name {
			slips = append(slips, slip)
		}
	}
	o := settings(description, known)
	o["propertyNames"] = object{"not": object{"enum": slips}}
	return o
}

// value is the schema of an option's value.
func value(o *pacemaker.Option) object {
	v := object{}
	switch o.Sort {
	case pacemaker.Text:
		v["type"] = []any{"string", "number", "boolean"}
	case pacemaker.Boolean:
		v["anyOf"] = []any{matching(booleans), object{"type": "boolean"}, object{"type": "integer", "enum": []any{0, 1}}}
	case pacemaker.Integer:
		text := wholeText
		if o.Least >= 0 {
			text = natural
		}
		v["anyOf"] = []any{matching(text), object{"type": "integer", "minimum": o.Least, "maximum": maxInt}}
	case pacemaker.ScoreValue:
		v["anyOf"] = score()
		if o.Natural {
			v["anyOf"] = []any{matching(noLess), object{"type": "string", "enum": []any{"INFINITY"}}, object{"type": "integer", "minimum": 0}}
		}
	case pacemaker.Duration:
		v["anyOf"] = duration(timeText)
	case pacemaker.Percentage:
		v = matching(percentage)
	case pacemaker.Select:
		v = choice(o.Values, variable)
		if o.AnyCase {
			v = choice(o.Values, anyCase(o.Values)+variable)
		}
		if number(o.Values) { // 1 is a number in YAML
			more(v, "anyOf", object{"type": "integer", "minimum": 0, "maximum": len(o.Values) - 1})
		}
	}
	description := o.Use
	if o.Default != "" {
		description += " Default: " + o.Default + "."
		v["default"] = literal(o)
	}
	if o.Since.Known() {
		description += " Since Pacemaker " + o.Since.String() + "."
	}
	v["description"] = description
	if o.Now != "" {
		v["deprecationMessage"] = "use " + o.Now
	}
	return v
}

// anyCase is the form of words in any case, for regular expressions that know no
// (?i).
func anyCase(words []string) string {
	var form strings.Builder
	for _, word := range words {
		form.WriteString("^")
		for _, letter := range word {
			if upper, lower := unicode.ToUpper(letter), unicode.ToLower(letter); upper != lower {
				form.WriteString("[" + string(upper) + string(lower) + "]")
				continue
			}
			form.WriteString(regexp.QuoteMeta(string(letter)))
		}
		form.WriteString("$|")
	}
	return form.String()
}

// number reports whether words are 0, 1 and so on.
func number(words []string) bool {
	for i, w := range words {
		if w != strconv.Itoa(i) {
			return false
		}
	}
	return true
}

// literal is a default as YAML has it.
func literal(o *pacemaker.Option) any {
	if o.Sort == pacemaker.Boolean {
		return pacemaker.True(o.Default)
	}
	if n, ok := pacemaker.Score(o.Default); ok && n < pacemaker.Infinity && n > -pacemaker.Infinity && o.Sort != pacemaker.Duration {
		return int64(n)
	}
	return o.Default
}

func score() []any {
	return []any{matching(scoreText), object{"type": "string", "enum": []any{"INFINITY", "-INFINITY"}}, object{"type": "integer"}}
}

func duration(text string) []any {
	return []any{matching(text), object{"type": "integer", "minimum": 0, "maximum": maxSeconds}}
}
