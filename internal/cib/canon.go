package cib

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/internal/pacemaker"
)

// What attributes and options mean, however they are written.

// canonScore writes a score as pcs stores it.
func canonScore(s string) string {
	if s == "" {
		return "INFINITY"
	}
	if up := strings.ToUpper(strings.TrimPrefix(s, "+")); strings.HasSuffix(up, "INFINITY") {
		return up
	}
	return s
}

// canonAttr reduces an attribute of a constraint to what it means; absent and
// default are the same.
func canonAttr(name, value string, get func(string) string) string {
	switch name {
	case "score":
		if n, ok := pacemaker.Score(value); ok {
			return strconv.FormatFloat(n, 'f', -1, 64)
		}
	case "rsc-role", "with-rsc-role", "role":
		if r := pacemaker.Role(value); r != "Started" {
			return r
		}
		return ""
	case "first-action":
		if value == "" {
			return "start"
		}
	case "then-action":
		// Pacemaker takes the first action when this one is not given.
		if value == "" {
			return canonAttr("first-action", get("first-action"), get)
		}
	case "kind":
		if value == "" || strings.EqualFold(value, "mandatory") {
			return "mandatory"
		}
		return strings.ToLower(value)
	case "symmetrical":
		if value == "" {
			return strconv.FormatBool(!strings.EqualFold(get("kind"), "serialize"))
		}
		return strings.ToLower(value)
	case "require-all":
		if value == "" {
			return "true"
		}
		return strings.ToLower(value)
	case "resource-discovery":
		if value == "" {
			return "always"
		}
	}
	return value
}

func sameAttrs(names []string, a, b func(string) string) bool {
	return !slices.ContainsFunc(names, func(n string) bool { return canonAttr(n, a(n), a) != canonAttr(n, b(n), b) })
}

func getter(x *etree.Element) func(string) string { return func(n string) string { return attr(x, n) } }

// sameRole: no role is Started, which is any role of a resource that is not
// promotable.
func sameRole(a, b string) bool {
	norm := func(s string) string {
		if s = pacemaker.Role(s); s == "" {
			return "Started"
		}
		return s
	}
	return norm(a) == norm(b)
}

// meansOf is what the value of an option means, however it is written. Of
// Pacemaker's own options it is known how they are read; what an agent makes of a
// value, only the agent knows: without an option it is the text.
func meansOf(o *pacemaker.Option, value string) string {
	if o == nil {
		return "=" + value
	}
	switch o.Sort {
	case pacemaker.Boolean:
		if pacemaker.Bool(value) {
			return strconv.FormatBool(pacemaker.True(value))
		}
	case pacemaker.Duration:
		if ms, ok := pacemaker.Milliseconds(value); ok {
			return fmt.Sprint(ms, "ms")
		}
	case pacemaker.ScoreValue:
		if n, ok := pacemaker.Score(value); ok {
			return fmt.Sprint(n)
		}
	case pacemaker.Select:
		if o.AnyCase {
			return strings.ToLower(value)
		}
	case pacemaker.Integer:
		if n, err := strconv.ParseInt(value, 10, 64); err == nil {
			return strconv.FormatInt(n, 10)
		}
	case pacemaker.Text, pacemaker.Percentage:
	}
	return "=" + value
}

// olderNames are those that options had before Pacemaker 2.0.
var olderNames = map[string]string{"master-max": "promoted-max", "master-node-max": "promoted-node-max"}
