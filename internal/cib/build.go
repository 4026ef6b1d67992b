package cib

import (
	"slices"

	"github.com/hadeploy/hadeploy/internal/agent"
	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/secret"
	"github.com/hadeploy/hadeploy/playbook"
)

// Node is a member of the cluster: its name, and the id that the CIB knows it
// by, which is Corosync's nodeid. The id may be empty when Pacemaker already
// knows the node.
type Node struct{ Name, ID string }

// Options of Build that have a sensible zero value.
type Options struct {
	Nodes   []Node
	Dialect pcs.Dialect // empty: 0.11
	// WithoutSecrets has a secret that is not at hand count as the value that
	// is there, if any. It is for plans only.
	WithoutSecrets bool
}

// Build turns a playbook into CIB objects. agents holds the metadata by the
// names of agent.Names; without an agent's metadata its default operations stay
// unknown. secrets resolves what the playbook only refers to. The error is a
// diag.List with positions in the playbook.
func Build(p *playbook.Playbook, agents map[string]*agent.Agent,
	secrets func(playbook.SecretRef) (secret.Value, bool), opts Options) (*Desired, error) {
	b := &builder{agents: agents, secrets: secrets, without: opts.WithoutSecrets}
	d := &Desired{dialect: opts.Dialect, nodeIDs: map[string]string{}}
	if d.dialect == "" {
		d.dialect = pcs.Pcs011
	}
	for _, n := range opts.Nodes {
		d.nodeIDs[n.Name] = n.ID
	}
	d.devices, d.resources, d.objects = b.build(p)
	if err := b.diags.Sort().Err(); err != nil {
		return nil, err
	}
	return d, nil
}

// build makes all objects that a playbook declares.
func (b *builder) build(p *playbook.Playbook) (devices []*primitive, resources []*container, flat []*object) {
	for i := range p.Stonith.Devices {
		devices = append(devices, b.primitive(&p.Stonith.Devices[i]))
	}
	for i := range p.Resources {
		resources = append(resources, b.resource(&p.Resources[i]))
	}
	return devices, resources, b.objects(p)
}

// objects are the declared objects of all flat kinds.
func (b *builder) objects(p *playbook.Playbook) (list []*object) {
	for _, k := range kinds {
		if k.want == nil {
			continue
		}
		for _, w := range k.want(b, p) {
			w.kind = k
			list = append(list, w)
		}
	}
	return list
}

type builder struct {
	agents  map[string]*agent.Agent
	secrets func(playbook.SecretRef) (secret.Value, bool)
	without bool             // secrets, see Options
	seen    playbook.Options // what pairs have been made of
	diags   diag.List
}

func (b *builder) fail(pos diag.Pos, msg string) {
	b.diags = append(b.diags, diag.Diagnostic{Pos: pos, Message: msg})
}

func (b *builder) pairs(o playbook.Options) []pair {
	var list []pair
	for _, x := range o {
		list = append(list, b.pair(x))
	}
	return list
}

func (b *builder) pair(x playbook.Option) pair {
	b.seen = append(b.seen, x)
	p := pair{name: x.Name, value: x.Value.Text, secret: secret.Named(x.Name), at: x.Pos.InFile()}
	if ref := x.Value.Secret; ref != nil {
		p.secret = true
		v, ok := ref.Plain, ref.Plain.IsSet()
		if !ok && b.secrets != nil {
			v, ok = b.secrets(*ref)
		}
		switch {
		case !ok && b.without:
			v, p.unknown = secret.New("not at hand"), true
		case !ok:
			b.fail(x.Pos, "the secret for "+x.Name+" is not available")
		}
		p.value = v.Reveal()
	}
	if !xmlText(p.value) {
		b.fail(x.Pos, x.Name+" holds a control character, which the CIB cannot store")
	}
	return p
}

func (b *builder) resource(r *playbook.Resource) *container {
	inside := func(kind string, c *playbook.Cloned) *container {
		out := &container{kind: kind, id: r.ID, at: r.Pos.InFile(), meta: b.pairs(r.Meta), ignored: r.Ignored}
		if c.Primitive != nil {
			out.children = []*container{b.leaf(c.Primitive)}
		} else {
			out.children = []*container{{kind: kindGroup, id: c.GroupID, at: c.Pos.InFile(), children: b.leaves(c.Group), ignored: c.Ignored}}
		}
		return out
	}
	switch {
	case r.Primitive != nil:
		return b.leaf(r.Primitive)
	case r.Clone != nil:
		return inside(kindClone, r.Clone)
	case r.Promotable != nil:
		c := inside(kindPromotable, r.Promotable)
		c.meta = slices.DeleteFunc(c.meta, func(p pair) bool { return p.name == "promotable" })
		c.meta = append(c.meta, pair{name: "promotable", value: "true"})
		return c
	}
	return &container{kind: kindGroup, id: r.ID, at: r.Pos.InFile(), children: b.leaves(r.Group), meta: b.pairs(r.Meta), ignored: r.Ignored}
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
	out := &primitive{
		id: p.ID, at: p.Pos.InFile(), class: ref.Standard, provider: ref.Provider, typ: ref.Type,
		options: b.pairs(p.Options), meta: b.pairs(p.Meta), agent: b.agents[ref.String()], ignored: p.Ignored,
	}
	out.opsKnown = out.agent != nil
	out.ops = b.operations(p, out.agent)
	for _, o := range p.Operations {
		words := []string{o.Name}
		for _, x := range o.Options {
			words = append(words, x.Name+"="+x.Value.Text)
		}
		out.pcsOps = append(out.pcsOps, words...)
	}
	return out
}
