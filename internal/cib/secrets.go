package cib

import "github.com/hadeploy/hadeploy/internal/secret"

// Secrets are the values that stand in the CIB under names that isSecret tells:
// options, meta attributes, attributes of nodes.
func (c *CIB) Secrets(isSecret func(name string) bool) (found []secret.Value) {
	for _, nv := range c.root().FindElements(".//nvpair") {
		if value := nv.SelectAttrValue("value", ""); value != "" && isSecret(nv.SelectAttrValue("name", "")) {
			found = append(found, secret.New(value))
		}
	}
	return found
}
