package reporttest

import (
	"fmt"
	"strings"

	"github.com/hadeploy/hadeploy/internal/plan"
)

// The plans of these tests: three bare nodes that become a web cluster, and the
// same cluster later, when a few things differ.

const corosyncConf = `totem {
    version: 2
    cluster_name: web_ha
    transport: knet
    token: 5000
    crypto_cipher: aes256
    crypto_hash: sha256
}

nodelist {
    node {
        ring0_addr: 10.0.0.1
        ring1_addr: 10.1.0.1
        name: n1
        nodeid: 1
    }

    node {
        ring0_addr: 10.0.0.2
        ring1_addr: 10.1.0.2
        name: n2
        nodeid: 2
    }

    node {
        ring0_addr: 10.0.0.3
        ring1_addr: 10.1.0.3
        name: n3
        nodeid: 3
    }
}

quorum {
    provider: corosync_votequorum
}

logging {
    to_logfile: yes
    logfile: /var/log/corosync/corosync.log
    to_syslog: yes
    timestamp: on
}
`

// ThreeNodes are the nodes of the plans here.
var ThreeNodes = []string{"n1", "n2", "n3"}

// Lines is a text of several lines that becomes something's content.
func Lines(name, text string) plan.Diff {
	return plan.Diff{Name: name, After: text, HasAfter: true, Lines: true}
}

// Canary is a secret that nothing may show.
const Canary = "s3cr3t-Canary"

// Secretly is a secret that was there before, is there after, or both.
func Secretly(name string, before, after bool) plan.Diff {
	return plan.Diff{Name: name, Before: Canary, After: Canary + "2", HasBefore: before, HasAfter: after, Secret: true}
}

// OnEach makes a change on every node.
func OnEach(change func(node string) plan.Change) []plan.Change {
	var out []plan.Change
	for _, n := range ThreeNodes {
		c := change(n)
		c.Node = n
		out = append(out, c)
	}
	return out
}

const metadataLater = "default operations: until the agent's metadata can be read on a node"

// Primitive is one that is made.
func Primitive(id, agent, pcs string, diffs ...plan.Diff) plan.Change {
	return plan.Change{Step: "cib", Action: plan.Create, Kind: "primitive", ID: id, Unknown: metadataLater,
		Diffs: append([]plan.Diff{plan.Becomes("agent", agent)}, diffs...), Pcs: "pcs resource create " + id + " " + agent + pcs}
}

var made = plan.Made{Hadeploy: "v0.9.0", Time: "2027-01-01T10:00:00Z", Commit: "3f1c0de2b7a94e0d8c5f6a7b8c9d0e1f2a3b4c5d"}

