package cib

import (
	"slices"
	"strconv"
	"strings"

	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/internal/plan"
)

// keyAttrs tell constraints of one sort apart: two with the same key are one
// constraint with different settings.
var keyAttrs = map[string][]string{
	"rsc_location":   {"rsc", "node"},
	"rsc_colocation": {"rsc", "with-rsc", "rsc-role", "with-rsc-role"},
	"rsc_order":      {"first", "then", "first-action", "then-action"},
}

// pairAttrs are the two ends of a constraint.
var pairAttrs = map[string][]string{
	"rsc_location":   {"rsc", "node"},
	"rsc_colocation": {"rsc", "with-rsc"},
	"rsc_order":      {"first", "then"},
}

// canonAttr reduces an attribute of a constraint to what it means; absent and
// default are the same.
func canonAttr(name, value string, get func(string) string) string {
	switch name {
	case "score":
		if n, ok := pacemaker.Score(value); ok {
			return strconv.FormatFloat(n, 'f', -1, 64)
		}
	case "rsc-role", "with-rsc-role", "role":
		if r := pacemaker.Role(value); r != "Started" {
			return r
		}
		return ""
	case "first-action":
		if value == "" {
			return "start"
		}
	case "then-action":
		// Pacemaker takes the first action when this one is not given.
		if value == "" {
			return canonAttr("first-action", get("first-action"), get)
		}
	case "kind":
		if value == "" || strings.EqualFold(value, "mandatory") {
			return "mandatory"
		}
		return strings.ToLower(value)
	case "symmetrical":
		if value == "" {
			return strconv.FormatBool(!strings.EqualFold(get("kind"), "serialize"))
		}
		return strings.ToLower(value)
	case "require-all":
		if value == "" {
			return "true"
		}
		return strings.ToLower(value)
	case "resource-discovery":
		if value == "" {
			return "always"
		}
	}
	return value
}

// simple reports whether a live constraint has the form that the playbook
// declares: one pair of ends, without rules, sets or a lifetime, and a location
// for every role.
func simple(x *etree.Element) bool {
	if len(x.ChildElements()) > 0 || canonAttr("role", attr(x, "role"), nil) != "" {
		return false
	}
	return !slices.ContainsFunc(pairAttrs[x.Tag], func(a string) bool { return attr(x, a) == "" })
}

func (e *editor) constraints() {
	if len(e.want.constraints) == 0 {
		return
	}
	sec := e.section("constraints")
	found := e.matchConstraints(sec)
	for _, tag := range constraintTags {
		for i, c := range e.want.constraints {
			if c.tag == tag {
				e.constraint(sec, c, found[i])
			}
		}
	}
}

// matchConstraints finds for each declared constraint the live one that it
// stands for: by id, then one that says the same, then one with the same key,
// then one between the same two. What Pacemaker's own tools put there (ids that
// begin with cli-) is never taken.
func (e *editor) matchConstraints(sec *etree.Element) []*etree.Element {
	out := make([]*etree.Element, len(e.want.constraints))
	taken := map[*etree.Element]bool{}
	for i, c := range e.want.constraints {
		x := e.ids[c.id]
		if c.id == "" || x == nil {
			continue
		}
		if x.Tag != c.tag || x.Parent() != sec || !simple(x) {
			e.errorf("the playbook declares %s %q, but in the CIB that id belongs to another object (<%s>); "+
				"give the constraint another id", constraintKind(c.tag), c.id, x.Tag)
			continue
		}
		out[i], taken[x] = x, true
	}
	live := map[string][]*etree.Element{}
	for _, x := range sec.ChildElements() {
		if pairAttrs[x.Tag] != nil && simple(x) && !strings.HasPrefix(attr(x, "id"), "cli-") {
			live[x.Tag] = append(live[x.Tag], x)
		}
	}
	pass := func(same func(c *constraint, x *etree.Element) bool) {
		for i, c := range e.want.constraints {
			for _, x := range live[c.tag] {
				if out[i] == nil && !taken[x] && same(c, x) {
					out[i], taken[x] = x, true
				}
			}
		}
	}
	equal := func(names []string) func(c *constraint, x *etree.Element) bool {
		return func(c *constraint, x *etree.Element) bool {
			get := func(n string) string { return attr(x, n) }
			return !slices.ContainsFunc(names, func(n string) bool {
				return canonAttr(n, c.get(n), c.get) != canonAttr(n, get(n), get)
			})
		}
	}
	pass(func(c *constraint, x *etree.Element) bool { return equal(allAttrs(c, x))(c, x) })
	pass(func(c *constraint, x *etree.Element) bool { return equal(keyAttrs[c.tag])(c, x) })
	pass(func(c *constraint, x *etree.Element) bool { return equal(pairAttrs[c.tag])(c, x) })
	return out
}

