package steps

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/excerpt"
	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/plural"
	"github.com/hadeploy/hadeploy/playbook"
)

// tellNotStarted reports them, where the simulator was asked and the cluster
// starts anything at all.
func (r *Run) tellNotStarted(changes []plan.Change, impact []plan.Impact) {
	live := r.liveCIB()
	if live == nil || r.delta == nil || r.target != nil || r.op.Ends {
		return
	}
	for _, name := range []string{"maintenance-mode", "stop-all-resources"} {
		said, _ := live.Property(name)
		declared, _ := r.Playbook.Properties.Get(name)
		if pacemaker.True(said) || pacemaker.True(declared.Text) {
			return
		}
	}
	for _, f := range notStarted(r.Playbook, changes, impact) {
		r.report(f)
	}
}

// notStarted tells which new primitives the simulator starts on no node: whatever
// stands in the way, in the file or in the cluster, Pacemaker keeps them stopped
// without an error. Those that are to be stopped, and those that wait for a
// ticket, are not among them.
func notStarted(p *playbook.Playbook, changes []plan.Change, impact []plan.Impact) []plan.Finding {
	var left []string
	for i := range p.Resources {
		r := &p.Resources[i]
		if r.Bundle != nil || meantStopped(r.Meta) || waitsForTicket(p, r) {
			continue
		}
		for _, x := range r.Primitives() {
			created := slices.ContainsFunc(changes, func(c plan.Change) bool {
				return c.Action == plan.Create && c.Kind == "primitive" && c.ID == x.ID
			})
			if created && !meantStopped(x.Meta) && !starts(x.ID, impact) {
				left = append(left, x.ID)
			}
		}
	}
	if left == nil || slices.ContainsFunc(p.ResourceDefaults, func(s playbook.OptionSet) bool { return meantStopped(s.Options) }) {
		return nil
	}
	return []plan.Finding{{Code: "RESOURCE_NOT_STARTED", Severity: plan.Warning, Object: left[0],
		Message: fmt.Sprintf("%s created that Pacemaker would start on no node as things are now: %s", plural.As(len(left), "primitive is", "primitives are"), excerpt.List(left)),
		Fix:     "look at constraints, utilization, node attributes, the nodes' state and quorum; what is to stay stopped has target-role: Stopped"}}
}

// starts reports whether an instance of a primitive is started.
func starts(id string, impact []plan.Impact) bool {
	return slices.ContainsFunc(impact, func(i plan.Impact) bool {
		name, _, _ := strings.Cut(i.Resource, ":")
		return name == id && (i.Action == "Start" || i.Action == "Promote") && !strings.Contains(i.Detail, "blocked")
	})
}

func meantStopped(meta playbook.Options) bool {
	role, _ := meta.Get("target-role")
	managed, said := meta.Get("is-managed")
	maintenance, _ := meta.Get("maintenance")
	return strings.EqualFold(role.Text, "Stopped") || said && pacemaker.False(managed.Text) || pacemaker.True(maintenance.Text)
}

func waitsForTicket(p *playbook.Playbook, r *playbook.Resource) bool {
	named := func(id string) bool {
		return id == r.ID || slices.ContainsFunc(r.Primitives(), func(x *playbook.Primitive) bool { return x.ID == id })
	}
	return slices.ContainsFunc(p.Constraints.Ticket, func(t playbook.Ticket) bool {
		return named(t.Resource) || slices.ContainsFunc(t.Sets, func(s playbook.ResourceSet) bool { return slices.ContainsFunc(s.Resources, named) })
	})
}
