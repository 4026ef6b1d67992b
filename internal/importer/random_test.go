package importer

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/yamlout"
)

// writer makes playbooks at random. They are valid but for slips that are too
// tedious to avoid.
type writer struct {
	*rand.Rand

	old       bool // for releases before Pacemaker 2.1
	named     int
	tops      []string // resources that constraints may name
	plain     []string // those of them that are no bundles and no promotable clones
	promoted  []string
	all       []string // all resources, also those in others
	devices   []string
	templates []string
	vms       []string // primitives in nothing else
}

var memberNames = []string{"n1", "n2", "n-3.example"}

// odd values are what may stand in an option.
var oddValues = []string{"1", "010", "true", "yes", "off", "0x1F", "1.50", "~", "null", "a b", " a ", "a: b", "# no", "- x", "{x}", "[x", "it's", `say "so"`, `\n`, "a&b<c>d", "$HOME/x", "100%",
	"@x", "*.log", "!x", "|", ">", "?", "50MB", "2027-01-31", "12:30", "=", "ü", "a,b", "%h", "`id`", "x # y", "key: [1, 2]", "1e3", "+1", ".5", "INFINITY", "//nvpair[@name='a']", strings.Repeat("long ", 40) + "."}

func (w *writer) chance(of int) bool { return w.IntN(of) == 0 }

func pick[T any](w *writer, list ...T) T { return list[w.IntN(len(list))] }

// some are a few of a list, each once, in any order.
func some[T any](w *writer, most int, list []T) []T {
	list = slices.Clone(list)
	w.Shuffle(len(list), func(i, k int) { list[i], list[k] = list[k], list[i] })
	return list[:min(len(list), w.IntN(most+1))]
}

func (w *writer) id(kind string) string {
	w.named++
	return pick(w, kind, kind, "X"+kind, "_"+kind+".") + pick(w, "", "-", "_") + fmt.Sprint(w.named)
}

func (w *writer) duration() string {
	return pick(w, "10s", "1min", "30", "5m", "1h", "500ms", "90s", "2min", "PT1M30S")
}

func (w *writer) time() string { return pick(w, "10s", "1min", "30", "5m", "1h", "1500ms", "90s") }

func (w *writer) score() string {
	return pick(w, "0", "1", "-1", "50", "200", "1000", "INFINITY", "-INFINITY")
}

func (w *writer) flag() string {
	return pick(w, "true", "false", "true", "yes", "on", "1", "0", "False")
}

