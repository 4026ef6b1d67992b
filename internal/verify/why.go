package verify

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/cib"
	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/playbook"
)

// failures tells on which nodes the cluster counts failures of a resource, why
// it failed there as far as the status says, and what to do then.
func (j *Judge) failures(ids ...string) (on []string, fix string) {
	for _, f := range j.failCounts {
		if !slices.Contains(ids, f.Resource) {
			continue
		}
		a := j.failedAction(f.Node, f.Resource)
		if a == nil {
			on = append(on, fmt.Sprintf("fail count of %s on %s: %s", f.Resource, f.Node, f.Count))
			continue
		}
		on = append(on, fmt.Sprintf("%s of %s failed on %s: %s (fail count %s)", action(a), f.Resource, f.Node, cause(a), f.Count))
		fix = j.remedy(a, "on "+f.Node)
	}
	return on, fix
}

// probed tells why a primitive was found unable to run, on whatever node: what
// its probe said. Of the nodes the status has no word.
func (j *Judge) probed(id string) (fault, fix string) {
	for _, r := range j.entries(id) {
		if r.Probe != "" {
			return "its probe says: " + r.Probe, remedy(&pcs.FailedAction{Resource: id, RC: -1, RCText: r.Probe}, "there")
		}
	}
	return "", ""
}

// failuresOn tells what of a resource failed on one node, "" for nothing.
func (j *Judge) failuresOn(node string, r *playbook.Resource) string {
	var on []string
	for _, f := range j.failCounts {
		if f.Node == node && slices.ContainsFunc(r.Primitives(), func(p *playbook.Primitive) bool { return p.ID == f.Resource }) {
			on = append(on, fmt.Sprintf("%s has failed there (fail count %s)", f.Resource, f.Count))
		}
	}
	return strings.Join(on, ", ")
}

// heldBack are the reasons, in words, why a resource must not run anywhere,
// whatever the node: a ticket, or a partner that does not run. role is the one
// that it should have, "" for any.
func (j *Judge) heldBack(chain []string, role string) (why []string) {
	for i := range j.constraints {
		c := &j.constraints[i]
		if !c.Binds(chain) || !roleMeant(c.Role, role) {
			continue
		}
		switch {
		case c.Kind == cib.Ticket && j.live != nil && !j.live.TicketGranted(c.TicketID):
			why = append(why, fmt.Sprintf("ticket %s is not granted to this site (%s)", c.TicketID, c.ID))
		case c.Kind == cib.Colocation && c.Score >= cib.Infinity && len(j.activeOn(c.With, c.WithRole)) == 0:
			why = append(why, fmt.Sprintf("it has to be with %s, which is not %s (%s)", c.With, inWords(cmp.Or(c.WithRole, pcs.Started)), c.ID))
		case c.Kind == cib.Order && c.Score >= cib.Infinity && startsOrPromotes(c.ThenAction, role):
			if want := stateAfter(c.FirstAction); want != "" && !j.anyActive(c.First, want) {
				why = append(why, fmt.Sprintf("it waits for %s, which is not %s (%s)", strings.Join(c.First, " or "), inWords(want), c.ID))
			}
		}
	}
	for i, r := range why {
		if slices.Index(why, r) < i {
			why[i] = ""
		}
	}
	return slices.DeleteFunc(why, func(s string) bool { return s == "" })
}

// roleMeant reports whether a constraint for one role holds for a resource
// that should have another.
func roleMeant(constraint, role string) bool {
	switch constraint {
	case "", pcs.Started:
		return true
	}
	return constraint == role
}

func startsOrPromotes(action, role string) bool {
	return action == "start" || action == "promote" && role == pcs.Promoted
}

// stateAfter is the role of a resource after an action of an order, "" for one
// that leaves none to wait for.
func stateAfter(action string) string {
	switch action {
	case "start":
		return pcs.Started
	case "promote":
		return pcs.Promoted
	}
	return ""
}

// tellsNodes reports whether the status is sure to tell of every node: one that was
// cut or garbled may have lost some.
func (j *Judge) tellsNodes() bool {
	return len(j.Nodes) > 0 && j.st.Tells("nodes") && !j.st.Unknown()
}

// away is why a node takes no resources at all, in words, "" for one that may, and
// for one of which the status does not tell. meant says that a person put it aside,
// whether it is online or not: nobody wants a node to be lost.
func (j *Judge) away(node string) (why string, meant bool) {
	n := j.st.Node(node)
	switch {
	case n == nil && !j.tellsNodes(), n != nil && n.NotTold:
		return "", false
	case n == nil:
		return "not online", false
	case n.StandbyOnFail:
		return "in standby since a resource failed there", false
	case n.Standby:
		return "in standby", true
	case !n.Online, n.Pending:
		return "not online", false
	case n.Maintenance:
		return "in maintenance", true
	}
	return "", false
}

// notOn is why a resource may not be on a node in a role, in words, "" when
// nothing is known against it. That a node is away or was put aside by a person
// is told too; hidden says that another finding says so already.
func (j *Judge) notOn(chain []string, node, role string) (why string, hidden bool) {
	if why, _ := j.away(node); why != "" {
		return why, true
	}
	return j.against(chain, node, role)
}

