package verify

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/cib"
	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/plan"
)

// checkPlacement holds where everything runs against the constraints. What is
// stopped is not its business.
func (j *Judge) checkPlacement() answer {
	var found []plan.Finding
	if !j.allStopped() { // else all of it is being stopped, which another finding tells
		found = append(found, j.checkLocations()...)
		found = append(found, j.checkPartners()...)
		found = append(found, j.checkGroups()...)
		if j.scores != nil && !j.st.Maintenance {
			found = append(found, j.checkLeaving()...)
		}
		found = append(found, j.checkPreferences()...)
	}
	for i := range j.constraints {
		if c := &j.constraints[i]; c.ByHand() {
			what := fmt.Sprintf("%s for %s on %s", pacemaker.ScoreText(c.Score), strings.Join(c.Resources, ", "), cmp.Or(c.Node, c.Rule))
			found = append(found, plan.Finding{Code: "CONSTRAINT_BY_HAND", Severity: plan.Warning, Object: c.ID, Expected: "none", Seen: what,
				Message: "pcs resource move or ban left a constraint behind: " + what, Fix: "pcs resource clear " + strings.Join(c.Resources, " ")})
		}
	}
	return answer{found: found}
}

func misplaced(object, constraint, expected, seen, message string) plan.Finding {
	return plan.Finding{Code: "PLACEMENT", Severity: plan.Error, Object: object, Expected: expected, Seen: seen, Message: message + " (" + constraint + ")",
		Fix: "is it unmanaged, or did its stop fail? pcs constraint; crm_simulate -sL shows what Pacemaker wants"}
}

func (j *Judge) checkLocations() (found []plan.Finding) {
	for i := range j.constraints {
		c := &j.constraints[i]
		if c.Kind != cib.Location || c.Rule != "" || c.Score > -cib.Infinity {
			continue
		}
		for _, id := range j.bound(c) {
			if slices.Contains(j.activeOn(id, c.Role), c.Node) {
				found = append(found, misplaced(id, c.ID, "not on "+c.Node, "on "+c.Node, fmt.Sprintf("%s is %s on %s, where it is forbidden", id, inWords(cmp.Or(c.Role, pcs.Started)), c.Node)))
			}
		}
	}
	return found
}

// bound are the ids that a constraint names, by a pattern too.
func (j *Judge) bound(c *cib.Constraint) []string {
	if c.Pattern == nil {
		return c.Resources
	}
	var ids []string
	for _, r := range j.st.Resources {
		if c.Pattern.MatchString(r.ID) && !slices.Contains(ids, r.ID) {
			ids = append(ids, r.ID)
		}
	}
	return ids
}

// checkPartners is for colocations and orders that bind without condition.
func (j *Judge) checkPartners() (found []plan.Finding) {
	for i := range j.constraints {
		c := &j.constraints[i]
		for _, id := range c.Resources {
			switch {
			case c.Kind == cib.Colocation && c.Score >= cib.Infinity:
				with := j.activeOn(c.With, c.WithRole)
				for _, n := range j.activeOn(id, c.Role) {
					if !slices.Contains(with, n) {
						found = append(found, misplaced(id, c.ID, "with "+c.With, "on "+n+", and "+c.With+" on "+cmp.Or(strings.Join(with, ", "), "none"),
							fmt.Sprintf("%s is on %s, and has to be with %s, which is %s there", id, n, c.With, "not "+inWords(cmp.Or(c.WithRole, pcs.Started)))))
					}
				}
			case c.Kind == cib.Colocation && c.Score <= -cib.Infinity:
				with := j.activeOn(c.With, c.WithRole)
				for _, n := range j.activeOn(id, c.Role) {
					if slices.Contains(with, n) {
						found = append(found, misplaced(id, c.ID, "apart from "+c.With, "both on "+n, fmt.Sprintf("%s is on %s together with %s, and must not be", id, n, c.With)))
					}
				}
			case c.Kind == cib.Order && c.Score >= cib.Infinity && c.Symmetrical:
				first, then := stateAfter(c.FirstAction), stateAfter(c.ThenAction)
				if first == "" || then == "" || len(j.activeOn(id, then)) == 0 || j.anyActive(c.First, first) {
					continue
				}
				names := strings.Join(c.First, " or ")
				found = append(found, misplaced(id, c.ID, "after "+names, names+" is not "+inWords(first),
					fmt.Sprintf("%s is %s without %s, which has to be %s first", id, inWords(then), names, inWords(first))))
			}
		}
	}
	return found
}

