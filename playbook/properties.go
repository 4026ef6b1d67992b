package playbook

import (
	"github.com/hadeploy/hadeploy/internal/plural"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// fencingProperties switch fencing; releases from 3.0 on know the second name.
var fencingProperties = []string{"stonith-enabled", "fencing-enabled"}

// checkFencing refuses a cluster that would start nothing, and warns of one
// that could ruin data.
func (l *loader) checkFencing(p *Playbook) {
	property, off := p.fencingOff()
	switch {
	case off || l.fencing || len(p.Resources) == 0 || !l.sound("properties") || !l.sound("stonith"):
	case p.watchdogFences(): // with sbd on the nodes, Pacemaker needs no device
		timeout := p.watchdog()
		l.warnAt(timeout.Value.Pos, yamldoc.Path("properties").Key(timeout.Name), "set up sbd and a watchdog on every node, and see: pcs stonith sbd status",
			"no fencing device is declared: nodes are fenced by sbd alone, which hadeploy does not set up yet; where it does not run, Pacemaker will start nothing [NO_FENCING]")
		l.list[len(l.list)-1].Code = "NO_FENCING"
	default:
		at, named := p.Pos["resources"]
		path := yamldoc.Path("resources")
		if !named { // then they are the connections to remote nodes
			at, path = p.Pos["remote_nodes"], "remote_nodes"
		}
		l.judgeAt(at, path,
			"add stonith.devices, or set properties: {stonith-enabled: false} and accept that a split can ruin data",
			"%s declared but no fencing device: Pacemaker will start nothing [NO_FENCING]", plural.As(len(p.Resources), "resource is", "resources are"))
	}
	value, _ := p.Properties.Get(property)
	for _, f := range p.Findings() {
		l.warnAt(value.Pos, yamldoc.Path("properties").Key(property), f.Fix, "%s [%s]", f.Message, f.Code)
		l.list[len(l.list)-1].Code = f.Code
	}
}
