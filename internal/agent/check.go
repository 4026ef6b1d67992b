package agent

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/excerpt"
	"github.com/hadeploy/hadeploy/playbook"
)

// CheckOptions holds the options and operations of every resource against what
// its agent says of itself; what can be judged without, playbook.Load has
// judged, and what is deprecated, Deprecated tells. An agent whose metadata is not in agents is passed over: it is not
// known yet.
func CheckOptions(p *playbook.Playbook, agents map[string]*Agent) diag.List {
	c := &checker{agents: agents}
	for path, r := range p.Written() {
		c.primitive(r, string(path))
	}
	for path, r := range p.Primitives() {
		if a := c.agents[r.Ref().String()]; a != nil {
			c.missing(r, a, parametersOf(r, a), string(path))
		}
	}
	for i := range p.Resources {
		if r := &p.Resources[i]; r.Promotable != nil {
			c.promotes(r, fmt.Sprintf("resources[%d].promotable", i))
		}
	}
	return p.Judge(c.diags.Sort())
}

// promotes refuses to promote what cannot be promoted.
func (c *checker) promotes(r *playbook.Resource, path string) {
	for _, p := range r.Primitives() {
		a := c.agents[p.Ref().String()]
		if a != nil && !(a.HasAction("promote") && a.HasAction("demote")) {
			c.report(diag.Error, p.AgentPos, path, "use a plain clone, or an agent that can be promoted",
				"%s cannot be promotable: agent %s has no promote and demote", p.ID, a.Name)
		}
	}
}

func (c *checker) primitive(p *playbook.Primitive, path string) {
	stonith := p.Ref().Standard == "stonith"
	for _, o := range p.Options {
		at := path + ".options." + o.Name
		if o.Value.Secret == nil && o.Value.Text == "" {
			c.report(diag.Error, o.Pos, at, "give a value, or leave the option out", "%s has no value", o.Name)
		}
		if strings.HasPrefix(o.Name, "CRM_meta") {
			c.report(diag.Error, o.Pos, at, "declare it under meta", "%s is set by Pacemaker itself and is no option", o.Name)
		}
	}
	a := c.agents[p.Ref().String()]
	if a == nil {
		return
	}
	for i := range p.Operations {
		c.operation(&p.Operations[i], a, path+".op")
	}
	c.options(p, a, parametersOf(p, a), stonith, path)
}

// parametersOf are all that a primitive of this agent may be given.
func parametersOf(p *playbook.Primitive, a *Agent) []Parameter {
	if p.Ref().Standard == "stonith" {
		return stonithParameters(slices.Clone(a.Parameters))
	}
	return append(slices.Clone(a.Parameters), traceParameters(a)...)
}

// traceParameters are the options with which ocf-shellfuncs traces an agent.
func traceParameters(a *Agent) []Parameter {
	if !strings.HasPrefix(a.Name, "ocf:heartbeat:") && !strings.HasPrefix(a.Name, "ocf:pacemaker:") {
		return nil
	}
	return []Parameter{{Name: "trace_ra", Type: "string", Advanced: true}, {Name: "trace_file", Type: "string", Advanced: true}}
}

func (c *checker) options(p *playbook.Primitive, a *Agent, params []Parameter, stonith bool, path string) {
	find := func(name string) *Parameter {
		i := slices.IndexFunc(params, func(q Parameter) bool { return q.Name == name })
		if i < 0 {
			return nil
		}
		return &params[i]
	}
	for _, o := range p.Options {
		at := path + ".options." + o.Name
		switch q := find(o.Name); {
		case strings.HasPrefix(o.Name, "CRM_meta"):
		case stonith && o.Name == "action":
			c.report(diag.Error, o.Pos, at, "use pcmk_off_action or pcmk_reboot_action",
				"the option action of a fence agent would make every call, a monitor too, do that action")
		case q == nil:
			c.report(diag.Error, o.Pos, at, diag.DidYouMean(o.Name, names(params)), "unknown option of %s", a.Name)
		default:
			c.value(o, *q, at)
		}
	}
	c.ignored(p, a, params, path)
}

