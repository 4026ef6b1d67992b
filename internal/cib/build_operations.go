package cib

import (
	"slices"
	"strconv"
	"strings"

	"github.com/hadeploy/hadeploy/internal/agent"
	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/playbook"
)

// operations makes a primitive's operations as pcs does from 0.9.160 on: those
// that are declared, then those of the agent's metadata whose name is not
// among them, all of it sorted by name. Only monitor is taken from a fence
// agent, and monitor is there in any case.
func (b *builder) operations(p *playbook.Primitive, a *agent.Agent) []operation {
	var ops []operation
	declared := map[string]bool{}
	for _, o := range p.Operations {
		declared[o.Name] = true
		op := operation{attrs: []pair{{name: "name", value: o.Name}}}
		for _, x := range o.Options {
			v := b.pair(x)
			if x.Name == "role" {
				v.value = pacemaker.Role(v.value)
			}
			op.attrs = append(op.attrs, v)
		}
		op.own = b.pairs(o.Own)
		if op.get("interval") == "" {
			op.attrs = append(op.attrs, pair{name: "interval", value: defaultInterval(o.Name)})
		}
		ops = append(ops, op)
	}
	if p.Template == "" && !p.OnlyOperations { // a template has them itself
		ops = append(ops, defaultOperations(a, playbook.ParseAgent(p.Agent).Standard == "stonith", declared)...)
	}
	slices.SortStableFunc(ops, func(x, y operation) int { return strings.Compare(x.get("name"), y.get("name")) })
	return ops
}

func defaultOperations(a *agent.Agent, stonith bool, declared map[string]bool) []operation {
	var actions []agent.Action
	monitor := false
	if a != nil {
		for _, a := range a.Actions {
			switch {
			case stonith && a.Name != "monitor":
			case a.Name == "meta-data" || a.Name == "status" || a.Name == "validate-all":
			default:
				monitor = monitor || a.Name == "monitor"
				actions = append(actions, a)
			}
		}
	}
	if !monitor {
		actions = append(actions, agent.Action{Name: "monitor"})
	}
	unique := uniqueIntervals{}
	var ops []operation
	for _, a := range actions {
		if declared[a.Name] {
			continue
		}
		interval := a.Interval
		if interval == "" {
			interval = defaultInterval(a.Name)
		}
		op := operation{attrs: []pair{{name: "name", value: a.Name}, {name: "interval", value: unique.take(a.Name, interval)}}}
		depth := a.Depth
		if depth == "0" {
			depth = ""
		}
		for _, x := range []pair{{name: "timeout", value: a.Timeout}, {name: "role", value: a.Role},
			{name: "start-delay", value: a.StartDelay}, {name: checkLevel, value: depth}} {
			if x.value != "" {
				op.attrs = append(op.attrs, x)
			}
		}
		ops = append(ops, op)
	}
	return ops
}

// uniqueIntervals raises an interval by a second until no other operation of
// that name has it: Pacemaker tells recurring operations apart by name and
// interval, and some agents advise the same one twice.
type uniqueIntervals map[string]bool

func (u uniqueIntervals) take(name, interval string) string {
	ms, ok := pacemaker.Milliseconds(interval)
	if !ok {
		return interval
	}
	// Whole seconds, as pcs counts.
	sec := int64(ms / 1000)
	key := func() string { return name + " " + strconv.FormatInt(sec, 10) }
	if !u[key()] {
		u[key()] = true
		return interval
	}
	for u[key()] {
		sec++
	}
	u[key()] = true
	return strconv.FormatInt(sec, 10)
}
