package integration

import (
	"github.com/hadeploy/hadeploy/internal/pcs"
)

// onFail sets what a failed monitor of app leads to, and breaks app.
func onFail(policy string) []act {
	return []act{on("n1", `cibadmin -M -X '<op id="app-monitor-interval-3s" on-fail="`+policy+`"/>'
rm /run/puppet/app.state`)}
}

// appAgain cleans up first: a cleanup in the middle of the recovery that the
// other change starts ends Pacemaker's controller (2.1.5 and 3.0.0).
const appAgain = `crm_resource --cleanup -r app
cibadmin -M -X '<op id="app-monitor-interval-3s" on-fail="restart"/>'`

// failures are of resources.
func failures() []trip {
	return []trip{
		{name: "failed-recovered",
			states: []state{{
				how:    []act{on("n1", "crm_resource --fail -r vip -N n1")},
				until:  and(failed("vip", "n1"), started("vip", "n1"), started("app", "n1")),
				verify: []string{"error FAILED_ACTION vip on n1"},
			}},
			back: []act{on("n1", "crm_resource --cleanup -r vip")}},
		{name: "blocked",
			states: []state{{
				how:    onFail("block"),
				until:  resource("app", func(r *pcs.Resource) bool { return r.Failed && r.Blocked }),
				verify: []string{"error RESOURCE_FAILED app", "error FAILED_ACTION app on n1"},
			}},
			back: []act{on("n1", appAgain)}},
		{name: "failure-ignored", once: true,
			states: []state{{
				how:    onFail("ignore"),
				until:  failed("app", "n1"),
				verify: []string{"error FAILED_ACTION app on n1"},
			}},
			back: []act{on("n1", appAgain)}},
		{name: "standby-onfail", once: true,
			states: []state{{
				how:    onFail("standby"),
				until:  and(node("n1", func(n *pcs.Node) bool { return n.StandbyOnFail }), not(started("vip", "n1")), instances("vip", 1), instances("app", 1), instances("ping", 2)),
				verify: []string{"error NODE_STANDBY on n1", "error FAILED_ACTION app on n1", "info PLACEMENT_PREFERENCE vip"},
			}},
			back: []act{on("n1", appAgain)}},
		{name: "start-failed", // everywhere, with a reason that is hard to read
			states: []state{{
				how: []act{
					onAll(`cat >/run/puppet/app.start <<'EOF'
ocf_exit_reason "can't open: 'x' (no such file) at home, status=bad: a::b"; exit 1
EOF`),
					on("n1", "crm_resource -r app --meta -p target-role -v Stopped; until crm_resource -W -r app 2>&1 | grep -q NOT; do sleep 0.2; done; crm_resource -r app --meta -d target-role"),
				},
				until:  and(failed("app", "n1", "n2", "n3"), stopped("app"), started("vip")),
				verify: []string{"error FAILED_ACTION app on n1", "error FAILED_ACTION app on n2", "error FAILED_ACTION app on n3", "error RESOURCE_STOPPED app"},
			}},
			back: []act{onAll("rm /run/puppet/app.start"), on("n1", "crm_resource --cleanup -r app")}},
		{name: "clone-failed", // on one node, for good
			states: []state{{
				how:    []act{on("n1", "crm_resource -r ping-clone --meta -p migration-threshold -v 1; crm_resource --fail -r ping -N n2")},
				until:  and(failed("ping", "n2"), started("ping", "n1", "n3")),
				verify: []string{"error FAILED_ACTION ping on n2", "error RESOURCE_STOPPED ping-clone"},
			}},
			back: []act{on("n1", "crm_resource --cleanup -r ping; crm_resource -r ping-clone --meta -d migration-threshold")}},
		{name: "orphaned", // deleted, and not stopped
			states: []state{{
				how: []act{on("n1", `cd /run/puppet; cibadmin -Q -o resources >resources.xml; cibadmin -Q -o constraints >constraints.xml
crm_attribute -n stop-orphan-resources -v false
cibadmin -d --force --xpath "//rsc_location[@rsc='roam']"
cibadmin -D -X '<primitive id="roam"/>'`)},
				until:  resource("roam", func(r *pcs.Resource) bool { return r.Orphaned && r.Active() }),
				verify: []string{"error RESOURCE_ORPHANED roam"},
			}},
			back: []act{on("n1", "cd /run/puppet; cibadmin -R -o resources -x resources.xml; cibadmin -R -o constraints -x constraints.xml; crm_attribute -n stop-orphan-resources -D")}},
	}
}