// missing finds what is required and not given, by the primitive or by its
// template.
func (c *checker) missing(p *playbook.Primitive, a *Agent, params []Parameter, path string) {
	var misspelt []string
	for _, o := range p.Options {
		if !slices.Contains(names(params), o.Name) {
			misspelt = append(misspelt, diag.Closest(o.Name, names(params)))
		}
	}
	for _, q := range params {
		if !q.Required || q.Deprecated || slices.Contains(misspelt, q.Name) {
			continue
		}
		accepted := append([]string{q.Name}, olderNames(q.Name, params)...)
		if !slices.ContainsFunc(accepted, func(n string) bool { _, ok := p.Options.Get(n); return ok }) {
			pos := p.AgentPos
			if pos.Line == 0 {
				pos = p.Pos
			}
			c.report(diag.Error, pos, path+".options", missingHint(q), "the option %s of %s is required and is not given", q.Name, a.Name)
		}
	}
}

// missingHint says what to give for a parameter, in the agent's own words.
func missingHint(q Parameter) string {
	hint := "add " + q.Name + " to the options"
	if about := excerpt.Printable(q.ShortDesc, 80); about != "" {
		hint += ": " + about
	}
	return hint
}

// olderNames are the deprecated parameters that stand for name, directly or
// through one another.
func olderNames(name string, params []Parameter) []string {
	var out []string
	next := []string{name}
	for len(next) > 0 {
		n := next[0]
		next = next[1:]
		for _, q := range params {
			if slices.Contains(q.DeprecatedBy, n) && !slices.Contains(out, q.Name) && q.Name != name {
				out = append(out, q.Name)
				next = append(next, q.Name)
			}
		}
	}
	return out
}

// stonithParameters are a fence agent's own, less those for its command line,
// and those that Pacemaker's fencer takes for every device. A port is never
// required: the fencer gives it.
func stonithParameters(own []Parameter) []Parameter {
	own = slices.DeleteFunc(own, func(p Parameter) bool { return p.Name == "help" || p.Name == "version" })
	port := []string{"port"}
	for i := 0; i < len(port); i++ {
		for j := range own {
			if own[j].Name != port[i] {
				continue
			}
			own[j].Required = false
			for _, by := range own[j].DeprecatedBy {
				if !slices.Contains(port, by) {
					port = append(port, by)
				}
			}
		}
	}
	for i := range own {
		if own[i].Name == "action" {
			own[i].Required = false
		}
	}
	for _, p := range fencerParameters() {
		if !slices.ContainsFunc(own, func(q Parameter) bool { return q.Name == p.Name }) {
			own = append(own, p)
		}
	}
	return own
}

// fencerParameters are those of pacemaker-fenced's metadata, releases 2.0 to
// 3.0.
func fencerParameters() []Parameter {
	list := []Parameter{
		{Name: "priority", Type: "integer"}, {Name: "stonith-timeout", Type: "time"},
		{Name: "pcmk_host_argument", Type: "string"}, {Name: "pcmk_host_map", Type: "string"}, {Name: "pcmk_host_list", Type: "string"},
		{Name: "pcmk_host_check", Type: "string"}, {Name: "pcmk_delay_max", Type: "time"}, {Name: "pcmk_delay_base", Type: "string"},
		{Name: "pcmk_action_limit", Type: "integer"},
	}
	for _, action := range []string{"reboot", "off", "on", "list", "monitor", "status"} {
		list = append(list, Parameter{Name: "pcmk_" + action + "_action", Type: "string"},
			Parameter{Name: "pcmk_" + action + "_timeout", Type: "time"}, Parameter{Name: "pcmk_" + action + "_retries", Type: "integer"})
	}
	return list
}

// FencerOptions are the names of the options that Pacemaker's fencer takes for
// every device, whatever its agent.
func FencerOptions() []string { return names(fencerParameters()) }
