package crmsh

import (
	"slices"
	"strconv"
	"strings"
)

// idless are elements that have no id, or no need of one.
var idless = []string{"configuration", "crm_config", "nodes", "resources", "constraints", "rsc_defaults", "op_defaults", "fencing-topology", "acls", "tags", "alerts",
	"operations", "docker", "podman", "rkt", "network", "storage", "select", "select_attributes", "select_fencing", "select_nodes", "select_resources",
	"resource_ref", "obj_ref", "role"}

// otherID reports whether an element's id is no id of XML: it may be any text,
// and is apart from the others.
func otherID(e *element) bool {
	return e.tag == "node" || e.tag == "acl_target" || slices.Contains(idless, e.tag) && e.tag != "operations"
}

// key is what has to be there once: the id of an element; empty where there is
// none.
func key(e *element) string {
	id := e.get("id")
	switch {
	case id == "" || !otherID(e):
		return id
	case e.tag == "node" || e.tag == "acl_target":
		return e.tag + " " + id
	}
	return ""
}

// ids gives every element an id that needs one, as crmsh makes it.
func ids(configuration *element, taken map[string]bool) {
	counts := map[string]int{}
	for _, section := range configuration.children {
		for _, e := range section.children {
			prefix := ""
			if section.tag == "fencing-topology" {
				prefix = "fencing"
			}
			generate(e, prefix, taken, counts)
		}
	}
	resolve(configuration)
}

// claim notes the ids of all that is in an element, and leaves out what has the
// id of another.
func claim(e *element, taken map[string]bool) {
	kept := e.children[:0]
	for _, c := range e.children {
		// Sets of defaults are put together by their ids: collect.
		if k := key(c); k != "" && !strings.HasSuffix(e.tag, "_defaults") {
			if taken[k] {
				c.leftOut("the id " + found(word{text: c.get("id")}) + " is already used")
				continue
			}
			taken[k] = true
		}
		claim(c, taken)
		kept = append(kept, c)
	}
	e.children = kept
}

// leftOut says that an element is not in the CIB.
func (e *element) leftOut(what string) {
	if e.owner == nil {
		return
	}
	for _, declared := range e.owner.out {
		if declared == e {
			e.owner.gone = true
		}
	}
	e.owner.sayAt(e.at, what, "")
}

// generate makes the ids of an element and of all in it. The prefix is the id
// of what it is in.
func generate(e *element, prefix string, taken map[string]bool, counts map[string]int) {
	if !e.has("id") && !e.has("id-ref") && !slices.Contains(idless, e.tag) {
		id := free(wanted(e, prefix), taken, counts)
		e.attrs = slices.Insert(e.attrs, 0, attr{"id", id, e.at})
	}
	switch {
	case e.tag == "node":
		prefix = e.get("uname")
	case e.has("id"):
		prefix = e.get("id")
	}
	for _, c := range e.children {
		generate(c, prefix, taken, counts)
	}
}

// wanted is the id that crmsh would give (crmsh/idmgmt.py).
func wanted(e *element, prefix string) string {
	if prefix != "" && strings.Trim(prefix, "0123456789") == "" {
		prefix = "num-" + prefix
	}
	id := prefix
	switch e.tag {
	case "nvpair", "op":
		id += "-" + e.get("name")
		if interval := e.get("interval"); e.tag == "op" && interval != "" {
			id += "-" + interval
		}
	case "instance_attributes", "meta_attributes", "utilization", "rule", "duration", "date_spec":
		id += "-" + e.tag
	case "expression", "date_expression":
		id += "-expression"
	case "recipient":
		id += "-recipient"
	case "acl_permission":
		id += "-" + e.get("kind")
	case "port-mapping", "storage-mapping":
		id += "-" + e.tag
	case "attribute":
		id += "-" + e.get("name")
	}
	return clean(id)
}

// clean makes an id of XML of a text.
func clean(text string) string {
	var b strings.Builder
	for _, r := range text {
		if b.Len() == 0 && !name(string(r)) {
			b.WriteByte('_')
		}
		if name("a" + string(r)) {
			b.WriteRune(r)
		} else {
			b.WriteByte('-')
		}
	}
	if b.Len() == 0 {
		return "id"
	}
	return b.String()
}

// free is the id, or the first of id-0, id-1 and so on that is not taken.
func free(id string, taken map[string]bool, counts map[string]int) string {
	try := id
	if strings.HasSuffix(id, "-recipient") { // these count from one
		counts[id]++
		try = id + "-" + strconv.Itoa(counts[id])
	}
	for taken[try] {
		try = id + "-" + strconv.Itoa(counts[id])
		counts[id]++
	}
	taken[try] = true
	return try
}

// resolve turns references to a resource or to another object into references
// to its list of that kind: meta $id-ref=rsc1.
func resolve(configuration *element) {
	byID := map[string]*element{}
	configuration.each(func(e *element) {
		if id := e.get("id"); id != "" && !otherID(e) {
			byID[id] = e
		}
	})
	configuration.each(func(e *element) {
		ref := e.get("id-ref")
		if ref == "" {
			return
		}
		to := byID[ref]
		if to == nil || to.tag == e.tag {
			return
		}
		inner := to.find(e.tag)
		if inner == nil {
			return
		}
		if !inner.has("id") && inner.tag == "operations" {
			if id := clean(ref + "-ops"); byID[id] == nil {
				inner.set("id", id)
				byID[id] = inner
			}
		}
		if id := inner.get("id"); id != "" {
			e.set("id-ref", id)
		}
	})
}
