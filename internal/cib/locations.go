package cib

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/playbook"
)

// locations bind resources to nodes, or to all nodes for which a rule holds.
var locations = &kind{
	word: "location constraint", section: "constraints", tag: "rsc_location",
	want: wantLocations, match: matchLocations, write: writeLocation, pcs: pcsLocation,
	keeps: byTool, text: locationText, autoID: locationID, binds: bindLocation,
}

func wantLocations(b *builder, p *playbook.Playbook) (list []*object) {
	for _, l := range p.Constraints.Location {
		attrs := []pair{{name: "rsc", value: l.Resource}, {name: "rsc-pattern", value: l.Pattern}, {name: "node", value: l.Node}, {name: "role", value: pacemaker.Role(l.Role)}}
		if l.Score != "" {
			attrs = append(attrs, pair{name: "score", value: canonScore(l.Score)})
		}
		if l.Rule != nil {
			attrs = append(attrs, pair{name: "score-attribute", value: l.Rule.ScoreAttribute})
		}
		w := b.constraint(l.ID, l.Pos, l.Options, attrs...)
		if l.Rule != nil {
			w.rule = &l.Rule.Rule
		}
		for i := range l.Rules {
			r := &l.Rules[i]
			part := ruledPart{rule: &r.Rule}
			for _, a := range []pair{{name: "role", value: pacemaker.Role(r.Role)}, {name: "score-attribute", value: r.ScoreAttribute}} {
				if a.value != "" {
					part.attrs = append(part.attrs, a)
				}
			}
			if r.ScoreAttribute == "" {
				part.attrs = append(part.attrs, pair{name: "score", value: canonScore(r.Score)})
			}
			w.rules = append(w.rules, part)
		}
		list = append(list, w)
	}
	return list
}

// locationGetter reads a live location, what stands in its rule too.
func locationGetter(x *etree.Element) func(string) string {
	r := x.SelectElement("rule")
	several := len(children(x, "rule")) > 1
	return func(name string) string {
		switch {
		case several && name == "rule":
			return rulesText(x)
		case several && slices.Contains(ofRule, name):
			return attr(x, name)
		case name == "rule" && r != nil:
			return ruleText(r)
		case name == "rule":
			return ""
		case r != nil && slices.Contains(ofRule, name):
			return attr(r, name)
		}
		return attr(x, name)
	}
}

// locationOf is the same of a wanted one.
func locationOf(w *object) func(string) string {
	return func(name string) string {
		switch {
		case name == "rule" && w.rule != nil:
			return w.rule.String()
		case name == "rule" && w.rules != nil:
			return rulesText(w.element())
		}
		return w.get(name)
	}
}

// rulesText are several rules, each with its score and role.
func rulesText(x *etree.Element) string {
	var list []string
	for _, r := range children(x, "rule") {
		score := ""
		if !hasAttr(r, "score-attribute") {
			score = "score=" + canonScore(attr(r, "score"))
		}
		role := canonAttr("role", attr(r, "role"), nil)
		if role != "" {
			role = "role=" + role
		}
		list = append(list, "rule "+spaced(score, named(r, "score-attribute"), role, ruleText(r)))
	}
	return strings.Join(list, " ")
}

// declarable reports whether a live location has a form that the playbook
// knows: for a node, or by one rule.
func declarable(x *etree.Element) bool {
	kids := x.ChildElements()
	if attr(x, "rsc") == "" && attr(x, "rsc-pattern") == "" || hasAttr(x, "lifetime") {
		return false
	}
	if len(kids) == 0 {
		return attr(x, "node") != ""
	}
	return attr(x, "node") == "" && !slices.ContainsFunc(kids, func(r *etree.Element) bool { return r.Tag != "rule" || hasAttr(r, "id-ref") })
}

// matchLocations finds for each declared location the live one that it stands
// for: by id, then one that says the same, then one for the same node or by the
// same rule, then one by another rule.
func matchLocations(e *editor, k *kind, want []*object) []*etree.Element {
	out := byID(e, k, want)
	matched := map[*etree.Element]bool{}
	for i, x := range out {
		if x != nil && !declarable(x) {
			e.taken(want[i], x)
			out[i] = nil
		}
		matched[x] = true
	}
	var live []*etree.Element
	for _, x := range e.elements(k.section) {
		if x.Tag == k.tag && declarable(x) && !k.keeps(x) {
			live = append(live, x)
		}
	}
	who := []string{"rsc", "rsc-pattern"}
	for _, names := range [][]string{
		append(slices.Clone(who), "node", "rule", "role", "score", "score-attribute", "resource-discovery"),
		append(slices.Clone(who), "node", "rule", "role"),
		append(slices.Clone(who), "node", "rule"),
		append(slices.Clone(who), "node"),
	} {
		for i, w := range want {
			for _, x := range live {
				rules := (w.rule != nil || w.rules != nil) == (len(x.ChildElements()) > 0)
				if out[i] == nil && !matched[x] && rules && sameAttrs(names, locationOf(w), locationGetter(x)) {
					out[i], matched[x] = x, true
				}
			}
		}
	}
	return out
}

