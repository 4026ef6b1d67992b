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

// Says reports whether c binds what another one does, in the same way and as
// strongly. Their ids do not matter.
func (c *Constraint) Says(other Constraint) bool {
	same := func(a, b string) bool { return canonAttr("role", a, nil) == canonAttr("role", b, nil) }
	who := other.Pattern == nil && c.Binds(other.Resources) || other.Pattern != nil && c.Pattern != nil && other.Pattern.String() == c.Pattern.String()
	return c.Kind == other.Kind && who && same(c.Role, other.Role) && c.Score == other.Score && c.Rule == other.Rule &&
		c.Node == other.Node && c.With == other.With && same(c.WithRole, other.WithRole) &&
		slices.Equal(c.First, other.First) && c.FirstAction == other.FirstAction && c.ThenAction == other.ThenAction && c.Symmetrical == other.Symmetrical
}

// reader reads what constraints mean, with what they refer to.
type reader struct {
	tagged      map[string][]string
	constraints *etree.Element // where sets are that others refer to
}

// base is what all bindings of a constraint have in common.
func (r reader) base(x *etree.Element, kind string) Constraint {
	c := Constraint{Kind: kind, ID: attr(x, "id"), Resources: r.members(attr(x, "rsc")), Role: pacemaker.Role(attr(x, "rsc-role")), Symmetrical: true}
	c.Score, _ = pacemaker.Score(attr(x, "score"))
	return c
}

// members are the resources behind a name, none behind none.
func (r reader) members(name string) []string {
	if name == "" {
		return nil
	}
	if m, ok := r.tagged[name]; ok {
		return m
	}
	return []string{name}
}

// tagsOf are the names that stand for several resources.
func tagsOf(section *etree.Element) map[string][]string {
	out := map[string][]string{}
	for _, t := range children(section, "tag") {
		for _, ref := range children(t, "obj_ref") {
			out[attr(t, "id")] = append(out[attr(t, "id")], attr(ref, "id"))
		}
	}
	return out
}
