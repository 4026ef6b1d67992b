package playbook

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/excerpt"
	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// reach is which nodes a fencing device can fence, as Pacemaker's fencer decides
// it (target_list_type and can_fence_host_with_device in its sources).
type reach struct {
	all     bool     // pcmk_host_check=none: every node
	unknown bool     // the device itself is asked, while the cluster runs
	names   []string // of pcmk_host_list and pcmk_host_map
}

// reachOf reads the pcmk_host_* attributes of a device. Without pcmk_host_check a
// list or a map makes it static-list, and with neither it is what the agent can:
// dynamic-list, status or none.
func reachOf(o Options) reach {
	list, hasList := o.Get("pcmk_host_list")
	hosts, hasMap := o.Get("pcmk_host_map")
	check, hasCheck := o.Get("pcmk_host_check")
	switch {
	case check.Secret != nil || list.Secret != nil || hosts.Secret != nil:
		return reach{unknown: true}
	case hasCheck && check.Text == "none":
		return reach{all: true}
	case hasCheck && !strings.EqualFold(check.Text, "static-list"), !hasCheck && !hasList && !hasMap:
		return reach{unknown: true}
	}
	return reach{names: append(hostList(list.Text), hostMap(hosts.Text)...)}
}

// hostList are the names in a pcmk_host_list: white space, commas and semicolons
// part them, on and off are none.
func hostList(text string) []string {
	names := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \t\n,;", r) })
	return slices.DeleteFunc(names, func(n string) bool { return strings.EqualFold(n, "on") || strings.EqualFold(n, "off") })
}

// hostMap are the nodes in a pcmk_host_map: NODE:PORT[,PORT], parted by
// semicolons or blanks; an = does for the colon. What has no port is not taken.
func hostMap(text string) (names []string) {
	for _, entry := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \t;", r) }) {
		if i := strings.IndexAny(entry, ":="); i > 0 && i < len(entry)-1 {
			names = append(names, entry[:i])
		}
	}
	return names
}

func (r reach) has(node string) bool {
	return r.all || slices.ContainsFunc(r.names, func(n string) bool { return strings.EqualFold(n, node) })
}

// fencingGaps finds devices that fence no node or name nodes that are none, and
// members that no device fences. What only the running device can tell is
// unknown, and no reason for a complaint.
func (p *Playbook) fencingGaps(nodes, remotes []string) (out []remark) {
	if _, off := p.fencingOff(); off {
		return nil // told as a whole
	}
	known := append(slices.Clone(nodes), remotes...)
	fenced := map[string]bool{}
	unknown := p.watchdogFences()
	for i := range p.Stonith.Devices {
		d := &p.Stonith.Devices[i]
		r := reachOf(d.Options)
		path := yamldoc.Path("stonith.devices").Index(i)
		strangers := slices.DeleteFunc(slices.Clone(r.names), func(n string) bool {
			return slices.ContainsFunc(known, func(k string) bool { return strings.EqualFold(k, n) })
		})
		option, at := hostsOption(d)
		switch {
		case r.all || r.unknown:
		case len(strangers) == len(r.names):
			hint := "name the nodes in pcmk_host_list as the cluster calls them: " + excerpt.List(nodes)
			what := "it fences only those of its " + option + ", and that names none"
			switch {
			case len(strangers) > 0:
				what = "it fences only those of its " + option + ", and the cluster has no node " + excerpt.List(strangers)
			case option == "pcmk_host_check":
				what = "static-list means those of pcmk_host_list and pcmk_host_map, and neither is given"
			}
			out = append(out, remark{pos: at, path: path.Key("options").Key(option), Finding: plan.Finding{Code: "FENCE_DEVICE_IDLE", Severity: plan.Warning, Object: d.ID,
				Message: fmt.Sprintf("the fencing device %s fences no node: %s", d.ID, what), Fix: hint}})
		default:
			for _, s := range strangers {
				out = append(out, remark{pos: at, path: path.Key("options").Key(option), Finding: plan.Finding{Code: "FENCE_TARGET_UNKNOWN", Severity: plan.Warning, Object: d.ID,
					Message: fmt.Sprintf("%s is to fence %s, and the cluster has no such node", d.ID, quote(s)), Fix: nodesHint(s, known)}})
			}
		}
		if d.Meta.Disabled() {
			continue // the fencer does not use it
		}
		unknown = unknown || r.unknown
		for _, n := range nodes {
			fenced[n] = fenced[n] || r.has(n)
		}
	}
	if unknown || len(p.Stonith.Devices) == 0 {
		return out
	}
	var bare []string
	for _, n := range nodes {
		if !fenced[n] {
			bare = append(bare, n)
		}
	}
	for _, n := range bare {
		out = append(out, remark{pos: p.Stonith.Pos, path: "stonith.devices", Finding: plan.Finding{Code: "NODE_UNFENCED", Severity: plan.Warning, Object: n,
			Message: fmt.Sprintf("no declared device fences %s: when it is lost it stays UNCLEAN, and what ran there starts nowhere", n),
			Fix:     "name it in pcmk_host_list or pcmk_host_map of a device, or declare one for it"}})
	}
	return out
}

// hostsOption is the option that says which nodes a device fences, and where it
// stands.
func hostsOption(d *Primitive) (string, diag.Pos) {
	for _, name := range []string{"pcmk_host_list", "pcmk_host_map", "pcmk_host_check"} {
		if v, ok := d.Options.Get(name); ok {
			return name, v.Pos
		}
	}
	return "pcmk_host_list", d.Pos
}

// watchdogFences reports whether nodes without a device fence themselves by
// their watchdog.
func (p *Playbook) watchdogFences() bool {
	o := p.watchdog()
	return o != nil && FencesByWatchdog(o.Value.Text)
}

// watchdog is the property that says how long a node gets to fence itself; nil
// where there is none.
func (p *Playbook) watchdog() *Option {
	for _, name := range WatchdogProperties {
		for i := range p.Properties {
			if p.Properties[i].Name == name {
				return &p.Properties[i]
			}
		}
	}
	return nil
}

// WatchdogProperties say how long a node gets to fence itself; releases from 3.0
// on know the second name.
var WatchdogProperties = []string{"stonith-watchdog-timeout", "fencing-watchdog-timeout"}

// FencesByWatchdog reports whether such a property lets nodes fence themselves: 0
// does not, and a negative value is twice what sbd has.
func FencesByWatchdog(timeout string) bool {
	ms, read := pacemaker.Milliseconds(timeout)
	return !read || ms != 0
}
