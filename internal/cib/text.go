package cib

import (
	"fmt"

	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/internal/secret"
)

// written writes a document, which it may change, as Pacemaker's tools read it.
func written(doc *etree.Document) (secret.Value, error) {
	doc.Indent(2)
	// Attribute values may hold line ends and tabs, which a reader of XML
	// turns into blanks unless they are written as character references.
	doc.WriteSettings.CanonicalAttrVal = true
	s, err := doc.WriteToString()
	if err != nil {
		return secret.Value{}, fmt.Errorf("CIB: %w", err)
	}
	return secret.New(s), nil
}
