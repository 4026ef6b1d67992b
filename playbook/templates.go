package playbook

import (
	"iter"
	"slices"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// Written are the templates and primitives as the file has them: of a primitive
// with a template, what it declares itself.
func (p *Playbook) Written() iter.Seq2[yamldoc.Path, *Primitive] {
	return func(yield func(yamldoc.Path, *Primitive) bool) {
		for i := range p.Templates {
			if !yield(yamldoc.Path("templates").Index(i), &p.Templates[i]) {
				return
			}
		}
		for path, x := range p.Primitives() {
			if x.Own != nil {
				x = x.Own
			}
			if !yield(path, x) {
				return
			}
		}
	}
}

func (l *loader) templateList(n *yamldoc.Node) (out []Primitive) {
	for i, item := range items(n) {
		path := yamldoc.Path("templates").Index(i)
		if item.Kind != yamldoc.Map {
			continue // the schema has reported it
		}
		if f := item.Field("template"); f != nil {
			l.errorAt(l.doc.KeyPos(f), path+".template", "give agent: NAME", "a template cannot be made of a template")
			continue
		}
		t := l.primitive(item, path, &declared{kind: "template"})
		if l.checkAgentName(t, path) {
			l.checkSlip(t, t.Ref(), path)
		}
		out = append(out, t)
		l.templates[t.ID] = &out[len(out)-1]
	}
	return out
}

// agentOrTemplate reads what a primitive runs: an agent, or what its template
// says.
func (l *loader) agentOrTemplate(n *yamldoc.Node, p *Primitive, path yamldoc.Path) {
	agent, f := n.Field("agent"), n.Field("template")
	switch {
	case n.Kind != yamldoc.Map:
	case agent == nil && f == nil && l.sound(path):
		l.errorAt(l.doc.Pos(n), path, "add agent: ocf:PROVIDER:TYPE, systemd:UNIT, lsb:SCRIPT; for fencing fence_NAME", "the key \"agent\" is missing")
	case agent != nil && f != nil:
		l.errorAt(l.doc.KeyPos(f), path+".template", "keep one of them", "a primitive has an agent, or a template that has one")
	case f != nil && n.Field("default_operations") != nil:
		l.errorAt(l.doc.KeyPos(n.Field("default_operations")), path+".default_operations", "write it there", "the operations that the agent advises stand in the template")
	case f != nil && f.Value.Kind == yamldoc.Scalar && l.sound(path+".template"):
		p.Template, p.AgentPos = f.Value.Text, l.doc.Pos(f.Value)
		t := l.templates[p.Template]
		if t == nil {
			var names []string
			for id := range l.templates {
				names = append(names, id)
			}
			slices.Sort(names)
			hint := diag.DidYouMean(p.Template, names)
			if hint == "" {
				hint = "declare it under templates, with its agent"
			}
			l.errorAt(p.AgentPos, path+".template", hint, "there is no template %s", quote(p.Template))
			return
		}
		p.Agent = t.Agent
		own := *p
		p.Own = &own
		p.Options, p.Meta, p.Utilization = withOptions(p.Options, t.Options), withOptions(p.Meta, t.Meta), withOptions(p.Utilization, t.Utilization)
		p.Operations = withOperations(p.Operations, t.Operations)
		l.checkIntervals(p.Operations, path+".op")
	}
}

// withOptions adds what the template has and the primitive has not.
func withOptions(own, template Options) Options {
	out := slices.Clone(own)
	for _, o := range template {
		if _, ok := own.Get(o.Name); !ok {
			out = append(out, o)
		}
	}
	return out
}

// withOperations does the same of operations, which Pacemaker tells apart by
// their name and role here (template_op_key in lib/pengine/complex.c).
func withOperations(own, template []Operation) []Operation {
	role := func(o Operation) string {
		v, _ := o.Options.Get("role")
		if r := pacemaker.Role(v.Text); r == "Promoted" || r == "Stopped" {
			return r
		}
		return ""
	}
	out := slices.Clone(own)
	for _, o := range template {
		if !slices.ContainsFunc(own, func(x Operation) bool { return x.Name == o.Name && role(x) == role(o) }) {
			out = append(out, o)
		}
	}
	return out
}
