package integration

import (
	"github.com/hadeploy/hadeploy/internal/pcs"
)

// nodesAway: one of three nodes leaves, or is lost.
func nodesAway() []trip {
	return []trip{
		{name: "leaving",
			states: []state{{
				name:   "one-stopped",
				wide:   true,
				how:    []act{on("n3", "pcs cluster stop")},
				until:  and(offline("n3"), started("roam", "n1"), instances("num", 4)),
				verify: []string{"error NOT_RUNNING on n3", "error NODE_OFFLINE on n3", "info PLACEMENT_PREFERENCE roam"},
			}, {
				name:   "one-joining", // Corosync is there, and Pacemaker is not
				how:    []act{on("n3", "systemctl start corosync")},
				until:  node("n3", func(n *pcs.Node) bool { return n.Pending || n.Online }),
				verify: []string{"error NOT_RUNNING on n3", "error NODE_OFFLINE on n3", "info PLACEMENT_PREFERENCE roam"},
			}},
			back: []act{on("n3", "systemctl start pacemaker")}},
		{name: "link-down", once: true, // one of two
			states: []state{{
				how:    []act{inLab("cut", "--link", "1", "n3"), on("n1", "until corosync-cfgtool -s | grep -q disconnected; do sleep 0.2; done")},
				until:  atHome,
				passes: true,
				verify: []string{"error LINK_DOWN link 1 on n1", "error LINK_DOWN link 1 on n2"},
			}},
			back: []act{inLab("heal", "n3"), on("n1", "while corosync-cfgtool -s | grep -q disconnected; do sleep 0.2; done")}},
		{name: "one-lost", // and fenced
			states: []state{{
				wide:   true,
				how:    []act{inLab("power", "off", "n3")},
				until:  and(offline("n3"), fencing("n3", "success"), started("roam", "n1"), instances("num", 4)),
				verify: []string{"error NODE_UNREACHABLE on n3", "error NODE_OFFLINE on n3", "info PLACEMENT_PREFERENCE roam"},
			}},
			back: []act{inLab("power", "on", "n3"), forgetFencing}},
	}
}

// forgetFencing empties the history of fencing. A node that joins brings its
// own, so all have to be there.
var forgetFencing = on("n1", `until crm_mon -1 | grep -q 'Online: \[ n1 n2 n3 \]'; do sleep 0.2; done
while crm_mon -1 --output-as=xml | grep -q '<fence_event'; do stonith_admin -H '*' -c; sleep 0.2; done`)

// breakFencing makes every fencing action do what the shell says.
func breakFencing(shell string) act {
	return onAll("cat >/run/puppet/fence_lab <<'EOF'\ncase $action in off|reboot) " + shell + " ;; esac\nEOF")
}

var mendFencing = onAll("rm -f /run/puppet/fence_lab /run/puppet/hold")

func fencings() []trip {
	unclean := node("n3", func(n *pcs.Node) bool { return n.Unclean })
	return []trip{
		{name: "fencing-disabled", once: true,
			states: []state{{
				how:    []act{on("n1", "crm_attribute -n stonith-enabled -v false; until cibadmin -Q | grep -q 'stonith-enabled\" value=\"false'; do sleep 0.1; done")},
				until:  online("n1"),
				passes: true,
				verify: []string{"error FENCING_DISABLED stonith-enabled"},
			}},
			back: []act{on("n1", "crm_attribute -n stonith-enabled -D")}},
		{name: "fencing-device-stopped", once: true,
			states: []state{{
				how:    []act{on("n1", "crm_resource -r fence --meta -p target-role -v Stopped")},
				until:  stopped("fence"),
				verify: []string{"error FENCING_DEVICE fence"},
			}},
			back: []act{on("n1", "crm_resource -r fence --meta -d target-role")}},
		{name: "fencing-device-failed",
			states: []state{{
				how:    []act{onAll("echo 'echo \"no answer from the switch\" >&2; exit 1' >/run/puppet/fence_lab"), on("n1", "crm_resource --fail -r fence -N $(crm_resource -W -r fence 2>/dev/null | sed 's/.*: *//; s/ .*//')")},
				until:  and(failed("fence", "n1", "n2", "n3"), stopped("fence")),
				verify: []string{"error FENCING_DEVICE fence", "error FAILED_ACTION fence on n1", "error FAILED_ACTION fence on n2", "error FAILED_ACTION fence on n3"},
			}},
			back: []act{mendFencing, on("n1", "crm_resource --cleanup -r fence")}},
		{name: "fencing",
			states: []state{{
				name: "fencing-pending",
				how: []act{breakFencing("while [ -e /run/puppet/hold ]; do sleep 0.1; done; echo cannot reach the switch >&2; exit 1"), onAll("touch /run/puppet/hold"),
					inLab("power", "off", "n3")},
				until:  and(unclean, fencing("n3", "pending")),
				busy:   true,
				verify: []string{"error NODE_UNREACHABLE on n3", "error NODE_OFFLINE on n3", "warning FENCING_PENDING n3"},
			}, {
				name:   "fencing-failed",
				how:    []act{on("n1", "rm /run/puppet/hold"), on("n2", "rm /run/puppet/hold")},
				until:  and(unclean, fencing("n3", "failed"), not(fencing("n3", "pending"))),
				verify: []string{"error NODE_UNREACHABLE on n3", "error NODE_OFFLINE on n3", "error FENCING_FAILED n3"},
			}, {
				name:   "fencing-confirmed", // by a person
				how:    []act{on("n1", "stonith_admin --confirm n3")},
				until:  and(offline("n3"), started("roam", "n1")),
				verify: []string{"error NODE_UNREACHABLE on n3", "error NODE_OFFLINE on n3", "info PLACEMENT_PREFERENCE roam"},
			}},
			back: []act{on("n1", "rm -f /run/puppet/fence_lab"), on("n2", "rm -f /run/puppet/fence_lab"), inLab("power", "on", "n3"), on("n3", "mkdir -p /run/puppet"), forgetFencing}},
	}
}

