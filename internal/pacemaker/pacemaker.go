// Package pacemaker reads the words of Pacemaker's configuration as Pacemaker reads
// them: booleans, scores, times and roles. It is on the ground floor, so that
// nobody needs a list of such words of their own.
package pacemaker

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// The words of crm_str_to_boolean, which takes them in any case.
var (
	yes = []string{"true", "on", "yes", "y", "1"}
	no  = []string{"false", "off", "no", "n", "0"}
)

// True reports whether a text is one of Pacemaker's words for true.
func True(s string) bool { return slices.Contains(yes, strings.ToLower(s)) }

// False reports whether a text is one of its words for false.
func False(s string) bool { return slices.Contains(no, strings.ToLower(s)) }

// Bool reports whether a text is a boolean at all.
func Bool(s string) bool { return True(s) || False(s) }

// Infinity is the score beyond which nothing counts: Pacemaker's INFINITY.
const Infinity = 1e6

// Score reads a score: an integer, or INFINITY with or without a sign, beyond
// which everything is infinite.
func Score(s string) (float64, bool) {
	switch strings.ToUpper(strings.TrimPrefix(s, "+")) {
	case "INFINITY":
		return Infinity, true
	case "-INFINITY":
		return -Infinity, true
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0, false
	}
	return float64(min(max(n, -Infinity), Infinity)), true
}

// ScoreText writes a score.
func ScoreText(n float64) string {
	switch {
	case n >= Infinity:
		return "INFINITY"
	case n <= -Infinity:
		return "-INFINITY"
	}
	return strconv.FormatFloat(n, 'f', -1, 64)
}

// Milliseconds reads an interval of time: a number with a unit, seconds when
// there is none. Other forms (ISO 8601) are not ok.
func Milliseconds(s string) (float64, bool) {
	s = strings.TrimSpace(s)
	i := strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' })
	if i < 0 {
		i = len(s)
	}
	n, err := strconv.ParseInt(s[:i], 10, 64)
	if err != nil {
		return 0, false
	}
	unit, ok := map[string]float64{
		"": 1000, "s": 1000, "sec": 1000, "ms": 1, "msec": 1, "us": 0.001, "usec": 0.001,
		"m": 60e3, "min": 60e3, "h": 3600e3, "hr": 3600e3,
	}[strings.ToLower(strings.TrimSpace(s[i:]))]
	return float64(n) * unit, ok
}

var iso8601 = regexp.MustCompile(`^P(\d+[YMWD])*(T(\d+[HMS])+)?$`)

// Time reports whether a text is a time: a number with a unit, or an ISO 8601
// duration such as PT1M.
func Time(s string) bool {
	_, ok := Milliseconds(s)
	return ok || iso8601.MatchString(s)
}

// Role gives a role its name of today, which came with Pacemaker 2.1: Master is
// Promoted, and Slave is Unpromoted.
func Role(role string) string {
	switch strings.ToLower(role) {
	case "master", "promoted":
		return "Promoted"
	case "slave", "unpromoted":
		return "Unpromoted"
	case "started":
		return "Started"
	case "stopped":
		return "Stopped"
	}
	return role
}

// RoleFor spells a role for a schema or a pcs that has, or has not, the names
// of today.
func RoleFor(role string, today bool) string {
	role = Role(role)
	if today {
		return role
	}
	switch role {
	case "Promoted":
		return "Master"
	case "Unpromoted":
		return "Slave"
	}
	return role
}
