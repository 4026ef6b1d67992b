package agent

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/playbook"
)

// Filter chooses agents by name, whatever the case: a text that the name
// holds, or a pattern with * and ? for the whole name or for the type alone.
// The standard service, which only repeats systemd and lsb, is chosen when the
// filter begins with it.
type Filter struct {
	text    string // lower case
	pattern bool
	service bool
}

// NewFilter makes a filter; "" chooses every agent but services.
func NewFilter(text string) Filter {
	f := Filter{text: strings.ToLower(text)}
	f.pattern = strings.ContainsAny(text, "*?")
	f.service = strings.HasPrefix(f.text, "service:") || f.text == "service"
	if f.pattern { // nothing but * and ? is special
		f.text = strings.NewReplacer(`\`, `\\`, `[`, `\[`, "/", "\x01").Replace(f.text)
	}
	return f
}

// Match reports whether the filter chooses the agent.
func (f Filter) Match(agent string) bool {
	if strings.HasPrefix(agent, "service:") && !f.service {
		return false
	}
	name := strings.ToLower(agent)
	if !f.pattern {
		return strings.Contains(name, f.text)
	}
	name = strings.ReplaceAll(name, "/", "\x01") // path.Match keeps * within a folder
	whole, _ := path.Match(f.text, name)
	part, _ := path.Match(f.text, strings.ReplaceAll(strings.ToLower(playbook.ParseAgent(agent).Type), "/", "\x01"))
	return whole || part
}

// Find finds the agent that a name means: the name itself (also with the
// two colons of older releases, or in another case), else the only one of that
// type, where what Pacemaker has agents for (ocf, stonith) comes before units
// and scripts. Of several of them it returns none, and all in found.
func Find(name string, all []string) (agent string, found []string) {
	ref := playbook.ParseAgent(name)
	full := ref.String()
	if slices.Contains(all, full) {
		return full, nil
	}
	same := func(standards ...string) (found []string) {
		for _, a := range all {
			r := playbook.ParseAgent(a)
			if strings.EqualFold(a, full) || ref.Standard == "" && slices.Contains(standards, r.Standard) && strings.EqualFold(r.Type, name) {
				found = append(found, a)
			}
		}
		if exact := slices.DeleteFunc(slices.Clone(found), func(a string) bool { return playbook.ParseAgent(a).Type != ref.Type }); len(exact) > 0 {
			return exact
		}
		return found
	}
	for _, standards := range [][]string{{"ocf", "stonith", "nagios"}, {"systemd"}, {"lsb"}} {
		switch found := same(standards...); {
		case len(found) == 1:
			return found[0], nil
		case len(found) > 1:
			return "", found
		}
	}
	return "", nil
}

// Near are up to three agents whose name, or type, a name might have
// been meant to be, the nearest first.
func Near(name string, all []string) []string {
	const compared = 80 // a longer name is no slip of the pen
	word := strings.ToLower(strings.Trim(name, "*?"))
	if word == "" || len(word) > compared {
		return nil
	}
	typ := playbook.ParseAgent(word).Type
	type near struct {
		agent    string
		distance int
	}
	var found []near
	for _, a := range all {
		ref := playbook.ParseAgent(strings.ToLower(a))
		if ref.Standard == "service" || len(a) > compared {
			continue
		}
		d := min(diag.Distance(word, strings.ToLower(a)), diag.Distance(typ, ref.Type))
		if d <= max(1, len(typ)/3) {
			found = append(found, near{a, d})
		}
	}
	slices.SortStableFunc(found, func(a, b near) int { return cmp.Compare(a.distance, b.distance) })
	var out []string
	for _, n := range found[:min(3, len(found))] {
		out = append(out, n.agent)
	}
	return out
}
