package steps

import (
	"github.com/hadeploy/hadeploy/internal/cib"
	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/secret"
	"github.com/hadeploy/hadeploy/playbook"
)

// keptByAll refuses values that the Pacemaker of a member would damage. Before
// it is installed everywhere that is not known, which is a finding; the step
// asks again before it pushes anything.
func keptByAll(c *Cluster, have *cib.CIB, secrets func(playbook.SecretRef) (secret.Value, bool)) error {
	list := cib.CheckValues(c.Playbook, oldestPacemaker(c, have), secrets)
	for _, d := range list {
		if d.Severity == diag.Warning {
			c.report(plan.Finding{Code: "VALUE_MAY_CHANGE", Severity: plan.Warning, Message: d.Pos.String() + ": " + d.Message, Fix: d.Hint})
		}
	}
	return list.Err()
}

// oldestPacemaker is the oldest release among the members and the DC that wrote
// the CIB, the zero Release while one of them has none yet.
func oldestPacemaker(c *Cluster, have *cib.CIB) (oldest pacemaker.Release) {
	for i, n := range c.Nodes {
		r := pacemaker.ParseRelease(n.Facts.Packages.Known["pacemaker"].Version)
		if i == 0 || r.Before(oldest) {
			oldest = r
		}
	}
	if have == nil {
		return oldest
	}
	written, _ := have.Property("dc-version")
	if r := pacemaker.ParseRelease(written); r.Known() && (!oldest.Known() || r.Before(oldest)) {
		return r
	}
	return oldest
}
