package cib

import (
	"fmt"
	"slices"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/internal/rule"
	"github.com/hadeploy/hadeploy/playbook"
)

// need is something that only some releases of Pacemaker take.
type need struct {
	pos   diag.Pos
	what  string            // the subject of a sentence: the class nagios
	since pacemaker.Release // zero: from the beginning
	gone  pacemaker.Release // the first one without it; zero: none
	do    string
}

// CheckRelease finds what a release of Pacemaker cannot take, whatever values
// it has (CheckValues) and whatever its agents are: what stands in the schema of
// another release, or under another word. Of a release that is not known it says
// nothing. (Pacemaker's ChangeLog and xml/.)
func CheckRelease(p *playbook.Playbook, r pacemaker.Release) diag.List {
	var found diag.List
	if !r.Known() {
		return nil
	}
	for _, n := range needs(p) {
		d := diag.Diagnostic{Pos: n.pos, Hint: n.do}
		switch {
		case r.Before(n.since):
			d.Message = fmt.Sprintf("%s came with Pacemaker %s, and the release is %s", n.what, n.since, r)
		case n.gone.Known() && !r.Before(n.gone):
			d.Message = fmt.Sprintf("%s went with Pacemaker %s, and the release is %s", n.what, n.gone, r)
		default:
			continue
		}
		found = append(found, d)
	}
	return p.Judge(found.Sort())
}

func needs(p *playbook.Playbook) (list []need) {
	for _, x := range p.Written() {
		switch standard := x.Ref().Standard; standard {
		case "nagios", "upstart":
			list = append(list, need{pos: x.AgentPos, what: "the class " + standard, gone: pacemaker.Release{3, 0, 0}, do: "use an agent of ocf or systemd"})
		}
		for _, o := range x.Operations {
			if v, ok := o.Options.Get("on-fail"); ok && v.Text == "demote" {
				list = append(list, need{pos: v.Pos, what: "on-fail=demote", since: pacemaker.Release{2, 0, 5}, do: "use restart or stop"})
			}
		}
	}
	for _, c := range p.Constraints.Colocation {
		if v, ok := c.Options.Get("influence"); ok {
			list = append(list, need{pos: v.Pos, what: "influence of a colocation", since: pacemaker.Release{2, 1, 0}, do: "leave it out, or upgrade Pacemaker on every node"})
		}
	}
	for i := range p.Resources {
		if b := p.Resources[i].Bundle; b != nil {
			list = append(list, bundleNeeds(b)...)
		}
		for old, name := range olderNames {
			if v, ok := p.Resources[i].Meta.Get(name); ok {
				list = append(list, need{pos: v.Pos, what: "the meta attribute " + name, since: pacemaker.Release{2, 0, 0}, do: "write " + old})
			}
		}
	}
	for _, l := range p.Constraints.Location {
		if l.Rule != nil {
			list = append(list, ruleNeeds(&l.Rule.Rule, l.Rule.Pos)...)
		}
		if len(l.Rules) > 1 {
			list = append(list, need{pos: l.Rules[1].Pos, what: "a location with several rules", gone: pacemaker.Release{3, 0, 0}, do: "write a location for each"})
		}
		for i := range l.Rules {
			list = append(list, ruleNeeds(&l.Rules[i].Rule, l.Rules[i].Pos)...)
		}
	}
	for _, sets := range [][]playbook.OptionSet{p.PropertySets, p.ResourceDefaults, p.OperationDefaults} {
		for i := range sets {
			if sets[i].Rule != nil {
				list = append(list, ruleNeeds(sets[i].Rule, sets[i].Pos)...)
			}
		}
	}
	return list
}

// ruleNeeds is which releases take a rule's expressions.
func ruleNeeds(r *rule.Rule, pos diag.Pos) (list []need) {
	for i := range r.Parts {
		list = append(list, ruleNeeds(&r.Parts[i], pos)...)
	}
	switch r.Tag {
	case "rsc_expression", "op_expression":
		list = append(list, need{pos: pos, what: "a rule about resources and operations", since: pacemaker.Release{2, 0, 5}, do: "give the options to each resource"})
	case "date_expression":
		if hasSpec(r, "moon") {
			list = append(list, need{pos: pos, what: "moon in a date-spec", gone: pacemaker.Release{3, 0, 0}, do: "write monthdays or weeks"})
		}
		if hasSpec(r, "yeardays") {
			// Until the schema 3.9 it was misspelled there: yearsdays.
			list = append(list, need{pos: pos, what: "yeardays in a date-spec", since: pacemaker.Release{2, 1, 5}, do: "write months and monthdays, or upgrade Pacemaker on every node"})
		}
	}
	return list
}

// hasSpec reports whether a date-spec of a rule has a key.
func hasSpec(r *rule.Rule, name string) bool {
	return slices.ContainsFunc(r.Spec, func(a rule.Attr) bool { return a.Name == name }) ||
		slices.ContainsFunc(r.Parts, func(part rule.Rule) bool { return hasSpec(&part, name) })
}

// bundleNeeds is which releases can run a bundle.
func bundleNeeds(b *playbook.Bundle) (list []need) {
	what := "a bundle of " + b.Container
	switch b.Container {
	case "podman":
		list = append(list, need{pos: b.ContainerPos, what: what, since: pacemaker.Release{2, 0, 2}, do: "upgrade Pacemaker on every node, or use docker"})
	case "docker":
		list = append(list, need{pos: b.ContainerPos, what: what, since: pacemaker.Release{1, 1, 17}, do: "upgrade Pacemaker on every node"})
	case "rkt":
		list = append(list, need{pos: b.ContainerPos, what: what, since: pacemaker.Release{1, 1, 18}, gone: pacemaker.Release{3, 0, 0}, do: "use podman"})
	}
	return list
}
