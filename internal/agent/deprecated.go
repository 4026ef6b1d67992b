package agent

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/playbook"
)

var (
	// retired are the words with which agents say of themselves that they are
	// deprecated: those of resource-agents begin their description with them.
	retired = regexp.MustCompile(`(?i)^\s*(deprecation warning\b|(note:? )?(this|the) (resource )?agent is (now )?(deprecated|obsolete))`)
	// inShort finds it in a short description: "... (deprecated)".
	inShort = regexp.MustCompile(`(?i)\b(deprecated|obsolete)\b`)
	// otherAgent is the name of an agent within a text.
	otherAgent = regexp.MustCompile(`\bocf:+[A-Za-z0-9_.-]+:[A-Za-z0-9_-]+|\bfence_[A-Za-z0-9_]+`)
)

// nearWarning is how far behind the warning an agent is still named as part of
// it, and not for another reason.
const nearWarning = 400

// fillDeprecated reads whether an agent is deprecated: by the element that
// parameters have too, or in words.
func (a *Agent) fillDeprecated(m *metadata) {
	if m.Deprecated != nil {
		a.Deprecated = true
		for _, by := range m.Deprecated.By {
			a.DeprecatedBy = by.Name
		}
	}
	long := retired.MatchString(a.LongDesc)
	if !long && !inShort.MatchString(a.ShortDesc) {
		return
	}
	a.Deprecated = true
	if !long || a.DeprecatedBy != "" {
		return
	}
	text := a.LongDesc[:min(len(a.LongDesc), nearWarning)]
	// resource-agents ends the warning with a dash, and the description follows.
	text, _, _ = strings.Cut(text, "--")
	for _, name := range otherAgent.FindAllString(text, -1) {
		if playbook.ParseAgent(name) != playbook.ParseAgent(a.Name) {
			a.DeprecatedBy = name
			return
		}
	}
}

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
	for _, r := range p.Primitives() {
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
