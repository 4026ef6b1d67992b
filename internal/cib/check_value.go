package cib

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/playbook"
)

var (
	integer = regexp.MustCompile(`^[+-]?[0-9]+$`)
	number  = regexp.MustCompile(`^[+-]?[0-9]`)
)

// value finds what is obviously not of the type that the agent states. Agents
// are careless about types, so one whose own default does not fit is not
// believed.
func (c *checker) value(o playbook.Option, p Parameter, path string) {
	if o.Value.Secret != nil || o.Value.Text == "" {
		return
	}
	v, pos := o.Value.Text, o.Value.Pos
	if pos.Line == 0 {
		pos = o.Pos
	}
	trusted := func(ok func(string) bool) bool { return p.Default == "" || ok(p.Default) }
	switch p.Type {
	case "integer":
		isInt := func(s string) bool { return integer.MatchString(s) || s == "INFINITY" || s == "-INFINITY" }
		if !trusted(isInt) || isInt(v) {
			return
		}
		sev := diag.Error
		if number.MatchString(v) {
			sev = diag.Warning // 5s where seconds are meant: many agents take it
		}
		c.report(sev, pos, path, "", "%q is not an integer, which the agent expects for %s", v, o.Name)
	case "boolean":
		if trusted(isBool) && !isBool(v) {
			c.report(diag.Error, pos, path, "use true or false", "%q is not a boolean, which the agent expects for %s", v, o.Name)
		}
	case "time", "second", "timeout", "msec":
		if trusted(isTime) && !isTime(v) {
			c.report(diag.Error, pos, path, "use a number with a unit, such as 30s", "%q is not a time, which the agent expects for %s", v, o.Name)
		}
	case "select":
		if len(p.Enum) > 0 && !slices.Contains(p.Enum, v) {
			c.report(diag.Warning, pos, path, didYouMean(v, p.Enum), "%q is none of the values that the agent names for %s: %s",
				v, o.Name, strings.Join(p.Enum, ", "))
		}
	}
}

// isBool takes the words that Pacemaker and ocf_is_true take.
func isBool(s string) bool {
	switch strings.ToLower(s) {
	case "true", "false", "on", "off", "yes", "no", "y", "n", "1", "0":
		return true
	}
	return false
}

// isTime takes a number with a unit, and ISO 8601 durations such as PT1M.
func isTime(s string) bool {
	if _, ok := durationMs(s); ok {
		return true
	}
	return iso8601.MatchString(s)
}

var iso8601 = regexp.MustCompile(`^P(\d+[YMWD])*(T(\d+[HMS])+)?$`)

// opOptions are the attributes of an operation that pcs takes.
var opOptions = []string{"id", "description", "enabled", "interval", "interval-origin", "name", "on-fail", "record-pending", "role",
	"start-delay", "timeout", checkLevel}

var onFail = []string{"block", "demote", "fence", "ignore", "restart", "restart-container", "standby", "stop"}

func (c *checker) operation(o *playbook.Operation, a *Agent, path string) {
	if a != nil && !a.HasAction(o.Name) && o.Name != "monitor" {
		var known []string
		for _, x := range a.Actions {
			known = append(known, x.Name)
		}
		c.report(diag.Error, o.Pos, path, didYouMean(o.Name, known), "%s has no action %s", a.Name, o.Name)
	}
	for _, x := range o.Options {
		at, v := path+"."+x.Name, x.Value.Text
		pos := x.Value.Pos
		if pos.Line == 0 {
			pos = x.Pos
		}
		bad := func(format string, args ...any) { c.report(diag.Error, pos, at, "", format, args...) }
		switch x.Name {
		case "interval", "timeout", "start-delay":
			if !isTime(v) && !(x.Name == "timeout" && strings.EqualFold(v, "INFINITY")) {
				c.report(diag.Error, pos, at, "use a number with a unit, such as 30s", "%q is not a time", v)
			}
		case "role":
			if r := canonRole(v); !slices.Contains([]string{"Started", "Stopped", "Promoted", "Unpromoted"}, r) {
				bad("%q is not a role; roles are Promoted, Unpromoted, Started and Stopped", v)
			}
		case "on-fail":
			if !slices.Contains(onFail, v) {
				bad("%q is not a reaction to a failure; they are %s", v, strings.Join(onFail, ", "))
			}
		case "enabled", "record-pending":
			if !isBool(v) {
				bad("%q is not a boolean", v)
			}
		case checkLevel:
			if _, err := strconv.Atoi(v); err != nil {
				bad("%q is not a check level, which is a number", v)
			}
		default:
			if !slices.Contains(opOptions, x.Name) {
				c.report(diag.Error, x.Pos, at, didYouMean(x.Name, opOptions), "unknown option of an operation")
			}
		}
	}
	_, origin := o.Options.Get("interval-origin")
	_, delay := o.Options.Get("start-delay")
	if origin && delay {
		c.report(diag.Error, o.Pos, path, "", "interval-origin and start-delay cannot be used together")
	}
}

// metaNames are Pacemaker's meta attributes of resources and groups,
// cloneMetaNames those of clones besides.
var (
	metaNames = []string{"allow-migrate", "allow-unhealthy-nodes", "container-attribute-target", "critical", "failure-timeout",
		"is-managed", "maintenance", "migration-threshold", "multiple-active", "priority", "provides", "remote-addr",
		"remote-allow-migrate", "remote-connect-timeout", "remote-node", "remote-port", "requires", "resource-stickiness", "target-role"}
	cloneMetaNames = []string{"clone-max", "clone-min", "clone-node-max", "globally-unique", "interleave", "master-max", "master-node-max",
		"notify", "ordered", "promotable", "promoted-max", "promoted-node-max"}
)

// meta warns of names that Pacemaker does not know: it would ignore them
// without a word. Agents may read names of their own, so it is no error.
func (c *checker) meta(o playbook.Options, known []string, path string) {
	for _, x := range o {
		if slices.Contains(known, x.Name) {
			continue
		}
		if hint := didYouMean(x.Name, known); hint != "" {
			c.report(diag.Warning, x.Pos, path+"."+x.Name, hint, "Pacemaker knows no meta attribute of this name here and ignores it")
		}
	}
}

// didYouMean hints at the nearest of the names that exist, "" when none is near.
func didYouMean(name string, known []string) string {
	best, least := "", len(name)/3+1
	for _, k := range known {
		if d := distance(name, k); d <= least && (best == "" || d < least) {
			best, least = k, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("did you mean %q?", best)
}

// distance counts the edits (insert, delete, replace, swap of neighbours)
// between two words.
func distance(a, b string) int {
	prev2, prev := []int(nil), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur := make([]int, len(b)+1)
		cur[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				cur[j] = min(cur[j], prev2[j-2]+1)
			}
		}
		prev2, prev = prev, cur
	}
	return prev[len(b)]
}
