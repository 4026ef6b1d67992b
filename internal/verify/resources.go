package verify

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/plural"
	"github.com/hadeploy/hadeploy/playbook"
)

// checkResources holds the role of every resource against what is declared.
func (j *Judge) checkResources() answer {
	found := j.checkProperties()
	for i := range j.Playbook.Resources {
		r := &j.Playbook.Resources[i]
		switch {
		case r.Clone != nil:
			found = append(found, j.checkClone(r, r.Clone)...)
		case r.Promotable != nil:
			found = append(found, j.checkClone(r, r.Promotable)...)
		case r.Group != nil:
			var before []string
			for k := range r.Group {
				p := &r.Group[k]
				found = append(found, j.checkSingle(p, before, p.Meta, r.Meta)...)
				before = append(before, p.ID)
			}
		default:
			found = append(found, j.checkSingle(r.Primitive, nil, r.Primitive.Meta)...)
		}
	}
	for i := range j.Playbook.Stonith.Devices {
		if d := &j.Playbook.Stonith.Devices[i]; len(entries(j.st, d.ID)) == 0 {
			found = append(found, missing(d.ID, pcs.Started))
		}
	}
	found = append(found, j.checkUndeclared()...)
	seen := plural.Of(countDeclared(j.Playbook), "resource")
	if len(found) > 0 {
		seen += ", the exceptions explained"
	} else {
		seen += " as declared"
	}
	return answer{seen: seen, found: found}
}

// checkProperties reports what holds for all resources at once.
func (j *Judge) checkProperties() (found []plan.Finding) {
	if j.st.Maintenance && !pacemaker.True(j.declaredProperty("maintenance-mode")) {
		found = append(found, plan.Finding{Code: "CLUSTER_MAINTENANCE", Severity: plan.Warning, Object: "maintenance-mode", Expected: "false", Seen: "true",
			Message: "the whole cluster is in maintenance, as a person set it: nothing is watched, started or recovered", Fix: "pcs property set maintenance-mode=false"})
	}
	if j.st.StopAll && !pacemaker.True(j.declaredProperty("stop-all-resources")) {
		found = append(found, plan.Finding{Code: "CLUSTER_STOP_ALL", Severity: plan.Warning, Object: "stop-all-resources", Expected: "false", Seen: "true",
			Message: "all resources are stopped, as a person set it", Fix: "pcs property set stop-all-resources=false"})
	}
	return found
}

func missing(id, want string) plan.Finding {
	return plan.Finding{Code: "RESOURCE_MISSING", Severity: plan.Error, Object: id, Expected: want, Seen: "absent",
		Message: "the resource is not in the cluster", Fix: "hadeploy apply"}
}

// allStopped says that a resource is stopped for a reason that another finding
// tells for the whole cluster.
func (j *Judge) allStopped() bool { return j.st.StopAll || !j.st.Quorum }

