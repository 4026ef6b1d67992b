package agent

import (
	"fmt"
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/playbook"
)

// gone are the standards that Pacemaker 3.0 no longer has.
var gone = map[string]string{
	"upstart": "declare the service as systemd:UNIT",
	"nagios":  "use an OCF agent that watches the service, or watch it from outside of the cluster",
}

// Deprecated finds what the playbook uses and a later release may no longer
// have: agents and options whose metadata says so, and standards that are gone
// from Pacemaker 3. An agent without metadata is judged by its standard alone.
func Deprecated(p *playbook.Playbook, agents map[string]*Agent) []plan.Finding {
	var out []plan.Finding
	for _, r := range p.Written() {
		out = append(out, deprecatedIn(r, agents[r.Ref().String()])...)
	}
	return out
}

func deprecatedIn(r *playbook.Primitive, a *Agent) (out []plan.Finding) {
	standard := r.Ref().Standard
	if fix := gone[standard]; fix != "" {
		out = append(out, plan.Finding{Code: "AGENT_DEPRECATED", Severity: plan.Warning, Object: r.ID,
			Message: fmt.Sprintf("%s uses %s%s: Pacemaker 3 has no agents of the standard %s any more, and would not run it after an upgrade", r.ID, r.Agent, at(r.AgentPos), standard),
			Fix:     fix + ", before Pacemaker is upgraded"})
	}
	if a == nil {
		return out
	}
	if a.Deprecated {
		f := plan.Finding{Code: "AGENT_DEPRECATED", Severity: plan.Warning, Object: r.ID,
			Message: fmt.Sprintf("%s uses %s%s, which says of itself that it is deprecated: a later release may no longer have it", r.ID, a.Name, at(r.AgentPos)),
			Fix:     "see what the agent says: pcs resource describe " + a.Name}
		if a.DeprecatedBy != "" {
			f.Fix = "use " + a.DeprecatedBy + " in its place; the resource restarts with it"
		}
		out = append(out, f)
	}
	for _, o := range r.Options {
		q, ok := a.Parameter(o.Name)
		if !ok || !q.Deprecated {
			continue
		}
		f := plan.Finding{Code: "OPTION_DEPRECATED", Severity: plan.Warning, Object: r.ID,
			Message: fmt.Sprintf("%s gives the option %s%s, which %s calls deprecated: a later release may no longer take it", r.ID, o.Name, at(o.Pos), a.Name),
			Fix:     "leave it out: the agent names no other option in its place"}
		if len(q.DeprecatedBy) > 0 {
			f.Fix = "use " + strings.Join(q.DeprecatedBy, " or ")
		}
		out = append(out, f)
	}
	return out
}

// at is a position within a sentence.
func at(p diag.Pos) string {
	if w := p.InFile(); w != "" {
		return " (" + w + ")"
	}
	return ""
}
