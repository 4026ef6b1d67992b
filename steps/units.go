package steps

import (
	"slices"

	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/plan"
)

// Units that are no part of the cluster.
const (
	unitPcsd = facts.Pcsd
	unitSBD  = "sbd.service"
)

// What a unit's change may be about, beside its state.
const (
	certificate = "certificate"
	atBoot      = "at boot"
)

// differs reports whether an attribute is among those that a change is about.
func differs(c plan.Change, attribute string) bool {
	return slices.ContainsFunc(c.Diffs, func(d plan.Diff) bool { return d.Name == attribute })
}

// installed reports whether systemd knows the unit.
func installed(u facts.Unit) bool { return u.Load != "" && u.Load != "not-found" }

// stateOf and bootOf are a unit's state, and whether it is started at boot, in
// the words of a plan.
func stateOf(u facts.Unit) string {
	if !installed(u) {
		return "not installed"
	}
	return u.Active
}

func bootOf(u facts.Unit) string {
	switch {
	case !installed(u):
		return "not installed"
	case u.Enabled == "":
		return "unknown"
	}
	return u.Enabled
}