// checkSingle is for what runs once: a primitive, alone or after others in a
// group; metas are its own meta attributes and the group's.
func (j *Judge) checkSingle(p *playbook.Primitive, before []string, metas ...playbook.Options) []plan.Finding {
	all := entries(j.st, p.ID)
	if len(all) == 0 {
		return []plan.Finding{missing(p.ID, pcs.Started)}
	}
	if found := troubles(all); found != nil {
		return found
	}
	r := all[0]
	want := pcs.Started
	if slices.ContainsFunc(metas, playbook.Options.Disabled) {
		want = pcs.Stopped
	}
	if r.Role == want && (want == pcs.Stopped || len(r.Nodes) == 1) {
		return j.unwatched(p.ID, all, metas...)
	}
	f := plan.Finding{Code: "RESOURCE_ROLE", Severity: plan.Error, Object: p.ID, Expected: want, Seen: seenAs(all), Fix: "pcs status; wait a moment"}
	switch {
	case len(r.Nodes) > 1:
		f.Code, f.Fix = "RESOURCE_MULTIPLE", "who starts it there? is its unit enabled at boot? then pcs resource cleanup "+p.ID
		f.Message = fmt.Sprintf("%s is active on %d nodes (%s); it must be on one", p.ID, len(r.Nodes), strings.Join(r.Nodes, ", "))
	case r.Disabled && r.Role != pcs.Started:
		f.Code, f.Severity = "RESOURCE_DISABLED", plan.Warning
		f.Message, f.Fix = p.ID+" is "+strings.ToLower(r.Role)+", as a person set it (target-role)", "pcs resource enable "+p.ID
	case r.Role == pcs.Stopped && (!r.Managed || j.st.Maintenance):
		f.Code, f.Severity = "RESOURCE_UNMANAGED", plan.Warning
		f.Message, f.Fix = p.ID+" is stopped and not managed by the cluster", "pcs resource manage "+p.ID+", or end the maintenance"
	case r.Role == pcs.Stopped && j.allStopped():
		return nil
	case r.Role == pcs.Stopped:
		explained, fault := j.whyStopped(j.chain(p.ID), before)
		if explained != "" {
			return []plan.Finding{notAllowed(p.ID, pcs.Started, seenAs(all), p.ID+" is stopped, and rightly so: "+explained)}
		}
		f.Code, f.Message = "RESOURCE_STOPPED", p.ID+" is stopped"
		if fault != "" {
			f.Message += ": " + fault
		}
		f.Fix = "pcs resource failcount show " + p.ID + ", pcs resource debug-start " + p.ID
		if fault == freeToRun {
			f.Fix = fmt.Sprintf("wait a moment; if it stays so, does the DC act at all? crmadmin -S %s, journalctl -u pacemaker there; at the latest it looks again after cluster-recheck-interval", j.st.DC)
		}
	default:
		f.Message = fmt.Sprintf("%s is %s, not %s", p.ID, r.Role, want)
	}
	return []plan.Finding{f}
}

// unwatched warns of what runs as it should and would not be recovered.
func (j *Judge) unwatched(id string, all []pcs.Resource, metas ...playbook.Options) []plan.Finding {
	if j.st.Maintenance || slices.ContainsFunc(metas, func(meta playbook.Options) bool {
		v, _ := meta.Get("is-managed")
		return pacemaker.False(v.Text)
	}) {
		return nil
	}
	loose := slices.ContainsFunc(all, func(r pcs.Resource) bool {
		inMaintenance := slices.ContainsFunc(r.Nodes, func(name string) bool {
			n := j.st.Node(name)
			return n != nil && n.Maintenance
		})
		return r.Active() && !r.Managed && !inMaintenance
	})
	if !loose {
		return nil
	}
	return []plan.Finding{{Code: "RESOURCE_UNMANAGED", Severity: plan.Warning, Object: id, Expected: "managed", Seen: seenAs(all) + ", unmanaged",
		Message: id + " runs and is not managed by the cluster, as a person set it: it is not recovered when it fails", Fix: "pcs resource manage " + id}}
}

// notAllowed explains what is no failure.
func notAllowed(id, expected, seen, message string) plan.Finding {
	return plan.Finding{Code: "RESOURCE_NOT_ALLOWED", Severity: plan.Warning, Object: id, Expected: expected, Seen: seen, Message: message,
		Fix: "nothing, if it is meant so; else change what is named"}
}

// troubles are what is wrong with a resource whatever its role.
func troubles(all []pcs.Resource) (found []plan.Finding) {
	for _, r := range all {
		f := plan.Finding{Severity: plan.Error, Object: r.ID, Seen: seenAs([]pcs.Resource{r}), Expected: "no failure"}
		switch {
		case r.Failed:
			f.Code, f.Message, f.Fix = "RESOURCE_FAILED", r.ID+" has failed", "mend the cause, then pcs resource cleanup "+r.ID
		case r.Blocked:
			f.Code, f.Message, f.Fix = "RESOURCE_BLOCKED", r.ID+" is blocked: the cluster may not touch it", "mend the cause, then pcs resource cleanup "+r.ID
		case r.Orphaned:
			f.Code, f.Message, f.Fix = "RESOURCE_ORPHANED", r.ID+" runs and is no longer configured", "pcs resource cleanup "+r.ID
		default:
			continue
		}
		found = append(found, f)
	}
	return found
}

