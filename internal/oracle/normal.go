package oracle

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"github.com/beevik/etree"
)

// Normal reduces a CIB to what it means: no versions, no status, no empty sets
// and sections, attributes by name, and everything by tag and id but for the
// members of a group, whose order says something. ids of sets and pairs are
// left out when ids is false: pcs has changed some between releases.
func Normal(t testing.TB, text string, ids bool) string {
	t.Helper()
	doc := etree.NewDocument()
	if err := doc.ReadFromString(text); err != nil || doc.FindElement("/cib/configuration") == nil {
		t.Fatalf("no CIB (%v):\n%s", err, text)
	}
	cfg := doc.FindElement("/cib/configuration")
	tidy(cfg, ids)
	doc = etree.NewDocumentWithRoot(cfg)
	doc.Indent(1)
	doc.WriteSettings.CanonicalAttrVal = true
	s, err := doc.WriteToString()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func tidy(x *etree.Element, ids bool) {
	if !ids && slices.Contains([]string{"nvpair", "instance_attributes", "meta_attributes", "utilization"}, x.Tag) {
		x.RemoveAttr("id")
	}
	x.SortAttrs()
	kids := x.ChildElements()
	for len(x.Child) > 0 {
		x.RemoveChildAt(0)
	}
	kids = slices.DeleteFunc(kids, func(k *etree.Element) bool {
		tidy(k, ids)
		empty := len(k.ChildElements()) == 0
		switch k.Tag {
		case "primitive", "node", "op", "nvpair":
			return false
		}
		return empty && (len(k.Attr) == 0 || strings.HasSuffix(k.Tag, "_attributes") || k.Tag == "utilization" || k.Tag == "cluster_property_set")
	})
	key := func(e *etree.Element) string {
		if x.Tag == "group" && e.Tag == "primitive" {
			return e.Tag
		}
		return e.Tag + " " + e.SelectAttrValue("name", "") + " " + e.SelectAttrValue("id", "")
	}
	slices.SortStableFunc(kids, func(a, b *etree.Element) int { return cmp.Compare(key(a), key(b)) })
	for _, k := range kids {
		x.AddChild(k)
	}
}
