package cib

import (
	"cmp"

	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/playbook"
)

var colocations = &kind{
	word: "colocation constraint", section: "constraints", tag: "rsc_colocation",
	want:  wantColocations,
	match: alike(ends{"rsc", "with-rsc"}, "rsc", "with-rsc", "rsc-role", "with-rsc-role"), write: writeConstraint, pcs: pcsColocation,
	keeps: byTool, text: colocationText, autoID: colocationID, setsID: "colocation_set_", binds: bindColocation,
}

func wantColocations(b *builder, p *playbook.Playbook) (list []*object) {
	for _, c := range p.Constraints.Colocation {
		if len(c.Sets) > 0 {
			list = append(list, b.setConstraint(c.ID, c.Pos, c.Sets, nil, pair{name: "score", value: canonScore(c.Score)}))
			continue
		}
		role, with := pacemaker.Role(c.Role), pacemaker.Role(c.WithRole)
		// With one role given, pcs writes the other one too.
		if role != "" && with == "" {
			with = "Started"
		} else if with != "" && role == "" {
			role = "Started"
		}
		list = append(list, b.constraint(c.ID, c.Pos, c.Options, pair{name: "rsc", value: c.Resource}, pair{name: "with-rsc", value: c.With},
			pair{name: "score", value: canonScore(c.Score)}, pair{name: "rsc-role", value: role}, pair{name: "with-rsc-role", value: with}))
	}
	return list
}

func colocationID(get func(string) string) string {
	return sanitizeID("colocation-" + get("rsc") + "-" + get("with-rsc") + "-" + get("score"))
}

func pcsColocation(e *editor, w *object, x *etree.Element) string {
	if len(w.sets) > 0 {
		options := w.attrs
		if w.get("score") == "INFINITY" {
			options = nil // which is what pcs takes by itself
		}
		return pcsInstead(x) + e.pcsSets("colocation", w, options)
	}
	if e.want.dialect == pcs.Pcs012 && w.get("influence") != "" {
		return "" // not every pcs 0.12 takes it
	}
	end := func(role, rsc string) string {
		if r := w.get(role); r != "" && r != "Started" {
			return pacemaker.RoleFor(r, e.want.dialect.NewRoles()) + " " + w.get(rsc)
		}
		return w.get(rsc)
	}
	line := "pcs constraint colocation add " + end("rsc-role", "rsc") + " with " + end("with-rsc-role", "with-rsc")
	if score := w.get("score"); score != "INFINITY" { // which is what pcs takes by itself
		line += e.want.dialect.Score(score)
	}
	return pcsInstead(x) + pcsLine(line, w.withID(w.besides("rsc", "with-rsc", "rsc-role", "with-rsc-role", "score"))...)
}

// colocationText is a colocation as pcs lists it.
func colocationText(_ *editor, x *etree.Element) string {
	text := cmp.Or(setsText(x), roleText(x, "rsc-role", "rsc")+" with "+roleText(x, "with-rsc-role", "with-rsc"))
	return spaced(text, named(x, "score"), named(x, "node-attribute"))
}

func bindColocation(r reader, x *etree.Element) (list []Constraint) {
	// With node-attribute it is about racks or sites, not nodes.
	if cmp.Or(attr(x, "node-attribute"), "#uname") != "#uname" {
		return nil
	}
	base := r.base(x, Colocation)
	for _, with := range r.members(attr(x, "with-rsc")) {
		one := base
		one.With, one.WithRole = with, pacemaker.Role(attr(x, "with-rsc-role"))
		list = append(list, one)
	}
	return append(list, colocationSets(base, r.resourceSets(x))...)
}
