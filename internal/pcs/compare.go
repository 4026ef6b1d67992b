package pcs

import (
	"fmt"
	"slices"
	"strings"
)

// Compare gives the disagreements between the text and the XML of the same
// cluster at the same moment, in what both can say. There should be none: one
// is an error in a reader, or the cluster changed between the two.
func Compare(text, xml Status) []string {
	var c comparison
	c.value("the stack", text.Stack, xml.Stack)
	c.value("the DC", text.DC, xml.DC)
	c.value("quorum", text.Quorum, xml.Quorum)
	c.value("maintenance mode", text.Maintenance, xml.Maintenance)
	if !xml.Maintenance { // of which the banner says more
		c.value("stop-all-resources", text.StopAll, xml.StopAll)
	}
	if text.Counts != nil && xml.Counts != nil {
		c.value("the counts", *text.Counts, *xml.Counts)
	}
	c.tickets = len(text.Tickets) == 0 && slices.ContainsFunc(xml.Tickets, func(t Ticket) bool { return !t.Granted })
	c.nodes(&text, &xml)
	c.resources(&text, &xml)
	c.actions(&text, &xml)
	c.fencing(&text, &xml)
	c.rest(&text, &xml)
	return c.found
}

type comparison struct {
	found []string
	// tickets: Pacemaker judges what the loss of a ticket freezes or fences
	// only when it prints tickets, which XML always does and text seldom.
	tickets bool
}

func (c *comparison) add(format string, args ...any) {
	c.found = append(c.found, fmt.Sprintf(format, args...))
}

func (c *comparison) value(what string, text, xml any) {
	if text != xml {
		c.add("%s: text says %v, XML says %v", what, text, xml)
	}
}

// asText reduces a node to what its line in the text can say.
func (n Node) asText() string {
	on := "offline"
	if n.Online {
		on = "online"
	}
	switch {
	case n.Unclean && !n.Online && n.Pending:
		return "unclean (pending)"
	case n.Unclean:
		return "unclean (" + on + ")"
	case n.Pending:
		return "pending"
	case n.StandbyOnFail && n.Online:
		return "standby (on-fail)"
	case n.Standby:
		return "standby, " + on
	case n.Maintenance:
		return "maintenance, " + on
	}
	return on
}

func (c *comparison) nodes(text, xml *Status) {
	if len(text.Nodes) == 0 {
		return // pcs cluster status of old releases
	}
	for _, x := range xml.Nodes {
		t := text.Node(x.Name)
		if t == nil {
			if x.Kind == Guest && x.asText() == "offline" {
				continue // in no list
			}
			c.add("node %s: text does not name it, XML says %s", x.Name, x.asText())
			continue
		}
		if !(c.tickets && x.Unclean && !t.Unclean) {
			c.value("node "+x.Name, t.asText(), x.asText())
		}
		c.value("the kind of node "+x.Name, t.Kind, x.Kind)
	}
	for _, t := range text.Nodes {
		if xml.Node(t.Name) == nil {
			c.add("node %s: text says %s, XML does not name it", t.Name, t.asText())
		}
	}
}

// key is what tells a resource's entry from the others. FAILED hides every
// role but the promoted one.
func (r *Resource) key() string {
	role := r.Role
	switch {
	case r.Failed && role == Promoted:
		role = "failed, promoted"
	case r.Failed:
		role = "failed"
	}
	nodes := slices.Clone(r.Nodes)
	slices.Sort(nodes)
	s := r.name() + " " + role
	if len(nodes) > 0 {
		s += " on " + strings.Join(nodes, " ")
	}
	return s
}

// name is the id with the sets around it.
func (r *Resource) name() string {
	var b strings.Builder
	for _, set := range []string{r.Bundle, r.Clone, r.Group} {
		if set != "" {
			b.WriteString(set + "/")
		}
	}
	return b.String() + r.ID
}

func (c *comparison) resources(text, xml *Status) {
	if text.headOnly() {
		return
	}
	t, x := byKey(text), byKey(xml)
	left := map[string][]*Resource{} // of the text, by name
	untold := map[string]bool{}
	for i := range text.Resources {
		r := &text.Resources[i]
		if r.Role == Untold {
			untold[r.Clone] = true
		} else if _, ok := x[r.key()]; !ok && t[r.key()] == r {
			left[r.name()] = append(left[r.name()], r)
		}
	}
	for i := range xml.Resources {
		r := &xml.Resources[i]
		if x[r.key()] != r {
			continue
		}
		if other, ok := t[r.key()]; ok {
			c.flags(other, r)
			continue
		}
		same := func(t *Resource) bool { return r.underWay() && sameUnderWay(t, r) }
		before := left[r.name()]
		if j := slices.IndexFunc(before, same); j >= 0 {
			// XML without nodes has one entry for several instances.
			left[r.name()] = slices.DeleteFunc(slices.Clone(before), same)
			if len(before)-len(left[r.name()]) == 1 {
				c.flags(before[j], r)
			}
			continue
		}
		if text.ActiveOnly && (r.inactive || !r.Active()) || r.Clone != "" && untold[r.Clone] && !r.Active() {
			continue // not shown
		}
		c.add("resource: XML says %s, text does not", r.key())
	}
	for i := range text.Resources {
		if r := &text.Resources[i]; slices.Contains(left[r.name()], r) {
			c.add("resource: text says %s, XML does not", r.key())
		}
	}
}

