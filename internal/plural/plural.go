// Package plural says how many there are of something, everywhere in the same
// way.
package plural

import (
	"strconv"
	"strings"
)

// Of says "1 node", "2 nodes", "3 addresses".
func Of(n int, one string) string {
	many := one + "s"
	if strings.HasSuffix(one, "s") {
		many = one + "es"
	}
	return As(n, one, many)
}

// As is Of for what has a plural of its own: "1 change is", "2 changes are".
func As(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}