// BarePlan is of nodes that have nothing yet.
func BarePlan() *plan.Plan {
	p := &plan.Plan{Version: plan.Format, Made: made, Cluster: "web_ha", Playbook: "cluster.yaml", Nodes: ThreeNodes}
	line := 0
	add := func(c ...plan.Change) {
		line++
		for i := range c {
			c[i].At = fmt.Sprintf("cluster.yaml:%d", line)
		}
		p.Changes = append(p.Changes, c...)
	}
	for _, pkg := range []string{"corosync", "crmsh", "fence-agents-all", "nginx", "pacemaker", "pacemaker-cli-utils", "pcs", "resource-agents-base", "resource-agents-extra"} {
		add(OnEach(func(string) plan.Change {
			return plan.Change{Step: "packages", Action: plan.Create, Kind: "package", ID: pkg}
		})...)
	}
	add(OnEach(func(string) plan.Change {
		return plan.Change{Step: "files", Action: plan.Create, Kind: "file", ID: "/var/www/html/index.html",
			Diffs: []plan.Diff{Lines("content", "<h1>it works</h1>\n"), plan.Becomes("mode", "0644"), plan.Becomes("owner", "root:root")}}
	})...)
	add(OnEach(func(string) plan.Change {
		return plan.Change{Step: "agents", Action: plan.Create, Kind: "agent", ID: "/usr/lib/ocf/resource.d/acme/myapp",
			Diffs: []plan.Diff{Lines("content", "#!/bin/sh\n"+strings.Repeat("echo agent\n", 80)), plan.Becomes("mode", "0755"), plan.Becomes("owner", "root:root")}}
	})...)
	add(OnEach(func(string) plan.Change {
		return plan.Change{Step: "hacluster", Action: plan.Create, Kind: "password", ID: "hacluster", Diffs: []plan.Diff{Secretly("password", false, true)}}
	})...)
	add(OnEach(func(string) plan.Change {
		return plan.Change{Step: "pcsd", Action: plan.Update, Kind: "service", ID: "pcsd", Unknown: "until packages are installed",
			Diffs: []plan.Diff{plan.Changes("state", "not installed", "active"), plan.Changes("at boot", "not installed", "enabled")}, Pcs: "systemctl enable --now pcsd"}
	})...)
	add(OnEach(func(n string) plan.Change {
		return plan.Change{Step: "auth", Action: plan.Create, Kind: "authentication", ID: n,
			Diffs: []plan.Diff{plan.Becomes("may command", "n1, n2, n3")}, Pcs: "pcs host auth n1 addr=10.0.0.1 n2 addr=10.0.0.2 n3 addr=10.0.0.3 -u hacluster"}
	})...)
	for _, key := range []string{"/etc/corosync/authkey", "/etc/pacemaker/authkey"} {
		add(OnEach(func(string) plan.Change {
			return plan.Change{Step: "corosync", Action: plan.Create, Kind: "key", ID: key, Diffs: []plan.Diff{Secretly("content", false, true)}}
		})...)
	}
	add(OnEach(func(string) plan.Change {
		return plan.Change{Step: "corosync", Action: plan.Create, Kind: "corosync.conf", ID: "/etc/corosync/corosync.conf", Diffs: []plan.Diff{Lines("content", corosyncConf)}}
	})...)
	for _, unit := range []string{"corosync", "pacemaker"} {
		add(OnEach(func(n string) plan.Change {
			return plan.Change{Step: "start", Action: plan.Update, Kind: "service", ID: unit,
				Diffs: []plan.Diff{plan.Changes("state", "not installed", "active")}, Pcs: "pcs cluster start " + n}
		})...)
	}
	for _, unit := range []string{"corosync", "pacemaker"} {
		add(OnEach(func(n string) plan.Change {
			return plan.Change{Step: "enable", Action: plan.Update, Kind: "service", ID: unit, Unknown: "until packages are installed",
				Diffs: []plan.Diff{plan.Changes("at boot", "not installed", "enabled")}, Pcs: "pcs cluster enable " + n}
		})...)
	}

	for _, kv := range [][2]string{{"no-quorum-policy", "stop"}, {"stonith-enabled", "false"}} {
		add(plan.Change{Step: "cib", Action: plan.Create, Kind: "property", ID: kv[0], Diffs: []plan.Diff{plan.Becomes("value", kv[1])}, Pcs: "pcs property set " + kv[0] + "=" + kv[1]})
	}
	add(plan.Change{Step: "cib", Action: plan.Create, Kind: "resource default", ID: "resource-stickiness",
		Diffs: []plan.Diff{plan.Becomes("value", "100")}, Pcs: "pcs resource defaults update resource-stickiness=100"})
	add(plan.Change{Step: "cib", Action: plan.Create, Kind: "operation default", ID: "timeout",
		Diffs: []plan.Diff{plan.Becomes("value", "30s")}, Pcs: "pcs resource op defaults update timeout=30s"})
	add(Primitive("web-ip", "ocf:heartbeat:IPaddr2", " ip=10.0.0.100 cidr_netmask=24 op monitor interval=5s",
		plan.Becomes("options.ip", "10.0.0.100"), plan.Becomes("options.cidr_netmask", "24"), plan.Becomes("op.monitor", "interval=5s")))
	add(Primitive("web-nginx", "systemd:nginx", " op monitor interval=10s", plan.Becomes("op.monitor", "interval=10s")))
	add(plan.Change{Step: "cib", Action: plan.Create, Kind: "group", ID: "web",
		Diffs: []plan.Diff{plan.Becomes("members", "web-ip web-nginx"), plan.Becomes("meta.migration-threshold", "3")},
		Pcs:   "pcs resource group add web web-ip web-nginx"})
	add(Primitive("ping", "ocf:pacemaker:ping", " host_list=10.0.0.254 dampen=5s clone ping-clone",
		plan.Becomes("options.host_list", "10.0.0.254"), plan.Becomes("options.dampen", "5s"), plan.Becomes("op.monitor", "interval=10s timeout=60s")))
	add(plan.Change{Step: "cib", Action: plan.Create, Kind: "clone", ID: "ping-clone", Diffs: []plan.Diff{plan.Becomes("members", "ping"), plan.Becomes("meta.interleave", "true")}})
	add(Primitive("db", "ocf:pacemaker:Stateful", " op monitor interval=10s role=Promoted monitor interval=11s role=Unpromoted promotable db-clone",
		plan.Becomes("op.monitor[10s]", "interval=10s role=Promoted"), plan.Becomes("op.monitor[11s]", "interval=11s role=Unpromoted")))
	add(plan.Change{Step: "cib", Action: plan.Create, Kind: "promotable", ID: "db-clone", Diffs: []plan.Diff{plan.Becomes("members", "db"), plan.Becomes("meta.promotable", "true")}})
	add(Primitive("app", "ocf:acme:myapp", " password=*** port=8080", Secretly("options.password", false, true), plan.Becomes("options.port", "8080")))
	for i := range 8 {
		id := fmt.Sprintf("worker-%d", i+1)
		add(Primitive(id, "ocf:pacemaker:Dummy", " op monitor interval=10s", plan.Becomes("op.monitor", "interval=10s")))
	}
	add(plan.Change{Step: "cib", Action: plan.Create, Kind: "location constraint", ID: "location-web-n1-50",
		Diffs: []plan.Diff{plan.Becomes("resource", "web"), plan.Becomes("node", "n1"), plan.Becomes("score", "50")}, Pcs: "pcs constraint location web prefers n1=50"})
	add(plan.Change{Step: "cib", Action: plan.Create, Kind: "colocation constraint", ID: "colocation-web-db-clone-INFINITY",
		Diffs: []plan.Diff{plan.Becomes("resource", "web"), plan.Becomes("with", "db-clone"), plan.Becomes("with_role", "Promoted"), plan.Becomes("score", "INFINITY")},
		Pcs:   "pcs constraint colocation add web with Promoted db-clone INFINITY"})
	add(plan.Change{Step: "cib", Action: plan.Create, Kind: "order constraint", ID: "order-db-clone-web-mandatory",
		Diffs: []plan.Diff{plan.Becomes("first", "db-clone"), plan.Becomes("first_action", "promote"), plan.Becomes("then", "web"), plan.Becomes("then_action", "start")},
		Pcs:   "pcs constraint order promote db-clone then start web"})
	p.Findings = []plan.Finding{
		{Code: "NO_FENCING", Severity: plan.Warning, Object: "stonith-enabled", Message: "fencing is switched off; a node that hangs can keep its resources while another starts them, and data is lost that way", Fix: "declare stonith.devices and remove stonith-enabled: false"},
		{Code: "CLOCK_SKEW", Severity: plan.Warning, Node: "n2", Message: "the clock is 41 s behind that of n1; logs and certificates will not agree", Fix: "install and start chrony on it"},
		{Code: "DEFAULT_CLUSTER", Severity: plan.Info, Node: "n1", Message: "the one-node cluster that Debian's corosync package makes is there; it is removed"},
		{Code: "DEFAULT_CLUSTER", Severity: plan.Info, Node: "n2", Message: "the one-node cluster that Debian's corosync package makes is there; it is removed"},
	}
	p.Tell(nil)
	return p
}

