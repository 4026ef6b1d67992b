package cib

import (
	"cmp"
	"slices"
	"strings"

	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/internal/secret"
)

// Loss is something that a CIB says and another one does not, or the other way
// round.
type Loss struct {
	Path string // /configuration/resources/primitive[@id="web"]/operations
	XML  string // the element without what is below it; secrets are masked
	Why  string
}

// Compared is how a CIB stands to the one that was rendered of its export.
type Compared struct {
	// IDs are the ids of the original by those of the other. They mean nothing, but
	// people and tools may know them.
	IDs map[string]string
	// Spelled are attributes that mean the same and are written otherwise, by the id
	// of the element in the other CIB; one without an id has that of its parent,
	// with /TAG behind it. A value of nil says that the attribute is not there.
	Spelled map[string][]Spelling
	Losses  []Loss
}

// Spelling is how the original writes an attribute.
type Spelling struct {
	Name  string
	Value *string
}

// Losses holds a CIB against what was rendered of its export. masked tells the
// values that stand in the export as references: PRIMITIVE options.NAME.
//
// exact counts another element for the same as a loss: <master>, which releases
// from 2.0 on still take for a promotable clone.
func (c *CIB) Losses(rendered *CIB, exact bool, masked func(parent, name string) bool) *Compared {
	a := &alignment{exact: exact, out: &Compared{IDs: map[string]string{}, Spelled: map[string][]Spelling{}}, masked: masked}
	was, is := c.root().SelectElement("configuration"), rendered.root().SelectElement("configuration")
	a.below(was, is, "/configuration")
	slices.SortStableFunc(a.out.Losses, func(x, y Loss) int { return cmp.Compare(x.Path, y.Path) })
	return a.out
}

type alignment struct {
	exact  bool
	out    *Compared
	masked func(parent, name string) bool
}

// below pairs the children of two elements, and tells what is left.
func (a *alignment) below(was, is *etree.Element, path string) {
	left := telling(is)
	pairs := map[*etree.Element]*etree.Element{}
	all := telling(was)
	for _, same := range []func(x, y *etree.Element) bool{
		func(x, y *etree.Element) bool { return keyOf(x) != "" && keyOf(x) == keyOf(y) },
		func(x, y *etree.Element) bool { return looseKey(x) == looseKey(y) },
	} {
		for _, x := range all {
			if pairs[x] != nil {
				continue
			}
			if i := slices.IndexFunc(left, func(y *etree.Element) bool { return a.alike(x, y) && same(x, y) }); i >= 0 {
				pairs[x] = left[i]
				left = slices.Delete(left, i, i+1)
			}
		}
	}
	for _, x := range all {
		at := path + "/" + step(x)
		switch {
		case pairs[x] != nil:
		case was.Tag == "configuration": // an empty section is none
			a.below(x, etree.NewElement(x.Tag), at)
			continue
		default:
			a.lose(at, x, "")
			continue
		}
		a.same(x, pairs[x], at)
		a.below(x, pairs[x], at)
	}
	for _, y := range left {
		if !a.exact && was.Parent() != nil && promotableOf(was, y) {
			continue
		}
		if is.Tag == "configuration" {
			a.below(etree.NewElement(y.Tag), y, path+"/"+y.Tag)
			continue
		}
		a.lose(path+"/"+step(y), y, "the playbook makes this, and the CIB does not have it")
	}
}

// alike reports whether two elements are of one sort.
func (a *alignment) alike(x, y *etree.Element) bool {
	return x.Tag == y.Tag || !a.exact && x.Tag == "master" && y.Tag == "clone"
}

// promotableOf reports whether an element is what a clone has and a <master> needs
// not: its promotable, or the set that holds nothing else. in is what it would be
// in.
func promotableOf(in, y *etree.Element) bool {
	switch {
	case in.Tag == "meta_attributes" && in.Parent() != nil && in.Parent().Tag == "master":
		return y.Tag == "nvpair" && attr(y, "name") == "promotable"
	case in.Tag == "master":
		return y.Tag == "meta_attributes" && len(y.ChildElements()) == 1 && attr(y.ChildElements()[0], "name") == "promotable"
	}
	return false
}

