package crmsh

import (
	"slices"
	"strings"
)

// role: role ID [description=...], then what it may: read, write or deny, each
// with what that is of.
func (p *parser) role() error {
	e, err := p.begin("acl_role")
	if err != nil {
		return err
	}
	p.describe(e)
	for p.next < len(p.words) {
		if err := p.permission(e); err != nil {
			return err
		}
	}
	return nil
}

// target: acl_target ID ROLE..., or acl_group.
func (p *parser) target() error {
	w, err := p.want("the name of the " + p.word)
	if err != nil {
		return err
	}
	if w.text == "" || strings.Contains(w.text, "=") {
		return fail(w, found(w)+" is no name", "")
	}
	p.id = w.text
	if p.word == "acl_group" && !name(w.text) {
		return fail(w, found(w)+" is no id", "an id begins with a letter or _, and goes on with letters, digits, . _ and -")
	}
	e := p.new(p.word, w)
	e.set("id", w.text)
	for p.next < len(p.words) {
		w, err := p.resource("the role")
		if err != nil {
			return err
		}
		p.holds(e, w)
	}
	p.out = append(p.out, e)
	return nil
}

func (p *parser) holds(e *element, w word) {
	ref := p.new("role", w)
	ref.set("id", w.text)
	e.add(ref)
}

// user: user ID role:ROLE..., or permissions of its own, as Pacemaker 1.1.11
// and older had them. They become what Pacemaker's own upgrade makes of them
// (upgrade-1.3.xsl): a target, and a role auto-ID for its own permissions.
func (p *parser) user() error {
	w, err := p.want("the name of the user")
	if err != nil {
		return err
	}
	if w.text == "" || strings.Contains(w.text, "=") {
		return fail(w, found(w)+" is no name", "")
	}
	p.id = w.text
	e := p.new("acl_target", w)
	e.set("id", w.text)
	own := p.new("acl_role", w)
	own.set("id", "auto-"+w.text)
	for p.next < len(p.words) {
		next, _ := p.peek()
		if id, ok := strings.CutPrefix(next.text, "role:"); ok && name(id) {
			p.holds(e, word{id, next.at})
			p.next++
			continue
		}
		if err := p.permission(own); err != nil {
			return err
		}
	}
	p.out = append(p.out, e)
	if len(own.children) > 0 {
		if !name("auto-" + w.text) {
			return fail(w, "no role can be named after "+found(w), "rename the user, or give it a role")
		}
		p.holds(e, word{"auto-" + w.text, w.at})
		p.out = append(p.out, own)
	}
	return nil
}

// ofWhat are the words for what a permission is of, and the attributes.
func ofWhat(word string) string {
	switch word {
	case "xpath":
		return "xpath"
	case "ref", "reference":
		return "reference"
	case "tag", "type":
		return "object-type"
	case "attr", "attribute":
		return "attribute"
	}
	return ""
}

// shortcuts are xpaths that crmsh has words for; each part but the first is
// there when there is a value for it.
func shortcut(word string) []string {
	switch word {
	case "meta":
		return []string{"//primitive[@id='@@']/meta_attributes", "/nvpair[@name='@@']"}
	case "params":
		return []string{"//primitive[@id='@@']/instance_attributes", "/nvpair[@name='@@']"}
	case "utilization":
		return []string{"//primitive[@id='@@']/utilization"}
	case "location":
		return []string{"//rsc_location[@id='cli-prefer-@@' and @rsc='@@']"}
	case "property":
		return []string{"//crm_config/cluster_property_set", "/nvpair[@name='@@']"}
	case "nodeattr":
		return []string{"//nodes/node/instance_attributes", "/nvpair[@name='@@']"}
	case "nodeutil":
		return []string{"//nodes/node/utilization", "[@uname='@@']"}
	case "node":
		return []string{"//nodes/node", "[@uname='@@']"}
	case "status":
		return []string{"/cib/status"}
	case "cib":
		return []string{"/cib"}
	}
	return nil
}

// permission reads one, and adds it to the role; one that is of several things
// becomes several.
func (p *parser) permission(role *element) error {
	kind, err := p.want("a permission")
	if err != nil {
		return err
	}
	right := strings.ToLower(kind.text)
	if !slices.Contains([]string{"read", "write", "deny"}, right) {
		return fail(kind, found(kind)+" is no permission", "permissions are read, write and deny, with xpath:, ref:, type: or another word for what they are of")
	}
	head := p.new("acl_permission", kind)
	if err := p.ownID(head); err != nil {
		return err
	}
	if w, ok := p.label(); ok && ofWhat(w.text) == "" && name(w.text) {
		head.set("id", w.text)
	} else if ok {
		p.next--
	}
	p.describe(head)
	of := map[string]word{}
	for {
		w, more := p.peek()
		if !more || slices.Contains([]string{"read", "write", "deny"}, strings.ToLower(w.text)) || strings.HasPrefix(w.text, "role:") {
			break
		}
		key, value, valued := strings.Cut(w.text, ":")
		attribute := ofWhat(key)
		if parts := shortcut(key); parts != nil {
			path, ok := fill(parts, value, valued)
			if !ok {
				return fail(w, found(w)+" says too little or too much", "it is written "+key+":ID, where there is something to name")
			}
			attribute, value, valued = "xpath", path, true
		}
		if attribute == "" || !valued || value == "" {
			return fail(w, found(w)+" does not say what a permission is of", "xpath:, ref:, type:, attribute:, meta:, params: and others do")
		}
		if _, twice := of[attribute]; twice {
			return fail(w, "what the permission is of is said twice", "")
		}
		of[attribute] = word{value, w.at}
		p.next++
	}
	return p.addPermission(role, head, kind, of)
}

func (p *parser) addPermission(role, head *element, kind word, of map[string]word) error {
	attribute, byAttribute := of["attribute"]
	made := 0
	for _, key := range []string{"xpath", "reference", "object-type"} {
		w, ok := of[key]
		if !ok {
			continue
		}
		e := &element{tag: head.tag, owner: head.owner, at: head.at}
		if made == 0 && head.has("id") {
			e.set("id", head.get("id"))
		}
		made++
		e.set("kind", strings.ToLower(kind.text))
		switch {
		case key == "xpath" && byAttribute && !has(of, "object-type"):
			w.text += "[@" + attribute.text + "]" // upgrade-1.3.xsl
		case key == "reference" && byAttribute && !has(of, "object-type"):
			return fail(attribute, "a permission of one element cannot be of an attribute", "write it as an xpath")
		}
		e.set(key, w.text)
		if key == "object-type" && byAttribute {
			e.set("attribute", attribute.text)
		}
		if head.has("description") {
			e.set("description", head.get("description"))
		}
		role.add(e)
	}
	if made == 0 {
		return fail(kind, "the permission does not say what it is of", "xpath:, ref:, type: and others do")
	}
	return nil
}

func has(of map[string]word, key string) bool { _, ok := of[key]; return ok }

// fill puts the values of a shortcut into its xpath.
func fill(parts []string, text string, valued bool) (string, bool) {
	var values []string
	if valued {
		values = strings.Split(text, ":")
	}
	path := ""
	for _, part := range parts {
		if !strings.Contains(part, "@@") {
			path += part
			continue
		}
		if len(values) == 0 {
			if path == "" {
				return "", false
			}
			break
		}
		if values[0] == "" || strings.ContainsAny(values[0], "'[]") {
			return "", false
		}
		path += strings.ReplaceAll(part, "@@", values[0])
		values = values[1:]
	}
	return path, len(values) == 0
}
