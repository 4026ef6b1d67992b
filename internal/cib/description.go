package cib

import (
	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/internal/plan"
)

// describedAs is the attribute with a resource's text for people, and the name
// of its difference.
const describedAs = "description"

// describe makes the text of a resource what is wanted.
func (e *editor) describe(x *etree.Element, want pair) []plan.Diff {
	was, had := attr(x, describedAs), hasAttr(x, describedAs)
	switch {
	case was == want.value:
		return nil
	case want.value == "":
		x.RemoveAttr(describedAs)
		return []plan.Diff{plan.Was(describedAs, was)}
	}
	x.CreateAttr(describedAs, want.value)
	return []plan.Diff{want.from("", was, had)}
}

// describing is the command for a changed text, "" where it is as it was.
func describing(ch *plan.Change, x *etree.Element) string {
	for _, d := range ch.Diffs {
		if d.Name == describedAs && d.HasAfter {
			return describeCommand(x.Tag, attr(x, "id"), d.After)
		}
	}
	return ""
}

// describeCommand gives a resource its text. No release of pcs has a word for
// it.
func describeCommand(tag, id, description string) string {
	x := etree.NewElement(tag)
	x.CreateAttr("id", id)
	x.CreateAttr(describedAs, description)
	return "cibadmin --modify --scope resources --xml-text " + shellWord(xmlOf(x))
}

// xmlOf is an element as it stands on a command line.
func xmlOf(x *etree.Element) string {
	doc := etree.NewDocumentWithRoot(x.Copy())
	doc.WriteSettings.CanonicalAttrVal = true
	text, err := doc.WriteToString()
	if err != nil { // it is written into memory
		return ""
	}
	return text
}
