package pcs

import (
	"strconv"
	"strings"
)

// Dialect says whose words a pcs command is in.
type Dialect string

// The dialects. pcs 0.9 speaks as 0.10 does where hadeploy writes commands.
const (
	Pcs010 Dialect = "0.10"
	Pcs011 Dialect = "0.11"
	Pcs012 Dialect = "0.12"
)

// DialectOf finds the dialect of a pcs version such as 0.11.9.1; what is newer
// than 0.12, or unknown, counts as 0.12 and 0.11.
func DialectOf(version string) Dialect {
	part := strings.SplitN(version, ".", 3)
	if len(part) < 2 || part[0] != "0" {
		return Pcs011
	}
	minor, err := strconv.Atoi(part[1])
	switch {
	case err != nil:
		return Pcs011
	case minor <= 10:
		return Pcs010
	case minor == 11:
		return Pcs011
	}
	return Pcs012
}
