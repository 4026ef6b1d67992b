package cib

// ResourceIDs are the ids of all primitives, fencing devices included, in the
// document's order.
func (c *CIB) ResourceIDs() (ids []string) {
	for _, e := range c.doc.FindElements("//configuration/resources//primitive") {
		ids = append(ids, e.SelectAttrValue("id", ""))
	}
	return ids
}
