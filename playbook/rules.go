package playbook

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// rule judges the text of a value: "" when it will do, else what is wrong.
type rule func(text string) string

// rules are the rules of options by name.
type rules map[string]rule

// check applies rules; names without one pass.
func (l *loader) check(options Options, path yamldoc.Path, r rules) {
	for _, o := range options {
		judge := r[o.Name]
		if judge == nil || o.Value.Secret != nil {
			continue
		}
		if complaint := judge(o.Value.Text); complaint != "" {
			l.errorAt(o.Value.Pos, path.Key(o.Name), "", "%s", complaint)
		}
	}
}

// checkAll applies rules, and refuses names without one. What says whose
// option it is: "option of totem".
func (l *loader) checkAll(options Options, path yamldoc.Path, r rules, what string) {
	names := r.names()
	for _, o := range options {
		if _, known := r[o.Name]; !known {
			l.errorAt(o.Pos, path.Key(o.Name), diag.DidYouMean(o.Name, names), "unknown %s %q", what, o.Name)
		}
	}
	l.check(options, path, r)
}

func (r rules) names() []string {
	var out []string
	for name := range r {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

func oneOf(values ...string) rule {
	return func(text string) string {
		if slices.Contains(values, text) {
			return ""
		}
		return fmt.Sprintf("must be %s, not %s", orList(values), quote(text))
	}
}

func orList(values []string) string {
	if len(values) == 1 {
		return values[0]
	}
	return strings.Join(values[:len(values)-1], ", ") + " or " + values[len(values)-1]
}

func number(low, high int64) rule {
	return func(text string) string {
		n, err := strconv.ParseInt(text, 10, 64)
		switch {
		case err != nil || strings.HasPrefix(text, "+"):
			return fmt.Sprintf("must be a whole number, not %s", quote(text))
		case n < low || n > high:
			return fmt.Sprintf("must be from %d to %d, not %d", low, high, n)
		}
		return ""
	}
}

const maxInt = 1<<31 - 1

func notEmpty(text string) string {
	if text == "" {
		return "is empty"
	}
	return ""
}

func duration(text string) string {
	if _, err := ParseDuration(text); err != nil {
		return fmt.Sprintf("%s %v", quote(text), err)
	}
	return ""
}

func interval(text string) string {
	if _, err := ParseInterval(text); err != nil {
		return fmt.Sprintf("%s %v", quote(text), err)
	}
	return ""
}

func boolean(text string) string {
	if pacemaker.Bool(text) {
		return ""
	}
	return fmt.Sprintf("must be true or false, not %s", quote(text))
}

var scoreText = regexp.MustCompile(`^[+-]?(INFINITY|[0-9]+)$`)

func score(text string) string {
	if scoreText.MatchString(text) {
		return ""
	}
	return fmt.Sprintf("must be a whole number, INFINITY or -INFINITY, not %s", quote(text))
}

var (
	roles = []string{"Started", "Stopped", "Promoted", "Unpromoted"}

	// metaRules are the meta attributes of resources whose values Pacemaker
	// would silently ignore when they are wrong.
	metaRules = rules{
		"allow-migrate": boolean, "allow-unhealthy-nodes": boolean, "critical": boolean,
		"failure-timeout": interval, "is-managed": boolean, "maintenance": boolean,
		"migration-threshold": score,
		"multiple-active":     oneOf("block", "stop_only", "stop_start", "stop_unexpected"),
		"priority":            score,
		"requires":            oneOf("nothing", "quorum", "fencing", "unfencing"),
		"resource-stickiness": score,
		"target-role":         role,
		"clone-max":           number(0, maxInt), "clone-node-max": number(0, maxInt), "clone-min": number(0, maxInt),
		"promoted-max": number(0, maxInt), "promoted-node-max": number(0, maxInt),
		"globally-unique": boolean, "interleave": boolean, "notify": boolean, "ordered": boolean, "promotable": boolean,
	}

	// operationRules are all options that an operation may have (those of
	// pcs).
	operationRules = rules{
		"description": func(string) string { return "" },
		"enabled":     boolean, "record-pending": boolean,
		"interval": interval, "start-delay": interval, "interval-origin": notEmpty,
		"timeout":         duration,
		"on-fail":         oneOf("ignore", "block", "demote", "stop", "restart", "standby", "fence", "restart-container"),
		"role":            role,
		"OCF_CHECK_LEVEL": number(0, maxInt),
	}
)

// role wants the present names of roles; the old ones are said in the new.
func role(text string) string {
	renamed := map[string]string{"Master": "Promoted", "Slave": "Unpromoted"}
	if now := renamed[text]; now != "" {
		return fmt.Sprintf("must be %s: Pacemaker has renamed %s", now, text)
	}
	return oneOf(roles...)(text)
}