// apart: the network between the nodes is cut.
func apart() []trip {
	return []trip{{name: "cut",
		states: []state{{
			name:   "partitioned",
			how:    []act{breakFencing("echo cannot reach the switch >&2; exit 1"), inLab("cut", "n3")},
			until:  and(node("n3", func(n *pcs.Node) bool { return n.Unclean }), fencing("n3", "failed"), not(fencing("n3", "pending"))),
			apart:  "n3",
			verify: []string{"error NODE_OFFLINE on n3", "error NO_QUORUM on n3", "error PARTITIONED", "error FENCING_FAILED n3"},
		}, {
			name:   "no-quorum",
			how:    []act{inLab("cut", "n2")},
			until:  and(not(func(s *pcs.Status) bool { return s.Quorum }), stopped("vip", "app")),
			apart:  "n2",
			verify: []string{"error NO_QUORUM on n1", "error NO_QUORUM on n2", "error NO_QUORUM on n3", "error PARTITIONED", "error NODE_OFFLINE on n2", "error NODE_OFFLINE on n3", "error FENCING_FAILED n3"},
		}},
		// Fencing is mended last, or one that is still apart would be fenced.
		back: []act{inLab("heal", "n2", "n3"), forgetFencing, mendFencing},
	}}
}

// startings: all nodes are stopped, and come one by one. No DC is elected
// until a node has waited dc-deadtime, which is long on all but the last.
func startings() []trip {
	return []trip{{name: "starting",
		states: []state{{
			name:   "all-stopped",
			how:    []act{on("n1", "crm_attribute -n dc-deadtime -v 1h; pcs cluster stop --all")},
			until:  down,
			busy:   true,
			status: "the cluster does not run on any node",
			verify: []string{"error NOT_RUNNING on n1", "error NOT_RUNNING on n2", "error NOT_RUNNING on n3"},
		}, {
			name:   "starting-alone",
			how:    []act{on("n1", "systemctl start corosync pacemaker")},
			until:  answers,
			busy:   true,
			verify: []string{"error NO_DC on n1", "error NODE_OFFLINE on n1", "error NODE_OFFLINE on n2", "error NODE_OFFLINE on n3", "error NOT_RUNNING on n2", "error NOT_RUNNING on n3"},
		}, {
			name:   "starting-quorum", // and no DC yet
			wide:   true,
			how:    []act{on("n2", "systemctl start corosync pacemaker; until corosync-quorumtool -s | grep -q 'Quorate: *Yes'; do sleep 0.2; done")},
			node:   "n2",
			until:  answers,
			busy:   true,
			verify: []string{"error NO_DC on n1", "error NO_DC on n2", "error NODE_OFFLINE on n1", "error NODE_OFFLINE on n2", "error NODE_OFFLINE on n3", "error NOT_RUNNING on n3"},
		}},
		back: []act{on("n3", `export CIB_file=/var/lib/pacemaker/cib/cib.xml
crm_attribute -n dc-deadtime -v 2s
chown hacluster:haclient /var/lib/pacemaker/cib/*
systemctl start corosync pacemaker`)},
	}}
}

// answers: with all that belongs to a status, the fencing history too.
func answers(s *pcs.Status) bool { return s != nil && !s.Unknown() }
