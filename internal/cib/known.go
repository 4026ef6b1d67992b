package cib

import (
	"fmt"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/playbook"
)

// CheckKnown finds the cluster properties and meta attributes that Pacemaker has,
// and not in the release that is installed (the oldest of the members'): it would
// keep them and do nothing. Of a release that is not known it says nothing.
func CheckKnown(p *playbook.Playbook, installed pacemaker.Release) diag.List {
	var found diag.List
	check := func(known []pacemaker.Option, what string, options playbook.Options) {
		for _, o := range options {
			k := pacemaker.Find(known, o.Name)
			if k == nil || k.Has(installed) {
				continue // a name that is none is told when the playbook is read
			}
			d := diag.Diagnostic{Pos: o.Pos}
			if installed.Before(k.Since) {
				d.Message = fmt.Sprintf("the %s %s came with Pacemaker %s, and %s is installed, which does nothing with it", what, o.Name, k.Since, installed)
				d.Hint = "leave it out, or upgrade Pacemaker on every node"
			} else {
				d.Message = fmt.Sprintf("Pacemaker has no %s %s any more since %s, and %s is installed, which does nothing with it", what, o.Name, k.Gone, installed)
				d.Hint = "leave it out"
				if k.Now != "" {
					d.Hint = "use " + k.Now
				}
			}
			found = append(found, d)
		}
	}
	for _, set := range p.PropertySets {
		check(pacemaker.Properties(), "property", set.Options)
	}
	meta := func(o playbook.Options) { check(pacemaker.MetaAttributes(), "meta attribute", o) }
	for _, set := range p.ResourceDefaults {
		meta(set.Options)
	}
	for i := range p.Resources {
		meta(p.Resources[i].Meta)
	}
	for _, r := range p.Written() {
		meta(r.Meta)
	}
	return p.Judge(found.Sort())
}
