package playbook

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

func (l *loader) stonith(f *yamldoc.Field) Stonith {
	s := Stonith{Pos: l.fieldPos(f)}
	if f == nil {
		return s
	}
	l.fencing = f.Value.Get("sbd") != nil
	for i, item := range items(f.Value.Get("devices")) {
		path := yamldoc.Path("stonith.devices").Index(i)
		l.fencing = true
		d := l.primitive(item, path, &declared{kind: "fencing device", resource: true})
		s.Devices = append(s.Devices, d)
		if d.Template != "" {
			l.errorAt(d.AgentPos, path+".template", "give its agent", "a fencing device has no template here")
		}
		if d.Agent == "" {
			continue
		}
		ref := ParseAgent(d.Agent)
		if ref.Standard == "" {
			ref.Standard = "stonith"
		}
		if ref.Standard != "stonith" || !agentType.MatchString(ref.Type) {
			l.judgeAt(d.AgentPos, path+".agent", "write fence_NAME, such as fence_ipmilan", "%s is not a fencing agent", quote(d.Agent))
		}
		l.checkPlugin(d, ref, path)
		l.checkSlip(d, ref, path)
		s.Devices[i].Agent = ref.String()
	}
	s.Levels = l.levels(f.Value.Get("levels"))
	return s
}

func (l *loader) resources(n *yamldoc.Node) []Resource {
	var out []Resource
	for i, item := range items(n) {
		out = append(out, l.resource(item, yamldoc.Path("resources").Index(i)))
	}
	return out
}

// kinds are the keys that say what a resource is.
var kinds = []string{"agent", "template", "group", "clone", "promotable", "bundle"}

func (l *loader) resource(n *yamldoc.Node, path yamldoc.Path) Resource {
	r := Resource{ID: text(n.Get("id")), Pos: l.doc.Pos(n)}
	if n.Kind != yamldoc.Map {
		return r
	}
	var given []string
	for _, k := range kinds {
		if n.Field(k) != nil {
			given = append(given, k)
		}
	}
	switch {
	case len(given) == 0:
		if l.sound(path) {
			l.errorAt(r.Pos, path, "give agent: NAME for a primitive, or group, clone, promotable or bundle", "it is not said what the resource is")
		}
		return r
	case len(given) > 1:
		l.errorAt(l.doc.KeyPos(n.Field(given[1])), path, "keep one of them", "a resource is one of agent, group, clone, promotable and bundle; here are %s", strings.Join(given, " and "))
		return r
	}
	if given[0] != "bundle" {
		l.onlyOfBundles(n, path, given[0])
	}
	if given[0] == "agent" || given[0] == "template" {
		p := l.primitive(n, path, &declared{kind: "primitive", resource: true})
		r.Primitive = &p
		l.checkResourceAgent(p, path)
		l.checkOperationRoles(r, path)
		l.checkRoles(r, path)
		return r
	}
	for _, key := range []string{"options", "op", "default_operations", "utilization"} {
		if f := n.Field(key); f != nil {
			l.errorAt(l.doc.KeyPos(f), path.Key(key), "move it to the primitive inside", "a %s has no %s of its own", given[0], key)
		}
	}
	r.Meta = l.metaOf(n, path)
	r.Description = l.description(n)
	r.Ignored = l.ignored(n, path, given[0])
	switch given[0] {
	case "group":
		l.declare(n.Get("id"), path+".id", &declared{kind: "group", resource: true})
		r.Group = l.members(n.Get("group"), path+".group", "")
	case "clone":
		l.declare(n.Get("id"), path+".id", &declared{kind: "clone", resource: true})
		r.Clone = l.cloned(n.Get("clone"), path+".clone", r.ID)
		if v, ok := r.Meta.Get("promotable"); ok && pacemaker.True(v.Text) {
			l.errorAt(v.Pos, path+".meta.promotable", "use promotable: in place of clone:", "a clone does not become promotable by a meta attribute here")
		}
	case "promotable":
		l.declare(n.Get("id"), path+".id", &declared{kind: "promotable clone", resource: true, promotable: true})
		r.Promotable = l.cloned(n.Get("promotable"), path+".promotable", r.ID)
	case "bundle":
		r.Bundle = l.bundle(n, path)
	}
	l.checkOperationRoles(r, path)
	l.checkRoles(r, path)
	return r
}

