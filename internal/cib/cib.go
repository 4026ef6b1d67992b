// Package cib builds, reads and compares Pacemaker's configuration, the
// cluster information base.
//
// It is pure: bytes in, values out. What a node printed goes in, and what a
// node is to be told comes out; Pacemaker's own tools judge the result there.
// The objects that Build makes are those that pcs would have written, down to
// the ids, so that a person who goes on with pcs finds nothing unusual.
package cib

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/internal/secret"
)

// Bounds of what Parse accepts. The CIB of the largest clusters that Pacemaker
// supports, status section included, is a few MiB and 20 levels deep.
const (
	maxBytes    = 64 << 20
	maxElements = 1 << 20
	maxDepth    = 64
)

// CIB is one snapshot of the live configuration. It is not changed after
// Parse, and it may hold secrets (a fence device's password): only Compare's
// results are made to be shown.
type CIB struct {
	doc *etree.Document
}

// Format keeps every printer from what may be secret.
func (c *CIB) Format(f fmt.State, _ rune) { _, _ = fmt.Fprintf(f, "CIB %s", c.Epoch()) }

// Property is a cluster property as it stands in the live CIB.
type Property struct{ Name, Value, Set string }

// Parse reads the output of cibadmin -Q. Anything but one whole document is an
// error: a cut answer must never look like an empty configuration.
func Parse(b []byte) (*CIB, error) {
	if len(b) > maxBytes {
		return nil, fmt.Errorf("CIB: %d bytes are more than the %d that are read", len(b), maxBytes)
	}
	root, err := parseTree(b)
	if err != nil {
		return nil, fmt.Errorf("CIB: %w", err)
	}
	if root.Tag != "cib" {
		return nil, fmt.Errorf("CIB: the document's root is <%s>, expected <cib>", root.Tag)
	}
	if root.SelectElement("configuration") == nil {
		return nil, errors.New("CIB: there is no <configuration> in the document")
	}
	return &CIB{etree.NewDocumentWithRoot(root)}, nil
}

// parseTree reads exactly one element, bounded in depth and in number of
// elements. etree's own reader has no bounds and takes a cut document.
func parseTree(b []byte) (*etree.Element, error) {
	d := xml.NewDecoder(bytes.NewReader(b))
	var root, cur *etree.Element
	depth, elements := 0, 0
	for {
		tok, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		switch t := tok.(type) {
		case xml.StartElement:
			if depth++; depth > maxDepth {
				return nil, fmt.Errorf("elements are nested deeper than %d levels", maxDepth)
			}
			if elements++; elements > maxElements {
				return nil, fmt.Errorf("there are more than %d elements", maxElements)
			}
			e := newElement(t)
			if cur == nil && root != nil {
				return nil, fmt.Errorf("there is more than one document: <%s> follows </%s>", e.FullTag(), root.FullTag())
			}
			if cur != nil {
				cur.AddChild(e)
			} else {
				root = e
			}
			cur = e
		case xml.EndElement:
			if cur == nil || cur.Tag != t.Name.Local || cur.Space != t.Name.Space {
				return nil, fmt.Errorf("</%s> closes nothing", t.Name.Local)
			}
			depth--
			cur = cur.Parent()
		case xml.CharData:
			// Between a CIB's elements there is only layout; a word there is
			// kept, without the layout around it.
			if word := bytes.TrimSpace(t); len(word) > 0 && cur == nil {
				return nil, fmt.Errorf("text outside the document: %.60q", word)
			} else if len(word) > 0 {
				cur.CreateText(string(word))
			}
		case xml.Comment:
			if cur != nil {
				cur.CreateComment(string(t))
			}
		case xml.Directive:
			return nil, errors.New("a document type declaration is not expected here")
		}
	}
	switch {
	case root == nil:
		return nil, errors.New("the document is empty")
	case cur != nil:
		return nil, fmt.Errorf("the document is cut short: <%s> is still open at its end", cur.FullTag())
	}
	return root, nil
}

func newElement(t xml.StartElement) *etree.Element {
	e := etree.NewElement(t.Name.Local)
	e.Space = t.Name.Space
	for _, a := range t.Attr {
		key := a.Name.Local
		if a.Name.Space != "" {
			key = a.Name.Space + ":" + key
		}
		e.CreateAttr(key, a.Value)
	}
	return e
}

