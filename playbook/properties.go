package playbook

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// ownProperties are set by Pacemaker itself.
var ownProperties = []string{"cluster-infrastructure", "cluster-name", "dc-version", "have-watchdog", "last-lrm-refresh"}

// fencingProperties switch fencing; releases from 3.0 on know the second name.
var fencingProperties = []string{"stonith-enabled", "fencing-enabled"}

// propertyRules are properties whose values Pacemaker would silently ignore
// when they are wrong. All others are compared with the metadata on the nodes.
var propertyRules = rules{
	"stonith-enabled": boolean, "fencing-enabled": boolean, "symmetric-cluster": boolean, "maintenance-mode": boolean,
	"no-quorum-policy": oneOf("stop", "freeze", "ignore", "demote", "suicide", "fence"),
	"stonith-action":   oneOf("reboot", "off", "poweroff"),
	"batch-limit":      number(-1, maxInt), "migration-limit": number(-1, maxInt),
	"cluster-delay": interval, "dc-deadtime": interval, "cluster-recheck-interval": interval,
	"stonith-timeout": interval, "transition-delay": interval, "shutdown-lock-limit": interval,
	"concurrent-fencing": boolean, "startup-fencing": boolean, "enable-acl": boolean, "enable-startup-probes": boolean,
	"stop-all-resources": boolean, "stop-orphan-resources": boolean, "stop-orphan-actions": boolean,
	"start-failure-is-fatal": boolean, "shutdown-lock": boolean,
}

func (l *loader) checkProperties(o Options) {
	for _, p := range o {
		if slices.Contains(ownProperties, p.Name) {
			l.errorAt(p.Pos, yamldoc.Path("properties").Key(p.Name), "remove it", "%s is set by Pacemaker itself", p.Name)
			continue
		}
		for _, known := range fencingProperties {
			// No slip matters as much as one in these.
			if d := diag.Distance(strings.ReplaceAll(strings.ToLower(p.Name), "_", "-"), known); p.Name != known && d <= 2 {
				l.errorAt(p.Pos, yamldoc.Path("properties").Key(p.Name), fmt.Sprintf("did you mean %q?", known), "unknown property %q", p.Name)
			}
		}
	}
	l.check(o, "properties", propertyRules)
}

// sharedData are agents whose data two nodes must never write at once.
var sharedData = []string{"Filesystem", "LVM-activate", "LVM", "drbd", "mdraid", "ZFS", "controld", "VirtualDomain"}

// checkFencing refuses a cluster that would start nothing, and warns of one
// that could ruin data.
func (l *loader) checkFencing(p *Playbook) {
	off, given, path := Value{}, false, yamldoc.Path("properties")
	for _, name := range fencingProperties {
		if v, ok := p.Properties.Get(name); ok {
			off, given, path = v, isFalse(v.Text), yamldoc.Path("properties").Key(name)
		}
	}
	switch {
	case !given && !l.fencing && len(p.Resources) > 0 && l.sound("properties") && l.sound("stonith"):
		l.errorAt(p.Pos["resources"], "resources",
			"add stonith.devices, or set properties: {stonith-enabled: false} and accept that a split can ruin data",
			"%s declared but no fencing device: Pacemaker will start nothing [NO_FENCING]", resources(len(p.Resources)))
	case given && len(p.Stonith.Devices) > 0:
		l.warnAt(off.Pos, path, "remove the property, or the devices", "fencing devices are declared, but fencing is switched off: none will ever be used")
	case given:
		if risk := atRisk(p.Resources); len(risk) > 0 {
			l.warnAt(off.Pos, path, "add stonith.devices before this cluster carries real data",
				"without fencing both sides of a split may write: %s [NO_FENCING]", strings.Join(risk, ", "))
		}
	}
}

func resources(n int) string {
	if n == 1 {
		return "1 resource is"
	}
	return fmt.Sprintf("%d resources are", n)
}

// atRisk are the ids of resources that write to what several nodes share.
func atRisk(rs []Resource) []string {
	var out []string
	for i := range rs {
		if rs[i].Promotable != nil {
			out = append(out, rs[i].ID)
			continue
		}
		for _, p := range rs[i].Primitives() {
			if slices.Contains(sharedData, ParseAgent(p.Agent).Type) {
				out = append(out, p.ID)
			}
		}
	}
	return out
}