// metaOf are the meta attributes of a resource.
func (l *loader) metaOf(n *yamldoc.Node, path yamldoc.Path) Options {
	meta := l.options(n.Get("meta"), path+".meta")
	l.checkNames(meta, path+".meta", pacemaker.MetaAttributes(), "meta attribute")
	l.check(meta, path+".meta", metaRules)
	return meta
}

func (l *loader) members(n *yamldoc.Node, path yamldoc.Path, clone string) []Primitive {
	var out []Primitive
	for i, item := range items(n) {
		p := l.primitive(item, path.Index(i), &declared{kind: "primitive", resource: true, inside: clone})
		l.checkResourceAgent(p, path.Index(i))
		out = append(out, p)
	}
	return out
}

func (l *loader) cloned(n *yamldoc.Node, path yamldoc.Path, clone string) *Cloned {
	c := &Cloned{}
	if n == nil || n.Kind != yamldoc.Map {
		return c
	}
	c.Pos = l.doc.Pos(n)
	agent, group := n.Field("agent"), n.Field("group")
	if agent == nil {
		agent = n.Field("template")
	}
	switch {
	case agent != nil && group != nil:
		l.errorAt(l.doc.KeyPos(group), path, "keep one of them", "a clone runs a primitive (agent) or a group, not both")
	case group != nil:
		for _, key := range []string{"options", "op", "default_operations", "utilization"} {
			if f := n.Field(key); f != nil {
				l.errorAt(l.doc.KeyPos(f), path.Key(key), "move it to the members", "a cloned group has no %s of its own here", key)
			}
		}
		c.GroupID = text(n.Get("id"))
		l.declare(n.Get("id"), path+".id", &declared{kind: "group", resource: true, inside: clone})
		c.Group = l.members(group.Value, path+".group", clone)
		c.Meta = l.metaOf(n, path)
		c.Description = l.description(n)
		c.Ignored = l.ignored(n, path, "group")
	case agent != nil:
		p := l.primitive(n, path, &declared{kind: "primitive", resource: true, inside: clone})
		l.checkResourceAgent(p, path)
		c.Primitive = &p
	case l.sound(path):
		l.errorAt(l.doc.Pos(n), path, "give agent: NAME, or group: [...] with the members", "it is not said what the clone runs")
	}
	return c
}

func (l *loader) primitive(n *yamldoc.Node, path yamldoc.Path, d *declared) Primitive {
	p := Primitive{
		ID: text(n.Get("id")), Agent: text(n.Get("agent")),
		Pos: l.doc.Pos(n), AgentPos: l.doc.Pos(n.Get("agent")),
	}
	if d != nil { // else whoever asks has declared it, and says the agent
		l.declare(n.Get("id"), path+".id", d)
	}
	p.Options = l.options(n.Get("options"), path+".options")
	p.Meta = l.metaOf(n, path)
	p.Operations = l.operations(n.Get("op"), path+".op")
	p.OnlyOperations = !flag(n.Get("default_operations"), true)
	p.Utilization = l.utilization(n.Get("utilization"), path+".utilization")
	p.Description = l.description(n)
	p.Ignored = l.ignored(n, path, "agent")
	if d != nil {
		l.agentOrTemplate(n, &p, path)
	}
	return p
}

func (l *loader) description(n *yamldoc.Node) Value {
	return Value{Text: text(n.Get("description")), Pos: l.doc.Pos(n.Get("description"))}
}

