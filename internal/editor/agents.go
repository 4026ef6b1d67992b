package editor

import (
	"cmp"
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/agent"
	"github.com/hadeploy/hadeploy/playbook"
)

// commonAgents are the options of the agents that most clusters use, by name:
// captured from the packages of Debian 12 (TestCommonAgents says how).
//
//go:embed agents.json
var commonAgents []byte

// commonAgent is an agent in that file, with its options.
type commonAgent struct {
	Agent   string         `json:"agent"`
	Options []commonOption `json:"options"`
}

type commonOption struct {
	Name     string   `json:"name"`
	Type     string   `json:"type,omitempty"`
	Default  string   `json:"default,omitempty"`
	Enum     []string `json:"enum,omitempty"`
	Required bool     `json:"required,omitempty"`
}

// common reads the embedded agents.
func common() (list []*agent.Agent, err error) {
	var known []commonAgent
	if err := json.Unmarshal(commonAgents, &known); err != nil {
		return nil, fmt.Errorf("the well-known agents: %w", err)
	}
	for _, k := range known {
		a := &agent.Agent{Name: k.Agent}
		for _, o := range k.Options {
			a.Parameters = append(a.Parameters, agent.Parameter{Name: o.Name, Type: o.Type, Default: o.Default, Enum: o.Enum, Required: o.Required})
		}
		list = append(list, a)
	}
	return list, nil
}

// What an agent's name looks like, whatever the nodes have.
const (
	agentPart    = `[A-Za-z0-9_][A-Za-z0-9_.-]*`
	agentType    = `[A-Za-z0-9_][A-Za-z0-9_.@:/\\-]*`
	resourceName = `^ocf::?` + agentPart + `:` + agentPart + `$|^(systemd|lsb|service|nagios|upstart):` + agentType + `$|` + variable
	fenceName    = `^(stonith:)?[A-Za-z0-9_][A-Za-z0-9_.@/\\-]*$|` + variable
)

const noNodeHas = "No node has this agent."

// family is what one package brings: of ocf the agents of a provider, of fencing
// those whose name begins with fence_. Nodes that have none of a family are still
// without the package, and say nothing of it.
func family(full string) string {
	switch ref := playbook.ParseAgent(full); {
	case ref.Standard == "ocf":
		return "ocf:" + ref.Provider
	case ref.Standard == "stonith" && strings.HasPrefix(ref.Type, "fence_"):
		return "fence_"
	default:
		return ref.Standard
	}
}

// agents offers names and options. An agent's own options are offered and held
// where the agent is named. have are those of the nodes: of them the options are
// known whole, so that another is an error; whole says that of their families
// there are no others.
func (s *editor) agents(known, have []*agent.Agent, whole bool) {
	var resources, fences []string
	name := func(full string) {
		if ref := playbook.ParseAgent(full); ref.Standard == "stonith" {
			fences = append(fences, ref.Type)
		} else {
			resources = append(resources, full)
		}
	}
	options := map[string]object{}
	told := map[string]bool{} // by family, where the nodes have told all
	for _, a := range have {
		told[family(a.Name)] = whole
	}
	for _, a := range known {
		if !told[family(a.Name)] {
			name(a.Name)
			options[a.Name] = parameters(a, false)
		}
	}
	for _, full := range playbook.WellKnownAgents() {
		if !told[family(full)] {
			name(full)
		}
	}
	for _, a := range have {
		name(a.Name)
		if len(a.Parameters) > 0 { // of units nothing is known, and they have none
			options[a.Name] = parameters(a, true)
		}
	}
	slices.Sort(resources)
	slices.Sort(fences)
	resources, fences = slices.Compact(resources), slices.Compact(fences)

	named := func(pattern string, names []string) object {
		return object{"anyOf": []any{matching(pattern), object{"type": "string", "enum": names}}}
	}
	resource, fence := named(resourceName, resources), named(fenceName, fences)
	more(fence, "anyOf", unoffered("number", "boolean")) // a plugin of cluster-glue may have any name
	// An agent of another family is the playbook's own or comes with a package.
	var refused, twoColons, long []string
	for _, provider := range []string{"heartbeat", "pacemaker"} {
		if told["ocf:"+provider] {
			refused = append(refused, provider)
		}
	}
	if len(refused) > 0 {
		for _, full := range resources {
			if rest, ok := strings.CutPrefix(full, "ocf:"); ok {
				twoColons = append(twoColons, "ocf::"+rest)
			}
		}
		others := matching(resourceName)
		others["not"] = object{"pattern": `^ocf::?(` + strings.Join(refused, "|") + `):[^$]*$`}
		resource = object{"anyOf": []any{object{"type": "string", "enum": resources, "errorMessage": noNodeHas}, others, hidden(twoColons)}}
	}
	if told["fence_"] {
		for _, typ := range fences {
			long = append(long, "stonith:"+typ)
		}
		fence = object{"anyOf": []any{object{"type": "string", "enum": fences, "errorMessage": noNodeHas}, matching(variable), hidden(long)}}
	}
	resource["description"] = "The resource agent: ocf:PROVIDER:TYPE, systemd:UNIT or lsb:SCRIPT."
	fence["description"] = "The fencing agent: fence_NAME."
	s.definitions["agent"], s.definitions["fence"] = resource, fence

	var ofResources, ofFences []any
	for _, full := range sortedNames(options) {
		ref := playbook.ParseAgent(full)
		names := []any{full}
		switch ref.Standard {
		case "stonith":
			names = append(names, ref.Type)
		case "ocf":
			names = append(names, "ocf::"+ref.Provider+":"+ref.Type)
		}
		one := object{
			"if":   object{"required": []any{"agent"}, "properties": object{"agent": object{"enum": names}}},
			"then": object{"properties": object{"options": options[full]}},
		}
		if ref.Standard == "stonith" {
			ofFences = append(ofFences, one)
		} else {
			ofResources = append(ofResources, one)
		}
	}
	s.definitions["optionsOfAgents"], s.definitions["optionsOfFences"] = object{"allOf": ofResources}, object{"allOf": ofFences}
	for _, definition := range []string{"primitive", "cloned", "resource"} {
		more(s.definition(definition), "allOf", object{"$ref": "#/definitions/optionsOfAgents"})
	}
	more(s.definition("device"), "allOf", object{"$ref": "#/definitions/optionsOfFences"})
	more(s.definition("device"), "allOf", object{"properties": object{"options": object{"properties": fencer()}}})
}

