package cib

import (
	"time"

	"github.com/hadeploy/hadeploy/internal/agent"
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
	// Now is the time of the node that plans, in its zone: what rules with dates are
	// judged by. Zero: it is not known, and nothing is said.
	Now time.Time
	// MaskSecrets puts secret.Mask in the place of every secret, at hand or not.
	MaskSecrets bool
}

// Build turns a playbook into CIB objects. agents holds the metadata by the
// names of agent.Names; without an agent's metadata its default operations stay
// unknown. secrets resolves what the playbook only refers to. The error is a
// diag.List with positions in the playbook.
func Build(p *playbook.Playbook, agents map[string]*agent.Agent,
	secrets func(playbook.SecretRef) (secret.Value, bool), opts Options) (*Desired, error) {
	b := &builder{agents: agents, secrets: secrets, without: opts.WithoutSecrets || opts.MaskSecrets, mask: opts.MaskSecrets}
	d := &Desired{now: opts.Now, prune: p.Prune, dialect: opts.Dialect, nodeIDs: map[string]string{}, remotes: p.RemoteNodes()}
	if d.dialect == "" {
		d.dialect = pcs.Pcs011
	}
	for _, n := range opts.Nodes {
		d.nodeIDs[n.Name] = n.ID
	}
	d.spellings = spellingsOf(p)
	d.ids, d.madeIDs = p.IDs, make(map[string]string, len(p.IDs))
	for made, is := range p.IDs {
		d.madeIDs[is] = made
	}
	b.build(p, d)
	if err := b.diags.Sort().Err(); err != nil {
		return nil, err
	}
	return d, nil
}

// build makes all objects that a playbook declares.
func (b *builder) build(p *playbook.Playbook, d *Desired) {
	for i := range p.Templates {
		t := b.primitive(&p.Templates[i])
		t.isTemplate = true
		d.templates = append(d.templates, t)
	}
	for i := range p.Stonith.Devices {
		d.devices = append(d.devices, b.primitive(&p.Stonith.Devices[i]))
	}
	for i := range p.Resources {
		d.resources = append(d.resources, b.resource(&p.Resources[i]))
	}
	d.objects = b.flatObjects(p)
	d.kept = b.kept(p.Kept)
}

// flatObjects are the declared objects of all flat kinds.
func (b *builder) flatObjects(p *playbook.Playbook) (list []*object) {
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

func (b *builder) kept(p playbook.Kept) (k kept) {
	k.sections = p.Sections
	k.properties = b.pairs(p.Properties)
	for _, n := range p.Nodes {
		k.nodes = append(k.nodes, keptNode{n.Name, b.pairs(n.Attributes)})
	}
	return k
}
