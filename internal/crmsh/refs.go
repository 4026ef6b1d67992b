package crmsh

// A reference is where an element names another by its id.
type reference struct {
	in   *element
	attr attr
}

// references are those that the schema wants to lead somewhere.
func references(e *element) []reference {
	var names []string
	switch e.tag {
	case "rsc_location":
		names = []string{"rsc"}
	case "rsc_colocation":
		names = []string{"rsc", "with-rsc"}
	case "rsc_order":
		names = []string{"first", "then"}
	case "rsc_ticket":
		names = []string{"rsc"}
	case "primitive":
		names = []string{"template"}
	case "acl_permission":
		names = []string{"reference"}
	case "resource_ref", "role":
		names = []string{"id"}
	case "instance_attributes", "meta_attributes", "utilization", "operations", "rule", "nvpair", "resource_set":
		names = []string{"id-ref"}
	}
	var all []reference
	for _, a := range e.attrs {
		for _, n := range names {
			if a.name == n {
				all = append(all, reference{e, a})
			}
		}
	}
	return all
}

// missing leaves out what names something that is not there, and then what
// names that, and says so of each.
func missing(configuration *element) {
	there := map[string]bool{}
	named := map[string][]reference{}
	members := map[*element]int{} // of containers
	var order []string
	configuration.each(func(e *element) {
		if id := e.get("id"); id != "" && !otherID(e) {
			there[id] = true
		}
		if isResource(e) && e.parent != nil && isResource(e.parent) {
			members[e.parent]++
		}
		for _, r := range references(e) {
			if named[r.attr.value] == nil {
				order = append(order, r.attr.value)
			}
			named[r.attr.value] = append(named[r.attr.value], r)
		}
	})
	var gone []string
	for _, id := range order {
		if !there[id] {
			gone = append(gone, id)
		}
	}
	left := map[*element]bool{}
	configuration.each(func(e *element) {
		if hollow(e) && members[e] == 0 {
			gone = append(gone, leave(e, left)...)
			e.leftOut("nothing is left of what is in it")
		}
	})
	for len(gone) > 0 {
		id := gone[0]
		gone = gone[1:]
		for _, r := range named[id] {
			e := whole(r.in)
			if within(e, left) {
				continue
			}
			gone = append(gone, leave(e, left)...)
			tell(e, r, id)
			// A container without its last resource is none.
			for in := e.parent; isResource(e) && in != nil && hollow(in); in = in.parent {
				if members[in]--; members[in] > 0 {
					break
				}
				gone = append(gone, leave(in, left)...)
				in.leftOut("nothing is left of what is in it")
			}
		}
	}
	if len(left) > 0 {
		configuration.drop(func(e *element) bool { return left[e] })
	}
}

// hollow reports whether an element is nothing without a resource in it.
func hollow(e *element) bool { return e.tag == "group" || e.tag == "clone" || e.tag == "master" }

// leave leaves an element out, and gives the ids that are gone with it.
func leave(e *element, left map[*element]bool) (ids []string) {
	left[e] = true
	e.each(func(c *element) {
		if id := c.get("id"); id != "" && !otherID(c) {
			ids = append(ids, id)
		}
	})
	return ids
}

// within reports whether an element is left out, or something that it is in.
func within(e *element, left map[*element]bool) bool {
	for ; e != nil; e = e.parent {
		if left[e] {
			return true
		}
	}
	return false
}

// whole is what is left out when a reference leads nowhere: a constraint means
// another thing without one of its parts; a list of options goes alone.
func whole(e *element) *element {
	switch e.tag {
	case "resource_ref", "resource_set":
		for e.parent != nil && e.parent.tag != "constraints" {
			e = e.parent
		}
	case "rule":
		if e.parent != nil {
			return whole(e.parent)
		}
	}
	return e
}

func tell(e *element, r reference, id string) {
	s := e.owner
	if s == nil {
		return
	}
	for _, declared := range s.out {
		if declared == e {
			s.gone = true
		}
	}
	what := found(word{text: id}) + ", which is named here,"
	if r.attr.name == "id-ref" {
		what = "what is taken over here from " + found(word{text: id})
	}
	s.sayAt(r.attr.at, what+" is not in the text", "it was left out, or never declared")
}