// pairs are names with values of some kinds.
func (w *writer) pairs(most int, kinds map[string]func() string) *yamlout.Map {
	m := yamlout.NewMap()
	names := make([]string, 0, len(kinds))
	for name := range kinds {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range some(w, most, names) {
		m.Set(name, yamlout.Text(kinds[name]()))
	}
	return m
}

func (w *writer) value() string {
	if w.chance(3) {
		return strings.ReplaceAll(pick(w, oddValues...), "${", "$${")
	}
	return pick(w, "10.0.0.1", "/var/lib/x", "eth0", "24", "name", "a=b")
}

func (w *writer) options(most int, secrets bool) *yamlout.Map {
	m := yamlout.NewMap()
	for _, name := range some(w, most, []string{"state", "ip", "cidr_netmask", "op_sleep", "config", "envfile", "fake", "dbname", "a.b", "x-y", "CRM_meta_x", "trace_ra", "a_very_long_name_of_an_option"}) {
		m.Set(name, yamlout.Text(w.value()))
	}
	if secrets && w.chance(20) {
		m.Set(pick(w, "passwd", "api_token"), yamlout.NewMap().SetText("env", "SECRET_ONE").Node())
	}
	return m
}

func (w *writer) meta(clone bool) *yamlout.Map {
	kinds := map[string]func() string{
		"priority": w.score, "resource-stickiness": w.score, "migration-threshold": func() string { return pick(w, "1", "3", "INFINITY") },
		"failure-timeout": w.time, "is-managed": w.flag, "maintenance": w.flag, "target-role": func() string { return pick(w, "Started", "Stopped") },
		"multiple-active": func() string { return pick(w, "block", "stop_only") }, "requires": func() string { return pick(w, "nothing", "quorum") },
		"allow-migrate": w.flag,
	}
	if clone {
		kinds["interleave"], kinds["notify"], kinds["globally-unique"] = w.flag, w.flag, func() string { return "false" }
		kinds["clone-max"], kinds["clone-node-max"] = func() string { return pick(w, "2", "3") }, func() string { return "1" }
	}
	return w.pairs(3, kinds)
}

func (w *writer) utilization() *yamlout.Map {
	return w.pairs(2, map[string]func() string{"cpu": func() string { return "1" }, "memory": func() string { return pick(w, "64", "2048", "0") }, "x_y": func() string { return "7" }})
}

// op are operations: one of a name, or a list of them.
func (w *writer) op(promotable bool) *yamlout.Map {
	one := func(name, role, interval string) *yamlout.Map {
		m := yamlout.NewMap().SetText("interval", interval)
		for _, more := range some(w, 3, []string{"timeout", "on-fail", "enabled", "start-delay", "record-pending", "OCF_CHECK_LEVEL", "description", "options", "interval-origin"}) {
			switch more {
			case "timeout":
				m.SetText(more, w.time())
			case "start-delay":
				if _, origin := text(m, "interval-origin"); !origin {
					m.SetText(more, w.time())
				}
			case "on-fail":
				m.SetText(more, pick(w, "ignore", "block", "stop", "fence", "standby")) // of a stop not all are possible
			case "enabled", "record-pending":
				m.SetText(more, w.flag())
			case "OCF_CHECK_LEVEL":
				if name == "monitor" {
					m.SetText(more, pick(w, "0", "10", "20"))
				}
			case "description":
				m.SetText(more, pick(w, "looks", "a & b", "it's \"so\""))
			case "options":
				if w.chance(3) {
					m.Set(more, w.options(2, false).Node())
				}
			case "interval-origin":
				if _, delay := text(m, "start-delay"); !delay && w.chance(6) && name == "monitor" {
					m.SetText(more, "2027-01-01T00:00:00Z")
				}
			}
		}
		return m.SetText("role", role)
	}
	m := yamlout.NewMap()
	names := []string{"start", "stop", "monitor"}
	if promotable {
		names = append(names, "promote", "demote", "notify")
	}
	for _, name := range some(w, 3, names) {
		switch {
		case name != "monitor":
			o := one(name, "", pick(w, "", "", "0s", "0"))
			if name == "stop" {
				o = yamlout.NewMap().SetText("timeout", w.time())
			}
			m.Set(name, o.Node())
		case promotable:
			m.Set(name, yamlout.List(one(name, "Promoted", "10s").Node(), one(name, "Unpromoted", "11s").Node()))
		case w.chance(4):
			m.Set(name, yamlout.List(one(name, "", "10s").Node(), one(name, pick(w, "", "Started", "Stopped"), "1min").Node()))
		default:
			m.Set(name, one(name, "", w.duration()).Node())
		}
	}
	return m
}

// primitive is one, without what it is in.
func (w *writer) primitive(promotable, templates bool) *yamlout.Map {
	m := yamlout.NewMap().SetText("id", w.id("res"))
	id, _ := text(m, "id")
	w.all = append(w.all, id)
	switch {
	case promotable:
		m.SetText("agent", "ocf:pacemaker:Stateful")
	case templates && len(w.templates) > 0 && w.chance(3):
		m.SetText("template", pick(w, w.templates...))
	default:
		m.SetText("agent", pick(w, "ocf:pacemaker:Dummy", "ocf:heartbeat:Filesystem", "ocf:acme:thing", "ocf:heartbeat:apache", "systemd:unit-"+fmt.Sprint(w.named), "lsb:script"+fmt.Sprint(w.named), "systemd:u@"+fmt.Sprint(w.named)))
	}
	agent, _ := text(m, "agent")
	if !strings.HasPrefix(agent, "systemd:") && !strings.HasPrefix(agent, "lsb:") {
		m.Set("options", w.options(4, true).Node())
	}
	return w.common(m, promotable)
}

func (w *writer) common(m *yamlout.Map, promotable bool) *yamlout.Map {
	if w.chance(2) {
		m.Set("meta", w.meta(false).Node())
	}
	if w.chance(2) {
		m.Set("op", w.op(promotable).Node())
	}
	if _, agent := text(m, "agent"); agent && w.chance(6) {
		m.SetText("default_operations", "false")
	}
	if w.chance(6) {
		m.Set("utilization", w.utilization().Node())
	}
	return w.described(m)
}

func (w *writer) described(m *yamlout.Map) *yamlout.Map {
	if w.chance(8) {
		m.SetText("description", pick(w, "a text", "it's: so", `<a & "b">`, " x "))
	}
	return m
}

func text(m *yamlout.Map, key string) (string, bool) {
	n := m.Node()
	for i := 0; n != nil && i < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1].Value, true
		}
	}
	return "", false
}

