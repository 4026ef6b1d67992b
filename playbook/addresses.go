package playbook

import "strings"

// Addresses are the declared IPaddr2 primitives that run once, but for those
// that are declared as stopped.
func (p *Playbook) Addresses() (out []*Primitive) {
	for i := range p.Resources {
		r := &p.Resources[i]
		if r.Clone != nil || r.Promotable != nil {
			continue
		}
		for _, x := range r.Primitives() {
			if ParseAgent(x.Agent).Type == "IPaddr2" && !x.Meta.Disabled() && !r.Meta.Disabled() {
				out = append(out, x)
			}
		}
	}
	return out
}

// Disabled reports whether meta attributes keep a resource stopped, as pcs
// resource disable does.
func (o Options) Disabled() bool {
	v, ok := o.Get("target-role")
	return ok && strings.EqualFold(v.Text, "Stopped")
}