func (j *Judge) checkFailedActions() answer {
	var found []plan.Finding
	for _, a := range j.st.FailedActions {
		reason := a.RCText
		if a.ExitReason != "" && a.ExitReason != "none" {
			reason += ": " + a.ExitReason
		}
		found = append(found, plan.Finding{Code: "FAILED_ACTION", Severity: plan.Error, Node: a.Node, Object: a.Resource,
			Expected: "no failed action", Seen: a.Operation + " failed",
			Message: fmt.Sprintf("%s of %s failed%s (%s)", a.Operation, a.Resource, at(a.LastChange), reason), Fix: "mend the cause, then pcs resource cleanup " + a.Resource})
	}
	return answer{seen: "no failed action", found: found}
}

// checkUndeclared tells of trouble with what the file does not declare.
func (j *Judge) checkUndeclared() (found []plan.Finding) {
	ours := map[string]bool{}
	for i := range j.Playbook.Resources {
		r := &j.Playbook.Resources[i]
		ours[r.ID] = true
		for _, p := range r.Primitives() {
			ours[p.ID] = true
		}
		for _, c := range []*playbook.Cloned{r.Clone, r.Promotable} {
			if c != nil {
				ours[c.GroupID] = true
			}
		}
	}
	for i := range j.Playbook.Stonith.Devices {
		ours[j.Playbook.Stonith.Devices[i].ID] = true
	}
	told := map[string]bool{}
	for _, r := range j.st.Resources {
		if ours[r.ID] || told[r.ID] {
			continue
		}
		var what []string
		for word, is := range map[string]bool{"failed": r.Failed, "blocked": r.Blocked, "orphaned": r.Orphaned} {
			if is {
				what = append(what, word)
			}
		}
		if what == nil {
			continue
		}
		slices.Sort(what)
		told[r.ID] = true
		found = append(found, plan.Finding{Code: "RESOURCE_UNDECLARED", Severity: plan.Warning, Object: r.ID, Expected: "no failure", Seen: strings.Join(what, ", ") + ", " + seenAs([]pcs.Resource{r}),
			Message: fmt.Sprintf("%s, which the file does not declare, is %s", r.ID, strings.Join(what, " and ")), Fix: "mend the cause, then pcs resource cleanup " + r.ID})
	}
	return found
}

// at says when, where it is known.
func at(when string) string {
	if when == "" {
		return ""
	}
	return " at " + when
}

// entries are what the status says of a resource id.
func entries(st *pcs.Status, id string) (out []pcs.Resource) {
	for _, r := range st.Resources {
		if r.ID == id {
			out = append(out, r)
		}
	}
	return out
}

// seenAs tells roles and nodes in words: "Promoted on n1, Unpromoted on n2".
func seenAs(all []pcs.Resource) string {
	var parts []string
	for _, r := range all {
		s := r.Role
		if len(r.Nodes) > 0 {
			s += " on " + strings.Join(r.Nodes, ", ")
		}
		parts = append(parts, s)
	}
	return strings.Join(parts, "; ")
}

func metaInt(meta playbook.Options, name string, fallback int) int {
	v, ok := meta.Get(name)
	if !ok {
		return fallback
	}
	n, err := strconv.Atoi(v.Text)
	if err != nil {
		return fallback
	}
	return n
}

func countDeclared(p *playbook.Playbook) int {
	n := len(p.Stonith.Devices)
	for i := range p.Resources {
		n += len(p.Resources[i].Primitives())
	}
	return n
}
