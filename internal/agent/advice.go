package agent

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/playbook"
)

// Advice finds what the agents advise otherwise, and what may be right all the
// same: doubtful values, values that should be unique, timeouts below the least
// that makes sense, and instances of promotable clones that nobody watches. An
// agent without metadata advises nothing.
func Advice(p *playbook.Playbook, agents map[string]*Agent) []plan.Finding {
	var out []plan.Finding
	for _, d := range CheckOptions(p, agents) {
		if d.Severity == diag.Warning {
			out = append(out, plan.Finding{Code: "OPTION_VALUE_DOUBTFUL", Severity: plan.Warning, Message: d.Message + at(d.Pos), Fix: d.Hint})
		}
	}
	out = append(out, notUnique(p, agents)...)
	for _, r := range p.Primitives() {
		if a := agents[r.Ref().String()]; a != nil {
			out = append(out, shortTimeouts(r, a)...)
		}
	}
	for i := range p.Resources {
		if p.Resources[i].Promotable != nil {
			out = append(out, unwatched(&p.Resources[i])...)
		}
	}
	return out
}

// notUnique compares what several resources of one agent give for the parameters
// that have to be unique, alone or as a group; as pcs does, which refuses it.
func notUnique(p *playbook.Playbook, agents map[string]*Agent) (out []plan.Finding) {
	type key struct{ agent, group, values string }
	first := map[key]*playbook.Primitive{}
	for _, r := range p.Primitives() {
		name := r.Ref().String()
		a := agents[name]
		if a == nil {
			continue
		}
		for _, group := range uniqueGroups(a) {
			var values, names []string
			pos := r.Pos
			for _, param := range group.params {
				v, ok := r.Options.Get(param)
				if !ok || v.Secret != nil {
					values = append(values, "")
					continue
				}
				values, names, pos = append(values, v.Text), append(names, param), v.Pos
			}
			if len(names) == 0 {
				continue // their defaults: nobody has chosen them
			}
			k := key{name, group.name, strings.Join(values, "\x00")}
			other := first[k]
			if other == nil {
				first[k] = r
				continue
			}
			out = append(out, plan.Finding{Code: "OPTION_NOT_UNIQUE", Severity: plan.Warning, Object: r.ID,
				Message: fmt.Sprintf("%s has the same %s as %s%s, and %s says that each needs its own", r.ID, strings.Join(names, " and "), other.ID, at(pos), name),
				Fix:     "give each its own value, or keep one of the two"})
		}
	}
	return out
}

type uniqueGroup struct {
	name   string
	params []string
}

// uniqueGroups are the parameters of an agent that have to be unique together;
// one that is unique alone is a group of its own.
func uniqueGroups(a *Agent) (list []uniqueGroup) {
	for _, q := range a.Parameters {
		if !q.Unique {
			continue
		}
		name := q.UniqueGroup
		if name == "" {
			name = "\x00" + q.Name
		}
		i := slices.IndexFunc(list, func(g uniqueGroup) bool { return g.name == name })
		if i < 0 {
			i, list = len(list), append(list, uniqueGroup{name: name})
		}
		list[i].params = append(list[i].params, q.Name)
	}
	return list
}

// shortTimeouts holds the timeouts of operations against what the agent advises.
func shortTimeouts(r *playbook.Primitive, a *Agent) (out []plan.Finding) {
	for _, o := range r.Operations {
		v, given := o.Options.Get("timeout")
		role, _ := o.Options.Get("role")
		mine, ok := pacemaker.Milliseconds(v.Text)
		if !given || !ok {
			continue
		}
		for _, x := range a.Actions {
			least, ok := pacemaker.Milliseconds(x.Timeout)
			if x.Name != o.Name || !ok || mine >= least || x.Role != "" && role.Text != "" && pacemaker.Role(role.Text) != x.Role {
				continue
			}
			out = append(out, plan.Finding{Code: "OP_TIMEOUT_SHORT", Severity: plan.Warning, Object: r.ID,
				Message: fmt.Sprintf("the operation %s of %s may take %s%s, and %s advises %s at the least", o.Name, r.ID, v.Text, at(v.Pos), a.Name, x.Timeout),
				Fix:     "give it " + x.Timeout + " or more, or leave timeout out"})
			break
		}
	}
	return out
}

// unwatched finds promotable primitives with monitors of which none is for the
// promoted instance, or none for the others: one without a role is for those.
// Where no monitor is declared, those that the agent advises are taken.
func unwatched(r *playbook.Resource) (out []plan.Finding) {
	for _, p := range r.Primitives() {
		monitors, promoted, others := 0, false, false
		pos := p.Pos
		for _, o := range p.Operations {
			if o.Name != "monitor" {
				continue
			}
			if monitors++; monitors == 1 {
				pos = o.Pos
			}
			role, _ := o.Options.Get("role")
			switch pacemaker.Role(role.Text) {
			case "Promoted":
				promoted = true
			case "Stopped": // looks where the resource is not
			default:
				others = true
			}
		}
		if monitors > 0 && promoted && !others {
			out = append(out, plan.Finding{Code: "UNPROMOTED_UNWATCHED", Severity: plan.Warning, Object: p.ID,
				Message: fmt.Sprintf("every monitor of %s is for the role Promoted%s: nobody sees when an instance dies that is not promoted, and could not take over", p.ID, at(pos)),
				Fix:     "add {interval: 11s, role: Unpromoted}, or leave monitor out"})
		}
		if monitors == 0 || promoted {
			continue
		}
		out = append(out, plan.Finding{Code: "PROMOTED_NOT_MONITORED", Severity: plan.Warning, Object: p.ID,
			Message: fmt.Sprintf("%s can be promoted, and no monitor of it is for the role Promoted%s: nobody sees when the promoted instance dies", p.ID, at(pos)),
			Fix:     "add {interval: 11s, role: Promoted}, or leave monitor out"})
	}
	return out
}
