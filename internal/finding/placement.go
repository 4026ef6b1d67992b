package finding

// placement are the codes about where resources run.
func placement() []Entry {
	return []Entry{
		{Code: "PLACEMENT", Severity: "error", Group: ofPlacement,
			Meaning: "a resource runs where a constraint forbids it: a location or colocation of -INFINITY, a colocation of INFINITY with what runs elsewhere, a mandatory order whose first is not active; or a group is on several nodes",
			Do:      "`crm_simulate -sL`; is the cluster still moving, or does it not manage the resource?",
			Explain: `Looks at: where each resource runs, against the mandatory constraints of the cluster and of the file: location with
-INFINITY, colocation with INFINITY and -INFINITY, order with kind Mandatory. And
what Pacemaker itself says it is about to take away from there.

Why: an address without its server, a server without its data, or both halves of a pair on one node. Pacemaker would not
place it so: it is still moving, or may not move it, or the live constraints are not those of the file.

Look closer:
  pcs constraint --full; hadeploy plan cluster.yaml        (do file and cluster have the same constraints?)
  crm_simulate -sL                           (scores, and what Pacemaker would do next)
  pcs status --full                          (unmanaged, maintenance, blocked?)

Mend, safest first: wait a minute and look again (hadeploy verify --wait). If the plan shows a constraint, hadeploy apply;
its impact tells what will move. If the resource is unmanaged, blocked or in maintenance, end that (see those codes):
Pacemaker then moves it, which interrupts the service for a moment.

May be left: only if the service works so; ask what the constraint is for.`},
		{Code: "PLACEMENT_PREFERENCE", Severity: "info", Group: ofPlacement,
			Meaning: "a resource runs elsewhere than its location constraint prefers; the message says why",
			Do:      "nothing, or move it back at a quiet time",
			Explain: `Looks at: where each resource runs, against the location constraints with a finite score.

Why: a preference is no must. After a failover resource-stickiness keeps a resource where it is, because moving it back
would interrupt it again. Or the preferred node is not available. It is told because load or licences may mind.

Look closer:
  pcs resource relocate show                 (where each would be without stickiness)
  crm_simulate -sL | grep ID

Mend, at a quiet time, for each move is an interruption: pcs resource relocate run ID, which takes its own constraints
away again; or pcs resource move ID NODE, and up to pcs 0.10 pcs resource clear ID after it.

May be left: yes.`},
		{Code: "CONSTRAINT_BY_HAND", Severity: "warning", Group: ofPlacement,
			Meaning: "there are constraints `cli-ban-...` or `cli-prefer-...`, which `pcs resource move` or `ban` left behind",
			Do:      "`pcs resource clear ID`",
			Explain: `Looks at: location constraints whose ids begin with cli-. pcs resource ban makes them, and pcs resource move up to pcs 0.10
(from 0.11 move takes its own away again). hadeploy leaves them alone.

Why: with INFINITY the resource goes to that node whatever else is declared; with -INFINITY never: if the other nodes
fail, it has no place to run. Nobody sees that until the failover.

Look closer:
  pcs constraint --full | grep cli-

Mend: pcs resource clear ID takes all of them from the resource. Look first what then happens, on a copy of the CIB:
  pcs cluster cib copy.xml; pcs -f copy.xml constraint remove CLI-ID; crm_simulate -S -x copy.xml
If it shows a move that you do not want now, do it at a quiet time.

May be left: for the maintenance that it was made for. One with a lifetime ends by itself; its constraint stays to be
read until it is cleared.`},
	}
}

// outside are the codes about what clients would see.
func outside() []Entry {
	return []Entry{
		{Code: "ADDRESS_ABSENT", Severity: "error", Group: ofOutside,
			Meaning: "a floating address is on no node, though pcs says that it is",
			Do:      "`ip addr` on the node that is named",
			Explain: `Looks at: the addresses of every node's interfaces, against the node on which pcs status has the IPaddr2 resource.

Why: clients reach nobody, while pcs says Started. Somebody took the address away: a network manager that restarted,
ifdown, a hand. The resource's monitor has not run since, or it has none.

Look closer:
  ip -brief address                          (on the node that is named)
  pcs resource debug-monitor ID              (there: does the agent see it?)
  journalctl --since -10min | grep -i -e network -e ADDRESS

Mend: wait for the next monitor (op monitor interval), which makes Pacemaker restart the resource; or pcs resource restart
ID now: what depends on it restarts too. Then keep the network manager's hands off, and give it a monitor.

May be left: no; the service cannot be reached.`},
		{Code: "ADDRESS_ELSEWHERE", Severity: "error", Group: ofOutside,
			Meaning: "it is on another node than pcs says",
			Do:      "`ip addr` on the nodes; who else configures it?",
			Explain: `Looks at: the addresses of every node's interfaces, against the node on which pcs status has the IPaddr2 resource.

Why: clients reach a node where the service does not run. Somebody else configures the address: it stands in a network
configuration file, or another tool (keepalived, a second cluster) has it too.

Look closer, on the node that has it:
  ip -brief address
  grep -rl ADDRESS /etc/network /etc/netplan /etc/NetworkManager /etc/sysconfig/network* 2>/dev/null

Mend, safest first: take the address out of that configuration; then take it from the wrong node: ip address del
ADDRESS/MASK dev INTERFACE. Then pcs resource restart ID, unless it is back on its node already.

May be left: no; the service cannot be reached.`},
		{Code: "ADDRESS_TWICE", Severity: "error", Group: ofOutside,
			Meaning: "it is on several nodes at once",
			Do:      "take it from the wrong one at once: clients see a random one",
			Explain: `Looks at: the addresses of every node's interfaces, for each IPaddr2 that is no clone.

Why: two nodes answer for one address; which one a client gets depends on its ARP cache and changes. Connections break
off, and writes may go to the wrong node. Behind it may be a split cluster without fencing: see PARTITIONED.

Look closer:
  ip -brief address; pcs status              (on every node: who is right?)
  arping -D -c3 -I INTERFACE ADDRESS         (from a third machine)

Mend: not split: take it from the node where pcs does not have it: ip address del ADDRESS/MASK dev INTERFACE; then look
for what configured it there (ADDRESS_ELSEWHERE). Split: first stop the side without quorum, pcs cluster stop NODE
--force on its nodes.

May be left: never.`},
		{Code: "PROBE_FAILED", Severity: "error", Group: ofOutside,
			Meaning: "a declared probe was not answered as expected, from the machine that runs hadeploy",
			Do:      "is the address reachable from here? look at the resource's log on its node",
			Explain: `Looks at: each of verify.probes, from the machine that runs hadeploy: an HTTP answer with status and text, or a TCP port that
takes a connection, within 5 seconds. No proxy is used and no redirection followed.

Why: it is what a client sees. All else may be well in the cluster's eyes: the agent's monitor may look at less than the
probe. Or only the way from here is closed.

Look closer:
  curl -v URL                                (from here, and on the node where the service runs)
  pcs status; journalctl -u UNIT

Mend, safest first: answered on the node but not from here: network, firewall, routing. Not answered there either: the
service's own log, then pcs resource restart ID, which restarts what depends on it too. A service that needs long to
start after a failover: hadeploy verify --wait.

May be left: no, if the probe asks what clients ask.`},
	}
}