// allAttrs are the names of all attributes of either, id left out, in the
// order in which differences are shown.
func allAttrs(c *constraint, x *etree.Element) []string {
	var names []string
	for _, a := range c.attrs {
		names = append(names, a.name)
	}
	if x != nil {
		for _, a := range x.Attr {
			if a.Key != "id" && !slices.Contains(names, a.Key) {
				names = append(names, a.Key)
			}
		}
	}
	return names
}

func (e *editor) constraint(sec *etree.Element, c *constraint, x *etree.Element) {
	ch := plan.Change{Action: plan.Update, Kind: constraintKind(c.tag), ID: c.id, At: c.at}
	if x == nil {
		ch.Action = plan.Create
		x = sec.CreateElement(c.tag)
		id := c.id
		if id == "" {
			id = autoID(c.tag, c.get)
		}
		e.setID(x, id)
		for _, a := range c.attrs {
			x.CreateAttr(a.name, e.constraintValue(a))
			ch.Diffs = append(ch.Diffs, plan.Becomes(a.name, a.value))
		}
		ch.ID = attr(x, "id")
		ch.Pcs = e.pcsConstraint(c)
		e.managed[x] = true
		e.change(ch)
		return
	}
	e.managed[x] = true
	oldID := attr(x, "id")
	get := func(n string) string { return attr(x, n) }
	auto := oldID == autoID(c.tag, get)
	old := map[string]string{}
	for _, a := range x.Attr {
		old[a.Key] = a.Value
	}
	was := func(n string) string { return old[n] }
	for _, name := range allAttrs(c, x) {
		want, have := c.get(name), old[name]
		if canonAttr(name, want, c.get) == canonAttr(name, have, was) {
			continue
		}
		_, had := old[name]
		ch.Diffs = append(ch.Diffs, diff(name, have, want, had, want != "", false))
	}
	if len(ch.Diffs) == 0 {
		return
	}
	// Nothing of the old is left: what was only the default said aloud may
	// contradict the new.
	x.Attr = nil
	x.CreateAttr("id", oldID)
	for _, a := range c.attrs {
		x.CreateAttr(a.name, e.constraintValue(a))
	}
	switch {
	case c.id != "" && c.id != oldID:
		ch.Diffs = append(ch.Diffs, plan.Changes("id", oldID, c.id))
		e.setID(x, c.id)
	case c.id == "" && auto:
		// An id that tells the score is not left telling the old one.
		e.setID(x, autoID(c.tag, c.get))
	}
	ch.ID = attr(x, "id")
	ch.Pcs = "pcs constraint delete " + shellWord(oldID) + " && " + e.pcsConstraint(c)
	e.change(ch)
}

func (e *editor) constraintValue(a pair) string {
	switch a.name {
	case "rsc-role", "with-rsc-role", "role":
		return pacemaker.RoleFor(a.value, e.roles)
	}
	return a.value
}

// refAttrs are the attributes of constraints that name a resource.
var refAttrs = []string{"rsc", "with-rsc", "first", "then"}

// checkReferences finds constraints about resources that are not there, or
// would not be there any more: Pacemaker refuses such a CIB.
func (e *editor) checkReferences() {
	for _, x := range e.children("constraints") {
		walk(x, func(y *etree.Element) {
			for _, a := range y.Attr {
				ref := a.Value
				isRef := slices.Contains(refAttrs, a.Key) || y.Tag == "resource_ref" && a.Key == "id"
				if !isRef || e.ids[ref] != nil {
					continue
				}
				switch {
				case e.managed[x]:
					e.errorf("%s %q names the resource %q, which is neither in the playbook nor in the CIB",
						constraintKind(x.Tag), attr(x, "id"), ref)
				case len(e.members[ref]) > 0:
					e.errorf("%s %q, which the playbook does not declare, names %q, which goes because the playbook takes its members out; "+
						"remove the constraint, or declare it with another resource", constraintKind(x.Tag), attr(x, "id"), ref)
				}
			}
		})
	}
}
