package playbook

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

var (
	// operationNames are the actions that agents of some standard have, those of
	// the OCF standard first. An agent may have others.
	operationNames = []string{
		"monitor", "start", "stop", "promote", "demote", "notify", "reload", "reload-agent", "migrate_to", "migrate_from", "validate-all", "meta-data",
		"status", "restart", "force-reload", "try-restart", "on", "off", "reboot", "list", "metadata",
	}
	// once are the operations that Pacemaker never repeats, by op_cannot_recur of
	// its scheduler.
	once = []string{"start", "stop", "promote", "demote", "reload-agent", "migrate_to", "migrate_from"}
	// notOfStop are what Pacemaker does not do for a stop that fails, by
	// validate_on_fail of its scheduler.
	notOfStop = []string{"standby", "demote", "stop"}
)

// checkOperation finds what Pacemaker would leave aside in an operation: an
// interval of what is never repeated, and what cannot be done when it fails.
// crm_verify calls it an error too.
func (l *loader) checkOperation(o Operation, path yamldoc.Path) {
	name := o.Name
	if !slices.Contains(operationNames, name) {
		if near := diag.Closest(name, operationNames); near != "" && diag.Distance(strings.ToLower(name), near) <= 2 {
			l.warnAt(o.Pos, path, diag.DidYouMean(name, operationNames), "agents usually have no operation %s; hadeploy plan asks the agent", quote(name))
		}
	}
	role, _ := o.Options.Get("role")
	every, given := o.Options.Get("interval")
	interval, err := ParseInterval(every.Text)
	repeated := err == nil && interval > 0 || !given && name == "monitor"
	if given && repeated && slices.Contains(once, name) {
		l.judgeAt(every.Pos, path.Key("interval"), "remove it; timeout says how long it may take",
			"%s is run when it is needed and never repeated: with an interval Pacemaker leaves all of this aside, its timeout too", name)
	}
	fail, _ := o.Options.Get("on-fail")
	switch {
	case name == "stop" && slices.Contains(notOfStop, fail.Text):
		l.judgeAt(fail.Pos, path.Key("on-fail"), "leave it out, or use fence, block or ignore",
			"what could not be stopped cannot be helped by %s: Pacemaker would take its default for a stop, fence or block", fail.Text)
	case fail.Text == "demote" && name != "promote" && (name != "monitor" || pacemaker.Role(role.Text) != "Promoted" || !repeated):
		l.judgeAt(fail.Pos, path.Key("on-fail"), "use it for promote, or for a monitor with role: Promoted",
			"only what is promoted can be demoted: for this %s Pacemaker would take its default", name)
	}
}

// checkOnFail warns of fencing that cannot be, where fencing is off.
func (l *loader) checkOnFail(p *Playbook) {
	property, off := p.fencingOff()
	if !off {
		return
	}
	for path, r := range p.Primitives() {
		for _, o := range r.Operations {
			if v, ok := o.Options.Get("on-fail"); ok && v.Text == "fence" {
				l.warnAt(v.Pos, (path+".op").Key(o.Name)+".on-fail", "use stop, or add a fencing device and remove "+property,
					"%s is false, so nothing can be fenced when the %s of %s fails: Pacemaker would stop the resource", property, o.Name, r.ID)
			}
		}
	}
}

// checkIntervals wants different intervals of operations of one name: for
// Pacemaker the two together are an operation's name. Without an interval pcs
// takes 60s for a monitor and 0 for others.
func (l *loader) checkIntervals(ops []Operation, path yamldoc.Path) {
	type key struct {
		name     string
		interval time.Duration
	}
	first := map[key]int{}
	for _, o := range ops {
		k := key{name: o.Name}
		pos := o.Pos
		if v, ok := o.Options.Get("interval"); ok {
			d, err := ParseInterval(v.Text)
			if err != nil {
				continue // reported
			}
			k.interval, pos = d, v.Pos
		} else if o.Name == "monitor" {
			k.interval = time.Minute
		}
		if line := first[k]; line > 0 {
			l.judgeAt(pos, path.Key(o.Name), "give each its own interval, such as 10s and 11s", "two %s operations have the interval %s; the other is on line %d", o.Name, seconds(k.interval), line)
			continue
		}
		first[k] = pos.Line
	}
}

// seconds writes an interval as pcs shows it: 60s, 0s, 500ms.
func seconds(d time.Duration) string {
	if d%time.Second == 0 {
		return fmt.Sprintf("%ds", d/time.Second)
	}
	return d.String()
}