// sameUnderWay matches an operation that is not yet done. Text names its node
// and XML only where the resource is active already; and text has FAILED where
// XML has what is under way.
func sameUnderWay(t, x *Resource) bool {
	if x.Failed {
		return t.Failed && slices.Equal(t.Nodes, x.Nodes)
	}
	return t.Role == x.Role && len(x.Nodes) == 0 && len(t.Nodes) == 1
}

// byKey leaves out what text and XML each say in their own way: the stopped
// instances of a clone that has active ones. Text lists nodes there, and XML
// instances.
func byKey(s *Status) map[string]*Resource {
	active := map[string]bool{}
	for i := range s.Resources {
		if r := &s.Resources[i]; r.Active() {
			active[r.Clone] = true
		}
	}
	m := map[string]*Resource{}
	for i := range s.Resources {
		r := &s.Resources[i]
		if r.Role == Stopped && len(r.Nodes) == 0 && r.Clone != "" && active[r.Clone] {
			continue
		}
		m[r.key()] = r
	}
	return m
}

func (c *comparison) flags(t, x *Resource) {
	what := t.key()
	if t.Agent != "" && x.Agent != "" {
		c.value(what+", agent", t.Agent, x.Agent)
	}
	if t.listed || x.listed {
		return // a list has no other flags
	}
	if c.tickets && x.Blocked && !t.Blocked {
		return
	}
	c.value(what+", managed", t.Managed, x.Managed)
	if !x.terse {
		c.value(what+", blocked", t.Blocked, x.Blocked)
		c.value(what+", disabled", t.Disabled, x.Disabled)
	}
	c.value(what+", orphaned", t.Orphaned, x.Orphaned)
	c.value(what+", failure ignored", t.FailureIgnored, x.FailureIgnored)
	if x.LockedTo != "" { // XML says it from 2.1 on, text from 2.0.4
		c.value(what+", locked", t.LockedTo, x.LockedTo)
	}
}

func (a *FailedAction) key(rc bool) string {
	s := fmt.Sprintf("%s %s (%dms) on %s", a.Resource, a.Operation, a.IntervalMS, a.Node)
	if rc {
		s += fmt.Sprintf(" rc %d", a.RC)
	}
	if a.ExitReason != "" {
		s += fmt.Sprintf(" %q", a.ExitReason)
	}
	return s
}

// actions compares the failed actions. The text for people gives no exit code
// where the action could not be executed.
func (c *comparison) actions(text, xml *Status) {
	if text.headOnly() {
		return
	}
	count := map[string]int{}
	nameless := map[string]int{} // XML does not say whose they are
	for _, a := range xml.FailedActions {
		if a.Resource == "" {
			nameless[a.Node]++
			continue
		}
		count[a.key(true)]++
		count[a.key(false)]++
	}
	for _, a := range text.FailedActions {
		key := a.key(a.RC >= 0)
		if count[key]--; count[key] < 0 {
			if nameless[a.Node]--; nameless[a.Node] >= 0 {
				continue
			}
			c.add("failed action: text says %s, XML does not", key)
		}
	}
	if n, m := len(text.FailedActions), len(xml.FailedActions); n != m {
		c.add("failed actions: text has %d, XML has %d", n, m)
	}
}

// headOnly tells that the text is of pcs cluster status.
func (s *Status) headOnly() bool {
	return len(s.Resources) == 0 && s.Counts != nil && s.Counts.Resources > 0 && !s.ActiveOnly
}

// fencing: text shows the failed and the pending events, and the last ones
// only, so each of them must be in the XML.
func (c *comparison) fencing(text, xml *Status) {
	known := map[string]bool{}
	for _, e := range xml.Fencing {
		known[e.Action+" of "+e.Target+" "+e.Status] = true
	}
	for _, e := range text.Fencing {
		if key := e.Action + " of " + e.Target + " " + e.Status; !known[key] {
			c.add("fencing: text says %s, XML does not", key)
		}
	}
}

// rest compares what the text has only when it was asked for: tickets and bans.
func (c *comparison) rest(text, xml *Status) {
	tickets, bans := map[Ticket]bool{}, map[Ban]bool{}
	for _, t := range xml.Tickets {
		tickets[Ticket{t.ID, t.Granted, t.Standby, ""}] = true
	}
	for _, b := range xml.Bans {
		bans[b] = true
	}
	for _, t := range text.Tickets {
		if !tickets[Ticket{t.ID, t.Granted, t.Standby, ""}] {
			c.add("ticket: text says %s, granted %v, standby %v, XML does not", t.ID, t.Granted, t.Standby)
		}
	}
	for _, b := range text.Bans {
		if !bans[b] {
			c.add("ban: text says that %s keeps %s off %s, XML does not", b.ID, b.Resource, b.Node)
		}
	}
}
