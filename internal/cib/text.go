package cib

import (
	"fmt"

	"github.com/hadeploy/hadeploy/internal/secret"
)

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