func (a *alignment) lose(path string, x *etree.Element, why string) {
	a.out.Losses = append(a.out.Losses, Loss{Path: path, XML: tagText(x), Why: why})
}

// telling are the children that say something: a set without any pair does not.
func telling(x *etree.Element) []*etree.Element {
	if x == nil {
		return nil
	}
	return slices.DeleteFunc(x.ChildElements(), func(c *etree.Element) bool {
		switch {
		case c.Tag == "node" && !hasAttr(c, "id-ref"):
			return len(telling(c)) == 0 // who is a member stands in corosync.conf
		case hasAttr(c, "id-ref") || len(c.ChildElements()) > 0:
			return false
		}
		switch c.Tag {
		case "instance_attributes", "meta_attributes", "utilization", "cluster_property_set", "operations":
			return true
		}
		return c.Parent() != nil && c.Parent().Tag == "configuration"
	})
}

// keyOf is what makes an element what it is, whatever its id; "" for none.
func keyOf(x *etree.Element) string {
	switch x.Tag {
	case "nvpair":
		return attr(x, "name")
	case "op":
		return attr(x, "name") + " " + attr(x, "interval") + " " + pacemaker.Role(attr(x, "role"))
	case "node":
		return cmp.Or(attr(x, "uname"), attr(x, "id"))
	case "recipient":
		return attr(x, "value")
	case "resource_set":
		return strings.Join(refsOf(x), " ")
	case "acl_permission":
		return strings.Join([]string{attr(x, "kind"), attr(x, "xpath"), attr(x, "reference"), attr(x, "object-type"), attr(x, "attribute"), attr(x, "description")}, "\x00")
	}
	if id := attr(x, "id"); id != "" {
		return id
	}
	return x.Tag
}

// looseKey is less of that: of what stands in an order.
func looseKey(x *etree.Element) string {
	switch x.Tag {
	case "nvpair", "node", "recipient":
		return keyOf(x)
	case "op":
		return attr(x, "name")
	case "primitive", "group", "clone", "master", "bundle", "template", "tag", "alert", "acl_role", "acl_target", "acl_group", "acl_user",
		"obj_ref", "resource_ref", "role", "rsc_location", "rsc_colocation", "rsc_order", "rsc_ticket":
		if x.Tag == "master" {
			return "clone " + attr(x, "id")
		}
		return x.Tag + " " + attr(x, "id")
	case "resource_set":
		return keyOf(x)
	case "fencing-level":
		return attr(x, "index") + " " + attr(x, "target") + attr(x, "target-pattern") + attr(x, "target-attribute") + attr(x, "target-value")
	}
	return x.Tag
}

func refsOf(x *etree.Element) (ids []string) {
	for _, r := range children(x, "resource_ref") {
		ids = append(ids, attr(r, "id"))
	}
	return ids
}

// step is one step of a path: primitive[@id="web"].
func step(x *etree.Element) string {
	for _, name := range []string{"id", "name", "uname"} {
		if v := attr(x, name); v != "" {
			return x.Tag + "[@" + name + `="` + v + `"]`
		}
	}
	return x.Tag
}

// tagText is an element without what is below it.
func tagText(x *etree.Element) string {
	y := etree.NewElement(x.Tag)
	for _, at := range x.Attr {
		value := at.Value
		if at.Key == "value" && secret.Named(attr(x, "name")) && value != "" {
			value = secret.Mask
		}
		y.CreateAttr(at.Key, value)
	}
	if len(x.ChildElements()) > 0 {
		y.CreateText("...")
	}
	doc := etree.NewDocument()
	doc.AddChild(y)
	s, err := doc.WriteToString()
	if err != nil {
		return "<" + x.Tag + "> (" + err.Error() + ")"
	}
	return s
}

