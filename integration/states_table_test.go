package integration

import (
	"slices"

	"github.com/hadeploy/hadeploy/internal/pcs"
)

// trips is the walk of every release, in this order. The first of them make
// the cluster.
func trips() []trip {
	return slices.Concat(beginning(), byPeople(), placements(), failures(), underWay(), others(), nodesAway(), fencings(), apart(), startings())
}

var missing = []string{"error RESOURCE_MISSING app", "error RESOURCE_MISSING db-clone", "error RESOURCE_MISSING fence",
	"error RESOURCE_MISSING g-clone", "error RESOURCE_MISSING num-clone", "error RESOURCE_MISSING ping-clone", "error RESOURCE_MISSING roam",
	"error RESOURCE_MISSING vip", "error RESOURCE_MISSING web1", "error RESOURCE_MISSING web2"}

func beginning() []trip {
	return []trip{
		{name: "not-running", anew: true, states: []state{{
			until:  down,
			busy:   true,
			status: "the cluster does not run on any node",
			verify: []string{"error NOT_RUNNING on n1", "error NOT_RUNNING on n2", "error NOT_RUNNING on n3"},
		}}},
		{name: "fresh", anew: true,
			states: []state{{
				how:    []act{apply(true)},
				until:  online("n1", "n2", "n3"),
				verify: append([]string{"error FENCING_DISABLED stonith-enabled"}, missing...),
			}},
			back: []act{apply(false)}},
		{name: "running", states: []state{{until: atHome, wide: true}}},
	}
}

// byPeople are states that a person asks for.
func byPeople() []trip {
	return []trip{
		{name: "standby",
			states: []state{{
				how:    []act{on("n1", "pcs node standby n2")},
				until:  and(node("n2", func(n *pcs.Node) bool { return n.Standby }), started("web2", "n1"), started("ping", "n1", "n3"), instances("num", 4)),
				verify: []string{"warning NODE_STANDBY on n2", "info PLACEMENT_PREFERENCE web"},
			}},
			back: []act{on("n1", "pcs node unstandby n2")}},
		{name: "node-maintenance",
			states: []state{{
				how:    []act{on("n1", "pcs node maintenance n2")},
				until:  node("n2", func(n *pcs.Node) bool { return n.Maintenance }),
				verify: []string{"warning NODE_MAINTENANCE on n2"},
			}},
			back: []act{on("n1", "pcs node unmaintenance n2")}},
		{name: "maintenance",
			states: []state{{
				how:    []act{on("n1", "pcs property set maintenance-mode=true")},
				until:  func(s *pcs.Status) bool { return all(s) && s.Maintenance },
				verify: []string{"warning CLUSTER_MAINTENANCE maintenance-mode"},
			}},
			back: []act{on("n1", "pcs property unset maintenance-mode")}},
		{name: "stop-all", once: true,
			states: []state{{
				how:    []act{on("n1", "pcs property set stop-all-resources=true")},
				until:  and(func(s *pcs.Status) bool { return s.StopAll }, stopped("vip", "app", "web", "roam", "ping", "db", "num", "g")),
				verify: []string{"warning CLUSTER_STOP_ALL stop-all-resources"},
			}},
			back: []act{on("n1", "pcs property unset stop-all-resources")}},
		{name: "disabled",
			states: []state{{
				how:    []act{on("n1", "pcs resource disable roam web ping-clone")},
				until:  stopped("roam", "web", "ping"),
				verify: []string{"warning RESOURCE_DISABLED ping-clone", "warning RESOURCE_DISABLED roam", "warning RESOURCE_DISABLED web1", "warning RESOURCE_DISABLED web2"},
			}},
			back: []act{on("n1", "pcs resource enable roam web ping-clone")}},
		{name: "partner-stopped", once: true, // what has to be where another is goes down with it
			states: []state{{
				how:    []act{on("n1", "pcs resource disable vip")},
				until:  stopped("vip", "app"),
				plain:  true,
				verify: []string{"warning RESOURCE_DISABLED vip", "warning RESOURCE_NOT_ALLOWED app"},
			}},
			back: []act{on("n1", "pcs resource enable vip")}},
		{name: "unmanaged",
			states: []state{{
				how:    []act{on("n1", "pcs resource unmanage vip web db-clone")},
				until:  and(resource("vip", unmanaged), resource("web1", unmanaged), resource("db", unmanaged)),
				verify: []string{"warning RESOURCE_UNMANAGED vip", "warning RESOURCE_UNMANAGED web1", "warning RESOURCE_UNMANAGED web2", "warning RESOURCE_UNMANAGED db-clone"},
			}},
			back: []act{on("n1", "pcs resource manage vip web db-clone db")}},
	}
}

