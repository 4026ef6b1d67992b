package crmsh

import (
	"slices"
	"strings"
)

// primitive: primitive ID AGENT|@TEMPLATE, then lists and operations. A
// rsc_template is the same.
func (p *parser) primitive() error {
	tag := "primitive"
	if p.word == "rsc_template" {
		tag = "template"
	}
	e, err := p.begin(tag)
	if err != nil {
		return err
	}
	w, err := p.want("the agent")
	if err != nil {
		return err
	}
	if id, of := strings.CutPrefix(w.text, "@"); of && tag == "primitive" {
		if !name(id) {
			return fail(w, found(w)+" names no template", "")
		}
		e.setAt("template", id, p.line.pos(w.at))
	} else if err := agent(e, w); err != nil {
		return err
	}
	p.describe(e)
	return p.resourceParts(e)
}

// onlyPacemaker are agents that crmsh finds with ocf:pacemaker alone when
// nobody says whose they are.
var onlyPacemaker = []string{"attribute", "controld", "o2cb", "ping", "remote", "HealthCPU", "HealthIOWait", "HealthSMART", "SystemHealth"}

// agent reads CLASS:PROVIDER:TYPE. crmsh leaves ocf:heartbeat out.
func agent(e *element, w word) error {
	parts := strings.Split(w.text, ":")
	class, provider, typ := "ocf", "heartbeat", parts[len(parts)-1]
	switch len(parts) {
	case 1:
		if slices.Contains(onlyPacemaker, typ) {
			provider = "pacemaker"
		}
	case 2:
		if class = parts[0]; class != "ocf" {
			provider = ""
		}
	case 3:
		class, provider = parts[0], parts[1]
	default:
		typ = ""
	}
	if class == "" || typ == "" || len(parts) == 3 && provider == "" && class == "ocf" || strings.ContainsAny(w.text, "={}()[]@") {
		return fail(w, found(w)+" is no agent", "agents are written ocf:heartbeat:IPaddr2, stonith:fence_xvm, systemd:chronyd")
	}
	if !slices.Contains([]string{"ocf", "stonith", "systemd", "lsb", "service", "heartbeat", "upstart", "nagios"}, class) {
		return fail(w, found(w)+" is of no class of agents", "classes are ocf, stonith, systemd, lsb, service, upstart and nagios")
	}
	e.set("class", class)
	if provider != "" {
		e.set("provider", provider)
	}
	e.set("type", typ)
	return nil
}

// resourceParts reads what a resource has behind its head, in any order.
func (p *parser) resourceParts(e *element) error {
	for p.next < len(p.words) {
		before := p.next
		if err := p.lists(e, resourceLists, nil); err != nil {
			return err
		}
		switch {
		case p.is("operations"):
			if err := p.operations(e); err != nil {
				return err
			}
		case p.is("op"):
			if err := p.operation(e); err != nil {
				return err
			}
		}
		if p.next == before {
			return nil // the caller names what is left
		}
	}
	return nil
}

// inOperations is the element of e for its operations.
func (p *parser) inOperations(e *element, w word) *element {
	ops := e.child("operations")
	if ops == nil {
		ops = p.new("operations", w)
		e.add(ops)
	}
	return ops
}

// operations reads the id of a list of operations.
func (p *parser) operations(e *element) error {
	w, _ := p.peek()
	p.next++
	ops := p.inOperations(e, w)
	if err := p.ownID(ops); err != nil {
		return err
	}
	if !ops.has("id") && !ops.has("id-ref") {
		at, _ := p.peek()
		return fail(at, "operations says neither $id= nor $id-ref=", "")
	}
	return nil
}

// ofOperation are the attributes of an <op>, resources-3.9.rng; what else
// stands there is for the agent.
var ofOperation = []string{"id", "interval", "description", "start-delay", "interval-origin", "timeout", "enabled", "record-pending", "role", "on-fail"}