// same notes the attributes of a pair that differ.
func (a *alignment) same(was, is *etree.Element, path string) {
	if was.Tag == "node" {
		return
	}
	id := attr(is, "id")
	if old := attr(was, "id"); hasOwnID(was) && old != "" && id != "" && old != byItself(was, is) {
		a.out.IDs[id] = old
	}
	at := id
	if at == "" || !hasOwnID(is) {
		at = attr(is.Parent(), "id") + "/" + is.Tag
	}
	var names []string
	for _, x := range slices.Concat(was.Attr, is.Attr) {
		if !slices.Contains(names, x.Key) {
			names = append(names, x.Key)
		}
	}
	for _, name := range names {
		before, after := attr(was, name), attr(is, name)
		switch {
		case before == after && hasAttr(was, name) == hasAttr(is, name):
		case name == "id" && hasAttr(was, name) && hasAttr(is, name):
		case name == "value" && after == secret.Mask && a.masked(attr(was.Parent().Parent(), "id"), attr(was, "name")):
		case name == "id" && was.Tag == "operations" && before != "":
			a.out.IDs[attr(is.Parent(), "id")+"-operations"] = before
		case !spelled(name, was, is):
			a.lose(path, was, name+" is not the same: the playbook makes "+tagText(is))
		default:
			s := Spelling{Name: name}
			if hasAttr(was, name) {
				s.Value = &before
			}
			a.out.Spelled[at] = append(a.out.Spelled[at], s)
		}
	}
}

// byItself is the id that an element gets once that of the element around it is
// the one of the original.
func byItself(was, is *etree.Element) string {
	in, around := attr(was.Parent(), "id"), attr(is.Parent(), "id")
	if rest, below := strings.CutPrefix(attr(is, "id"), around); in != "" && around != "" && hasOwnID(is.Parent()) && below {
		return in + rest
	}
	return attr(is, "id")
}

// spelled reports whether an attribute means the same in two elements, however
// it is written there, or not at all.
func spelled(name string, a, b *etree.Element) bool {
	switch a.Tag {
	case "rsc_location", "rsc_colocation", "rsc_order", "rsc_ticket", "resource_set":
		if a.Tag == "rsc_order" && (name == "score" || name == "kind") {
			return orderKind(a) == orderKind(b)
		}
		return sameAttrs([]string{name}, getter(a), getter(b))
	case "rule":
		switch name {
		case "boolean-op":
			return cmp.Or(attr(a, name), "and") == cmp.Or(attr(b, name), "and") || len(a.ChildElements()) == 1
		case "score":
			// That of a rule in a rule, or in a set of options, counts for nothing.
			return a.Parent().Tag != "rsc_location" || canonScore(attr(a, name)) == canonScore(attr(b, name)) && hasAttr(a, name) == hasAttr(b, name)
		case "role":
			return sameRole(attr(a, name), attr(b, name))
		}
	case "op":
		return sameOpAttr(name, attr(a, name), attr(b, name))
	case "nvpair":
		return name == "value" && (attr(a, name) == attr(b, name) || attr(a, "name") == targetRole && sameRole(attr(a, name), attr(b, name)))
	case "expression":
		return name == "type" && attr(a, name)+attr(b, name) == "string" // the default
	case "meta_attributes", "instance_attributes", "cluster_property_set", "utilization":
		return name == "score" && setScore(attr(a, name)) == setScore(attr(b, name))
	}
	return false
}

// orderKind is the kind of an order, which an older one says by a score.
func orderKind(x *etree.Element) string {
	if kind := attr(x, "kind"); kind != "" {
		return strings.ToLower(kind)
	}
	if n, ok := pacemaker.Score(attr(x, "score")); ok && hasAttr(x, "score") && n <= 0 {
		return "optional"
	}
	return "mandatory"
}
