package cib

import (
	"strings"

	"github.com/beevik/etree"
)

// What elements of the sections say.

// textOf is what an element of a section says.
func (e *editor) textOf(x *etree.Element) string {
	if k := e.kindOf(x); k != nil && k.text != nil {
		return k.text(e, x)
	}
	return attrsText(x)
}

// attrsText is an element of an unknown kind: its attributes.
func attrsText(x *etree.Element) string {
	var list []string
	for _, a := range x.Attr {
		if a.Key != "id" {
			list = append(list, a.Key+"="+shown(a.Key, a.Value))
		}
	}
	return strings.Join(list, " ")
}
