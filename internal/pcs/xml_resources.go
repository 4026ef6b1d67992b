package pcs

import "strings"

// resource reads an element below <resources>.
func (x *xmlReader) resource(e *element) {
	switch e.name() {
	case "resource":
		r, ok := x.primitive(e)
		if !ok {
			return
		}
		if x.guests[r.ID] && !r.Orphaned && strings.HasSuffix(r.Agent, ":remote") {
			x.st.Implicit = append(x.st.Implicit, r) // the connection to a guest
			return
		}
		if r.Orphaned && r.inactive {
			return // text has no line for it
		}
		x.out.add(r)
	case "group":
		s := setOf(e, kindGroup)
		x.out.set(s)
		for i := range e.children {
			if r, ok := x.member(&e.children[i], s.ID); ok {
				x.out.add(r)
			}
		}
	case "clone":
		x.clone(e)
	case "bundle":
		x.bundle(e)
	default:
		x.st.missing("<%s> among the resources is not known", e.name())
	}
}

func setOf(e *element, kind string) Set {
	s := Set{
		Kind: kind, ID: e.attr("id"), Image: e.attr("image"),
		Promotable: e.is("multi_state"), Unique: e.is("unique"),
		Managed: e.attr("managed") != "false", Maintenance: e.is("maintenance"),
		Disabled: e.is("disabled"), Description: e.attr("description"),
	}
	if e.attr("disabled") == "" { // until 2.0.4
		s.Disabled = targetRole(e.attr("target_role")) == Stopped
	}
	if kind == kindGroup {
		s.ID, _ = cutInstance(s.ID)
	}
	return s
}

// primitive reads a <resource>.
func (x *xmlReader) primitive(e *element) (Resource, bool) {
	if e.name() != "resource" {
		x.st.missing("<%s> among the resources is not known", e.name())
		return Resource{}, false
	}
	r := Resource{
		ID: e.attr("id"), Agent: oneColon(e.attr("resource_agent")),
		Managed: e.is("managed"), Failed: e.is("failed"), Blocked: e.is("blocked"),
		// "orphaned" is to go, see PCMK_XA_REMOVED of 3.0.2
		Orphaned: e.is("orphaned") || e.is("removed"), Maintenance: e.is("maintenance"),
		FailureIgnored: e.is("failure_ignored"), Pending: e.attr("pending"),
		LockedTo: e.attr("locked_to"), Description: e.attr("description"),
		TargetRole: targetRole(e.attr("target_role")),
	}
	r.Disabled = r.TargetRole == Stopped
	r.inactive = !e.is("active")
	r.terse = e.attr("blocked") == "" // 1.1.14 and before
	for i := range e.children {
		if n := &e.children[i]; n.name() == "node" {
			r.Nodes = append(r.Nodes, n.attr("name"))
			r.Unclean = r.Unclean || x.nodes[n.attr("name")]
		}
	}
	role, ok := roles[e.attr("role")]
	if !ok {
		x.st.missing("%s has the role %q, which is not known", r.ID, clip(e.attr("role"), 40))
		return r, false
	}
	r.Role = role
	if len(r.Nodes) > 0 {
		x.where[r.ID] = r.Nodes[0]
	}
	return r, true
}

// member reads a resource of a group.
func (x *xmlReader) member(e *element, group string) (Resource, bool) {
	r, ok := x.primitive(e)
	r.Group = group
	return r, ok && !(r.Orphaned && r.inactive)
}

// clone reads a clone of a primitive or of a group.
func (x *xmlReader) clone(e *element) {
	s := setOf(e, kindClone)
	for i := range e.children {
		if c := &e.children[i]; s.Member == "" {
			s.Member, _ = cutInstance(c.attr("id"))
		}
	}
	x.out.set(s)
	for i := range e.children {
		switch c := &e.children[i]; c.name() {
		case "group":
			x.cloned(c, s)
		default:
			if r, ok := x.primitive(c); ok && !(r.Orphaned && r.inactive && !r.underWay() && r.Pending == "") {
				x.out.numbered(s, "", r)
			}
		}
	}
	x.out.closeClone(s, Stopped)
}

// cloned reads an instance of a cloned group.
func (x *xmlReader) cloned(e *element, s Set) {
	g := setOf(e, kindGroup)
	g.Clone = s.ID
	_, number := cutInstance(e.attr("id"))
	var members []Resource
	for i := range e.children {
		if r, ok := x.primitive(&e.children[i]); ok {
			members = append(members, r)
		}
	}
	x.out.cloned(s, g, number, members)
}

// bundle reads a bundle, one entry for each replica.
func (x *xmlReader) bundle(e *element) {
	s := setOf(e, kindBundle)
	x.out.set(s)
	for i := range e.children {
		rep := &e.children[i]
		if rep.name() != "replica" {
			x.st.missing("<%s> in the bundle %s is not known", rep.name(), s.ID)
			continue
		}
		var parts []Resource
		for j := range rep.children {
			if r, ok := x.primitive(&rep.children[j]); ok {
				parts = append(parts, r)
			}
		}
		x.out.replica(s, rep.attr("id"), parts)
	}
}