func (c *CIB) root() *etree.Element { return c.doc.Root() }

func (c *CIB) attr(name string) string { return c.root().SelectAttrValue(name, "") }

// Epoch is the version of the configuration, "admin_epoch.epoch". It grows
// with every change of the configuration, and not with the status.
func (c *CIB) Epoch() string {
	return c.root().SelectAttrValue("admin_epoch", "0") + "." + c.root().SelectAttrValue("epoch", "0")
}

// Before reports whether the configuration is older than another's of the same
// cluster.
func (c *CIB) Before(other *CIB) bool {
	for _, name := range []string{"admin_epoch", "epoch"} {
		a, _ := strconv.Atoi(c.root().SelectAttrValue(name, "0"))
		b, _ := strconv.Atoi(other.root().SelectAttrValue(name, "0"))
		if a != b {
			return a < b
		}
	}
	return false
}

// FeatureSet is the crm_feature_set that the CIB was last written with.
func (c *CIB) FeatureSet() string { return c.attr("crm_feature_set") }

// Schema is the name of the schema that the CIB is validated with, such as
// pacemaker-3.9.
func (c *CIB) Schema() string { return c.attr("validate-with") }

// Written says who changed the configuration last, from where and when, as
// far as Pacemaker has noted it.
type Written struct{ User, Client, Origin, Time string }

// LastWritten reads it from the CIB's root.
func (c *CIB) LastWritten() Written {
	text := func(name string) string { return cut(c.attr(name)) }
	return Written{text("update-user"), text("update-client"), text("update-origin"), text("cib-last-written")}
}

// NodeNames lists the nodes that Pacemaker knows, in the CIB's order.
func (c *CIB) NodeNames() []string {
	var names []string
	for _, n := range children(c.section("nodes"), "node") {
		names = append(names, n.SelectAttrValue("uname", ""))
	}
	return names
}

// ResourceIDs are the ids of all primitives, fencing devices included, in the
// document's order.
func (c *CIB) ResourceIDs() []string {
	var ids []string
	walk(c.section("resources"), func(e *etree.Element) {
		if e.Tag == "primitive" {
			ids = append(ids, attr(e, "id"))
		}
	})
	return ids
}

// FencingIDs are the ids of the primitives that are fencing devices.
func (c *CIB) FencingIDs() []string {
	var ids []string
	walk(c.section("resources"), func(e *etree.Element) {
		if e.Tag == "primitive" && attr(e, "class") == "stonith" {
			ids = append(ids, attr(e, "id"))
		}
	})
	return ids
}

// Properties lists the cluster properties of every set without a rule, less
// those of the seed (see Seeded).
func (c *CIB) Properties() []Property {
	var list []Property
	for _, set := range plainSets(c.section("crm_config"), "cluster_property_set") {
		for _, nv := range children(set, "nvpair") {
			list = append(list, Property{attr(nv, "name"), attr(nv, "value"), attr(set, "id")})
		}
	}
	return list
}

// Property is the value of a cluster property that is in force, and whether it
// is set at all.
func (c *CIB) Property(name string) (string, bool) {
	for _, p := range c.Properties() {
		if p.Name == name {
			return p.Value, true
		}
	}
	return "", false
}

// section finds configuration/NAME, nil when it is not there.
func (c *CIB) section(name string) *etree.Element {
	return c.root().SelectElement("configuration").SelectElement(name)
}

// schemaVersion reads 3 and 9 from pacemaker-3.9. An unknown schema counts as
// the newest: only old ones are named differently.
func schemaVersion(name string) (major, minor int) {
	v, ok := strings.CutPrefix(name, "pacemaker-")
	if !ok {
		return 99, 0
	}
	a, b, _ := strings.Cut(v, ".")
	major, err1 := strconv.Atoi(a)
	minor, err2 := strconv.Atoi(b)
	if err1 != nil || err2 != nil {
		return 99, 0
	}
	return major, minor
}

// newRoles reports whether the schema knows Promoted and Unpromoted, which
// came with pacemaker-3.7; before, the roles were Master and Slave.
func newRoles(schema string) bool {
	major, minor := schemaVersion(schema)
	return major > 3 || major == 3 && minor >= 7
}

// Text is the whole CIB as XML. It holds the secrets.
func (c *CIB) Text() (secret.Value, error) { return written(c.doc.Copy()) }