func writeLocation(e *editor, w *object, x *etree.Element, c *plan.Change) {
	made := x == nil
	if made {
		id := w.id
		if id == "" {
			id = locationID(locationOf(w))
		}
		x = e.make(w, id)
	}
	e.managed[x] = true
	was := x.Copy()
	is, before := locationOf(w), locationGetter(was)
	for _, name := range []string{"rsc", "rsc-pattern", "node", "rule", "role", "score", "score-attribute", "resource-discovery"} {
		if a, b := before(name), is(name); made && b != "" || !made && !sameAttrs([]string{name}, is, before) {
			c.Diffs = append(c.Diffs, diff(name, a, b, a != "", b != "", false))
		}
	}
	if len(c.Diffs) == 0 {
		return
	}
	// Nothing of the old is left: what was only the default said aloud may
	// contradict the new.
	id := attr(x, "id")
	for _, y := range x.ChildElements() {
		e.drop(y)
	}
	x.Attr = nil
	x.CreateAttr("id", id)
	on := x
	for _, a := range w.attrs {
		if w.rule == nil || !slices.Contains(ofRule, a.name) {
			x.CreateAttr(a.name, a.value)
		}
	}
	switch {
	case made:
	case w.id != "" && w.id != id:
		c.Diffs = append(c.Diffs, plan.Changes("id", id, w.id))
		e.setID(x, w.id)
	case w.id == "" && id == locationID(before):
		// An id that tells the score is not left telling the old one.
		e.setID(x, locationID(is))
	}
	if w.rule != nil {
		on = e.writeRule(x, w.rule)
		for _, a := range w.attrs {
			if slices.Contains(ofRule, a.name) {
				on.CreateAttr(a.name, a.value)
			}
		}
	}
	e.roleIn(on)
	for _, p := range w.rules {
		r := e.writeRule(x, p.rule)
		for _, a := range p.attrs {
			r.CreateAttr(a.name, a.value)
		}
		e.roleIn(r)
	}
	c.ID = attr(x, "id")
}

// roleIn writes the role of a location, or of its rule, in the words of the CIB's
// schema.
func (e *editor) roleIn(x *etree.Element) {
	role := attr(x, "role")
	if role == "" {
		return
	}
	role = pacemaker.RoleFor(role, e.roles)
	if x.Tag == "rule" && !e.want.dialect.NewRoles() {
		role = strings.ToLower(role) // as pcs 0.10 takes and writes it
	}
	x.CreateAttr("role", role)
}

// locationID is the id of pcs.
func locationID(get func(string) string) string {
	id := "location-" + cmp.Or(get("rsc"), get("rsc-pattern"))
	if get("rule") == "" {
		id += "-" + get("node") + "-" + get("score")
	}
	return sanitizeID(id)
}

func pcsLocation(e *editor, w *object, x *etree.Element) string {
	who := w.get("rsc")
	if p := w.get("rsc-pattern"); p != "" {
		who = shellWord("regexp%" + p)
	}
	if w.rule != nil {
		if line := e.pcsLocationRule(w, who); line != "" {
			return pcsInstead(x) + line
		}
		return ""
	}
	if w.rules != nil {
		return "" // not every pcs takes several
	}
	node, score, rest := w.get("node"), w.get("score"), w.besides("rsc", "rsc-pattern", "node", "score")
	if w.get("role") != "" {
		return "" // pcs knows a role only with a rule
	}
	if w.id == "" && len(rest) == 0 {
		verb := " prefers "
		if s, ok := strings.CutPrefix(score, "-"); ok {
			verb, score = " avoids ", s
		}
		if score != "INFINITY" {
			node += "=" + score
		}
		return pcsInstead(x) + "pcs constraint location " + who + verb + shellWord(node)
	}
	id := w.id
	if id == "" {
		id = locationID(w.get)
	}
	line := "pcs constraint location add " + id + " " + who + " " + shellWord(node)
	return pcsInstead(x) + pcsLine(line+e.want.dialect.Score(score), rest...)
}

// pcsLocationRule is the command for a location by a rule.
func (e *editor) pcsLocationRule(w *object, who string) string {
	if !pcsTakesRule(w.rule, e.want.dialect) {
		return ""
	}
	var options []pair
	if w.id != "" {
		options = append(options, pair{name: "constraint-id", value: w.id})
	}
	for _, a := range w.besides("rsc", "rsc-pattern") {
		switch {
		case a.name == "role" && a.value == "Started", a.name == "role" && a.value == "Unpromoted" && e.want.dialect == pcs.Pcs012:
			return "" // pcs does not take it
		case a.name == "role" && !e.want.dialect.NewRoles():
			a.value = strings.ToLower(pacemaker.RoleFor(a.value, false))
		case a.name == "score" && a.value == "INFINITY":
			continue // which is what pcs takes by itself
		}
		options = append(options, a)
	}
	line := pcsLine("pcs constraint location "+who+" rule", options...)
	return line + e.ruleWords(w.rule)
}

// locationText is a location as pcs lists it.
func locationText(_ *editor, x *etree.Element) string {
	who := spaced(attr(x, "rsc"), setsText(x))
	if p := attr(x, "rsc-pattern"); p != "" {
		who = "pattern " + p
	}
	if rules := children(x, "rule"); len(rules) > 0 {
		for _, r := range rules {
			who += " rule " + spaced(named(r, "score"), named(r, "score-attribute"), named(r, "role"), ruleText(r))
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
		one.Rule = ruleText(rule)
		list = append(list, bindOnly(one, sets)...)
	}
	return list
}