// bothTo sets the role of app and ping-clone in one change: a second one would
// wait for what the first has begun.
func bothTo(role string) string {
	meta := func(id string) string {
		return `<meta_attributes id="` + id + `-meta_attributes"><nvpair id="` + id + `-target-role" name="target-role" value="` + role + `"/></meta_attributes>`
	}
	return `cibadmin -M -o resources -X '<resources><primitive id="app">` + meta("app") + `</primitive><clone id="ping-clone">` + meta("ping-clone") + `</clone></resources>'`
}

// underWay are actions that are held while we look.
func underWay() []trip {
	const hold = "while [ -e /run/puppet/hold ]; do sleep 0.1; done"
	return []trip{
		{name: "pending",
			states: []state{{
				name: "pending-stop",
				how: []act{onAll(`touch /run/puppet/hold; for i in start stop; do for r in app ping; do echo '` + hold + `' >/run/puppet/$r.$i; done; done`),
					on("n1", bothTo("Stopped"))},
				until:  and(role("app", pcs.Stopping), role("ping", pcs.Stopping)),
				moves:  true,
				verify: []string{"warning RESOURCE_DISABLED app", "warning RESOURCE_DISABLED ping-clone"},
			}, {
				name: "pending-start",
				how: []act{onAll("rm -f /run/puppet/hold"),
					on("n1", "until crm_resource -W -r app 2>&1 | grep -q NOT && crm_resource -W -r ping 2>&1 | grep -q NOT; do sleep 0.2; done"),
					onAll("touch /run/puppet/hold"),
					on("n1", bothTo("Started"))},
				until:  and(role("app", pcs.Starting), role("ping", pcs.Starting)),
				moves:  true,
				verify: []string{"error RESOURCE_ROLE app", "error RESOURCE_STOPPED ping-clone"},
			}},
			back: []act{onAll("rm -f /run/puppet/hold /run/puppet/*.start /run/puppet/*.stop"),
				on("n1", "crm_resource -r app --meta -d target-role; crm_resource -r ping-clone --meta -d target-role")}},
		{name: "migrating",
			states: []state{{
				how: []act{on("n3", `touch /run/puppet/hold; echo '`+hold+`' >/run/puppet/roam.migrate_to`),
					on("n1", "crm_resource --move -r roam -N n1")},
				until:  role("roam", pcs.Migrating),
				moves:  true,
				verify: []string{"error RESOURCE_ROLE roam", "warning CONSTRAINT_BY_HAND cli-prefer-roam"},
			}},
			back: []act{on("n3", "rm -f /run/puppet/hold /run/puppet/roam.migrate_to"), on("n1", "crm_resource --clear -r roam")}},
		{name: "probing", once: true,
			states: []state{{
				how: []act{on("n2", `touch /run/puppet/hold; echo '`+hold+`' >/run/puppet/app.monitor; crm_resource --refresh -r app -N n2 >/dev/null 2>&1 &
for i in $(seq 100); do cibadmin -Q -o status | grep -q 'op-status="-1".*app_monitor_0\|app_monitor_0.*op-status="-1"' && break; sleep 0.2; done`)},
				until:  started("app"),
				moves:  true,
				verify: []string{},
			}},
			back: []act{on("n2", "rm -f /run/puppet/hold /run/puppet/app.monitor")}},
	}
}