func unmanaged(r *pcs.Resource) bool { return !r.Managed && r.Active() }

// placements are states of constraints.
func placements() []trip {
	return []trip{
		{name: "banned", once: true,
			states: []state{{
				how:    []act{on("n1", "crm_resource --ban -r vip -N n1; crm_resource --ban -r db-clone -N n2")},
				until:  and(not(started("vip", "n1")), started("vip"), instances("app", 1), instances("db", 2), role("db", pcs.Promoted)),
				verify: []string{"warning CONSTRAINT_BY_HAND cli-ban-vip-on-n1", "warning CONSTRAINT_BY_HAND cli-ban-db-clone-on-n2", "warning RESOURCE_NOT_ALLOWED db-clone", "info PLACEMENT_PREFERENCE vip"},
			}},
			back: []act{on("n1", "crm_resource --clear -r vip; crm_resource --clear -r db-clone")}},
		{name: "banned-everywhere", once: true,
			states: []state{{
				how:    []act{on("n1", "crm_resource --ban -r web -N n1; crm_resource --ban -r web -N n2")},
				until:  stopped("web"),
				plain:  true,
				verify: []string{"warning CONSTRAINT_BY_HAND cli-ban-web-on-n1", "warning CONSTRAINT_BY_HAND cli-ban-web-on-n2", "warning RESOURCE_NOT_ALLOWED web1", "warning RESOURCE_NOT_ALLOWED web2"},
			}},
			back: []act{on("n1", "crm_resource --clear -r web")}},
		{name: "moved", once: true,
			states: []state{{
				how:    []act{on("n1", "crm_resource --move -r web -N n1")},
				until:  started("web2", "n1"),
				verify: []string{"warning CONSTRAINT_BY_HAND cli-prefer-web", "info PLACEMENT_PREFERENCE web"},
			}, {
				name: "not-preferred", // it stays where it was moved to
				how: []act{on("n1", `crm_resource -r web --meta -p resource-stickiness -v 1000
crm_resource --clear -r web`)},
				until:  and(started("web2", "n1"), func(s *pcs.Status) bool { return slices.Equal(away(s), []string{"web on n2"}) }),
				passes: true,
				verify: []string{"info PLACEMENT_PREFERENCE web"},
			}},
			back: []act{on("n1", "crm_resource -r web --meta -d resource-stickiness")}},
		{name: "rule", once: true,
			states: []state{{
				how:    []act{on("n1", `cibadmin -C -o constraints -X '<rsc_location id="past" rsc="web"><rule id="past-rule" score="-INFINITY"><date_expression id="past-date" operation="gt" start="2020-01-01"/></rule></rsc_location>'`)},
				until:  stopped("web"),
				plain:  true,
				verify: []string{"warning RESOURCE_NOT_ALLOWED web1", "warning RESOURCE_NOT_ALLOWED web2"},
			}},
			back: []act{on("n1", `cibadmin -D -o constraints -X '<rsc_location id="past"/>'`)}},
		{name: "apart", once: true, // from a clone that is everywhere
			states: []state{{
				how:    []act{on("n1", `cibadmin -C -o constraints -X '<rsc_colocation id="apart" rsc="web" with-rsc="ping-clone" score="-INFINITY"/>'`)},
				until:  stopped("web"),
				plain:  true,
				verify: []string{"warning RESOURCE_NOT_ALLOWED web1", "warning RESOURCE_NOT_ALLOWED web2"},
			}},
			back: []act{on("n1", `cibadmin -D -o constraints -X '<rsc_colocation id="apart"/>'`)}},
		{name: "sets", once: true, // of resources, in an order
			states: []state{{
				how:    []act{on("n1", "pcs constraint order set roam vip set web; pcs resource disable roam")},
				until:  stopped("roam", "vip", "app", "web"),
				plain:  true,
				verify: []string{"warning RESOURCE_DISABLED roam", "warning RESOURCE_NOT_ALLOWED vip", "warning RESOURCE_NOT_ALLOWED app", "warning RESOURCE_NOT_ALLOWED web1", "warning RESOURCE_NOT_ALLOWED web2"},
			}},
			back: []act{on("n1", "cibadmin -d --force --xpath '//rsc_order[resource_set]'; pcs resource enable roam")}},
		{name: "forbidden-place", once: true, // unmanaged, and started by hand where it must not be
			states: []state{{
				how: []act{
					on("n1", "crm_resource -r roam --meta -p is-managed -v false"),
					on("n3", "rm /run/puppet/roam.state"),
					on("n2", "touch /run/puppet/roam.state; crm_resource --refresh -r roam")},
				until:  started("roam", "n2"),
				passes: true,
				verify: []string{"error PLACEMENT roam", "info PLACEMENT_PREFERENCE roam", "warning RESOURCE_UNMANAGED roam"},
			}},
			back: []act{on("n1", "crm_resource -r roam --meta -d is-managed")}},
		{name: "two-places",
			states: []state{{
				how: []act{
					on("n1", "crm_resource -r roam --meta -p is-managed -v false"),
					on("n1", "touch /run/puppet/roam.state; crm_resource --refresh -r roam")},
				until:  started("roam", "n1", "n3"),
				verify: []string{"error RESOURCE_MULTIPLE roam"},
			}},
			back: []act{on("n1", `rm -f /run/puppet/roam.state; crm_resource --refresh -r roam
until [ "$(crm_resource -W -r roam 2>/dev/null | grep -c 'running on')" = 1 ]; do sleep 0.2; done
crm_resource -r roam --meta -d is-managed`)}},
		{name: "two-promoted", once: true,
			states: []state{{
				how:    []act{on("n1", "crm_resource -r db-clone --meta -p promoted-max -v 2")},
				until:  func(s *pcs.Status) bool { return all(s) && len(active(s, "db", pcs.Promoted)) == 2 },
				verify: []string{"error RESOURCE_ROLE db-clone"},
			}},
			back: []act{on("n1", "crm_resource -r db-clone --meta -d promoted-max")}},
		{name: "address", once: true,
			states: []state{{
				name:   "address-absent",
				how:    []act{on("n1", `ip -o addr show to $(crm_resource -r vip -g ip | tail -n 1) | (read -r _ dev _ addr _; echo "$dev $addr" >/run/puppet/address; ip addr del "$addr" dev "$dev")`)},
				until:  atHome,
				passes: true,
				verify: []string{"error ADDRESS_ABSENT vip"},
			}, {
				name:   "address-elsewhere",
				how:    []act{on("n2", `ip addr add $(crm_resource -r vip -g ip | tail -n 1)/24 dev link0`)},
				until:  atHome,
				passes: true,
				verify: []string{"error ADDRESS_ELSEWHERE vip"},
			}, {
				name:   "address-twice",
				how:    []act{on("n1", `read -r dev addr </run/puppet/address; ip addr add "$addr" dev "$dev"`)},
				until:  atHome,
				passes: true,
				verify: []string{"error ADDRESS_TWICE vip"},
			}},
			back: []act{on("n2", `ip addr del $(crm_resource -r vip -g ip | tail -n 1)/24 dev link0`)}},
	}
}
