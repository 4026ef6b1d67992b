package steps

import (
	"context"
	"strings"

	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/plan"
)

// pcsd runs pcs's daemon, now and after a boot, with the certificate that is
// there: it reads it at its start. Nothing of the cluster depends on it.
type pcsd struct{}

func (pcsd) Name() string { return "pcsd" }
func (pcsd) Touches() []facts.Section {
	return []facts.Section{facts.SectionUnits, facts.SectionCorosync}
}

func (pcsd) Check(_ context.Context, t *Target) ([]plan.Change, error) {
	u := t.Node.Facts.Units[unitPcsd]
	c := plan.Change{Action: plan.Update, Kind: "service", ID: "pcsd", Pcs: "systemctl enable --now pcsd"}
	if !installed(u) {
		c.Unknown, c.Open = "until packages are installed", []string{atBoot}
	}
	if !u.Running() { // in what state it is until then comes and goes: inactive, activating, failed
		c.Diffs, c.Open = append(c.Diffs, plan.Changes("state", stateOf(u), "active")), append(c.Open, "state")
	}
	if u.Enabled != "enabled" {
		c.Diffs = append(c.Diffs, plan.Changes(atBoot, bootOf(u), "enabled"))
	}
	if u.Running() && t.Node.Facts.Corosync.CertificateNotRead() {
		c.Diffs = append(c.Diffs, plan.Changes(certificate, "older than the file", "as in the file"))
		c.Pcs = "systemctl restart pcsd"
	}
	if c.Diffs == nil {
		return nil, nil
	}
	return []plan.Change{c}, nil
}

func (pcsd) Apply(ctx context.Context, t *Target, changes []plan.Change) error {
	for _, c := range changes {
		var words []string
		switch state, boot := differs(c, "state"), differs(c, atBoot); {
		case state && boot:
			words = []string{"enable", "--now"}
		case state:
			words = []string{"start"}
		case boot:
			words = []string{"enable"}
		}
		if differs(c, certificate) {
			if err := systemctl(ctx, t.Node, "restart", unitPcsd); err != nil {
				return err
			}
		}
		if words == nil {
			continue
		}
		if err := systemctl(ctx, t.Node, append(words, unitPcsd)...); err != nil {
			return err
		}
	}
	return nil
}

// enable makes the cluster start at boot, or not.
type enable struct{}

func (enable) Name() string             { return "enable" }
func (enable) Touches() []facts.Section { return []facts.Section{facts.SectionUnits} }

func (enable) Check(_ context.Context, t *Target) ([]plan.Change, error) {
	want, verb := "enabled", "enable"
	if !t.Playbook.Cluster.Enable {
		want, verb = "disabled", "disable"
	}
	var changes []plan.Change
	for _, unit := range []string{facts.Corosyncd, facts.Pacemakerd} {
		u := t.Node.Facts.Units[unit]
		if u.Enabled == want {
			continue
		}
		c := plan.Change{Action: plan.Update, Kind: "service", ID: strings.TrimSuffix(unit, ".service"),
			Diffs: []plan.Diff{plan.Changes(atBoot, bootOf(u), want)}, Pcs: "pcs cluster " + verb + " " + t.Node.NodeName}
		if !installed(u) {
			c.Unknown, c.Open = "until packages are installed", []string{atBoot}
		}
		changes = append(changes, c)
	}
	return changes, nil
}

func (enable) Apply(ctx context.Context, t *Target, changes []plan.Change) error {
	words := []string{"enable"}
	if !t.Playbook.Cluster.Enable {
		words = []string{"disable"}
	}
	for _, c := range changes {
		words = append(words, c.ID+".service")
	}
	return systemctl(ctx, t.Node, words...)
}
