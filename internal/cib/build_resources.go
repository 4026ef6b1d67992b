package cib

import (
	"slices"

	"github.com/hadeploy/hadeploy/playbook"
)

func (b *builder) resource(r *playbook.Resource) *container {
	inside := func(kind string, c *playbook.Cloned) *container {
		out := &container{kind: kind, id: r.ID, at: r.Pos.InFile(), meta: b.pairs(r.Meta), description: b.description(r.Description), ignored: r.Ignored}
		if c.Primitive != nil {
			out.children = []*container{b.leaf(c.Primitive)}
		} else {
			out.children = []*container{{kind: kindGroup, id: c.GroupID, at: c.Pos.InFile(), children: b.leaves(c.Group),
				meta: b.pairs(c.Meta), description: b.description(c.Description), ignored: c.Ignored}}
		}
		return out
	}
	switch {
	case r.Primitive != nil:
		return b.leaf(r.Primitive)
	case r.Bundle != nil:
		return b.bundle(r)
	case r.Clone != nil:
		return inside(kindClone, r.Clone)
	case r.Promotable != nil:
		c := inside(kindPromotable, r.Promotable)
		c.meta = slices.DeleteFunc(c.meta, func(p pair) bool { return p.name == "promotable" })
		c.meta = append(c.meta, pair{name: "promotable", value: "true"})
		return c
	}
	return &container{kind: kindGroup, id: r.ID, at: r.Pos.InFile(), children: b.leaves(r.Group), meta: b.pairs(r.Meta),
		description: b.description(r.Description), ignored: r.Ignored}
}

func (b *builder) leaves(ps []playbook.Primitive) []*container {
	var list []*container
	for i := range ps {
		list = append(list, b.leaf(&ps[i]))
	}
	return list
}

func (b *builder) leaf(p *playbook.Primitive) *container {
	return &container{kind: kindPrimitive, id: p.ID, at: p.Pos.InFile(), prim: b.primitive(p)}
}

func (b *builder) primitive(p *playbook.Primitive) *primitive {
	ref := playbook.ParseAgent(p.Agent)
	if p.Own != nil {
		p = p.Own
	}
	out := &primitive{
		template: p.Template,
		id:       p.ID, at: p.Pos.InFile(), class: ref.Standard, provider: ref.Provider, typ: ref.Type,
		options: b.pairs(p.Options), meta: b.pairs(p.Meta),
		utilization: b.pairs(p.Utilization), description: b.description(p.Description), agent: b.agents[ref.String()], ignored: p.Ignored,
	}
	out.opsKnown = out.agent != nil || out.template != "" || p.OnlyOperations
	out.onlyOps = p.OnlyOperations
	out.ops = b.operations(p, out.agent)
	for _, o := range p.Operations {
		words := []string{o.Name}
		for _, x := range o.Options {
			words = append(words, x.Name+"="+x.Value.Text)
		}
		out.opWords = append(out.opWords, words...)
	}
	return out
}

func (b *builder) bundle(r *playbook.Resource) *container {
	maps := func(list []playbook.Mapping) (out []bundleMap) {
		for _, m := range list {
			out = append(out, bundleMap{m.ID, b.pairs(m.Options)})
		}
		return out
	}
	c := &container{kind: kindBundle, id: r.ID, at: r.Pos.InFile(), meta: b.pairs(r.Meta), description: b.description(r.Description), ignored: r.Ignored,
		bundle: &bundleBody{container: r.Bundle.Container, options: b.pairs(r.Bundle.Options), network: b.pairs(r.Bundle.Network),
			ports: maps(r.Bundle.Ports), storage: maps(r.Bundle.Storage)}}
	if r.Bundle.Primitive != nil {
		c.children = []*container{b.leaf(r.Bundle.Primitive)}
	}
	return c
}

// description is the text of a resource, an attribute of its element.
func (b *builder) description(v playbook.Value) pair {
	if v.Text == "" {
		return pair{}
	}
	return b.pair(playbook.Option{Name: "description", Value: v, Pos: v.Pos})
}
