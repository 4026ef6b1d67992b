// Package agent knows what a resource or fence agent says of itself, its
// metadata: it reads it, judges the options of a playbook by it, and shows what
// a user can write. It is pure: bytes in, values out.
package agent

import (
	"slices"

	"github.com/hadeploy/hadeploy/playbook"
)

// Agent is what a resource or fence agent says about itself.
type Agent struct {
	Name       string // ocf:heartbeat:IPaddr2
	OCF        string // version of the OCF standard that it is written for: 1.0, 1.1
	ShortDesc  string
	LongDesc   string
	Parameters []Parameter
	Actions    []Action
	// Deprecated agents say so of themselves; DeprecatedBy is the one that they
	// name in their place, if any.
	Deprecated   bool
	DeprecatedBy string
	// Warnings tell what was wrong with the metadata and was read all the same.
	Warnings []string
}

// Parameter is one option of an agent.
type Parameter struct {
	Name         string
	Type         string // string, integer, boolean, select, time, second; as the agent says
	Default      string
	Enum         []string // of a select
	Required     bool
	Unique       bool
	UniqueGroup  string // of several parameters that together have to be unique
	Reloadable   bool   // OCF 1.1: a change needs no restart
	Advanced     bool
	Deprecated   bool
	DeprecatedBy []string // the parameters to use instead
	ShortDesc    string
	LongDesc     string
}

// Action is one action of an agent, with the values it advises. An attribute
// that is not given is empty.
type Action struct {
	Name, Timeout, Interval, Role, StartDelay, Depth string
	OnTarget, Automatic                              bool
}

// Parameter finds a parameter by name.
func (a *Agent) Parameter(name string) (Parameter, bool) {
	i := slices.IndexFunc(a.Parameters, func(p Parameter) bool { return p.Name == name })
	if i < 0 {
		return Parameter{}, false
	}
	return a.Parameters[i], true
}

// HasAction reports whether the agent knows the action.
func (a *Agent) HasAction(name string) bool {
	return slices.ContainsFunc(a.Actions, func(x Action) bool { return x.Name == name })
}

// Names lists the distinct agents that a playbook uses, sorted, by the
// names that crm_resource --show-metadata takes and Build looks up.
func Names(p *playbook.Playbook) []string {
	var names []string
	for _, r := range p.Written() {
		names = append(names, r.Ref().String())
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// CanReload reports whether Pacemaker can apply a new value of the parameter
// without a restart: OCF 1.1 agents have reload-agent and mark parameters as
// reloadable; older ones have reload and mark what must not change as unique.
func (a *Agent) CanReload(param string) bool {
	p, ok := a.Parameter(param)
	if !ok {
		return false
	}
	if a.HasAction("reload-agent") {
		return p.Reloadable
	}
	return a.OCF == "1.0" && a.HasAction("reload") && !p.Unique
}