func (w *writer) group(templates bool) (list []*yamlout.Map) {
	for range 1 + w.IntN(3) {
		list = append(list, w.primitive(false, templates))
	}
	return list
}

func nodes(list []*yamlout.Map) *yamlout.Node {
	var items []*yamlout.Node
	for _, m := range list {
		items = append(items, m.Node())
	}
	return yamlout.List(items...)
}

func (w *writer) resource() *yamlout.Map {
	top := func(kind string) *yamlout.Map {
		id := w.id(kind)
		w.tops, w.all = append(w.tops, id), append(w.all, id)
		return yamlout.NewMap().SetText("id", id)
	}
	switch w.IntN(7) {
	case 0, 1:
		m := w.primitive(false, true)
		id, _ := text(m, "id")
		if a, _ := text(m, "agent"); strings.HasPrefix(a, "ocf:") {
			w.vms = append(w.vms, id)
		}
		w.tops, w.plain = append(w.tops, id), append(w.plain, id)
		return m
	case 2, 3:
		m := top("group").Set("group", nodes(w.group(true)))
		w.plain = append(w.plain, w.tops[len(w.tops)-1])
		return w.described(m.Set("meta", w.meta(false).Node()))
	case 4:
		m := top("clone")
		w.plain = append(w.plain, w.tops[len(w.tops)-1])
		if w.chance(2) {
			g := yamlout.NewMap().SetText("id", w.id("group"))
			id, _ := text(g, "id")
			w.all = append(w.all, id)
			m.Set("clone", w.described(g.Set("group", nodes(w.group(true)))).Node())
		} else {
			m.Set("clone", w.primitive(false, true).Node())
		}
		return w.described(m.Set("meta", w.meta(true).Node()))
	case 5:
		m := top("prom").Set("promotable", w.primitive(true, false).Node())
		w.promoted = append(w.promoted, w.tops[len(w.tops)-1])
		meta := w.meta(true)
		if w.chance(2) {
			meta.SetText("promoted-max", pick(w, "1", "2"))
		}
		return w.described(m.Set("meta", meta.Node()))
	}
	m := top("bundle")
	b := yamlout.NewMap().SetText("container", pick(w, "podman", "docker")).SetText("image", pick(w, "localhost/x:1", "registry.local/a/b")).SetText("replicas", pick(w, "", "1", "3"))
	b.SetText("run-command", pick(w, "", "", "/bin/sh -c 'x'")).SetText("options", pick(w, "", "--log-driver=journald", `-e A="b c"`))
	m.Set("bundle", b.Node())
	if w.chance(2) {
		m.Set("network", yamlout.NewMap().SetText("ip-range-start", fmt.Sprintf("10.1.%d.10", w.named%200)).SetText("host-netmask", pick(w, "", "24")).SetText("host-interface", pick(w, "", "eth0")).Node())
		switch w.IntN(4) {
		case 0:
			m.Set("ports", yamlout.List(yamlout.NewMap().SetText("port", "80").Node(), yamlout.NewMap().SetText("port", "81").SetText("internal-port", "8081").SetText("id", w.id("port")).Node()))
		case 1:
			m.Set("ports", yamlout.List(yamlout.NewMap().SetText("range", "8000-8010").Node()))
		}
		if w.chance(2) {
			m.Set("primitive", w.primitive(false, false).Node())
		}
	}
	switch w.IntN(4) {
	case 0:
		m.Set("storage", yamlout.List(yamlout.NewMap().SetText("source-dir", "/srv/a").SetText("target-dir", "/a").SetText("options", pick(w, "", "ro,Z")).Node(),
			yamlout.NewMap().SetText("source-dir-root", "/srv/b").SetText("target-dir", "/b").SetText("id", w.id("map")).Node()))
	}
	return w.described(m.Set("meta", w.pairs(2, map[string]func() string{"priority": w.score, "is-managed": w.flag}).Node()))
}