// others are what else a status can hold.
func others() []trip {
	return []trip{
		{name: "ticket",
			states: []state{{
				name:   "ticket-granted",
				how:    []act{on("n1", `cibadmin -C -o constraints -X '<rsc_ticket id="ticket" rsc="web" ticket="site-a" loss-policy="stop"/>'; crm_ticket -t site-a -g --force`)},
				until:  and(func(s *pcs.Status) bool { return len(s.Tickets) == 1 && s.Tickets[0].Granted }, started("web2", "n2")),
				verify: []string{},
			}, {
				name:   "ticket-revoked",
				how:    []act{on("n1", "crm_ticket -t site-a -r --force")},
				until:  stopped("web"),
				verify: []string{"warning RESOURCE_NOT_ALLOWED web1", "warning RESOURCE_NOT_ALLOWED web2"},
			}},
			back: []act{on("n1", `crm_ticket -t site-a --cleanup --force; cibadmin -D -o constraints -X '<rsc_ticket id="ticket"/>'`)}},
		{name: "description", once: true, // that looks like something else
			states: []state{{
				how:   []act{on("n1", `cibadmin -M -X '<primitive id="vip" description="the (blocked) one, on [ n1 n2 ]"/>'; cibadmin -M -X '<clone id="ping-clone" description="Started: [ n1 ] (disabled)"/>'`)},
				until: atHome,
			}},
			back: []act{on("n1", `cibadmin -Q -o resources | sed 's/ description="[^"]*"//' | cibadmin -R -o resources -p`)}},
		{name: "health",
			states: []state{{
				how: []act{on("n1", `pcs node attribute n2 rack=b2; crm_attribute -n node-health-strategy -v only-green
crm_attribute -t status -N n2 -n '#health-disk' -v red`)},
				until:  and(started("web2", "n1"), started("ping", "n1", "n3")),
				verify: []string{"warning NODE_HEALTH on n2", "info PLACEMENT_PREFERENCE web"},
			}},
			back: []act{on("n1", `crm_attribute -t status -N n2 -n '#health-disk' -D; crm_attribute -n node-health-strategy -D; crm_attribute -t nodes -N n2 -n rack -D`)}},
		{name: "remote-guest", // a remote node and a guest node, both switched off
			states: []state{{
				how: []act{on("n1", `crm_attribute -n startup-fencing -v false
cibadmin -M -o resources -X '<resources><primitive id="r1" class="ocf" provider="pacemaker" type="remote"><meta_attributes id="r1-ma"><nvpair id="r1-tr" name="target-role" value="Stopped"/></meta_attributes></primitive>
<primitive id="vm" class="ocf" provider="pacemaker" type="Dummy"><meta_attributes id="vm-ma"><nvpair id="vm-rn" name="remote-node" value="guest1"/><nvpair id="vm-tr" name="target-role" value="Stopped"/></meta_attributes></primitive></resources>'`)},
				until: and(node("r1", func(n *pcs.Node) bool { return n.Kind == pcs.Remote && !n.Online }), node("guest1", func(n *pcs.Node) bool { return n.Kind == pcs.Guest && !n.Online })),
			}},
			// What the DC still writes of a node that is forgotten too early makes it
			// a node again, which has to be fenced.
			back: []act{on("n1", `cibadmin -D -X '<primitive id="vm"/>'; cibadmin -D -X '<primitive id="r1"/>'; crm_resource --wait -T 30s
while cibadmin -Q | grep -q 'uname="r1"\|uname="guest1"'; do
	crm_node --force -R r1; crm_node --force -R guest1; crm_resource --cleanup; crm_resource --wait -T 30s
done
crm_attribute -n startup-fencing -D`)}},
		{name: "bundle",
			states: []state{{
				name:  "bundle-stopped", // there is no container engine
				how:   []act{on("n1", `cibadmin -C -o resources -X '<bundle id="box"><podman image="local/box" replicas="2" run-command="sleep 1d"/></bundle>'`)},
				until: and(stopped("box"), failed("box-podman-0", nodes...), failed("box-podman-1", nodes...)),
				verify: []string{"error FAILED_ACTION box-podman-0 on n1", "error FAILED_ACTION box-podman-0 on n2", "error FAILED_ACTION box-podman-0 on n3",
					"error FAILED_ACTION box-podman-1 on n1", "error FAILED_ACTION box-podman-1 on n2", "error FAILED_ACTION box-podman-1 on n3"},
			}, {
				name:  "bundle-started",
				how:   []act{install("podman", "/usr/bin/podman"), on("n1", "crm_resource --cleanup")},
				until: func(s *pcs.Status) bool { return all(s) && bundled(s) == 2 && len(s.FailedActions) == 0 },
			}},
			back: []act{on("n1", `cibadmin -D -X '<bundle id="box"/>'; crm_resource --cleanup`)}},
	}
}

// bundled counts the replicas that run.
func bundled(s *pcs.Status) (n int) {
	for _, r := range s.Find("box") {
		if r.Role == pcs.Started {
			n++
		}
	}
	return n
}
