package crmsh

import (
	"slices"
	"strings"
)

var (
	engines     = []string{"docker", "podman", "rkt"}
	bundleParts = []string{"docker", "podman", "rkt", "network", "storage", "meta", "primitive"}
)

// bundle: bundle ID, then docker, network and storage with their attributes,
// meta, and the resource inside.
func (p *parser) bundle() error {
	e, err := p.begin("bundle")
	if err != nil {
		return err
	}
	p.describe(e)
	for p.is(bundleParts...) {
		w, _ := p.peek()
		part := strings.ToLower(w.text)
		switch part {
		case "meta":
			if err := p.lists(e, containerLists[1:], bundleParts); err != nil {
				return err
			}
			continue
		case "primitive":
			p.next++
			w, err := p.resource("the resource in the bundle")
			if err != nil {
				return err
			}
			if len(e.members) > 0 {
				return fail(w, "a bundle has one resource, and this is the second", "")
			}
			e.members = []member{{w.text, p.line.pos(w.at)}}
			continue
		}
		p.next++
		if err := p.bundlePart(e, part, w); err != nil {
			return err
		}
	}
	if !slices.ContainsFunc(engines, func(tag string) bool { return e.child(tag) != nil }) {
		w, _ := p.peek()
		return fail(w, "the bundle says nothing of its containers", "docker image=..., podman or rkt")
	}
	return nil
}

// bundlePart reads NAME=VALUE, and mappings, which have such in turn.
func (p *parser) bundlePart(e *element, tag string, at word) error {
	part := e.child(tag)
	if part == nil {
		part = p.new(tag, at)
		e.add(part)
	}
	mapping := map[string]string{"network": "port-mapping", "storage": "storage-mapping"}[tag]
	into := part
	for {
		w, more := p.peek()
		if !more || p.is(bundleParts...) {
			return nil
		}
		if mapping != "" && strings.EqualFold(w.text, mapping) {
			into = p.new(mapping, w)
			part.add(into)
			p.next++
			continue
		}
		key, value, pair := strings.Cut(w.text, "=")
		if !pair || !name(key) || into == part && tag == "storage" {
			return fail(w, found(w)+" is not expected in "+tag, "")
		}
		if key == "id" && !name(value) {
			return fail(w, "the id of the "+into.tag+" is no id of XML", "an id begins with a letter or _, and goes on with letters, digits, . _ and -")
		}
		if len(into.attrs) > maxAttrs {
			return fail(w, "there are more attributes than "+into.tag+" can have", "")
		}
		into.setAt(key, value, p.line.pos(w.at))
		p.next++
	}
}
