package cib

// permission is one of a role.
type permission struct {
	id    string // empty: pcs's own
	attrs []pair // kind, and what it is for, in the words of the CIB
}
