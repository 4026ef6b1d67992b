package cib

import (
	"regexp"
	"slices"
	"strings"

	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/internal/pacemaker"
)

// Infinity is the score beyond which nothing counts: Pacemaker's INFINITY.
const Infinity = pacemaker.Infinity

// Constraint kinds.
const (
	Location   = "location"
	Colocation = "colocation"
	Order      = "order"
	Ticket     = "ticket"
)

// Score reads a score as Pacemaker does; what is none counts as 0.
func Score(text string) float64 {
	n, _ := pacemaker.Score(text)
	return n
}

// Constraint is one constraint of the live CIB, whoever made it; a location
// with several rules is one for each, and one with resource sets is one for
// each pair that it binds.
type Constraint struct {
	Kind string // Location, Colocation, Order or Ticket
	ID   string
	// Resources are whom it binds: the dependent of a colocation, the "then"
	// of an order. A tag stands as its members. Empty with Pattern.
	Resources []string
	Pattern   *regexp.Regexp // of a location that names resources by rsc-pattern
	Role      string         // Promoted, Unpromoted, Started; "" any
	Score     float64        // at most Infinity

	Node string // of a location; "" with a Rule
	Rule string // when it holds, in the words of pcs: "#uname eq n1"; "" always

	With     string // of a colocation
	WithRole string

	First                   []string // of an order: any of them is enough
	FirstAction, ThenAction string
	Symmetrical             bool // it holds for stopping as well

	TicketID string
}

// ByHand reports whether pcs resource move or ban, or crm_resource, left it.
func (c *Constraint) ByHand() bool {
	return strings.HasPrefix(c.ID, "cli-ban-") || strings.HasPrefix(c.ID, "cli-prefer-") || strings.HasPrefix(c.ID, "cli-standby-")
}

// Binds reports whether it holds for any of the ids: a primitive and what it
// is in.
func (c *Constraint) Binds(ids []string) bool {
	return slices.ContainsFunc(ids, func(id string) bool {
		return slices.Contains(c.Resources, id) || c.Pattern != nil && c.Pattern.MatchString(id)
	})
}

// Constraints lists all constraints in the document's order.
func (c *CIB) Constraints() []Constraint {
	section := c.section("constraints")
	if section == nil {
		return nil
	}
	tags := c.tags()
	var list []Constraint
	for _, e := range section.ChildElements() {
		base := Constraint{ID: attr(e, "id"), Resources: tags.members(attr(e, "rsc")), Role: pacemaker.Role(attr(e, "rsc-role")), Symmetrical: true}
		base.Score, _ = pacemaker.Score(attr(e, "score"))
		sets := c.resourceSets(e, tags)
		switch e.Tag {
		case "rsc_location":
			list = append(list, locations(e, base, sets)...)
		case "rsc_colocation":
			base.Kind = Colocation
			// With node-attribute it is about racks or sites, not nodes.
			if orElse(attr(e, "node-attribute"), "#uname") != "#uname" {
				continue
			}
			for _, with := range tags.members(attr(e, "with-rsc")) {
				one := base
				one.With, one.WithRole = with, pacemaker.Role(attr(e, "with-rsc-role"))
				list = append(list, one)
			}
			list = append(list, colocationSets(base, sets)...)
		case "rsc_order":
			base.Kind = Order
			base.Symmetrical = attr(e, "symmetrical") != "false"
			switch kind := attr(e, "kind"); {
			case strings.EqualFold(kind, "Mandatory"), kind == "" && !hasAttr(e, "score"), kind == "" && base.Score > 0:
				base.Score = Infinity
			default:
				base.Score = 0
			}
			for _, first := range tags.members(attr(e, "first")) {
				one := base
				one.Resources, one.First = tags.members(attr(e, "then")), []string{first}
				one.FirstAction = orElse(attr(e, "first-action"), "start")
				one.ThenAction = orElse(attr(e, "then-action"), one.FirstAction)
				list = append(list, one)
			}
			list = append(list, orderSets(base, sets)...)
		case "rsc_ticket":
			base.Kind, base.TicketID = Ticket, attr(e, "ticket")
			base.Score = -Infinity
			list = append(list, bindOnly(base, sets)...)
		}
	}
	return list
}

// locations are one for each rule and set, or one.
func locations(e *etree.Element, base Constraint, sets []resourceSet) (list []Constraint) {
	base.Kind, base.Node, base.Role = Location, attr(e, "node"), pacemaker.Role(attr(e, "role"))
	if p := attr(e, "rsc-pattern"); p != "" {
		// POSIX extended there; what Go does not take binds nothing here.
		base.Pattern, _ = regexp.Compile(p)
	}
	rules := children(e, "rule")
	if len(rules) == 0 {
		return bindOnly(base, sets)
	}
	for _, r := range rules {
		one := base
		one.Score, _ = pacemaker.Score(attr(r, "score"))
		if role := attr(r, "role"); role != "" {
			one.Role = pacemaker.Role(role)
		}
		one.Rule = ruleText(r, false)
		list = append(list, bindOnly(one, sets)...)
	}
	return list
}

// ruleText writes a rule as pcs does.
func ruleText(r *etree.Element, nested bool) string {
	var parts []string
	for _, e := range r.ChildElements() {
		switch e.Tag {
		case "rule":
			parts = append(parts, ruleText(e, true))
		case "expression":
			op := attr(e, "operation")
			if op == "defined" || op == "not_defined" {
				parts = append(parts, op+" "+attr(e, "attribute"))
				continue
			}
			parts = append(parts, attr(e, "attribute")+" "+op+" "+attr(e, "value"))
		case "date_expression":
			parts = append(parts, dateText(e))
		case "rsc_expression":
			parts = append(parts, strings.TrimRight("resource "+strings.Trim(attr(e, "class")+":"+attr(e, "provider")+":"+attr(e, "type"), ":"), " "))
		case "op_expression":
			parts = append(parts, strings.TrimRight("op "+attr(e, "name")+" "+attr(e, "interval"), " "))
		}
	}
	text := strings.Join(parts, " "+orElse(attr(r, "boolean-op"), "and")+" ")
	if nested && len(parts) > 1 {
		return "(" + text + ")"
	}
	return text
}

func dateText(e *etree.Element) string {
	switch op := attr(e, "operation"); op {
	case "gt":
		return "date gt " + attr(e, "start")
	case "lt":
		return "date lt " + attr(e, "end")
	case "date_spec":
		words := []string{"date-spec"}
		for _, spec := range children(e, "date_spec") {
			for _, a := range spec.Attr {
				if a.Key != "id" {
					words = append(words, a.Key+"="+a.Value)
				}
			}
		}
		return strings.Join(words, " ")
	default:
		return strings.Join(strings.Fields("date in_range "+attr(e, "start")+" to "+attr(e, "end")), " ")
	}
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// tags are the names that stand for several resources.
type tags map[string][]string

func (c *CIB) tags() tags {
	out := tags{}
	for _, t := range children(c.section("tags"), "tag") {
		for _, ref := range children(t, "obj_ref") {
			out[attr(t, "id")] = append(out[attr(t, "id")], attr(ref, "id"))
		}
	}
	return out
}

// members are the resources behind a name, none behind none.
func (t tags) members(name string) []string {
	if name == "" {
		return nil
	}
	if m, ok := t[name]; ok {
		return m
	}
	return []string{name}
}
