package cib

import (
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/secret"
)

// known are the operations of a primitive that can be compared: all of them, or
// those that the playbook declares where the agent's own are not known.
func known(ops []operation, open map[string]openOps, id string) []operation {
	o, is := open[id]
	if !is {
		return ops
	}
	return slices.DeleteFunc(slices.Clone(ops), func(op operation) bool { return !slices.Contains(o.declared, op.get("name")) })
}

// opName names an operation of a list as differences do: monitor, or
// monitor[10s] where there are several.
func opName(o operation, all ...[]operation) string {
	name := o.get("name")
	for _, list := range all {
		n := 0
		for _, other := range list {
			if other.get("name") == name {
				n++
			}
		}
		if n > 1 {
			return name + "[" + o.get("interval") + "]"
		}
	}
	return name
}

// operations compares those of a primitive that both have.
func (c *comparison) operations(l, r *said) (diffs []plan.Diff) {
	a, b := known(l.ops, c.first.open, l.id), known(r.ops, c.second.open, r.id)
	openLeft, leftIs := c.first.open[l.id]
	openRight, rightIs := c.second.open[r.id]
	if leftIs || rightIs {
		agent := openLeft.agent
		if !leftIs {
			agent = openRight.agent
		}
		c.unknown("default operations", r.id, "no metadata of "+agent)
		a, b = known(a, c.second.open, r.id), known(b, c.first.open, l.id)
	}
	ignored := func(o operation) bool {
		return c.first.ignored[l.id].of("op")(o.get("name")) || c.second.ignored[r.id].of("op")(o.get("name"))
	}
	mate := pairOps(a, b)
	taken := map[int]bool{}
	note := func(o operation, list ...plan.Diff) {
		if ignored(o) {
			for _, d := range list {
				c.leaveOut(r, d, whyIgnored)
			}
			return
		}
		diffs = append(diffs, list...)
	}
	for i, o := range a {
		j := mate[i]
		if j < 0 {
			note(o, plan.Was("op."+opName(o, a, b), opText(o)))
			continue
		}
		taken[j] = true
		note(o, opDiffs("op."+opName(o, a, b), o, b[j], leftIs, rightIs)...)
	}
	for j, o := range b {
		if !taken[j] {
			note(o, plan.Becomes("op."+opName(o, a, b), opText(o)))
		}
	}
	return diffs
}

// pairOps finds for each operation of a the one of b that it is: first of the
// same name, interval and role, then with less of that; -1 is none.
func pairOps(a, b []operation) []int {
	out := slices.Repeat([]int{-1}, len(a))
	interval := func(x, y operation) bool { return sameTime(x.get("interval"), y.get("interval")) }
	role := func(x, y operation) bool { return sameRole(x.get("role"), y.get("role")) }
	for _, same := range []func(x, y operation) bool{
		func(x, y operation) bool { return interval(x, y) && role(x, y) }, interval, role, func(_, _ operation) bool { return true },
	} {
		for i, x := range a {
			for j, y := range b {
				if out[i] < 0 && !slices.Contains(out, j) && x.get("name") == y.get("name") && same(x, y) {
					out[i] = j
				}
			}
		}
	}
	return out
}

// opDiffs are the differences of two operations. Of a declared one whose agent is
// not known, what it does not say the agent may advise.
func opDiffs(prefix string, x, y operation, openLeft, openRight bool) (diffs []plan.Diff) {
	compare := func(before, after []pair, word string, same func(name, a, b string) bool) {
		var names []string
		for _, p := range slices.Concat(before, after) {
			if p.name != "name" && !slices.Contains(names, p.name) {
				names = append(names, p.name)
			}
		}
		for _, name := range names {
			had, has := hasPair(before, name), hasPair(after, name)
			was, is := pairOf(before, name), pairOf(after, name)
			if !had && openLeft || !has && openRight || same(name, was, is) {
				continue
			}
			diffs = append(diffs, diff(prefix+"."+word+name, cut(was), cut(is), had, has, secret.Named(strings.TrimPrefix(name, "options."))))
		}
	}
	compare(x.attrs, y.attrs, "", sameOpAttr)
	compare(x.own, y.own, "options.", func(_, a, b string) bool { return a == b })
	return diffs
}