var onFail = []string{"ignore", "block", "demote", "stop", "restart", "standby", "fence", "restart-container"}

func (p *parser) operation(e *element) error {
	first, _ := p.peek()
	p.next++
	op := p.new("op", first)
	if err := p.ownID(op); err != nil {
		return err
	}
	w, err := p.want("the name of the operation")
	if err != nil {
		return err
	}
	if !name(w.text) {
		return fail(w, found(w)+" is no name of an operation", "operations are monitor, start, stop and others")
	}
	op.set("name", w.text)
	given := p.new("instance_attributes", w)
	if err := p.options(given, nil); err != nil {
		return err
	}
	op.set("interval", "0")
	own := given.children
	given.children = nil
	for _, pair := range own {
		key := strings.ToLower(pair.get("name"))
		if pair.has("id-ref") || pair.has("id") || !slices.Contains(ofOperation, key) {
			if key == "requires" {
				p.sayAt(pair.at, "requires of an operation is gone since Pacemaker 2.0", "say meta requires= of the resource")
				continue
			}
			given.add(pair)
			continue
		}
		value, ok := operationValue(key, pair)
		if !ok {
			p.refuse(pair.at, key+" of an operation cannot have this value", "")
			continue
		}
		op.setAt(key, value, pair.at)
	}
	if len(given.children) > 0 {
		op.add(given)
	}
	for p.is("op_params", "op_meta") {
		if err := p.lists(op, operationLists, nil); err != nil {
			return err
		}
	}
	p.inOperations(e, first).add(op)
	return nil
}

func operationValue(key string, pair *element) (value string, ok bool) {
	value, ok = pair.get("value"), pair.has("value")
	switch key {
	case "id":
		ok = name(value)
	case "role":
		value, ok = role(value)
	case "enabled", "record-pending":
		value, ok = boolean(value)
	case "on-fail":
		ok = slices.Contains(onFail, value)
	}
	return value, ok
}

// monitor: monitor RESOURCE[:ROLE] INTERVAL[:TIMEOUT], an operation of a
// resource that is declared elsewhere.
func (p *parser) monitor() error {
	w, err := p.want("the resource")
	if err != nil {
		return err
	}
	rsc, r, withRole := strings.Cut(w.text, ":")
	p.id = rsc
	op := p.new("op", w)
	op.set("name", "monitor")
	op.members = []member{{rsc, op.at}}
	t, err := p.want("the interval")
	if err != nil {
		return err
	}
	interval, timeout, withTimeout := strings.Cut(t.text, ":")
	op.set("interval", interval)
	if withTimeout {
		op.set("timeout", timeout)
	}
	if withRole {
		known, ok := role(r)
		if !ok {
			return fail(w, found(w)+" has no role behind :", roles)
		}
		op.set("role", known)
	}
	p.out = append(p.out, op)
	return nil
}

// container: group ID MEMBER..., clone ID RESOURCE or ms ID RESOURCE, then
// lists. ms is a promotable clone, which the CIB still calls master.
func (p *parser) container() error {
	tag := p.word
	if tag == "ms" {
		tag = "master"
	}
	e, err := p.begin(tag)
	if err != nil {
		return err
	}
	named := map[string]bool{}
	for {
		w, more := p.peek()
		if !more || strings.Contains(w.text, "=") || p.is("params", "meta") || tag != "group" && len(e.members) == 1 {
			break
		}
		if w, err = p.resource("a member"); err != nil {
			return err
		}
		if named[w.text] {
			return fail(w, found(w)+" is named twice", "")
		}
		named[w.text] = true
		e.members = append(e.members, member{w.text, p.line.pos(w.at)})
	}
	if len(e.members) == 0 {
		w, _ := p.peek()
		return fail(w, "no resource is named", "")
	}
	p.describe(e)
	for p.next < len(p.words) {
		before := p.next
		if err := p.lists(e, containerLists, nil); err != nil {
			return err
		}
		if p.next == before {
			break
		}
	}
	return nil
}
