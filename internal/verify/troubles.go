package verify

import (
	"fmt"
	"slices"

	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/playbook"
)

func missing(id, want string) plan.Finding {
	return plan.Finding{Code: "RESOURCE_MISSING", Severity: plan.Error, Object: id, Expected: want, Seen: "absent",
		Message: "the resource is not in the cluster", Fix: "hadeploy apply"}
}

// troubles are what is wrong with a resource whatever its role.
func (j *Judge) troubles(all []pcs.Resource) (found []plan.Finding) {
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
		if a := j.lastFailure(r); a != nil && !r.Orphaned {
			f.Message += fmt.Sprintf(": %s failed on %s: %s", action(a), a.Node, cause(a))
			f.Fix = j.remedy(a, "on "+a.Node)
		}
		found = append(found, f)
	}
	return found
}

// lastFailure is the failed action of an instance of a resource where it is, nil
// for none.
func (j *Judge) lastFailure(r pcs.Resource) *pcs.FailedAction {
	for _, n := range r.Nodes {
		if a := j.failedAction(n, r.ID); a != nil {
			return a
		}
	}
	return nil
}

// notAllowed explains what is no failure.
func notAllowed(id, expected, seen, message string) plan.Finding {
	return plan.Finding{Code: "RESOURCE_NOT_ALLOWED", Severity: plan.Warning, Object: id, Expected: expected, Seen: seen, Message: message,
		Fix: "nothing, if it is meant so; else change what is named"}
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
