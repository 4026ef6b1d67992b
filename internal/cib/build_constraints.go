package cib

import (
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/playbook"
)

func (b *builder) constraints(c *playbook.Constraints) []*constraint {
	var list []*constraint
	add := func(tag, id string, pos diag.Pos, extra playbook.Options, attrs ...pair) {
		x := &constraint{tag: tag, id: id, at: pos.InFile()}
		for _, a := range attrs {
			if a.value != "" {
				x.attrs = append(x.attrs, a)
			}
		}
		for _, o := range b.pairs(extra) {
			switch {
			case o.name == "id" && x.id == "":
				x.id = o.value
			case o.name != "id" && x.get(o.name) == "":
				x.attrs = append(x.attrs, o)
			}
		}
		list = append(list, x)
	}
	for _, l := range c.Location {
		add("rsc_location", l.ID, l.Pos, l.Options, pair{name: "rsc", value: l.Resource}, pair{name: "node", value: l.Node},
			pair{name: "score", value: canonScore(l.Score)})
	}
	for _, l := range c.Colocation {
		role, with := pacemaker.Role(l.Role), pacemaker.Role(l.WithRole)
		// With one role given, pcs writes the other one too.
		if role != "" && with == "" {
			with = "Started"
		} else if with != "" && role == "" {
			role = "Started"
		}
		add("rsc_colocation", l.ID, l.Pos, l.Options, pair{name: "rsc", value: l.Resource}, pair{name: "with-rsc", value: l.With},
			pair{name: "score", value: canonScore(l.Score)}, pair{name: "rsc-role", value: role}, pair{name: "with-rsc-role", value: with})
	}
	for _, o := range c.Order {
		first, then := o.FirstAction, o.ThenAction
		if first == "" {
			first = "start"
		}
		if then == "" {
			then = "start"
		}
		add("rsc_order", o.ID, o.Pos, o.Options, pair{name: "first", value: o.First}, pair{name: "then", value: o.Then},
			pair{name: "first-action", value: first}, pair{name: "then-action", value: then})
	}
	return list
}

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
