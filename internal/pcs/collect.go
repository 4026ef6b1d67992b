package pcs

import (
	"cmp"
	"slices"
	"strings"
)

// collector puts resources into the model, in the one form that text and XML
// share.
type collector struct {
	st    *Status
	place map[string]int // of a clone's entry in st.Resources
	sets  map[string]int // of a set in st.Sets
	from  int            // where the open clone's entries begin
}

func newCollector(st *Status) *collector {
	return &collector{st: st, place: map[string]int{}, sets: map[string]int{}}
}

// add takes a resource that is no instance of a clone.
func (c *collector) add(r Resource) {
	c.st.Resources = append(c.st.Resources, r)
}

// set takes a headline. Instances of a cloned group have one each; they make
// one set.
func (c *collector) set(s Set) {
	if s.Kind == kindClone {
		c.from = len(c.st.Resources)
	}
	key := s.Kind + "\x00" + s.ID
	if i, ok := c.sets[key]; ok {
		if s.Clone == "" {
			c.st.missing("the %s %s is listed twice", s.Kind, clip(s.ID, maxKept))
		}
		old := &c.st.Sets[i]
		old.Managed = old.Managed && s.Managed
		old.Disabled = old.Disabled || s.Disabled
		old.Maintenance = old.Maintenance || s.Maintenance
		return
	}
	c.sets[key] = len(c.st.Sets)
	c.st.Sets = append(c.st.Sets, s)
}

// numbered takes an instance of a clone with the number in its id, or else
// the one given.
func (c *collector) numbered(clone Set, number string, r Resource) {
	r.Clone = clone.ID
	r.Disabled = r.Disabled || clone.Disabled
	if clone.Promotable && r.Role == Started {
		r.Role = Unpromoted
	}
	if r.inactive && !clone.Unique && !r.underWay() {
		// On a node that is gone. Text counts it among the stopped ones, whatever
		// failed before.
		r.Role, r.Nodes, r.Failed = Stopped, nil, false
	}
	id, own := cutInstance(r.ID)
	r.ID = id
	if number = cmp.Or(own, number); number != "" {
		r.Instances = []string{number}
	}
	c.instance(r)
}

// cloned takes an instance of a cloned group. Short text names its members
// only where something about them is special (active and removed, unmanaged,
// failed, spread over nodes, on a lost node, not all active; or the clone is
// unique), else only the group. The entry made here is the same for text of
// any length and for XML: the members where one is special, else the group.
func (c *collector) cloned(clone, group Set, number string, members []Resource) {
	active, special, removed, where := 0, clone.Unique, false, ""
	for i := range members {
		m := &members[i]
		m.Group = group.ID
		removed = removed || m.Orphaned
		if m.Active() && !m.inactive {
			active++
		}
		special = special || m.Orphaned || !m.Managed || m.Failed || len(m.Nodes) > 1 || m.Unclean
		if len(m.Nodes) > 0 {
			special = special || where != "" && where != m.Nodes[0]
			where = m.Nodes[0]
		}
	}
	if len(members) == 0 || active == 0 && removed {
		return
	}
	if clone.Unique || active > 0 && (special || active < len(members)+group.Inactive) {
		c.set(group)
		for _, m := range members {
			c.numbered(clone, number, m)
		}
		return
	}
	r := Resource{ID: group.ID, Role: Stopped, Managed: group.Managed && clone.Managed,
		Disabled: group.Disabled, Maintenance: group.Maintenance, listed: true}
	for _, m := range members {
		if rank(m.Role) < rank(r.Role) {
			r.Role = m.Role
		}
		id, _ := cutInstance(m.ID)
		r.Members = append(r.Members, GroupMember{id, m.Agent, m.Role})
	}
	if active == 0 {
		r.Role, where = Stopped, ""
	}
	if where != "" {
		r.Nodes = []string{where}
	}
	c.numbered(clone, "", r)
}

// instance takes an instance of a clone: one entry for each (id, role, node).
func (c *collector) instance(r Resource) {
	if len(r.Nodes) == 0 {
		c.merge(r, "")
		return
	}
	nodes := r.Nodes
	for _, n := range nodes {
		r.Nodes = []string{n}
		c.merge(r, n)
	}
}

