package cib

import (
	"fmt"
	"strings"

	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/internal/secret"
)

// largeSections are those that can hold thousands of elements.
var largeSections = []string{"resources", "constraints"}

// WholeSections are the changes of a patch, in the form of crm_diff, that put the
// resources and the constraints of a CIB in whole, where the patch has deleted
// both. It holds the secrets.
func WholeSections(text []byte) (secret.Value, error) {
	c, err := Parse(text)
	if err != nil {
		return secret.Value{}, err
	}
	var b strings.Builder
	for place, section := range c.doc.Root().SelectElement("configuration").ChildElements() {
		for _, name := range largeSections {
			if section.Tag != name {
				continue
			}
			doc := etree.NewDocument()
			change := doc.CreateElement("change")
			change.CreateAttr("operation", "create")
			change.CreateAttr("path", "/cib/configuration")
			change.CreateAttr("position", fmt.Sprint(place))
			change.AddChild(section.Copy())
			whole, err := written(doc)
			if err != nil {
				return secret.Value{}, err
			}
			b.WriteString(whole.Reveal())
		}
	}
	return secret.New(b.String()), nil
}