var (
	agentType  = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.@:/\\-]*$`)
	standards  = []string{"ocf", "systemd", "lsb", "service", "nagios", "upstart"}
	onlyFences = "fencing devices stand under stonith.devices"
)

// checkResourceAgent checks what a primitive runs.
func (l *loader) checkResourceAgent(p Primitive, path yamldoc.Path) {
	ref := ParseAgent(p.Agent)
	if p.Template != "" {
		l.checkUnit(p, ref, path)
		return // of the template the rest is told
	}
	if !l.checkAgentName(p, path) {
		return
	}
	l.checkUnit(p, ref, path)
	l.checkSlip(p, ref, path)
	if ref.Standard == "service" {
		l.warnAt(p.AgentPos, path+".agent", fmt.Sprintf("write systemd:%s for the unit, or lsb:%s for the init script", ref.Type, ref.Type),
			"%s is whatever a node has of that name, a unit or an init script: it may be another on each", quote(p.Agent))
	}
}

// checkAgentName checks the form of an agent's name; whether the nodes have it
// is seen when they are asked.
func (l *loader) checkAgentName(p Primitive, path yamldoc.Path) bool {
	if p.Agent == "" {
		return false
	}
	ref := ParseAgent(p.Agent)
	fail := func(hint, format string, args ...any) { l.judgeAt(p.AgentPos, path+".agent", hint, format, args...) }
	switch {
	case ref.Standard == "stonith", ref.Standard == "" && strings.HasPrefix(ref.Type, "fence_"):
		fail(onlyFences, "%s is a fencing agent, not a resource", quote(p.Agent))
	case ref.Standard == "":
		fail(withStandard(ref.Type), "the agent %s has no standard", quote(p.Agent))
	case ref.Standard == "ocf" && ref.Type == "" && meantAgent(ref.Provider) != "":
		fail(fmt.Sprintf("write %s", meantAgent(ref.Provider)), "the agent %s has no provider", quote(p.Agent))
	case ref.Standard == "heartbeat" || ref.Standard == "pacemaker":
		fail("write ocf:"+p.Agent, "the agent %s has no standard", quote(p.Agent))
	case ref.Standard == "ocf" && (!agentPart.MatchString(ref.Provider) || !agentPart.MatchString(ref.Type)):
		fail("write ocf:PROVIDER:TYPE, such as ocf:heartbeat:IPaddr2", "%s is not the name of an agent", quote(p.Agent))
	case !slices.Contains(standards, ref.Standard):
		fail(diag.DidYouMean(ref.Standard, standards), "unknown standard %s of the agent %s", quote(ref.Standard), quote(p.Agent))
	case !agentType.MatchString(ref.Type):
		fail("", "%s is not the name of an agent", quote(p.Agent))
	default:
		return true
	}
	return false
}

// withStandard is how an agent's name is written that came without one.
func withStandard(typ string) string {
	meant := meantAgent(typ)
	switch {
	case meant == "":
		return "write ocf:heartbeat:" + typ + " or systemd:" + typ
	case ParseAgent(meant).Type == typ && typ == strings.ToLower(typ): // a unit may have that name too
		return "write " + meant + ", or systemd:" + typ + " for the unit"
	}
	return "write " + meant
}

var operationName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]*$`)

func (l *loader) operations(n *yamldoc.Node, path yamldoc.Path) []Operation {
	if n == nil || n.Kind != yamldoc.Map {
		return nil
	}
	var out []Operation
	for i := range n.Fields {
		f := &n.Fields[i]
		at := path.Key(f.Key)
		if !operationName.MatchString(f.Key) {
			l.errorAt(l.doc.KeyPos(f), at, "", "%s cannot be the name of an operation", quote(f.Key))
			continue
		}
		if f.Value.Kind == yamldoc.Map {
			out = append(out, l.operation(f.Key, f.Value, at, l.doc.KeyPos(f)))
			continue
		}
		for j, item := range items(f.Value) {
			out = append(out, l.operation(f.Key, item, at.Index(j), l.doc.Pos(item)))
		}
	}
	l.checkIntervals(out, path)
	return out
}

func (l *loader) operation(name string, n *yamldoc.Node, path yamldoc.Path, pos diag.Pos) Operation {
	o := Operation{Name: name, Options: l.options(n.Without("options"), path), Pos: pos}
	if n != nil && n.Kind == yamldoc.Map {
		o.Own = l.options(n.Get("options"), path+".options")
	}
	for _, x := range o.Own {
		if x.Name == "OCF_CHECK_LEVEL" {
			l.errorAt(x.Pos, path+".options.OCF_CHECK_LEVEL", "write it beside interval", "OCF_CHECK_LEVEL stands in the operation itself")
		}
	}
	l.checkAll(o.Options, path, operationRules, "option of an operation")
	l.checkOperation(o, path)
	_, origin := o.Options.Get("interval-origin")
	if delay, ok := o.Options.Get("start-delay"); ok && origin {
		l.judgeAt(delay.Pos, path+".start-delay", "keep one of them", "start-delay and interval-origin exclude each other")
	}
	return o
}
