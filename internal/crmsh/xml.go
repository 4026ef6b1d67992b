package crmsh

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
)

// maxDepth bounds elements in elements; a CIB has about ten.
const maxDepth = 40

// readXML reads a line "xml <...>", which is how crmsh shows what its own words
// cannot say. The element is taken as it is.
func (s *statement) readXML(at int) error {
	text := s.line.text[at:]
	if i, ok := valid(text); !ok {
		return &fault{at: at + i, what: "there is a character that is none of a text in UTF-8"}
	}
	d := xml.NewDecoder(strings.NewReader(text))
	d.Strict = true
	var root, cur *element
	for depth := 0; ; {
		here := at + int(d.InputOffset())
		tok, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			// The decoder's words would quote the text.
			return &fault{at: at + int(d.InputOffset()), what: "this is no XML", do: "one element stands in the line, with all that is in it"}
		}
		switch t := tok.(type) {
		case xml.StartElement:
			if depth++; depth > maxDepth {
				return &fault{at: here, what: "elements stand in each other too deep for a CIB"}
			}
			if cur == nil && root != nil {
				return &fault{at: here, what: "more than one element stands in the line", do: "write each in a line of its own"}
			}
			e := &element{tag: t.Name.Local, owner: s, at: s.line.pos(here)}
			if len(t.Attr) > maxAttrs {
				return &fault{at: here, what: "the element has more attributes than any of a CIB"}
			}
			for _, a := range t.Attr {
				if e.has(a.Name.Local) || a.Name.Space != "" || t.Name.Space != "" {
					return &fault{at: here, what: "an attribute stands twice or has a namespace"}
				}
				e.setAt(a.Name.Local, a.Value, e.at)
			}
			if e.has("id") && !otherID(e) && !name(e.get("id")) {
				return &fault{at: here, what: "the id of <" + found(word{text: e.tag}) + "> is no id of XML"}
			}
			if cur == nil {
				root = e
			} else {
				cur.add(e)
			}
			cur = e
		case xml.EndElement:
			if cur == nil || cur.tag != t.Name.Local {
				return &fault{at: here, what: "</" + t.Name.Local + "> closes nothing"}
			}
			depth--
			cur = cur.parent
		case xml.CharData:
			if len(bytes.TrimSpace(t)) > 0 {
				return &fault{at: here, what: "a text stands where a CIB has only elements"}
			}
		case xml.Comment:
		default:
			return &fault{at: here, what: "only elements are expected here"}
		}
	}
	if root == nil || cur != nil {
		return &fault{at: len(s.line.text), what: "the XML is not complete", do: `what goes on in the next line ends with \`}
	}
	return s.takeXML(root, at)
}

// declared are the elements that a line of XML may have.
var declared = []string{"node", "primitive", "template", "group", "clone", "master", "bundle", "rsc_location", "rsc_colocation", "rsc_order", "rsc_ticket",
	"cluster_property_set", "rsc_defaults", "op_defaults", "acl_target", "acl_group", "acl_role", "fencing-topology", "tag", "alert"}

func (s *statement) takeXML(root *element, at int) error {
	if s.word = root.tag; root.tag == "meta_attributes" {
		// This is how crmsh shows defaults, of resources and of operations alike.
		if root.find("op_expression") == nil {
			return &fault{at: at, what: "the line does not say whether these are defaults of resources or of operations",
				do: "write rsc_defaults or op_defaults instead, or <rsc_defaults> or <op_defaults> around it"}
		}
		out := &element{tag: "op_defaults", owner: s, at: root.at}
		out.add(root)
		root = out
	}
	if !slices.Contains(declared, root.tag) {
		return &fault{at: at, what: "<" + root.tag + "> is none of the elements that crm configure show writes"}
	}
	s.id = root.get("id")
	named := root.tag != "fencing-topology" && root.tag != "rsc_defaults" && root.tag != "op_defaults"
	if named && s.id == "" {
		return &fault{at: at, what: "<" + root.tag + "> has no id"}
	}
	s.out = append(s.out, root)
	return nil
}
