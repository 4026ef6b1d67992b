package pcs

import (
	"strconv"
	"strings"

	"github.com/hadeploy/hadeploy/internal/pacemaker"
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

// DialectFor is the dialect of the pcs that goes with a release of Pacemaker, as
// distributions ship them together.
func DialectFor(r pacemaker.Release) Dialect {
	switch {
	case r.Before(pacemaker.Release{2, 1, 0}):
		return Pcs010
	case r.Before(pacemaker.Release{3, 0, 0}):
		return Pcs011
	}
	return Pcs012
}

// NewRoles reports whether it says Promoted and Unpromoted, and not Master and
// Slave.
func (d Dialect) NewRoles() bool { return d != Pcs010 }

// Stonith reports whether the operations and meta attributes of a fencing
// device are under stonith, and not under resource.
func (d Dialect) Stonith() bool { return d != Pcs010 }

// ShortIDs reports whether the id of a cluster property has only the first 20
// characters of its name.
func (d Dialect) ShortIDs() bool { return d != Pcs010 }

// CloneMeta is the word before the meta attributes of a new clone.
func (d Dialect) CloneMeta() string {
	if d == Pcs012 {
		return " meta"
	}
	return ""
}

// Score is the end of a command that gives a score.
func (d Dialect) Score(score string) string {
	switch {
	case d == Pcs012:
		return " score=" + score
	case strings.HasPrefix(score, "-"):
		return " -- " + score // it would be taken for an option
	}
	return " " + score
}
