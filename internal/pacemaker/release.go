package pacemaker

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Release is a release of Pacemaker, from the version of its package: 2.1.5.
// The zero Release is not known.
type Release [3]int

// ParseRelease reads a package's version, of dpkg or rpm: 2.1.5-1+deb12u1. What
// does not begin with a number and a dot gives the zero Release.
func ParseRelease(version string) (r Release) {
	if _, after, epoch := strings.Cut(version, ":"); epoch {
		version = after
	}
	for i, part := range strings.SplitN(version, ".", 3) {
		end := strings.IndexFunc(part, func(c rune) bool { return c < '0' || c > '9' })
		if end < 0 {
			end = len(part)
		}
		n, err := strconv.Atoi(part[:end])
		if err != nil || i == 0 && end != len(part) {
			return Release{}
		}
		if r[i] = n; end != len(part) {
			break
		}
	}
	return r
}

func (r Release) String() string { return fmt.Sprintf("%d.%d.%d", r[0], r[1], r[2]) }

// Known reports whether r is a release at all.
func (r Release) Known() bool { return r != Release{} }

// Before reports whether r is older than other.
func (r Release) Before(other Release) bool { return slices.Compare(r[:], other[:]) < 0 }

// KeepsAll is the release from which on Pacemaker keeps every value.
var KeepsAll = Release{2, 1, 8}

// Where Pacemaker began to write more of XML as it was given.
var (
	keepsUnicode  = Release{2, 1, 3}
	oddIsUnproved = Release{2, 1, 6}
)

// Keeps reports whether the release gives a value back as it was put into the
// CIB. Every change of the CIB passes through the release's own writer of XML,
// whichever tool brings it and however it is encoded (as UTF-8, as &#xE9;), and
// that writer is what damages a value:
//
//   - before 2.1.3 all but printable ASCII becomes octal (measured on 2.0.5);
//   - up to 2.1.7 a tab, a line end or another control character is replaced
//     too, and after a character that is not ASCII nothing is escaped any more:
//     what stands behind it ends at the next quote, ampersand or less-than
//     (measured on 2.1.5); 2.1.6 and 2.1.7 step over such characters two bytes at
//     a time, so that of a run of odd length the last byte is lost (by their
//     source);
//   - from 2.1.8 on all is kept (measured on 3.0.0).
func (r Release) Keeps(value string) bool {
	if plainText(value) || !r.Before(KeepsAll) {
		return true
	}
	if r.Before(keepsUnicode) || strings.ContainsFunc(value, isControl) {
		return false
	}
	wide := strings.IndexFunc(value, isWide)
	if strings.ContainsAny(value[wide:], `"&<`) {
		return false
	}
	return r.Before(oddIsUnproved) || !slices.ContainsFunc(
		strings.FieldsFunc(value, func(c rune) bool { return !isWide(c) }), func(run string) bool { return len(run)%2 == 1 })
}

// plainText reports whether a value is what every release keeps: printable ASCII.
func plainText(value string) bool {
	return !strings.ContainsFunc(value, func(c rune) bool { return isWide(c) || isControl(c) })
}

func isWide(c rune) bool { return c > 0x7f }

func isControl(c rune) bool { return c < ' ' || c == 0x7f }

// Unkept says what kind of character a release does not keep, and none of the
// value.
func (r Release) Unkept(value string) string {
	switch {
	case strings.ContainsAny(value, "\n\r"):
		return "a line end"
	case strings.ContainsFunc(value, isControl):
		return "a control character"
	case !r.Before(keepsUnicode) && strings.ContainsAny(value, `"&<`):
		return `a ", & or < behind a character that is not ASCII`
	}
	return "a character that is not ASCII"
}
