package cib

import (
	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/playbook"
)

// Units are the units that live primitives of the classes systemd, service and
// lsb run, each with the ids of those primitives in the document's order. What
// is in a bundle runs in its container and is not among them.
func (c *CIB) Units() map[string][]string {
	resources := c.section("resources")
	templates := map[string]*etree.Element{}
	for _, t := range children(resources, "template") {
		templates[attr(t, "id")] = t
	}
	units := map[string][]string{}
	walk(resources, func(x *etree.Element) {
		if unit := unitOf(x, templates[attr(x, "template")]); unit != "" {
			units[unit] = append(units[unit], attr(x, "id"))
		}
	})
	return units
}

// unitOf is the unit that a primitive runs on its node, "" when it runs none.
func unitOf(x, template *etree.Element) string {
	if x.Tag != "primitive" || x.Parent() != nil && x.Parent().Tag == "bundle" {
		return ""
	}
	if !hasAttr(x, "class") && template != nil {
		x = template
	}
	return playbook.AgentRef{Standard: attr(x, "class"), Type: attr(x, "type")}.Unit()
}

// checkUnits refuses a declared resource on a unit that a resource runs which
// the playbook does not declare: the one would stop what the other has started.
func (e *editor) checkUnits(tops []*container, made map[string]bool) {
	foreign := map[string][]*etree.Element{}
	walk(e.cfg.SelectElement("resources"), func(x *etree.Element) {
		if unit := unitOf(x, e.ids[attr(x, "template")]); unit != "" && !e.managed[x] {
			foreign[unit] = append(foreign[unit], x)
		}
	})
	for _, l := range leaves(tops, "") {
		unit := playbook.AgentRef{Standard: l.class, Type: l.typ}.Unit()
		if unit == "" {
			continue
		}
		for _, x := range foreign[unit] {
			other := attr(x, "id")
			do := "remove the one that is not wanted with pcs first"
			if made[l.id] {
				do = "declare it under its old id, " + other + ", or remove that one with pcs first (pcs resource delete " + other + ")"
			}
			e.errorf("%sprimitive %q runs %s, and so does the primitive %q (%s) in the CIB, which the playbook does not declare; "+
				"each of the two would stop what the other has started: %s", located(l.at, ": "), l.id, unit, other, liveAgent(x), do)
		}
	}
}

// located is a text with what follows it, "" when there is none.
func located(s, after string) string {
	if s == "" {
		return ""
	}
	return s + after
}
