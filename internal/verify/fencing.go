package verify

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/plural"
	"github.com/hadeploy/hadeploy/playbook"
)

func (j *Judge) fencingSeen() string {
	if n := len(j.Playbook.Stonith.Devices); n > 0 {
		return plural.Of(n, "fencing device") + " up"
	}
	return ""
}

// checkFencing looks whether a lost node could be fenced, and whether fencing
// worked when it was needed.
func (j *Judge) checkFencing() answer {
	var found []plan.Finding
	for i := range j.Playbook.Stonith.Devices {
		d := &j.Playbook.Stonith.Devices[i]
		all := j.entries(d.ID)
		if d.Meta.Disabled() || len(all) == 0 { // absent: the check of resources says so
			continue
		}
		r := all[0]
		f := plan.Finding{Code: "FENCING_DEVICE", Severity: plan.Error, Object: d.ID, Expected: pcs.Started, Seen: seenAs(all)}
		switch {
		case r.Failed || r.Blocked:
			f.Seen += ", failed"
			f.Message, f.Fix = "the fencing device has failed: a lost node may not be fenced", "pcs stonith cleanup "+d.ID+", after mending the cause"
		case r.Role == pcs.Stopped && r.Disabled:
			f.Message, f.Fix = "the fencing device is disabled, as a person set it: it fences no node", "pcs stonith enable "+d.ID
		case r.Role == pcs.Stopped && !j.allStopped() && j.st.DC != "":
			f.Message, f.Fix = "the fencing device is stopped: nobody watches whether it could fence", "pcs stonith status, and pcs resource failcount show "+d.ID
		default:
			continue
		}
		if on, fix := j.failures(d.ID); on != nil && !r.Disabled {
			f.Message += ": " + strings.Join(on, ", ")
			f.Fix = cmp.Or(strings.Replace(fix, "pcs resource cleanup", "pcs stonith cleanup", 1), f.Fix)
		}
		found = append(found, f)
	}
	off := pacemaker.False(j.property("stonith-enabled")) || pacemaker.False(j.property("fencing-enabled"))
	if off || j.live == nil { // where it is on, the file is not obeyed yet
		found = append(found, j.Playbook.Findings()...)
	}
	switch {
	case off && len(j.Playbook.Stonith.Devices) > 0 && !pacemaker.False(j.declaredProperty("stonith-enabled")):
		found = append(found, plan.Finding{Code: "FENCING_DISABLED", Severity: plan.Error, Object: "stonith-enabled", Expected: "true", Seen: j.property("stonith-enabled"),
			Message: "fencing is switched off, and devices are declared: a lost node is not fenced, and its resources may run twice", Fix: "pcs property set stonith-enabled=true, or hadeploy apply"})
	case j.live != nil && !off && !j.watchdogFences() && len(j.Playbook.Resources) > 0 && !slices.ContainsFunc(j.st.Resources, func(r pcs.Resource) bool { return r.IsFencing() }):
		found = append(found, plan.Finding{Code: "NO_FENCING", Severity: plan.Error, Object: "stonith-enabled", Expected: "a fencing device", Seen: "none",
			Message: "fencing is enabled, and there is no fencing device: Pacemaker starts nothing", Fix: "hadeploy apply; declare stonith.devices"})
	}
	return answer{seen: j.fencingSeen(), found: append(found, j.checkFencingHistory()...)}
}

// watchdogFences reports whether sbd fences the nodes of the running cluster, for
// which Pacemaker needs no device: its daemon has to be seen there, and the
// cluster to be told of it.
func (j *Judge) watchdogFences() bool {
	return pacemaker.True(j.property("have-watchdog")) && slices.ContainsFunc(playbook.WatchdogProperties, func(name string) bool {
		timeout := j.property(name)
		return timeout != "" && playbook.FencesByWatchdog(timeout)
	})
}

// checkFencingHistory reports what failed and did not succeed since; the
// latest action stands first.
func (j *Judge) checkFencingHistory() (found []plan.Finding) {
	for i, e := range j.fencing {
		name := fmt.Sprintf("%s of %s", cmp.Or(e.Action, "fencing"), e.Target)
		since := slices.ContainsFunc(j.fencing[:i], func(later pcs.FencingEvent) bool {
			return later.Target == e.Target && (later.Status == "success" || later.Status == "failed")
		})
		switch {
		case e.Status == "pending":
			found = append(found, plan.Finding{Code: "FENCING_PENDING", Severity: plan.Warning, Object: e.Target, Expected: "nothing to fence", Seen: e.Action + " pending",
				Message: name + " is under way", Fix: "wait; pcs stonith history show " + e.Target})
		case e.Status == "failed" && !e.LaterSucceeded && !since:
			message := name + " failed"
			if e.ExitReason != "" {
				message += ": " + e.ExitReason
			}
			if e.Completed != "" {
				message += ", last at " + e.Completed
			}
			found = append(found, plan.Finding{Code: "FENCING_FAILED", Severity: plan.Error, Object: e.Target, Expected: "fenced when it was needed", Seen: e.Action + " failed",
				Message: message, Fix: "try the device by hand: pcs stonith fence " + e.Target + "; then pcs stonith history cleanup " + e.Target})
		}
	}
	return found
}
