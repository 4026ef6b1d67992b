package verify

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/plural"
	"github.com/hadeploy/hadeploy/playbook"
)

// checkBundle: as many containers as replicas, at most replicas-per-host on each
// node that may have one.
func (j *Judge) checkBundle(r *playbook.Resource) []plan.Finding {
	if r.Meta.Disabled() {
		return nil
	}
	var all []pcs.Resource
	for _, e := range j.st.Resources {
		if e.Bundle == r.ID {
			all = append(all, e)
		}
	}
	if len(all) == 0 {
		return []plan.Finding{missing(r.ID, "running")}
	}
	if found := j.troubles(all); found != nil {
		return found
	}
	f := plan.Finding{Code: "RESOURCE_STOPPED", Severity: plan.Error, Object: r.ID, Expected: "running", Seen: seenAs(all)}
	switch {
	case slices.ContainsFunc(all, func(e pcs.Resource) bool { return e.Disabled }):
		f.Code, f.Severity = "RESOURCE_DISABLED", plan.Warning
		f.Message, f.Fix = r.ID+" is stopped, as a person set it (target-role)", "pcs resource enable "+r.ID
		return []plan.Finding{f}
	case j.allStopped():
		return nil
	}
	running := 0
	active := map[string]bool{}
	for _, e := range all {
		if e.Active() && e.Role != pcs.Starting && e.Role != pcs.Stopping && len(e.Nodes) > 0 {
			active[e.Nodes[0]] = true
			running++
		}
	}
	could := 0
	var explained []string
	for _, n := range j.members() {
		if why, hidden := j.notOn([]string{r.ID}, n, pcs.Started); why == "" || active[n] {
			could += r.Bundle.ReplicasPerHost()
		} else if !hidden {
			explained = append(explained, n+": "+why)
		}
	}
	want := r.Bundle.Replicas()
	f.Expected = plural.Of(want, "container")
	f.Message = fmt.Sprintf("%s runs %s, of %d", r.ID, plural.Of(running, "container"), want)
	on, fix := j.failures(partsOf(r, all)...)
	switch {
	case running >= want:
		return j.unwatched(r.ID, all, r.Meta)
	case on != nil:
		f.Message += ": " + strings.Join(on, ", ")
		f.Fix = cmp.Or(fix, "pcs resource failcount show; mend the cause, then pcs resource cleanup "+r.ID)
	case j.st.Maintenance || slices.ContainsFunc(all, func(e pcs.Resource) bool { return e.Role == pcs.Stopped && !e.Managed }):
		f.Code, f.Severity = "RESOURCE_UNMANAGED", plan.Warning
		f.Message += "; the cluster does not manage it"
		f.Fix = "pcs resource manage " + r.ID + ", or end the maintenance"
	case running >= could && explained != nil:
		return []plan.Finding{notAllowed(r.ID, f.Expected, f.Seen, f.Message+"; rightly so: "+strings.Join(explained, "; "))}
	case running >= could:
		f.Message += fmt.Sprintf(": %s have room for %d", plural.Of(len(j.members()), "node"), could)
		f.Fix = "lower replicas, raise replicas-per-host, or add nodes"
	default:
		if held := j.heldBack([]string{r.ID}, pcs.Started); held != nil {
			return []plan.Finding{notAllowed(r.ID, f.Expected, f.Seen, f.Message+"; rightly so: "+strings.Join(held, "; "))}
		}
		image, _ := r.Bundle.Options.Get("image")
		f.Fix = fmt.Sprintf("see what the cluster waits for: crm_mon -1rf, journalctl -u pacemaker; does %s run on the nodes, and has it %s (%s images)?", r.Bundle.Container, image.Text, r.Bundle.Container)
	}
	return []plan.Finding{f}
}