func (c *collector) merge(r Resource, node string) {
	key := r.Clone + "\x00" + r.Group + "\x00" + r.ID + "\x00" + r.Role + "\x00" + node
	i, ok := c.place[key]
	if !ok {
		c.place[key] = len(c.st.Resources)
		r.Instances = slices.Clone(r.Instances)
		c.st.Resources = append(c.st.Resources, r)
		return
	}
	old := &c.st.Resources[i]
	old.Agent = cmp.Or(old.Agent, r.Agent)
	old.Managed = old.Managed && r.Managed
	old.Failed = old.Failed || r.Failed
	old.Blocked = old.Blocked || r.Blocked
	old.Disabled = old.Disabled || r.Disabled
	old.Orphaned = old.Orphaned || r.Orphaned
	old.Maintenance = old.Maintenance || r.Maintenance
	old.Unclean = old.Unclean || r.Unclean
	old.FailureIgnored = old.FailureIgnored || r.FailureIgnored
	old.Pending = cmp.Or(old.Pending, r.Pending)
	old.Probe = cmp.Or(old.Probe, r.Probe)
	old.TargetRole = cmp.Or(old.TargetRole, r.TargetRole)
	old.listed = old.listed && r.listed
	old.Instances = append(old.Instances, r.Instances...)
	old.StoppedOn = append(old.StoppedOn, r.StoppedOn...)
}

// closeClone ends a clone: its entries get the agent that one of them has,
// and one order whichever way they came. Where there is none the one made here
// has the role given: XML without instances tells that none runs, text with
// nothing but a headline tells nothing.
func (c *collector) closeClone(s Set, none string) {
	own := c.st.Resources[min(c.from, len(c.st.Resources)):]
	if len(own) == 0 {
		c.instance(Resource{ID: cmp.Or(s.Member, s.ID), Role: none, Clone: s.ID,
			Managed: s.Managed, Disabled: s.Disabled, Maintenance: s.Maintenance, listed: true})
		return
	}
	slices.SortStableFunc(own, func(a, b Resource) int {
		return cmp.Or(strings.Compare(a.ID, b.ID), cmp.Compare(rank(a.Role), rank(b.Role)),
			slices.Compare(a.Nodes, b.Nodes))
	})
	for i := range own {
		slices.Sort(own[i].StoppedOn)
		own[i].StoppedOn = slices.Compact(own[i].StoppedOn)
		slices.Sort(own[i].Instances)
		own[i].Instances = slices.Compact(own[i].Instances)
	}
	c.place = map[string]int{}
}

// underWay tells that an operation on the resource is not yet done.
func (r *Resource) underWay() bool {
	switch r.Role {
	case Starting, Stopping, Promoting, Demoting, Migrating:
		return true
	}
	return false
}

var roleOrder = []string{Promoted, Promoting, Demoting, Unpromoted, Started, Starting, Migrating, Stopping, Stopped, Untold}

func rank(role string) int { return slices.Index(roleOrder, role) }

