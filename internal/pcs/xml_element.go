package pcs

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// element is any element: releases add elements and attributes, so they are
// looked up by name and what is not known is left alone.
type element struct {
	tag      string
	attrs    []xml.Attr
	children []element
	text     string
}

// readElement reads the next element with all that is in it, and skips what
// stands before it.
func readElement(dec *xml.Decoder) (*element, error) {
	root := element{}
	open := make([]*element, 1, maxDepth) // the last one is being filled
	open[0] = &root
	parts := 0
	for {
		tok, err := dec.RawToken() // names have no prefixes here
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return nil, err
		}
		last := open[len(open)-1]
		switch t := tok.(type) {
		case xml.StartElement:
			if len(open) == maxDepth {
				return nil, &SyntaxError{Message: fmt.Sprintf("elements are nested more than %d deep: this is no status", maxDepth)}
			}
			if parts += 1 + len(t.Attr); parts > maxParts {
				return nil, &SyntaxError{Message: fmt.Sprintf("more than %d elements and attributes: this is no status", maxParts)}
			}
			last.children = append(last.children, element{tag: t.Name.Local, attrs: t.Attr})
			open = append(open, &last.children[len(last.children)-1])
		case xml.EndElement:
			if len(open) == 1 || last.tag != t.Name.Local {
				return nil, fmt.Errorf("</%s> ends what is <%s>", clip(t.Name.Local, 60), clip(last.tag, 60))
			}
			open = open[:len(open)-1]
			if len(open) == 1 {
				return &root.children[0], nil
			}
		case xml.CharData:
			if len(open) > 1 && len(last.text)+len(t) <= maxKept {
				last.text += string(t)
			}
		}
	}
}

func (e *element) name() string { return e.tag }

func (e *element) attr(name string) string {
	for _, a := range e.attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func (e *element) is(name string) bool { return e.attr(name) == "true" }

func (e *element) number(name string) int {
	n, _ := strconv.Atoi(e.attr(name))
	return n
}

// child is the first child of that name, or nil.
func (e *element) child(name string) *element {
	for i := range e.children {
		if e.children[i].name() == name {
			return &e.children[i]
		}
	}
	return nil
}

// each calls f for the children of the child: each("nodes", "node", f).
func (e *element) each(list, item string, f func(*element)) {
	l := e.child(list)
	if l == nil {
		return
	}
	for i := range l.children {
		if l.children[i].name() == item {
			f(&l.children[i])
		}
	}
}
