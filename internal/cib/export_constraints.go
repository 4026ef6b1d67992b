package cib

import (
	"cmp"
	"slices"
	"strings"

	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/internal/yamlout"
)

// constraints are those of each kind, in the order in which they stand.
func (x *exporter) constraints() *yamlout.Node {
	m := yamlout.NewMap()
	for _, c := range []struct {
		key  string
		kind *kind
		say  func(c *etree.Element) *yamlout.Map
	}{
		{"location", locations, x.location}, {"colocation", colocations, x.colocation},
		{"order", orders, x.order}, {"ticket", tickets, x.ticket},
	} {
		var list []*yamlout.Node
		for _, y := range children(x.cfg.SelectElement("constraints"), c.kind.tag) {
			one := c.say(y)
			if one == nil {
				continue
			}
			// An id that pcs would make is not worth a word.
			id := ""
			if attr(y, "id") != x.madeID(c.kind, y) {
				id = attr(y, "id")
			}
			node := yamlout.NewMap().SetText("id", id).Append(one).Node()
			if byTool(y) {
				yamlout.Comment(node, "Left over from pcs resource move or ban (pcs resource clear "+cmp.Or(attr(y, "rsc"), "RESOURCE")+" removes it): remove it here too, unless it is meant.")
			}
			list = append(list, node)
		}
		m.Set(c.key, yamlout.List(list...))
	}
	return m.Node()
}

// madeID is the id that pcs would give to a constraint.
func (x *exporter) madeID(k *kind, y *etree.Element) string {
	if k == locations {
		get := locationGetter(y)
		return locationID(func(name string) string {
			if name == "score" {
				return canonScore(get(name))
			}
			return get(name)
		})
	}
	c := y.Copy()
	if k == colocations && len(c.ChildElements()) == 0 {
		c.CreateAttr("score", canonScore(attr(c, "score")))
	}
	return autoID(k, c)
}

// score adds a score that is not the default.
func score(m *yamlout.Map, x *etree.Element) {
	if s := canonScore(attr(x, "score")); s != "INFINITY" {
		m.SetText("score", s)
	}
}

// role adds a role in today's words.
func role(m *yamlout.Map, key, value string) {
	if value != "" {
		m.SetText(key, pacemaker.Role(value))
	}
}

// rest adds the attributes that are none of the named ones.
func rest(m *yamlout.Map, x *etree.Element, known ...string) {
	options := yamlout.NewMap()
	for _, a := range x.Attr {
		if a.Key != "id" && !slices.Contains(known, a.Key) {
			options.Set(a.Key, text(a.Value))
		}
	}
	m.Set("options", options.Node())
}

func (x *exporter) location(c *etree.Element) *yamlout.Map {
	if !declarable(c) {
		return nil
	}
	m := yamlout.NewMap().SetText("resource", attr(c, "rsc")).SetText("resource_pattern", attr(c, "rsc-pattern")).SetText("node", attr(c, "node"))
	if list := children(c, "rule"); len(list) > 1 {
		var rules []*yamlout.Node
		for _, r := range list {
			one := yamlout.NewMap().Set("rule", text(ruleText(r)))
			x.ruleScore(one, r)
			role(one, "role", attr(r, "role"))
			rules = append(rules, one.Node())
		}
		m.Set("rules", yamlout.List(rules...))
		rest(m, c, "rsc", "rsc-pattern")
		return m
	}
	on := c
	if r := c.SelectElement("rule"); r != nil {
		on = r
		m.Set("rule", text(ruleText(r)))
	}
	x.ruleScore(m, on)
	role(m, "role", cmp.Or(attr(on, "role"), attr(c, "role")))
	rest(m, c, "rsc", "rsc-pattern", "node", "score", "role")
	return m
}

// ruleScore is the score of a location, or the attribute that holds it.
func (x *exporter) ruleScore(m *yamlout.Map, on *etree.Element) {
	if a := attr(on, "score-attribute"); a != "" {
		m.SetText("score_attribute", a)
		return
	}
	score(m, on)
}

func (x *exporter) colocation(c *etree.Element) *yamlout.Map {
	m := yamlout.NewMap()
	if onlySets(c) {
		m.Set("sets", x.sets(c))
		score(m, c)
		return m
	}
	if len(c.ChildElements()) > 0 {
		return nil
	}
	own, with := pacemaker.Role(attr(c, "rsc-role")), pacemaker.Role(attr(c, "with-rsc-role"))
	switch { // with one role given, pcs writes the other one too
	case own == "Started" && with != "" && with != "Started":
		own = ""
	case with == "Started" && own != "" && own != "Started":
		with = ""
	}
	m.SetText("resource", attr(c, "rsc")).SetText("role", own).SetText("with", attr(c, "with-rsc")).SetText("with_role", with)
	score(m, c)
	rest(m, c, "rsc", "with-rsc", "rsc-role", "with-rsc-role", "score")
	return m
}

func (x *exporter) order(c *etree.Element) *yamlout.Map {
	m := yamlout.NewMap()
	switch {
	case onlySets(c):
		m.Set("sets", x.sets(c))
	case len(c.ChildElements()) > 0:
		return nil
	default:
		first, then := orderActions(c)
		m.SetText("first", attr(c, "first"))
		if first != "start" {
			m.SetText("first_action", first)
		}
		m.SetText("then", attr(c, "then"))
		if then != "start" {
			m.SetText("then_action", then)
		}
	}
	kind := attr(c, "kind")
	if n, ok := pacemaker.Score(attr(c, "score")); ok && kind == "" && hasAttr(c, "score") && n <= 0 {
		kind = "Optional" // what an order without a kind meant before there were kinds
	}
	if kind != "" && !strings.EqualFold(kind, "Mandatory") {
		m.SetText("kind", kind)
	} else if kind != "" {
		m.SetText("kind", kind)
	}
	for _, a := range []struct{ key, name string }{{"symmetrical", "symmetrical"}, {"require_all", "require-all"}} {
		if v := attr(c, a.name); v != "" {
			m.Set(a.key, text(v))
		}
	}
	return m
}

func (x *exporter) ticket(c *etree.Element) *yamlout.Map {
	m := yamlout.NewMap().SetText("ticket", attr(c, "ticket"))
	switch {
	case onlySets(c):
		m.Set("sets", x.sets(c))
	case len(c.ChildElements()) > 0:
		return nil
	default:
		m.SetText("resource", attr(c, "rsc"))
		role(m, "role", attr(c, "rsc-role"))
	}
	return m.SetText("loss_policy", attr(c, "loss-policy"))
}

// sets are the resource sets of a constraint.
func (x *exporter) sets(c *etree.Element) *yamlout.Node {
	var list []*yamlout.Node
	for _, s := range children(c, "resource_set") {
		var ids []string
		for _, ref := range children(s, "resource_ref") {
			ids = append(ids, attr(ref, "id"))
		}
		m := yamlout.NewMap().Set("resources", yamlout.Texts(ids...))
		for _, a := range s.Attr {
			switch a.Key {
			case "id":
			case "role":
				m.SetText("role", pacemaker.Role(a.Value))
			default:
				m.Set(strings.ReplaceAll(a.Key, "-", "_"), text(a.Value))
			}
		}
		list = append(list, m.Node())
	}
	return yamlout.List(list...)
}