// DriftPlan is the same cluster in service: some options changed in the file,
// some things changed by hand.
func DriftPlan() *plan.Plan {
	p := drift()
	p.Tell([]string{"fence-n1", "fence-n2"})
	return p
}

func drift() *plan.Plan {
	changed := strings.Replace(strings.Replace(corosyncConf, "token: 5000", "token: 10000", 1), "    to_syslog: yes\n", "", 1)
	p := &plan.Plan{Version: plan.Format, Made: made, Cluster: "web_ha", Playbook: "cluster.yaml", Nodes: ThreeNodes, CIB: "0.57",
		Changes: []plan.Change{
			{Step: "packages", Node: "n3", Action: plan.Create, Kind: "package", ID: "resource-agents-extra"},
			{Step: "files", Node: "n2", Action: plan.Update, Kind: "file", ID: "/etc/nginx/conf.d/site.conf", At: "cluster.yaml:31",
				Note: "nginx runs and may read it; hadeploy does not reload it", Diffs: []plan.Diff{
					plan.Changes("mode", "0600", "0644"),
					{Name: "content", Before: "server {\n\tlisten 80;\n\troot /srv;\n}\n", After: "server {\n\tlisten 8080;\n\troot /srv;\n}\n", HasBefore: true, HasAfter: true, Lines: true}}},
			{Step: "hacluster", Node: "n2", Action: plan.Update, Kind: "password", ID: "hacluster", Diffs: []plan.Diff{Secretly("password", true, true)}},
			{Step: "corosync", Node: "n1", Action: plan.Update, Kind: "corosync.conf", ID: "/etc/corosync/corosync.conf", Disruption: plan.Reload,
				Diffs: []plan.Diff{{Name: "content", Before: corosyncConf, After: changed, HasBefore: true, HasAfter: true, Lines: true}}},
			{Step: "corosync", Node: "n2", Action: plan.Update, Kind: "corosync.conf", ID: "/etc/corosync/corosync.conf", Disruption: plan.Outage,
				Diffs: []plan.Diff{plan.Changes("totem.transport", "udpu", "knet"), plan.Becomes("totem.token", "5000")}},
			{Step: "cib", Action: plan.Update, Kind: "property", ID: "stonith-enabled", Diffs: []plan.Diff{plan.Changes("value", "false", "true")}, Pcs: "pcs property set stonith-enabled=true"},
			{Step: "cib", Action: plan.Update, Kind: "primitive", ID: "web-ip", At: "cluster.yaml:40", Disruption: plan.Restart, Diffs: []plan.Diff{
				plan.Changes("options.ip", "10.0.0.100", "10.0.0.101"), plan.Becomes("options.nic", "eth0"), plan.Was("meta.is-managed", "false"),
				plan.Changes("op.monitor.interval", "5s", "10s")}, Pcs: "pcs resource update web-ip ip=10.0.0.101 nic=eth0 op monitor interval=10s meta is-managed="},
			{Step: "cib", Action: plan.Update, Kind: "stonith", ID: "fence-n1", Diffs: []plan.Diff{Secretly("options.password", true, true), plan.Changes("options.ip", "10.9.0.1", "10.9.0.2")}},
			{Step: "cib", Action: plan.Create, Kind: "primitive", ID: "web-fs", At: "resources.yaml:12", Diffs: []plan.Diff{plan.Becomes("agent", "ocf:heartbeat:Filesystem"),
				plan.Becomes("options.device", "/dev/mapper/vg0-web"), plan.Becomes("options.directory", "/srv/web"), plan.Becomes("op.monitor", "interval=20s timeout=40s"),
				{Name: "op.start", After: "interval=0s timeout=60s", HasAfter: true, Default: true}, {Name: "op.stop", After: "interval=0s timeout=60s", HasAfter: true, Default: true}},
				Pcs: "pcs resource create web-fs ocf:heartbeat:Filesystem device=/dev/mapper/vg0-web directory=/srv/web op monitor interval=20s timeout=40s"},
			{Step: "cib", Action: plan.Delete, Kind: "primitive", ID: "old-ip", Diffs: []plan.Diff{plan.Was("agent", "ocf:heartbeat:IPaddr2"), plan.Was("options.ip", "10.0.0.9")}, Pcs: "pcs resource delete old-ip"},
		},
		Impact: []plan.Impact{
			{Action: "Start", Resource: "fence-n1", Detail: "( n2 )"},
			{Action: "Restart", Resource: "web-ip", Detail: "n1"},
			{Action: "Restart", Resource: "web-nginx", Detail: "n1, due to required web-ip start"},
			{Action: "Stop", Resource: "old-ip", Detail: "n3"},
			{Action: "Start", Resource: "fence-n2", Detail: "( n3 )"},
		},
		LeftAlone: []plan.Object{{Kind: "primitive", ID: "test", Value: "ocf:pacemaker:Dummy"}, {Kind: "primitive", ID: "tmp-fs"}, {Kind: "location constraint", ID: "cli-prefer-web"},
			{Kind: "property", ID: "maintenance-mode", Value: "false"}, {Kind: "attribute of web-nginx", ID: "meta.target-role", Value: "Stopped", Why: "ignore_changes"}},
		Findings: []plan.Finding{
			{Code: "NO_FENCING", Severity: plan.Warning, Object: "stonith-enabled", Message: "fencing is switched off; data is lost that way", Fix: "declare stonith.devices"},
			{Code: "DEFAULT_CLUSTER", Severity: plan.Info, Node: "n1", Message: "the one-node cluster of Debian's corosync package is there"}},
	}
	p.Changes = append(p.Changes, OnEach(func(n string) plan.Change {
		return plan.Change{Step: "units", Action: plan.Update, Kind: "service", ID: "nginx", At: "cluster.yaml:44",
			Diffs:      []plan.Diff{plan.Changes("at boot", "enabled", "disabled, the cluster starts it")},
			Interrupts: []plan.Interruption{{What: "nginx.service", Node: n, How: plan.Stops, Why: "the cluster takes it over"}}, Pcs: "systemctl disable --now nginx"}
	})...)
	return p
}

