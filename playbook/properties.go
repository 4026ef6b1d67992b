package playbook

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/plural"
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

func (l *loader) properties(n *yamldoc.Node) Options {
	o := l.options(n, "properties")
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
	return o
}

// checkFencing refuses a cluster that would start nothing, and warns of one
// that could ruin data.
func (l *loader) checkFencing(p *Playbook) {
	property, off := p.fencingOff()
	if !off && !l.fencing && len(p.Resources) > 0 && l.sound("properties") && l.sound("stonith") {
		l.errorAt(p.Pos["resources"], "resources",
			"add stonith.devices, or set properties: {stonith-enabled: false} and accept that a split can ruin data",
			"%s declared but no fencing device: Pacemaker will start nothing [NO_FENCING]", plural.As(len(p.Resources), "resource is", "resources are"))
	}
	value, _ := p.Properties.Get(property)
	for _, f := range p.Findings() {
		l.warnAt(value.Pos, yamldoc.Path("properties").Key(property), f.Fix, "%s [%s]", f.Message, f.Code)
		l.list[len(l.list)-1].Code = f.Code
	}
}