// rule is one of locations or of sets.
func (w *writer) rule(nodesToo bool, depth int) string {
	dates := []string{"date gt 2027-01-31", "date lt 2027-01-31T08:00:00Z", "date in_range 2027-01-01 to 2028-01-01", "date in_range 2027-01-01 to duration weeks=2",
		"date-spec hours=9-16 weekdays=1-5", "date-spec months=1-2 monthdays=1-7", "date-spec yeardays=3", "date in_range to 2030-01-01"}
	attributes := []string{"defined pingd", "not_defined pingd", "pingd lt 1", "site eq north", "#uname ne n1", "load gte number 1.5", "v gt version 1.2", "a lte integer 4", "x eq string 5", `site eq "a b"`, "#kind eq remote"}
	if w.old {
		dates = slices.DeleteFunc(dates, func(s string) bool { return strings.Contains(s, "yeardays") })
	}
	from := dates
	if nodesToo {
		from = append(slices.Clone(dates), attributes...)
		from = append(from, attributes...)
	}
	if depth > 2 || w.chance(2) {
		return pick(w, from...)
	}
	join := pick(w, " and ", " or ")
	var parts []string
	for range 2 + w.IntN(2) {
		part := w.rule(nodesToo, depth+1)
		if strings.Contains(part, " and ") || strings.Contains(part, " or ") {
			part = "(" + part + ")"
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, join)
}

// properties are some that no release refuses.
func (w *writer) properties(most int) *yamlout.Map {
	return w.pairs(most, map[string]func() string{
		"no-quorum-policy": func() string { return pick(w, "stop", "freeze", "ignore", "suicide") }, "maintenance-mode": w.flag, "symmetric-cluster": w.flag,
		"cluster-recheck-interval": w.time, "stonith-timeout": w.time, "batch-limit": func() string { return pick(w, "0", "-1", "30") }, "load-threshold": func() string { return "70%" },
		"enable-acl": w.flag, "node-health-strategy": func() string { return pick(w, "none", "custom") }, "node-health-red": w.score, "placement-strategy": func() string { return pick(w, "default", "balanced") },
		"stop-all-resources": w.flag, "pe-input-series-max": func() string { return "100" },
	})
}

// sets are those of defaults or of properties.
func (w *writer) sets(key string, most int, pairs func() *yamlout.Map, rules func() string, ruled bool) *yamlout.Node {
	var list []*yamlout.Node
	plain := false
	for range w.IntN(most + 1) {
		m := yamlout.NewMap()
		p := pairs()
		if p.Len() == 0 {
			continue
		}
		if ruled || w.chance(2) {
			m.SetText("id", w.id("set"))
			if w.chance(2) {
				m.SetText("rule", rules())
			}
			if _, rule := text(m, "rule"); !rule || w.chance(2) {
				m.SetText("score", pick(w, "1", "50", "-10", "INFINITY", "200"))
			}
		} else if plain {
			continue
		} else {
			plain = true
		}
		list = append(list, m.Set(key, p.Node()).Node())
	}
	return yamlout.List(list...)
}

// playbook writes one.
func (w *writer) playbook() *yamlout.Map {
	m := yamlout.NewMap().SetText("name", "random").Set("hacluster", yamlout.NewMap().Set("password", yamlout.NewMap().SetText("env", "HACLUSTER_PASSWORD").Node()).Node())
	hosts := yamlout.NewMap()
	for _, n := range memberNames {
		hosts.Set(n, yamlout.Empty())
	}
	m.Set("inventory", yamlout.NewMap().Set("all", yamlout.NewMap().Set("hosts", hosts.Node()).Node()).Node())
	own := yamlout.NewMap()
	for _, n := range some(w, 2, memberNames) {
		one := yamlout.NewMap()
		one.Set("attributes", w.pairs(2, map[string]func() string{"site": func() string { return pick(w, "north", "a b") }, "rack": w.value, "x.y": w.value}).Node())
		if w.chance(3) {
			one.Set("utilization", yamlout.NewMap().SetText("cpu", "8").SetText("memory", "10000").SetText("x_y", "99").Node())
		}
		own.Set(n, one.Node())
	}
	if w.chance(3) {
		m.Set("nodes", own.Node())
	}
	fenced := w.chance(3)
	properties := w.properties(4)
	if !fenced {
		properties.SetText("stonith-enabled", "false")
	}
	m.Set("properties", properties.Node())
	if w.chance(4) {
		m.Set("property_sets", w.sets("options", 2, func() *yamlout.Map { return w.properties(2) }, func() string { return w.rule(false, 0) }, true))
	}
	resourceRule := func() string {
		if w.old || w.chance(2) {
			return w.rule(false, 0)
		}
		return pick(w, "resource ocf:heartbeat:IPaddr2", "resource ::Dummy", "resource systemd::", "resource ocf:heartbeat: and date-spec hours=1")
	}
	if w.chance(3) {
		m.Set("resource_defaults", w.sets("meta", 3, func() *yamlout.Map { return w.meta(false) }, resourceRule, false))
	}
	opRule := func() string {
		if w.old || w.chance(2) {
			return w.rule(false, 0)
		}
		return pick(w, "op monitor", "op monitor interval=10s", "op start and resource ocf::", "op stop or date gt 2027-01-01")
	}
	if w.chance(3) {
		m.Set("operation_defaults", w.sets("meta", 3, func() *yamlout.Map {
			return w.pairs(2, map[string]func() string{"timeout": w.time, "record-pending": w.flag, "on-fail": func() string { return pick(w, "restart", "block") }})
		}, opRule, false))
	}
	if fenced {
		var devices, levels []*yamlout.Node
		for range 1 + w.IntN(3) {
			id := w.id("fence")
			w.devices = append(w.devices, id)
			d := yamlout.NewMap().SetText("id", id).SetText("agent", pick(w, "fence_ipmilan", "fence_xvm", "fence_sbd")).
				Set("options", w.options(2, true).SetText("pcmk_host_list", strings.Join(memberNames, " ")).Node())
			devices = append(devices, w.common(d, false).Node())
		}
		for i := range w.IntN(3) {
			l := yamlout.NewMap().SetText("level", fmt.Sprint(i+1))
			switch w.IntN(3) {
			case 0:
				l.SetText("target_pattern", "n.*")
			case 1:
				l.SetText("target_attribute", "site").SetText("target_value", "north")
			default:
				l.SetText("target", pick(w, memberNames...))
			}
			if w.chance(3) {
				l.SetText("id", w.id("level"))
			}
			levels = append(levels, l.Set("devices", yamlout.Texts(append(some(w, 1, w.devices[1:]), w.devices[0])...)).Node())
		}
		m.Set("stonith", yamlout.NewMap().Set("devices", yamlout.List(devices...)).Set("levels", yamlout.List(levels...)).Node())
	}
	var templates []*yamlout.Node
	for range w.IntN(3) * w.IntN(2) {
		id := w.id("tmpl")
		t := yamlout.NewMap().SetText("id", id).SetText("agent", pick(w, "ocf:pacemaker:Dummy", "ocf:heartbeat:Filesystem")).Set("options", w.options(3, true).Node())
		templates = append(templates, w.common(t, false).Node())
		w.templates = append(w.templates, id)
	}
	m.Set("templates", yamlout.List(templates...))
	var resources []*yamlout.Node
	for range w.IntN(4) {
		resources = append(resources, w.resource().Node())
	}
	m.Set("resources", yamlout.List(resources...))
	var tags []*yamlout.Node
	for range w.IntN(3) {
		if of := some(w, 3, w.all); len(of) > 0 {
			tags = append(tags, yamlout.NewMap().SetText("id", w.id("tag")).Set("resources", yamlout.Texts(of...)).Node())
		}
	}
	m.Set("tags", yamlout.List(tags...))
	if w.chance(4) {
		m.Set("alerts", w.alerts())
	}
	if len(w.tops) > 0 && w.chance(2) {
		m.Set("constraints", w.constraints().Node())
	}
	if w.chance(3) {
		m.Set("acls", w.acls().Node())
	}
	if w.chance(5) {
		m.Set("remote_nodes", w.remoteNodes())
	}
	if w.chance(4) {
		m.Set("kept", w.kept().Node())
	}
	return m
}

func (w *writer) remoteNodes() *yamlout.Node {
	var list []*yamlout.Node
	for i := range w.IntN(3) {
		n := yamlout.NewMap().SetText("name", w.id("remote"))
		if len(w.vms) > i && w.chance(2) {
			n.SetText("guest", w.vms[i]).Set("options", yamlout.NewMap().SetText("remote-addr", "10.2.0.1").SetText("remote-port", pick(w, "", "3999")).SetText("remote-connect-timeout", pick(w, "", "30s")).Node())
		} else {
			n.SetText("server", fmt.Sprintf("10.2.1.%d", i+1))
			if w.chance(2) {
				n.Set("options", yamlout.NewMap().SetText("reconnect_interval", "60s").SetText("port", pick(w, "", "3999")).Node())
			}
			if w.chance(2) {
				n.Set("op", yamlout.NewMap().Set("monitor", yamlout.NewMap().SetText("interval", "30s").Node()).Node())
			}
		}
		list = append(list, n.Node())
	}
	return yamlout.List(list...)
}

// kept is what an import finds beside what is declared.
func (w *writer) kept() *yamlout.Map {
	on := yamlout.NewMap()
	for _, n := range some(w, 2, memberNames) {
		on.Set(n, w.pairs(2, map[string]func() string{"standby": w.flag, "maintenance": w.flag, "#health-cpu": func() string { return pick(w, "green", "red") }, "terminate": w.flag}).Node())
	}
	own := w.pairs(3, map[string]func() string{"dc-version": func() string { return "2.1.5-a3f44794f94" }, "cluster-infrastructure": func() string { return "corosync" },
		"last-lrm-refresh": func() string { return "1690000000" }, "have-watchdog": w.flag})
	return yamlout.NewMap().Set("properties", own.Node()).Set("nodes", on.Node())
}

func (w *writer) alerts() *yamlout.Node {
	var list []*yamlout.Node
	notice := func(m *yamlout.Map) *yamlout.Map {
		if w.chance(2) {
			m.Set("options", w.options(2, false).Node())
		}
		if w.chance(2) {
			m.Set("meta", w.pairs(2, map[string]func() string{"timeout": w.time, "timestamp-format": func() string { return "%H:%M:%S.%06N" }}).Node())
		}
		return w.described(m)
	}
	for range w.IntN(3) {
		a := notice(yamlout.NewMap().SetText("id", w.id("alert")).SetText("path", pick(w, "/bin/true", "/usr/local/bin/tell it")))
		if w.chance(3) {
			a.Set("select", yamlout.Texts(pick(w, []string{"nodes"}, []string{"attributes"}, []string{"fencing", "attributes"})...))
			if s := a.Node(); w.chance(2) && strings.Contains(fmt.Sprint(values(s)), "attributes") {
				a.Set("attributes", yamlout.Texts("pingd", "site"))
			}
		}
		var to []*yamlout.Node
		for i := range w.IntN(3) {
			r := yamlout.NewMap().SetText("value", fmt.Sprintf("%s-%d", pick(w, "ops@example.com", "/var/log/x"), i))
			if w.chance(2) {
				r.SetText("id", w.id("to"))
			}
			to = append(to, notice(r).Node())
		}
		list = append(list, a.Set("recipients", yamlout.List(to...)).Node())
	}
	return yamlout.List(list...)
}

// values are all scalars under a value.
func values(n *yamlout.Node) (list []string) {
	if n == nil {
		return nil
	}
	for _, c := range n.Content {
		list = append(list, values(c)...)
	}
	return append(list, n.Value)
}

func (w *writer) constraints() *yamlout.Map {
	maybeID := func(m *yamlout.Map) *yamlout.Map {
		if w.chance(3) {
			m.SetText("id", w.id("con"))
		}
		return m
	}
	var location, colocation, order, ticket []*yamlout.Node
	used := map[string]bool{}
	once := func(words ...string) bool {
		key := strings.Join(words, " ")
		defer func() { used[key] = true }()
		return !used[key]
	}
	for range w.IntN(5) {
		who, c := pick(w, w.tops...), maybeID(yamlout.NewMap())
		if w.chance(5) {
			who = pick(w, "res.*", "^(a|b)$", "group[0-9]+")
			c.SetText("resource_pattern", who)
		} else {
			c.SetText("resource", who)
		}
		if w.chance(2) {
			on := pick(w, memberNames...)
			if !once("l", who, on) {
				continue
			}
			c.SetText("node", on).SetText("score", w.score())
		} else {
			rule := w.rule(true, 0)
			if !once("l", who, rule) {
				continue
			}
			if c.SetText("rule", rule); w.chance(5) {
				c.SetText("score_attribute", "weight")
			} else {
				c.SetText("score", w.score())
			}
		}
		if slices.Contains(w.promoted, who) && w.chance(2) {
			c.SetText("role", pick(w, "Promoted", "Unpromoted"))
		}
		if w.chance(6) {
			c.Set("options", yamlout.NewMap().SetText("resource-discovery", pick(w, "always", "never", "exclusive")).Node())
		}
		location = append(location, c.Node())
	}
	// pair is a later and an earlier resource, so that no circle comes about.
	pair := func() (later, earlier string, ok bool) {
		if len(w.tops) < 2 {
			return "", "", false
		}
		i := 1 + w.IntN(len(w.tops)-1)
		return w.tops[i], w.tops[w.IntN(i)], true
	}
	sets := func(constraint *yamlout.Map, more func(set *yamlout.Map, of []string)) *yamlout.Map {
		of := some(w, 4, w.tops)
		if len(of) < 2 {
			return nil
		}
		var list []*yamlout.Node
		for len(of) > 0 {
			n := 1 + w.IntN(len(of))
			set := yamlout.NewMap().Set("resources", yamlout.Texts(of[:n]...))
			more(set, of[:n])
			list, of = append(list, set.Node()), of[n:]
		}
		return constraint.Set("sets", yamlout.List(list...))
	}
	promoted := func(of []string) bool {
		return !slices.ContainsFunc(of, func(id string) bool { return !slices.Contains(w.promoted, id) })
	}
	for range w.IntN(4) {
		if later, earlier, ok := pair(); ok && once("c", later) {
			c := maybeID(yamlout.NewMap()).SetText("resource", later).SetText("with", earlier).SetText("score", pick(w, "50", "-50", "INFINITY", ""))
			if promoted([]string{earlier}) && w.chance(2) {
				c.SetText("with_role", pick(w, "Promoted", "Unpromoted"))
			}
			if promoted([]string{later}) && w.chance(3) {
				c.SetText("role", pick(w, "Promoted", "Unpromoted", "Started"))
			}
			options := yamlout.NewMap()
			if w.chance(6) && !w.old {
				options.SetText("influence", w.flag())
			}
			if w.chance(6) {
				options.SetText("node-attribute", "rack")
			}
			c.Set("options", options.Node())
			colocation = append(colocation, c.Node())
		}
	}
	if w.chance(4) {
		c := sets(maybeID(yamlout.NewMap().SetText("score", pick(w, "100", "INFINITY", "-20"))), func(set *yamlout.Map, of []string) {
			if w.chance(3) && len(of) > 1 {
				set.SetText("sequential", pick(w, "true", "false"))
			}
			if promoted(of) && w.chance(2) {
				set.SetText("role", "Promoted")
			}
		})
		if c != nil {
			colocation = append(colocation, c.Node())
		}
	}
	for range w.IntN(4) {
		if later, earlier, ok := pair(); ok && once("o", later, earlier) {
			c := maybeID(yamlout.NewMap()).SetText("first", earlier).SetText("then", later).SetText("kind", pick(w, "", "Mandatory", "Optional", "Serialize"))
			if kind, _ := text(c, "kind"); kind != "Serialize" && w.chance(3) {
				c.SetText("symmetrical", pick(w, "true", "false"))
			}
			if promoted([]string{earlier}) && w.chance(2) {
				c.SetText("first_action", pick(w, "promote", "demote", "start"))
			}
			if w.chance(4) {
				c.SetText("then_action", pick(w, "start", "stop"))
			}
			if w.chance(6) {
				c.SetText("require_all", pick(w, "true", "false"))
			}
			order = append(order, c.Node())
		}
	}
	if w.chance(4) {
		c := sets(maybeID(yamlout.NewMap().SetText("kind", pick(w, "", "Optional"))), func(set *yamlout.Map, of []string) {
			if w.chance(3) && len(of) > 1 {
				set.SetText("sequential", pick(w, "true", "false"))
			}
			if w.chance(4) {
				set.SetText("require_all", pick(w, "true", "false"))
			}
			if w.chance(3) {
				set.SetText("action", pick(w, "start", "stop"))
			}
		})
		if c != nil {
			order = append(order, c.Node())
		}
	}
	for range w.IntN(2) {
		c := maybeID(yamlout.NewMap().SetText("ticket", pick(w, "site-a", "site-b")).SetText("loss_policy", pick(w, "", "stop", "freeze", "freeze")))
		if w.chance(3) {
			if c = sets(c, func(*yamlout.Map, []string) {}); c == nil {
				continue
			}
		} else {
			c.SetText("resource", pick(w, w.tops...))
		}
		ticket = append(ticket, c.Node())
	}
	return yamlout.NewMap().Set("location", yamlout.List(location...)).Set("colocation", yamlout.List(colocation...)).Set("order", yamlout.List(order...)).Set("ticket", yamlout.List(ticket...))
}

func (w *writer) acls() *yamlout.Map {
	var roles, users, groups []*yamlout.Node
	var ids []string
	for range w.IntN(3) {
		id := w.id("role")
		ids = append(ids, id)
		var permissions []*yamlout.Node
		for range w.IntN(3) {
			p := yamlout.NewMap().SetText("kind", pick(w, "read", "write", "deny"))
			switch {
			case w.chance(3):
				p.SetText("object_type", "nvpair").SetText("attribute", pick(w, "", "name"))
			case w.chance(2) && len(w.all) > 0:
				p.SetText("reference", pick(w, w.all...))
			default:
				p.SetText("xpath", pick(w, "/cib", "//nvpair[@name='a']", `//x[@y="z"]`))
			}
			if w.chance(3) {
				p.SetText("id", w.id("perm"))
			}
			permissions = append(permissions, w.described(p).Node())
		}
		roles = append(roles, w.described(yamlout.NewMap().SetText("id", id).Set("permissions", yamlout.List(permissions...))).Node())
	}
	if len(ids) > 0 {
		for range w.IntN(3) {
			users = append(users, yamlout.NewMap().SetText("id", w.id("user")).Set("roles", yamlout.Texts(some(w, 2, ids)...)).Node())
		}
		for range w.IntN(2) {
			groups = append(groups, yamlout.NewMap().SetText("id", w.id("people")).Set("roles", yamlout.Texts(some(w, 2, ids)...)).Node())
		}
	}
	return yamlout.NewMap().Set("roles", yamlout.List(roles...)).Set("users", yamlout.List(users...)).Set("groups", yamlout.List(groups...))
}
