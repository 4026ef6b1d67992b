package verify

import (
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
		case r.Bundle != nil:
			found = append(found, j.checkBundle(r)...)
		case r.Group != nil:
			before := ""
			for k := range r.Group {
				p := &r.Group[k]
				found = append(found, j.checkSingle(p, before, p.Meta, r.Meta)...)
				if before == "" && len(j.activeOn(p.ID, "")) == 0 {
					before = p.ID
				}
			}
		default:
			found = append(found, j.checkSingle(r.Primitive, "", r.Primitive.Meta)...)
		}
	}
	for i := range j.Playbook.Stonith.Devices {
		if d := &j.Playbook.Stonith.Devices[i]; len(j.entries(d.ID)) == 0 {
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

// countDeclared counts the primitives, and the bundles that have none inside.
func countDeclared(p *playbook.Playbook) int {
	n := 0
	for range p.Primitives() {
		n++
	}
	for i := range p.Resources {
		if b := p.Resources[i].Bundle; b != nil && b.Primitive == nil {
			n++
		}
	}
	return n
}
