package agent

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/playbook"
)

// Options are the agent's parameters as a playbook may give them, required ones
// first. They are judged as CheckOptions does: a fence agent's port and action
// come from the fencer, so the one is never required and the other no option.
func (a *Agent) Options() []Parameter {
	params := slices.Clone(a.Parameters)
	if a.stonith() {
		own := len(params)
		params = stonithParameters(params)
		params = slices.DeleteFunc(params, func(p Parameter) bool {
			_, is := a.Parameter(p.Name)
			return !is || p.Name == "action"
		})
		params = params[:min(own, len(params))]
	}
	for i := range params {
		params[i].Required = params[i].Required && !params[i].Deprecated
	}
	slices.SortStableFunc(params, func(x, y Parameter) int {
		switch {
		case x.Required == y.Required:
			return 0
		case x.Required:
			return -1
		}
		return 1
	})
	return params
}

func (a *Agent) stonith() bool { return playbook.ParseAgent(a.Name).Standard == "stonith" }

// Differences say, one a line, how another version of the agent differs from
// a: what it lacks, has beside, or says otherwise.
func (a *Agent) Differences(other *Agent) []string {
	var out []string
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	differ := func(what, here, there string) {
		if here != there {
			say("%s is %s, not %s", what, cmp.Or(there, "none"), cmp.Or(here, "none"))
		}
	}
	differ("the OCF version", a.OCF, other.OCF)
	texts := a.ShortDesc != other.ShortDesc || a.LongDesc != other.LongDesc
	for _, p := range a.Parameters {
		q, ok := other.Parameter(p.Name)
		if !ok {
			say("no option %s", p.Name)
			continue
		}
		what := "of option " + p.Name
		differ("the type "+what, p.Type, q.Type)
		differ("the default "+what, p.Default, q.Default)
		differ("the choice "+what, strings.Join(p.Enum, ", "), strings.Join(q.Enum, ", "))
		for _, flag := range []struct {
			name        string
			here, there bool
		}{{"required", p.Required, q.Required}, {"unique", p.Unique, q.Unique}, {"reloadable", p.Reloadable, q.Reloadable},
			{"advanced", p.Advanced, q.Advanced}, {"deprecated", p.Deprecated, q.Deprecated}} {
			switch {
			case flag.there && !flag.here:
				say("option %s is %s", p.Name, flag.name)
			case flag.here && !flag.there:
				say("option %s is not %s", p.Name, flag.name)
			}
		}
		differ("the replacement "+what, strings.Join(p.DeprecatedBy, ", "), strings.Join(q.DeprecatedBy, ", "))
		texts = texts || p.ShortDesc != q.ShortDesc || p.LongDesc != q.LongDesc
	}
	for _, q := range other.Parameters {
		if _, ok := a.Parameter(q.Name); !ok {
			say("one more option: %s", q.Name)
		}
	}
	out = append(out, actionDifferences(a.Actions, other.Actions)...)
	if texts {
		say("other descriptions")
	}
	return out
}

// actionDifferences pair the actions of one name, role and depth in their order.
func actionDifferences(here, there []Action) (out []string) {
	name := func(x Action) string {
		words := []string{x.Name}
		for _, w := range []string{x.Role, x.Depth} {
			if w != "" && w != "0" {
				words = append(words, w)
			}
		}
		return strings.Join(words, " ")
	}
	left := slices.Clone(there)
	for _, x := range here {
		i := slices.IndexFunc(left, func(y Action) bool { return name(y) == name(x) })
		if i < 0 {
			out = append(out, "no action "+name(x))
			continue
		}
		y := left[i]
		left = slices.Delete(left, i, i+1)
		for _, v := range [][3]string{{"timeout", x.Timeout, y.Timeout}, {"interval", x.Interval, y.Interval}, {"start-delay", x.StartDelay, y.StartDelay}} {
			if inSeconds(v[1]) != inSeconds(v[2]) {
				out = append(out, fmt.Sprintf("the %s of action %s is %s, not %s", v[0], name(x), cmp.Or(v[2], "none"), cmp.Or(v[1], "none")))
			}
		}
	}
	for _, y := range left {
		out = append(out, "one more action: "+name(y))
	}
	return out
}

// inSeconds gives a bare number its unit.
func inSeconds(s string) string {
	switch {
	case s == "" || s == "0" || s == "0s":
		return ""
	case strings.Trim(s, "0123456789") == "":
		return s + "s"
	}
	return s
}
