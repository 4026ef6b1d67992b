package cib

import (
	"fmt"

	"github.com/hadeploy/hadeploy/internal/secret"
)

// LastWritten is what the CIB says of its last change: the attributes
// update-user, update-client, update-origin and cib-last-written of its root.
// Each may be empty.
func (c *CIB) LastWritten() Written {
	get := func(name string) string {
		v := c.attr(name)
		return v[:min(len(v), maxWritten)]
	}
	return Written{User: get("update-user"), Client: get("update-client"), Origin: get("update-origin"), Time: get("cib-last-written")}
}

// Written says who changed a CIB, with which program, on which node, and when
// (in the words of ctime).
type Written struct{ User, Client, Origin, Time string }

const maxWritten = 200

// Text is the whole CIB as XML. It holds the secrets.
func (c *CIB) Text() (secret.Value, error) {
	doc := c.doc.Copy()
	doc.Indent(2)
	doc.WriteSettings.CanonicalAttrVal = true
	s, err := doc.WriteToString()
	if err != nil {
		return secret.Value{}, fmt.Errorf("CIB: %w", err)
	}
	return secret.New(s), nil
}
