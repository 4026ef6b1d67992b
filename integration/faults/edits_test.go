package faults

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/hadeploy/hadeploy/internal/labtest"
)

// editFaults is no fault: it is work that must not be noticed.
func editFaults() []fault {
	return []fault{
		{name: "random edits under load",
			what: "valid edits of the playbook that may not interrupt the web server, each applied; its address is asked ten times a second, and no answer is missed",
			run:  apply, right: right{exit: []int{0}},
			holds: (*cluster).randomEdits,
			undo:  func(c *cluster) { c.onAll("rm -rf /srv/faults") }},
	}
}

// draft is a playbook that grows and changes, beside the quickstart that it
// holds.
type draft struct {
	base     string
	rnd      *rand.Rand
	own      map[string]*drafted // resources
	token    int
	property map[string]string
	interval int // of the address's monitor
	file     int
}

type drafted struct {
	clone    bool
	options  map[string]string
	meta     map[string]string
	interval int
	prefers  map[string]int // node: score
}

// edit changes something, and says what.
func (d *draft) edit() string {
	ids := slices.Sorted(maps.Keys(d.own))
	one := func() (string, *drafted) {
		id := ids[d.rnd.IntN(len(ids))]
		return id, d.own[id]
	}
	kinds := 10
	if len(ids) == 0 {
		kinds = 1
	}
	switch d.rnd.IntN(kinds) {
	case 0, 1:
		if len(ids) < 25 {
			id := fmt.Sprintf("own-%d", len(ids)+1)
			d.own[id] = &drafted{clone: d.rnd.IntN(4) == 0, interval: 10 + d.rnd.IntN(50), options: map[string]string{}, meta: map[string]string{}, prefers: map[string]int{}}
			return "a resource more: " + id
		}
		fallthrough
	case 2:
		id, r := one()
		r.options["op_sleep"] = fmt.Sprint(d.rnd.IntN(3))
		return "an option of " + id
	case 3:
		id, r := one()
		r.meta["priority"] = fmt.Sprint(d.rnd.IntN(100))
		return "a meta attribute of " + id
	case 4:
		id, r := one()
		r.interval = 10 + d.rnd.IntN(50)
		return "an operation of " + id
	case 5:
		id, r := one()
		r.prefers[nodes[d.rnd.IntN(3)]] = d.rnd.IntN(1000)
		return "a constraint of " + id
	case 6:
		d.token = 3000 + d.rnd.IntN(4000)
		return "the token"
	case 7:
		d.property[[]string{"batch-limit", "migration-limit", "pe-input-series-max"}[d.rnd.IntN(3)]] = fmt.Sprint(10 + d.rnd.IntN(90))
		return "a property"
	case 8:
		d.interval = 5 + d.rnd.IntN(30)
		return "the monitor of the address"
	default:
		d.file++
		return "a shipped file"
	}
}

// text is the playbook.
func (d *draft) text() string {
	var resources, location, properties strings.Builder
	for _, id := range slices.Sorted(maps.Keys(d.own)) {
		r := d.own[id]
		body := fmt.Sprintf("id: %s, agent: \"ocf:pacemaker:Dummy\", op: {monitor: {interval: %ds}}", id, r.interval)
		body += flow("options", r.options) + flow("meta", r.meta)
		target := id
		if r.clone {
			target = id + "-clone"
			body = "id: " + target + ", clone: {" + body + "}"
		}
		fmt.Fprintf(&resources, "  - {%s}\n", body)
		for _, n := range slices.Sorted(maps.Keys(r.prefers)) {
			fmt.Fprintf(&location, "    - {resource: %s, node: %s, score: %d}\n", target, n, r.prefers[n])
		}
	}
	for _, name := range slices.Sorted(maps.Keys(d.property)) {
		fmt.Fprintf(&properties, "  %s: %s\n", name, d.property[name])
	}
	totem := ""
	if d.token > 0 {
		totem = fmt.Sprintf("  totem: {token: %d}\n", d.token)
	}
	out := d.base
	for _, r := range [][2]string{
		{"\nconstraints:\n  location:\n", resources.String() + "\nconstraints:\n  location:\n" + location.String()},
		{"\nproperties:\n", "\nproperties:\n" + properties.String()},
		{"  start: true", totem + "  start: true"},
		{"monitor: {interval: 10s}", fmt.Sprintf("monitor: {interval: %ds}", d.interval)},
		{"\nagents:\n", "  - path: /srv/faults/shipped\n    source: files/shipped\n\nagents:\n"},
	} {
		out = strings.Replace(out, r[0], r[1], 1)
	}
	return out
}

func flow(key string, values map[string]string) string {
	if len(values) == 0 {
		return ""
	}
	var all []string
	for _, k := range slices.Sorted(maps.Keys(values)) {
		all = append(all, k+": "+values[k])
	}
	return ", " + key + ": {" + strings.Join(all, ", ") + "}"
}

// randomEdits: 200 of them, or as many as the part for CI has time for. Only
// the resources that are edited may be interrupted.
func (c *cluster) randomEdits() {
	c.t.Helper()
	edits := 8
	if c.all {
		edits = 200
	}
	d := &draft{base: c.read(c.path(playbook)), rnd: random(c.seed), own: map[string]*drafted{}, property: map[string]string{}, interval: 10}
	page := labtest.WatchPage("http://"+c.vip+":8080/", 100*time.Millisecond)
	defer page.End()
	began := time.Now()
	for i := range edits {
		what := d.edit()
		c.write("files/shipped", fmt.Sprintf("version %d\n", d.file), 0o644)
		c.write(playbook, d.text(), 0o644)
		allowed := "none-of-them"
		for id := range d.own {
			allowed += "," + id + "," + id + "-clone"
		}
		r := c.hadeploy(2*time.Minute, "apply", "--yes", "--allow-disruption="+allowed)
		contains(c.t, r, "verified")
		if lost := page.Lost(); r.Code != 0 || len(lost) > 0 || c.t.Failed() {
			c.t.Errorf("edit %d of seed %d (%s): %d of %d requests were missed: %s\n%s\n%s", i+1, c.seed, what, len(lost), page.Asked(), strings.Join(lost, "; "), r, d.text())
			break
		}
		if i%20 == 19 {
			contains(c.t, c.must(0, "plan", "--detailed-exitcode"), "No changes")
			c.t.Logf("%d edits in %s; %d requests, none missed", i+1, time.Since(began).Round(time.Second), page.Asked())
		}
	}
	c.t.Logf("%d edits in %s: %d requests, %d missed", edits, time.Since(began).Round(time.Second), page.Asked(), len(page.Lost()))
}
