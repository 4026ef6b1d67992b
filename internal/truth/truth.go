// Package truth reads booleans as Pacemaker does (crm_str_to_boolean), so that
// every room takes the same words for true and for false. What a playbook may
// say where the schema asks for a boolean is narrower: schema.Bool.
package truth

import "strings"

// Parse takes true, on, yes, y and 1, or false, off, no, n and 0, in any case.
// Anything else is not ok.
func Parse(text string) (value, ok bool) {
	switch strings.ToLower(text) {
	case "true", "on", "yes", "y", "1":
		return true, true
	case "false", "off", "no", "n", "0":
		return false, true
	}
	return false, false
}

// Is reports whether a text says true.
func Is(text string) bool { value, _ := Parse(text); return value }

// Not reports whether a text says false; one that says nothing does not.
func Not(text string) bool { value, ok := Parse(text); return ok && !value }