// NothingPlan is of a cluster that is as declared.
func NothingPlan() *plan.Plan {
	return &plan.Plan{Version: plan.Format, Made: made, Cluster: "web_ha", Playbook: "cluster.yaml", Nodes: ThreeNodes, CIB: "0.57",
		LeftAlone: []plan.Object{{Kind: "primitive", ID: "test", Value: "ocf:pacemaker:Dummy"}}}
}

// Evil is a text that terminals, CI systems, Markdown and HTML would obey.
const Evil = "\x1b]52;c;aGk=\x07\x1b[2J\r::error::x ##[group]y ##vso[task.setvariable]z `\u202e` | </details> <script> @all #1 [a](http://b) *b*\n::set-output name=a::b\n```\n# h\x9b31m\u200b"

// HostilePlan holds Evil in every text.
func HostilePlan() *plan.Plan {
	p := &plan.Plan{Version: plan.Format, Made: plan.Made{Hadeploy: Evil, Time: Evil, Commit: Evil}, Cluster: Evil, Playbook: Evil, Nodes: []string{Evil, "n2"}, CIB: Evil}
	for _, node := range []string{Evil, ""} {
		for _, a := range []plan.Action{plan.Create, plan.Update, plan.Delete} {
			p.Changes = append(p.Changes, plan.Change{Step: Evil, Node: node, Action: a, Kind: Evil, ID: Evil, Unknown: Evil, Disruption: plan.Outage, Pcs: Evil, At: Evil, Note: Evil,
				Interrupts: []plan.Interruption{{What: Evil, Node: node, How: Evil, Why: Evil}},
				Diffs: []plan.Diff{plan.Changes(Evil, Evil, Evil+"2"), plan.Becomes("options."+Evil, Evil),
					{Name: "content", Before: Evil + "\n::error::1\n", After: "::error::2\n" + Evil, HasBefore: a != plan.Create, HasAfter: a != plan.Delete, Lines: true}}})
		}
	}
	p.Impact = []plan.Impact{{Action: Evil, Resource: Evil, Detail: Evil}, {Action: "Stop", Resource: Evil, Detail: Evil}, {Action: "Start", Resource: Evil, Detail: Evil}}
	p.LeftAlone = []plan.Object{{Kind: Evil, ID: Evil, Value: Evil, Why: Evil}}
	p.Findings = []plan.Finding{{Code: Evil, Severity: Evil, Node: Evil, Object: Evil, Message: Evil, Expected: Evil, Seen: Evil, Fix: Evil}}
	p.Tell(nil)
	return p
}