// hidden are words that are taken and not offered.
func hidden(words []string) object {
	return object{"type": "string", "not": object{"not": object{"enum": words}}}
}

func sortedNames(m map[string]object) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// parameters are an agent's options. Where they are those of the nodes, there are
// no others; and what an agent requires is missed.
func parameters(a *agent.Agent, whole bool) object {
	named, required := object{}, []any{}
	for _, p := range a.Options() {
		v := object{"anyOf": []any{object{"$ref": "#/definitions/value"}}}
		if len(p.Enum) > 0 {
			v = choice(p.Enum, variable)
			more(v, "anyOf", object{"$ref": "#/definitions/value"})
		}
		v["description"] = describe(p)
		if p.Default != "" {
			v["default"] = p.Default
		}
		if p.Deprecated {
			v["deprecationMessage"] = strings.TrimSuffix("deprecated; use "+strings.Join(p.DeprecatedBy, ", "), "; use ")
		}
		named[p.Name] = v
		if p.Required && p.Default == "" {
			required = append(required, p.Name)
		}
	}
	o := object{"properties": named}
	if whole && playbook.ParseAgent(a.Name).Standard == "stonith" {
		for name, v := range fencer() {
			if named[name] == nil {
				named[name] = v
			}
		}
	}
	if whole {
		named["trace_ra"], named["trace_file"] = object{"$ref": "#/definitions/value"}, object{"$ref": "#/definitions/value"}
		o["additionalProperties"] = false
		if len(required) > 0 {
			o["required"] = required
		}
	}
	return o
}

// fencer are the options that Pacemaker's fencer takes for every device.
func fencer() object {
	named := object{}
	for _, o := range agent.FencerOptions() {
		named[o] = object{"anyOf": []any{object{"$ref": "#/definitions/value"}}, "description": "Read by Pacemaker's fencer, for every device: see pacemaker-fenced(7)."}
	}
	return named
}

// describe is what is told of an option: what the agent says, and what it takes.
func describe(p agent.Parameter) string {
	var parts []string
	if text := cmp.Or(p.LongDesc, p.ShortDesc); text != "" {
		parts = append(parts, strings.TrimSuffix(strings.Join(strings.Fields(text), " "), ".")+".")
	}
	kind := cmp.Or(p.Type, "string")
	if p.Required {
		kind += ", required"
	}
	if p.Default != "" {
		kind += ", default " + p.Default
	}
	return strings.Join(append(parts, "("+kind+")"), " ")
}
