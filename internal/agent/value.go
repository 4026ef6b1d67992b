package agent

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/pacemaker"
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
		c.report(sev, pos, path, "use a whole number", "%q is not an integer, which the agent expects for %s", v, o.Name)
	case "boolean":
		if trusted(pacemaker.Bool) && !pacemaker.Bool(v) {
			c.report(diag.Error, pos, path, "use true or false", "%q is not a boolean, which the agent expects for %s", v, o.Name)
		}
	case "time", "second", "timeout", "msec":
		if trusted(pacemaker.Time) && !pacemaker.Time(v) {
			c.report(diag.Error, pos, path, "use a number with a unit, such as 30s", "%q is not a time, which the agent expects for %s", v, o.Name)
		}
	case "select":
		if len(p.Enum) > 0 && !slices.Contains(p.Enum, v) {
			hint := ""
			if near := diag.Closest(v, p.Enum); near != "" {
				hint = diag.DidYouMean(v, p.Enum)
			}
			c.report(diag.Warning, pos, path, hint, "%q is none of the values that the agent names for %s: %s",
				v, o.Name, strings.Join(p.Enum, ", "))
		}
	}
}

// operation refuses operations that the agent does not have. Monitor is asked
// of every agent.
func (c *checker) operation(o *playbook.Operation, a *Agent, path string) {
	if a.HasAction(o.Name) || o.Name == "monitor" {
		return
	}
	c.report(diag.Error, o.Pos, path+"."+o.Name, diag.DidYouMean(o.Name, actions(a)), "%s has no action %s", a.Name, o.Name)
}

// ignored finds slips in ignore_changes. A name that is near to none is taken
// as it is: it may be in the CIB although the agent does not know it.
func (c *checker) ignored(p *playbook.Primitive, a *Agent, params []Parameter, path string) {
	for i, g := range p.Ignored {
		known, what := names(params), "option"
		switch g.Part {
		case "meta":
			continue
		case "op":
			known, what = append(actions(a), "monitor"), "action"
		}
		if g.Name == "" || slices.Contains(known, g.Name) || diag.Closest(g.Name, known) == "" {
			continue
		}
		c.report(diag.Error, g.Pos, fmt.Sprintf("%s.ignore_changes[%d]", path, i), diag.DidYouMean(g.Name, known),
			"%s has no %s %s, so this matches nothing", a.Name, what, g.Name)
	}
}
