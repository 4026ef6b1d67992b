package cib

import (
	"regexp"
	"strings"

	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/playbook"
)

var locations = &kind{
	word: "location constraint", section: "constraints", tag: "rsc_location",
	want:  wantLocations,
	match: alike(ends{"rsc", "node"}, "rsc", "node"), write: writeConstraint, pcs: pcsLocation,
	keeps: byTool, text: locationText, autoID: locationID, binds: bindLocation,
}

func wantLocations(b *builder, p *playbook.Playbook) (list []*object) {
	for _, l := range p.Constraints.Location {
		list = append(list, b.constraint(l.ID, l.Pos, l.Options, pair{name: "rsc", value: l.Resource}, pair{name: "node", value: l.Node},
			pair{name: "score", value: canonScore(l.Score)}))
	}
	return list
}

func locationID(get func(string) string) string {
	return sanitizeID("location-" + get("rsc") + "-" + get("node") + "-" + get("score"))
}

func pcsLocation(e *editor, w *object, x *etree.Element) string {
	rsc, node, score, rest := w.get("rsc"), w.get("node"), w.get("score"), w.besides("rsc", "node", "score")
	if w.id == "" && len(rest) == 0 {
		verb := " prefers "
		if s, ok := strings.CutPrefix(score, "-"); ok {
			verb, score = " avoids ", s
		}
		if score != "INFINITY" {
			node += "=" + score
		}
		return pcsInstead(x) + "pcs constraint location " + rsc + verb + shellWord(node)
	}
	id := w.id
	if id == "" {
		id = locationID(w.get)
	}
	line := "pcs constraint location add " + id + " " + rsc + " " + shellWord(node)
	return pcsInstead(x) + pcsLine(line+e.want.dialect.Score(score), rest...)
}

// locationText is a location as pcs lists it.
func locationText(_ *editor, x *etree.Element) string {
	who := spaced(attr(x, "rsc"), setsText(x))
	if p := attr(x, "rsc-pattern"); p != "" {
		who = "pattern " + p
	}
	if rules := children(x, "rule"); len(rules) > 0 {
		for _, r := range rules {
			who += " rule " + spaced(named(r, "score"), named(r, "score-attribute"), named(r, "role"), ruleText(r, false))
		}
		return who
	}
	verb, score := " prefers ", attr(x, "score")
	if s, minus := strings.CutPrefix(score, "-"); minus {
		verb, score = " avoids ", s
	}
	node := attr(x, "node")
	if score != "INFINITY" && score != "" {
		node += "=" + score
	}
	return spaced(who+verb+node, named(x, "role"), named(x, "resource-discovery"))
}

// bindLocation makes one of each rule and set, or one.
func bindLocation(r reader, x *etree.Element) (list []Constraint) {
	base := r.base(x, Location)
	base.Node, base.Role = attr(x, "node"), pacemaker.Role(attr(x, "role"))
	if p := attr(x, "rsc-pattern"); p != "" {
		// POSIX extended there; what Go does not take binds nothing here.
		base.Pattern, _ = regexp.Compile(p)
	}
	sets := r.resourceSets(x)
	rules := children(x, "rule")
	if len(rules) == 0 {
		return bindOnly(base, sets)
	}
	for _, rule := range rules {
		one := base
		one.Score, _ = pacemaker.Score(attr(rule, "score"))
		if role := attr(rule, "role"); role != "" {
			one.Role = pacemaker.Role(role)
		}
		one.Rule = ruleText(rule, false)
		list = append(list, bindOnly(one, sets)...)
	}
	return list
}