// Placed are plans with a value in one place each.
func Placed(value string) map[string]*plan.Plan {
	out := map[string]*plan.Plan{}
	for place, set := range map[string]func(p *plan.Plan, v string){
		"cluster":              func(p *plan.Plan, v string) { p.Cluster = v },
		"playbook":             func(p *plan.Plan, v string) { p.Playbook = v },
		"cib":                  func(p *plan.Plan, v string) { p.CIB = v },
		"made by":              func(p *plan.Plan, v string) { p.Made.Hadeploy = v },
		"made at":              func(p *plan.Plan, v string) { p.Made.Time = v },
		"commit":               func(p *plan.Plan, v string) { p.Made.Commit = v },
		"node":                 func(p *plan.Plan, v string) { p.Nodes[0], p.Changes[0].Node, p.Changes[1].Node = v, v, v },
		"step":                 func(p *plan.Plan, v string) { p.Changes[0].Step = v },
		"action":               func(p *plan.Plan, v string) { p.Changes[0].Action = plan.Action(v) },
		"disruption":           func(p *plan.Plan, v string) { p.Changes[0].Disruption = plan.Disruption(v) },
		"kind":                 func(p *plan.Plan, v string) { p.Changes[2].Kind = v },
		"id":                   func(p *plan.Plan, v string) { p.Changes[2].ID = v },
		"deleted kind":         func(p *plan.Plan, v string) { p.Changes[4].Kind = v },
		"deleted id":           func(p *plan.Plan, v string) { p.Changes[4].ID = v },
		"outage kind":          func(p *plan.Plan, v string) { p.Changes[1].Kind = v },
		"outage id":            func(p *plan.Plan, v string) { p.Changes[1].ID = v },
		"attribute":            func(p *plan.Plan, v string) { p.Changes[2].Diffs[0].Name = v },
		"before":               func(p *plan.Plan, v string) { p.Changes[2].Diffs[0].Before = v },
		"after":                func(p *plan.Plan, v string) { p.Changes[2].Diffs[0].After = v },
		"agent":                func(p *plan.Plan, v string) { p.Changes[3].Diffs[0].After = v },
		"new attribute":        func(p *plan.Plan, v string) { p.Changes[3].Diffs[1].Name = v },
		"new value":            func(p *plan.Plan, v string) { p.Changes[3].Diffs[1].After = v },
		"default operation":    func(p *plan.Plan, v string) { p.Changes[3].Diffs[2].Name, p.Changes[3].Diffs[2].After = v, v },
		"text's name":          func(p *plan.Plan, v string) { p.Changes[0].Diffs[0].Name = v },
		"text before":          func(p *plan.Plan, v string) { p.Changes[0].Diffs[0].Before = v },
		"text after":           func(p *plan.Plan, v string) { p.Changes[0].Diffs[0].After = v },
		"line of a text":       func(p *plan.Plan, v string) { p.Changes[0].Diffs[0].After = "a\n" + v + "\nb\n" },
		"unknown":              func(p *plan.Plan, v string) { p.Changes[2].Unknown = v },
		"note":                 func(p *plan.Plan, v string) { p.Changes[2].Note = v },
		"pcs":                  func(p *plan.Plan, v string) { p.Changes[2].Pcs = v },
		"declared at":          func(p *plan.Plan, v string) { p.Changes[2].At = v },
		"interrupted":          func(p *plan.Plan, v string) { p.Changes[0].Interrupts[0].What = v },
		"interrupted on":       func(p *plan.Plan, v string) { p.Changes[0].Interrupts[0].Node = v },
		"interrupted how":      func(p *plan.Plan, v string) { p.Changes[0].Interrupts[0].How = v },
		"interrupted why":      func(p *plan.Plan, v string) { p.Changes[0].Interrupts[0].Why = v },
		"impact: action":       func(p *plan.Plan, v string) { p.Impact[0].Action = v },
		"impact: resource":     func(p *plan.Plan, v string) { p.Impact[0].Resource = v },
		"impact: detail":       func(p *plan.Plan, v string) { p.Impact[0].Detail = v },
		"left alone: kind":     func(p *plan.Plan, v string) { p.LeftAlone[0].Kind = v },
		"left alone: id":       func(p *plan.Plan, v string) { p.LeftAlone[0].ID = v },
		"left alone: value":    func(p *plan.Plan, v string) { p.LeftAlone[0].Value = v },
		"left alone: why":      func(p *plan.Plan, v string) { p.LeftAlone[0].Why = v },
		"finding: code":        func(p *plan.Plan, v string) { p.Findings[0].Code = v },
		"finding: severity":    func(p *plan.Plan, v string) { p.Findings[0].Severity = plan.Severity(v) },
		"finding: node":        func(p *plan.Plan, v string) { p.Findings[0].Node = v },
		"finding: object":      func(p *plan.Plan, v string) { p.Findings[0].Object = v },
		"finding: message":     func(p *plan.Plan, v string) { p.Findings[0].Message = v },
		"finding: expected":    func(p *plan.Plan, v string) { p.Findings[0].Expected = v },
		"finding: seen":        func(p *plan.Plan, v string) { p.Findings[0].Seen = v },
		"finding: fix":         func(p *plan.Plan, v string) { p.Findings[0].Fix = v },
		"information: message": func(p *plan.Plan, v string) { p.Findings[1].Message = v },
	} {
		p := &plan.Plan{Made: made, Cluster: "c", Playbook: "cluster.yaml", Nodes: []string{"n1", "n2"}, CIB: "0.1",
			Changes: []plan.Change{
				{Node: "n1", Action: plan.Update, Kind: "file", ID: "/f", Interrupts: []plan.Interruption{{What: "u v", Node: "n1", How: plan.Stops, Why: "because"}},
					Diffs: []plan.Diff{{Name: "content", Before: "a\nb\n", After: "a\nc\n", HasBefore: true, HasAfter: true, Lines: true}}},
				{Node: "n1", Action: plan.Update, Kind: "conf", ID: "/c", Disruption: plan.Outage, Diffs: []plan.Diff{plan.Changes("a", "1", "2")}},
				{Action: plan.Update, Kind: "primitive", ID: "p", At: "cluster.yaml:1", Unknown: "until then", Note: "note", Diffs: []plan.Diff{plan.Changes("options.a", "1", "2")}, Pcs: "pcs x"},
				{Action: plan.Create, Kind: "primitive", ID: "q", Diffs: []plan.Diff{plan.Becomes("agent", "ocf:a:b"), plan.Becomes("options.a", "1"), {Name: "op.start", After: "timeout=1s", HasAfter: true, Default: true}}},
				{Action: plan.Delete, Kind: "primitive", ID: "r", Diffs: []plan.Diff{plan.Was("options.a", "1")}},
			},
			Impact:    []plan.Impact{{Action: "Start", Resource: "q", Detail: "n1"}},
			LeftAlone: []plan.Object{{Kind: "primitive", ID: "o", Value: "v", Why: "w"}},
			Findings:  []plan.Finding{{Code: "C", Severity: plan.Warning, Node: "n1", Object: "o", Message: "m", Expected: "e", Seen: "s", Fix: "f"}, {Code: "I", Severity: plan.Info, Message: "i"}},
		}
		set(p, value)
		p.Tell(nil)
		out[place] = p
	}
	return out
}