// checkGroups: the members of a group run on one node, in their order.
func (j *Judge) checkGroups() (found []plan.Finding) {
	for i := range j.Playbook.Resources {
		r := &j.Playbook.Resources[i]
		if r.Group == nil {
			continue
		}
		var nodes []string
		for _, p := range r.Group {
			for _, n := range j.activeOn(p.ID, "") {
				if !slices.Contains(nodes, n) {
					nodes = append(nodes, n)
				}
			}
		}
		if len(nodes) > 1 {
			found = append(found, misplaced(r.ID, "a group", "one node", strings.Join(nodes, ", "), fmt.Sprintf("the members of %s are on several nodes: %s", r.ID, strings.Join(nodes, ", "))))
		}
	}
	return found
}

// checkLeaving tells what Pacemaker itself is about to take away from where it
// is: only it knows what rules come to.
func (j *Judge) checkLeaving() (found []plan.Finding) {
	for _, l := range j.scores.Leaving {
		id, _, _ := strings.Cut(l.Resource, ":")
		all := j.entries(id)
		switch {
		case len(j.activeOn(id, "")) == 0,
			slices.ContainsFunc(all, func(r pcs.Resource) bool { return r.Disabled || r.TargetRole != "" }), // a person asked for it
			slices.ContainsFunc(all, moving),       // its role says so already
			slices.ContainsFunc(all, j.onLostNode), // until that is fenced nothing moves
			strings.Contains(l.Detail, "(blocked)"):
			continue
		}
		what := strings.ToLower(l.Action) + " " + l.Resource + " (" + l.Detail + ")"
		found = append(found, plan.Finding{Code: "PLACEMENT", Severity: plan.Error, Object: id, Expected: "where the constraints want it", Seen: seenAs(j.entries(id)),
			Message: "the cluster is about to " + what, Fix: "wait a moment; if it stays so: crm_simulate -sL, pcs resource failcount show " + id})
	}
	return found
}

// moving reports whether a resource is on its way from one role to another.
func moving(r pcs.Resource) bool {
	return !slices.Contains([]string{pcs.Started, pcs.Stopped, pcs.Promoted, pcs.Unpromoted}, r.Role)
}

// onLostNode reports whether a resource is shown on a node that is away or
// has to be fenced.
func (j *Judge) onLostNode(r pcs.Resource) bool {
	return r.Unclean || slices.ContainsFunc(r.Nodes, func(name string) bool {
		n := j.st.Node(name)
		return n != nil && (n.Unclean || !n.Online)
	})
}

// checkPreferences tells which resources run elsewhere than the file prefers,
// and why. It is no fault: stickiness and partners weigh too.
func (j *Judge) checkPreferences() (found []plan.Finding) {
	for i := range j.Playbook.Resources {
		r := &j.Playbook.Resources[i]
		if r.Clone != nil || r.Promotable != nil || r.Bundle != nil {
			continue
		}
		on := j.activeOn(r.ID, "")
		if len(on) != 1 {
			continue
		}
		best, bestScore, hereScore := "", 0.0, 0.0
		for _, l := range j.Playbook.Constraints.Location {
			score, _ := pacemaker.Score(l.Score)
			if l.Resource != r.ID || l.Node == "" || l.Role != "" {
				continue
			}
			if l.Node == on[0] {
				hereScore = score
			}
			if score > bestScore {
				best, bestScore = l.Node, score
			}
		}
		if best == "" || best == on[0] || bestScore <= hereScore {
			continue
		}
		first := r.Primitives()[0].ID
		why, _ := j.notOn(j.chain(first), best, pcs.Started)
		failed := j.failuresOn(best, r)
		switch {
		case why != "":
			why = best + ": " + why
		case failed != "":
			why = failed
		case j.st.Maintenance || slices.ContainsFunc(j.find(r.ID), func(e pcs.Resource) bool { return !e.Managed }):
			why = "the cluster does not manage it now"
		default:
			why = "more speaks for " + on[0] + ": stickiness, or what it has to be with"
			if j.scores != nil {
				here, ok1 := j.scores.On(first, on[0])
				there, ok2 := j.scores.On(first, best)
				if ok1 && ok2 {
					why += fmt.Sprintf(" (Pacemaker's scores: %s %s, %s %s)", on[0], pacemaker.ScoreText(here), best, pacemaker.ScoreText(there))
				}
			}
		}
		found = append(found, plan.Finding{Code: "PLACEMENT_PREFERENCE", Severity: plan.Info, Object: r.ID, Expected: "preferably on " + best, Seen: "on " + on[0],
			Message: fmt.Sprintf("%s runs on %s, and the file prefers %s (%s): %s", r.ID, on[0], best, pacemaker.ScoreText(bestScore), why)})
	}
	return found
}