// replica makes the one entry of a replica, as the short text has it, from
// its parts: the primitive's agent and state, the connection's or else the
// container's id, the node of the container.
func (c *collector) replica(bundle Set, number string, parts []Resource) {
	rep := &Replica{ID: number}
	var inside, container *Resource
	for i := range parts {
		p := &parts[i]
		p.Bundle = bundle.ID
		switch {
		case p.ID == bundle.ID+"-"+number && strings.HasSuffix(p.Agent, ":remote"):
			rep.Remote = p.ID
		case strings.HasPrefix(p.ID, bundle.ID+"-ip-") && strings.HasSuffix(p.Agent, ":IPaddr2"):
			rep.IP = p.ID
		case isContainer(p, bundle.ID, number):
			rep.Container, container = p.ID, p
		default:
			if inside != nil {
				c.st.missing("a replica of the bundle %s has %s and %s in it: was a line lost?", clip(bundle.ID, maxKept), clip(inside.ID, maxKept), clip(p.ID, maxKept))
			}
			rep.Primitive, inside = p.ID, p
		}
	}
	if container == nil && len(parts) > 1 || (inside == nil) != (rep.Remote == "") && len(parts) > 1 || container == nil && inside == nil {
		c.st.missing("a replica of the bundle %s is not told in all its parts: was a line lost?", clip(bundle.ID, maxKept))
	}
	if container == nil && inside == nil {
		for _, p := range parts {
			c.add(p)
		}
		return
	}
	for _, p := range parts {
		if inside == nil || p.ID != inside.ID {
			c.st.Implicit = append(c.st.Implicit, p)
		}
	}
	shown := inside
	if shown == nil {
		shown = container
	}
	r := *shown
	base, _ := cutInstance(r.ID)
	rep.Primitive = ""
	if inside != nil {
		rep.Primitive = base
	}
	r.Replica = rep
	r.Address = strings.TrimPrefix(rep.IP, bundle.ID+"-ip-")
	if rep.Remote != "" {
		r.ID = rep.Remote
	} else if container != nil {
		r.ID = container.ID
	}
	if container != nil && len(r.Nodes) < 2 {
		r.Nodes = container.Nodes[:min(1, len(container.Nodes))]
	}
	c.add(r)
}

func isContainer(p *Resource, bundle, number string) bool {
	kind, ok := strings.CutPrefix(p.ID, bundle+"-")
	if !ok {
		return false
	}
	kind, ok = strings.CutSuffix(kind, "-"+number)
	return ok && strings.HasSuffix(p.Agent, ":"+kind) && (kind == "docker" || kind == "podman" || kind == "rkt")
}

// bundled takes the lines below a bundle that has no headline for each
// replica: one line for each replica, or the parts of the only one.
func (c *collector) bundled(bundle Set, lines []Resource) {
	short := true
	for i := range lines {
		id, ok := strings.CutPrefix(lines[i].ID, bundle.ID+"-")
		_, number, dash := cutLastString(id, "-")
		replica := ok && digits(id) && !strings.HasSuffix(lines[i].Agent, ":remote")
		container := ok && dash && digits(number) && isContainer(&lines[i], bundle.ID, number)
		short = short && (replica || container)
	}
	if !short {
		c.replica(bundle, "0", lines)
		return
	}
	for _, r := range lines {
		id := strings.TrimPrefix(r.ID, bundle.ID+"-")
		if _, number, dash := cutLastString(id, "-"); dash {
			c.replica(bundle, number, []Resource{r})
			continue
		}
		r.Bundle = bundle.ID
		c.add(r)
	}
}

func digits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// tidy puts the rest of the model in one order and leaves no list nil, so
// that JSON has [] and not null.
func (s *Status) tidy() {
	order := map[string]int{Member: 0, Remote: 1, Guest: 2}
	slices.SortStableFunc(s.Nodes, func(a, b Node) int {
		return cmp.Or(cmp.Compare(order[a.Kind], order[b.Kind]), strings.Compare(a.Name, b.Name))
	})
	for i := range s.Resources {
		r := &s.Resources[i]
		if r.Nodes == nil {
			r.Nodes = []string{}
		}
	}
	for i := range s.Implicit {
		if s.Implicit[i].Nodes == nil {
			s.Implicit[i].Nodes = []string{}
		}
	}
	s.Nodes = orEmpty(s.Nodes)
	s.Resources = orEmpty(s.Resources)
	s.FailedActions = slices.Compact(s.FailedActions) // a line that was pasted twice
	s.Fencing, s.Tickets = slices.Compact(s.Fencing), slices.Compact(s.Tickets)
	s.Bans, s.FailCounts = slices.Compact(s.Bans), slices.Compact(s.FailCounts)
	s.FailedActions = orEmpty(s.FailedActions)
	s.Fencing = orEmpty(s.Fencing)
	s.Warnings = orEmpty(s.Warnings)
	s.Unparsed = orEmpty(s.Unparsed)
	s.Incomplete = orEmpty(s.Incomplete)
	s.Sets = orEmpty(s.Sets)
	if s.Daemons == nil {
		s.Daemons = map[string]string{}
	}
	if s.PCSD == nil {
		s.PCSD = map[string]string{}
	}
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