// stays is notOn for a resource that runs nowhere. lost says that the node being
// away is all there is against it, and that nobody meant that.
func (j *Judge) stays(chain []string, node, role string) (why string, lost bool) {
	away, meant := j.away(node)
	if away != "" && meant {
		return away, false
	}
	if why, _ = j.against(chain, node, role); why != "" {
		return why, false
	}
	return away, away != ""
}

// against is what the configuration has against a resource on a node that could
// take it, as notOn tells it.
func (j *Judge) against(chain []string, node, role string) (why string, hidden bool) {
	var rules, avoids []string
	wanted := false
	for i := range j.constraints {
		c := &j.constraints[i]
		if c.Kind != cib.Location || !c.Binds(chain) || !roleMeant(c.Role, role) {
			continue
		}
		if c.Rule != "" {
			if c.Score <= -cib.Infinity {
				rules = append(rules, fmt.Sprintf("the rule of %s forbids it (%s)", c.ID, c.Rule))
			}
			wanted = true // it may allow it, too
			continue
		}
		if c.Node != node {
			continue
		}
		if c.Score <= -cib.Infinity {
			return "forbidden by " + c.ID, false
		}
		if c.Score < 0 {
			avoids = append(avoids, fmt.Sprintf("%s keeps it away (score %d), and nothing outweighs that", c.ID, int(c.Score)))
		}
		wanted = wanted || c.Score >= 0
	}
	if bad := j.badHealth(node); bad != "" && j.property("node-health-strategy") != "" {
		return "its health is " + bad, true
	}
	if role != pcs.Promoted && !j.refused(chain[0], node) {
		return "", false // Pacemaker would take it
	}
	if len(rules) > 0 {
		return strings.Join(rules, ", "), false
	}
	if against := j.partnerAgainst(chain, node, role); against != "" {
		return against, false
	}
	if len(avoids) > 0 && j.refused(chain[0], node) {
		return strings.Join(avoids, ", "), false
	}
	if pacemaker.False(j.property("symmetric-cluster")) && !wanted {
		return "no location constraint allows it, and symmetric-cluster is false", false
	}
	return "", false
}

// partnerAgainst is what a colocation has against a node, in words: the partner
// runs elsewhere, or there and has to be alone. That it runs nowhere is told by
// heldBack.
func (j *Judge) partnerAgainst(chain []string, node, role string) string {
	for i := range j.constraints {
		c := &j.constraints[i]
		if c.Kind != cib.Colocation || !c.Binds(chain) || !roleMeant(c.Role, role) || slices.Contains(chain, c.With) {
			continue
		}
		on := j.activeOn(c.With, c.WithRole)
		is := inWords(cmp.Or(c.WithRole, pcs.Started))
		switch here := slices.Contains(on, node); {
		case c.Score <= -cib.Infinity && here:
			return fmt.Sprintf("%s is %s there, and it has to be apart from that (%s)", c.With, is, c.ID)
		case c.Score >= cib.Infinity && !here && len(on) > 0:
			return fmt.Sprintf("it has to be with %s, which is %s on %s (%s)", c.With, is, strings.Join(on, ", "), c.ID)
		}
	}
	return ""
}

// refused reports whether the scheduler's score keeps a primitive off a node;
// of a clone's instances one that may be there is enough.
func (j *Judge) refused(id, node string) bool {
	return j.scores != nil && j.scores.Known(id) && !j.scores.Allows(id, node)
}

// whyStopped explains why a primitive that runs once is stopped, or tells what
// speaks for a fault, and what to do where that is known: one of explained and fault
// is empty, or both. That a node is lost explains nothing. before is the first member
// before it in its group that does not run, "" for none.
func (j *Judge) whyStopped(chain []string, before string) (explained, fault, fix string) {
	if on, fix := j.failures(chain...); on != nil {
		return "", strings.Join(on, ", "), fix
	}
	why := j.heldBack(chain, pcs.Started)
	if before != "" {
		why = append(why, before+", which is before it in the group, does not run")
	}
	if why != nil {
		return strings.Join(why, "; "), "", ""
	}
	if j.scores != nil && j.scores.Places(chain[0]) > 0 {
		return "", "the cluster is free to run it, and has not started it yet",
			fmt.Sprintf("wait a moment; if it stays so, does the DC act at all? crmadmin -S %s, journalctl -u pacemaker there; at the latest it looks again after cluster-recheck-interval", j.st.DC)
	}
	var nodes, lost []string
	known := j.tellsNodes()
	for _, n := range j.members() {
		reason, isLost := j.stays(chain, n, pcs.Started)
		switch {
		case reason == "":
			known, reason = false, "no reason known"
			if a := j.failedAction(n, chain...); a != nil {
				reason = fmt.Sprintf("its %s failed there: %s", action(a), cause(a))
			}
		case isLost:
			lost = append(lost, n)
		}
		nodes = append(nodes, n+": "+reason)
	}
	probe, do := j.probed(chain[0])
	switch text := strings.Join(nodes, "; "); {
	case !known && probe != "":
		return "", probe, do
	case known && lost != nil:
		return "", "no node is left that may run it: " + text, "bring back " + strings.Join(lost, " or ")
	case known:
		return "it may run on no node: " + text, "", ""
	case j.scores != nil && j.scores.Known(chain[0]):
		return "", "the cluster finds no node for it (" + text + ")", ""
	}
	return "", "", ""
}
