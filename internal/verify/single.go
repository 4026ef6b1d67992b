package verify

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/playbook"
)

// checkSingle is for what runs once: a primitive, alone or in a group, where before
// is the first one before it that does not run, "" for none; metas are its own meta
// attributes and the group's.
func (j *Judge) checkSingle(p *playbook.Primitive, before string, metas ...playbook.Options) []plan.Finding {
	all := j.entries(p.ID)
	if len(all) == 0 {
		return []plan.Finding{missing(p.ID, pcs.Started)}
	}
	if found := j.troubles(all); found != nil {
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
		explained, fault, fix := j.whyStopped(j.chain(p.ID), before)
		if explained != "" {
			return []plan.Finding{notAllowed(p.ID, pcs.Started, seenAs(all), p.ID+" is stopped, and rightly so: "+explained)}
		}
		f.Code, f.Message = "RESOURCE_STOPPED", p.ID+" is stopped"
		if fault != "" {
			f.Message += ": " + fault
		}
		f.Fix = cmp.Or(fix, "pcs resource failcount show "+p.ID+", pcs resource debug-start "+p.ID)
	default:
		f.Message = fmt.Sprintf("%s is %s, not %s", p.ID, r.Role, want)
	}
	return []plan.Finding{f}
}
