package crmsh

import (
	"bytes"
	"encoding/xml"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
)

// An element of the CIB that is built.
type element struct {
	tag      string
	attrs    []attr
	children []*element
	parent   *element
	owner    *statement // that declared it
	at       diag.Pos   // where
	members  []member   // resources of a container that are declared elsewhere
}

type attr struct {
	name, value string
	at          diag.Pos
}

// A member is a resource that a container names.
type member struct {
	id string
	at diag.Pos
}

func (e *element) get(name string) string {
	for _, a := range e.attrs {
		if a.name == name {
			return a.value
		}
	}
	return ""
}

func (e *element) has(name string) bool {
	for _, a := range e.attrs {
		if a.name == name {
			return true
		}
	}
	return false
}

func (e *element) set(name, value string) { e.setAt(name, value, e.at) }

func (e *element) setAt(name, value string, at diag.Pos) {
	for i := range e.attrs {
		if e.attrs[i].name == name {
			e.attrs[i].value, e.attrs[i].at = value, at
			return
		}
	}
	e.attrs = append(e.attrs, attr{name, value, at})
}

func (e *element) add(child *element) {
	child.parent = e
	e.children = append(e.children, child)
}

// drop takes out the elements below that are gone.
func (e *element) drop(gone func(*element) bool) {
	e.children = slices.DeleteFunc(e.children, gone)
	for _, c := range e.children {
		c.drop(gone)
	}
}

// child is the first with the tag.
func (e *element) child(tag string) *element {
	for _, c := range e.children {
		if c.tag == tag {
			return c
		}
	}
	return nil
}

// find is the first element with the tag, itself or below.
func (e *element) find(tag string) *element {
	if e.tag == tag {
		return e
	}
	for _, c := range e.children {
		if f := c.find(tag); f != nil {
			return f
		}
	}
	return nil
}

// each calls fn for the element and all below it.
func (e *element) each(fn func(*element)) {
	fn(e)
	for _, c := range e.children {
		c.each(fn)
	}
}

// write is the XML.
func (e *element) write() []byte {
	var b bytes.Buffer
	e.writeTo(&b, 0)
	return b.Bytes()
}

func (e *element) writeTo(b *bytes.Buffer, depth int) {
	indent := strings.Repeat("  ", depth)
	b.WriteString(indent + "<" + e.tag)
	for _, a := range e.attrs {
		b.WriteString(" " + a.name + `="`)
		_ = xml.EscapeText(b, []byte(a.value)) // a buffer takes everything
		b.WriteByte('"')
	}
	if len(e.children) == 0 {
		b.WriteString("/>\n")
		return
	}
	b.WriteString(">\n")
	for _, c := range e.children {
		c.writeTo(b, depth+1)
	}
	b.WriteString(indent + "</" + e.tag + ">\n")
}
