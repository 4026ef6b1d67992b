package playbook

import (
	"iter"

	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// Primitives are all that agents run: the fencing devices, then the primitives
// of the resources, each with its path in the file: resources[0].group[1].
func (p *Playbook) Primitives() iter.Seq2[yamldoc.Path, *Primitive] {
	return func(yield func(yamldoc.Path, *Primitive) bool) {
		for i := range p.Stonith.Devices {
			if !yield(yamldoc.Path("stonith.devices").Index(i), &p.Stonith.Devices[i]) {
				return
			}
		}
		for i := range p.Resources {
			if !p.Resources[i].each(yamldoc.Path("resources").Index(i), yield) {
				return
			}
		}
	}
}

// Secrets are the options whose values are secrets. hacluster's password is
// none of them: it stands in no CIB.
func (p *Playbook) Secrets() iter.Seq[Option] {
	return func(yield func(Option) bool) {
		for _, r := range p.Written() {
			for _, o := range r.Options {
				if o.Value.Secret != nil && !yield(o) {
					return
				}
			}
		}
	}
}

// Primitives are the primitives inside r, in order.
func (r *Resource) Primitives() (list []*Primitive) {
	r.each("", func(_ yamldoc.Path, p *Primitive) bool {
		list = append(list, p)
		return true
	})
	return list
}

// each visits the primitives inside r until one says stop.
func (r *Resource) each(path yamldoc.Path, yield func(yamldoc.Path, *Primitive) bool) bool {
	one := func(at yamldoc.Path, p *Primitive) bool { return p == nil || yield(at, p) }
	many := func(at yamldoc.Path, list []Primitive) bool {
		for i := range list {
			if !yield(at.Index(i), &list[i]) {
				return false
			}
		}
		return true
	}
	if !one(path, r.Primitive) || !many(path+".group", r.Group) {
		return false
	}
	if r.Bundle != nil && !one(path+".primitive", r.Bundle.Primitive) {
		return false
	}
	for _, c := range []struct {
		key yamldoc.Path
		in  *Cloned
	}{{".clone", r.Clone}, {".promotable", r.Promotable}} {
		if c.in != nil && !(one(path+c.key, c.in.Primitive) && many(path+c.key+".group", c.in.Group)) {
			return false
		}
	}
	return true
}

// Ref is the primitive's agent, taken apart.
func (p *Primitive) Ref() AgentRef { return ParseAgent(p.Agent) }
