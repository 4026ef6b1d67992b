package cib

import (
	"fmt"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/internal/secret"
	"github.com/hadeploy/hadeploy/playbook"
)

// CheckValues finds the values that the members' Pacemaker cannot
// keep; installed is the oldest release among them. Of a release that is not
// known it finds, as warnings, all that not every release keeps. secrets
// resolves what the playbook only refers to; no secret is in what it says.
func CheckValues(p *playbook.Playbook, installed pacemaker.Release, secrets func(playbook.SecretRef) (secret.Value, bool)) diag.List {
	var found diag.List
	for _, o := range inCIB(p) {
		value, what := o.Value.Text, "the value of "+o.Name
		if ref := o.Value.Secret; ref != nil {
			v, ok := ref.Plain, ref.Plain.IsSet()
			if !ok {
				v, ok = secrets(*ref)
			}
			if !ok {
				continue // that it is not at hand is told elsewhere
			}
			value, what = v.Reveal(), "the secret for "+o.Name
		}
		d := diag.Diagnostic{Pos: o.Value.Pos, Hint: "write it in plain ASCII, or upgrade Pacemaker to " + pacemaker.KeepsAll.String() + " or later on every node"}
		switch {
		case installed.Keeps(value):
			continue
		case !installed.Known():
			d.Severity = diag.Warning
			d.Message = fmt.Sprintf("%s holds %s, which not every release of Pacemaker keeps, and which one will be installed is not known yet", what, installed.Unkept(value))
		default:
			d.Message = fmt.Sprintf("%s holds %s, which Pacemaker %s damages in the CIB, whoever writes it there", what, installed.Unkept(value), installed)
		}
		if d.Line == 0 {
			d.Pos = o.Pos
		}
		found = append(found, d)
	}
	return found.Sort()
}

// inCIB are all options of a playbook that stand in the CIB: those of which
// Build makes pairs. Ids and the names of options need no look: a playbook can
// only have ASCII ones.
func inCIB(p *playbook.Playbook) playbook.Options {
	b := &builder{without: true}
	b.build(p, &Desired{})
	return b.seen
}
