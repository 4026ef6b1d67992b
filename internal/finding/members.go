package finding

// members are the codes about nodes, quorum, links and daemons, and about
// settings that hold for the whole cluster.
func members() []Entry {
	return []Entry{
		{Code: "NOT_RUNNING", Severity: "error", Group: ofMembers,
			Meaning: "the cluster does not run on the node",
			Do:      "`pcs cluster start NODE`, or `hadeploy apply`",
			Explain: `Looks at: whether pcs status on the node gets an answer from Pacemaker.

Why: the node runs no resources and has no vote. The others run on as long as they have quorum, with one failure less
in hand.

Look closer:
  systemctl status corosync pacemaker
  journalctl -b -u corosync -u pacemaker
  pcs stonith history show NODE    (on another node: was it fenced?)

Mend, safest first: find out why it stopped before it joins again: a node that was fenced for a fault, and starts at
once, is fenced again. Then pcs cluster start NODE; its resources may move back unless stickiness holds them.

May be left: yes, during its maintenance. Put it into standby first, to choose the moment when it takes over again.`},
		{Code: "STATUS_UNKNOWN", Severity: "error", Group: ofMembers,
			Meaning: "`pcs status` cannot be read, or not in full; nothing is taken for granted then",
			Do:      "look at `pcs status` on the node",
			Explain: `Looks at: the text of pcs status on each node, line by line. A line that is not understood, or a missing end, makes the
state unknown, never well. Where a node offers XML beside the text, both have to say the same. The addresses, Corosync's
links, the CIB and the scheduler's scores are asked as well: one that does not come whole is named with its command. A
command that hangs, fails or prints without end is told with how long it was waited for and its last words; the other
nodes are judged all the same.

Why: a check that skips what it does not understand reports a broken cluster as well. The cluster itself may be fine.

Look closer:
  pcs status --full                (on the node; does it hang, or end with an error?)
  hadeploy status cluster.yaml     (names the line that was not understood)

Mend: if pcs hangs or fails, look at the node: full disk, no memory, pcsd or Pacemaker stopped. If the text looks fine
to you it is our defect: please report it with the text (hadeploy status --from FILE shows the same).

May be left: no; until it is mended nobody watches what that text says.`},
		{Code: "NODE_UNREACHABLE", Severity: "error", Group: ofMembers,
			Meaning: "the node cannot be reached by ssh, so it was not asked; the others were",
			Do:      "is it switched on? can you log in?",
			Explain: `Looks at: whether hadeploy can log in to each node, and stays connected while it asks. The message says how it failed: no
answer, refused, host key, login, connection lost. With --wait, a node that restarts is connected to again.

Why: what only that node can tell is not known: its daemons, its links, its addresses, and whether it sees the same
cluster. Whether the cluster has lost it is another question: see whether NODE_OFFLINE is reported too.

Look closer:
  ssh USER@NODE
  pcs status nodes                 (on another node: what does the cluster say of it?)

Mend: if the cluster has it online, mend the way to it: network, firewall, sshd, key. If it is OFFLINE, look at the
machine's console or management board.

May be left: while the cluster has it online, the services run. Its failure would be noticed by the cluster, not by you.`},
		{Code: "NODE_OFFLINE", Severity: "error", Group: ofMembers,
			Meaning: "a member is offline, UNCLEAN or absent in the eyes of another",
			Do:      "find out what happened to it; an UNCLEAN one has to be fenced before its resources can run elsewhere",
			Explain: `Looks at: the state of each declared node in the pcs status of every other.

Why: offline: it left in good order, or was fenced; its resources run elsewhere. UNCLEAN: it is lost and nobody knows
whether it still writes; its resources wait until it is fenced. Pending: it is joining; look again in a minute.

Look closer:
  pcs status --full; pcs stonith history show NODE
  journalctl -u pacemaker --since -1h | grep -i -e fence -e stonith -e lost

Mend, safest first: offline: pcs cluster start NODE, after you know why it went. UNCLEAN: wait for the fencing, or mend
the device (FENCING_FAILED). Only when you have seen with your own eyes that its power is off: pcs stonith confirm NODE.
Confirmed while it still runs, two nodes write to the same data.

May be left: offline yes, if it is known, with quorum and one failure less in hand; UNCLEAN never.`},
		{Code: "REMOTE_OFFLINE", Severity: "error; where its resource is disabled a warning", Group: ofMembers,
			Meaning: "a declared remote or guest node is not connected to the cluster",
			Do:      "look at pacemaker_remote on that node, then `pcs resource cleanup` its resource",
			Explain: `Looks at: RemoteOnline, RemoteOFFLINE and GuestOnline in pcs status, for each node under remote_nodes.

Why: a member holds a connection to pacemaker_remote on the node, port 3121, with the key in /etc/pacemaker/authkey. When it
is lost, Pacemaker fences the node, or waits with its resources until it can; when it never came about, the resource that
connects failed to start, and is not tried again by itself unless reconnect_interval is set.

Look closer:
  pcs status --full; pcs resource failcount show
  on that node: systemctl status pacemaker_remote; ss -ltn | grep 3121
  sha256sum /etc/pacemaker/authkey, there and on a member; hadeploy plan compares them

Mend, safest first: start pacemaker_remote and open port 3121 (hadeploy apply mends the daemon and the key), then pcs
resource cleanup RESOURCE. Of a guest node: look at the resource that it runs inside of first.

May be left: as long as what else runs its resources is enough; an UNCLEAN one never.`},
		{Code: "REMOTE_KEY", Severity: "error", Group: ofMembers,
			Meaning: "the host of a remote or guest node does not have the members' /etc/pacemaker/authkey",
			Do:      "`hadeploy apply` puts it there",
			Explain: `Looks at: the SHA-256 of /etc/pacemaker/authkey on the host and on the members.

Why: a member proves with this key that it may command the node. A connection that stands goes on; the next one, after a
restart or when the connection moves to another member, is refused, and the node is lost.

Look closer, there and on a member:
  ls -l /etc/pacemaker/authkey; sha256sum /etc/pacemaker/authkey

Mend: hadeploy apply. It copies the members' key, and restarts pacemaker_remote only where no member is connected.

May be left: until the next restart of any of them; then the node is lost.`},
		{Code: "NODE_UNDECLARED", Severity: "error", Group: ofMembers,
			Meaning: "the cluster has a member that the inventory does not name",
			Do:      "add it to the inventory, or `pcs cluster node remove` it",
			Explain: `Looks at: the members that pcs status lists, and the inventory. Remote and guest nodes are no members.

Why: the member votes and may run your resources, and nothing of it is checked or configured by this playbook: files,
agents, packages. A failover to it may fail. apply refuses to change corosync.conf while it is there (MEMBER_REMOVED).

Look closer:
  pcs status nodes; pcs quorum status; hadeploy inventory

Mend, safest first: if it belongs there, put it into the inventory and run hadeploy plan. If it is a leftover: pcs node
standby NODE, wait until its resources have moved, then pcs cluster node remove NODE, at a quiet time.

May be left: for a while; the cluster works, and its quorum counts that node.`},
		{Code: "NODE_STANDBY", Severity: "warning; by a failure an error", Group: ofMembers,
			Meaning: "a person put the node into standby, or Pacemaker did after a failure (`on-fail=standby`): it runs no resources",
			Do:      "`pcs node unstandby NODE`; after a failure mend it, then `pcs resource cleanup`",
			Explain: `Looks at: the word standby at a node in pcs status. "standby (on-fail)" was set by Pacemaker itself, after a failure of a
resource with on-fail=standby: that is an error.

Why: the node votes and runs nothing. The services live on the others: one failure less in hand. Somebody probably works
on the node, so hadeploy leaves it so.

Look closer:
  pcs status nodes; pcs node attribute
  last -n 5                        (on the node: who is there?)

Mend: ask first. Then pcs node unstandby NODE (oldest pcs 0.9: pcs cluster unstandby NODE). Resources with a preference for
the node move to it at once, unless stickiness is larger. For on-fail: mend the failure, then pcs resource cleanup ID.

May be left: yes, during a maintenance. Forgotten standby is what turns the next failure into an outage.`},
		{Code: "NODE_MAINTENANCE", Severity: "warning", Group: ofMembers,
			Meaning: "a person put the node into maintenance: its resources are not watched",
			Do:      "`pcs node unmaintenance NODE`",
			Explain: `Looks at: the word maintenance at a node in pcs status.

Why: resources on it run on, but Pacemaker neither monitors, starts, stops nor recovers them. If a service dies there,
nobody restarts it and nothing is reported.

Look closer:
  pcs status --full
  pcs resource debug-monitor ID    (on that node: does the service still run?)

What the end of it would do, on a copy:
  pcs cluster cib copy.xml; pcs -f copy.xml node unmaintenance NODE; crm_simulate -S -x copy.xml

Mend: see first that what pcs calls Started still runs, for Pacemaker acts on what it finds. Then pcs node unmaintenance
NODE.

May be left: during the work that it was set for, not over night.`},
		{Code: "NODE_HEALTH", Severity: "warning", Group: ofMembers,
			Meaning: "a node attribute `#health-...` is yellow or red; `node-health-strategy` may keep resources away from the node",
			Do:      "mend what the attribute measures",
			Explain: `Looks at: the health that pcs status shows at a node: attributes whose names begin with #health, which agents such as
ocf:pacemaker:HealthCPU, HealthSMART or sysinfo set.

Why: something measured there is bad: disk, load, space. With node-health-strategy=migrate-on-red a red node loses its
resources, with only-green a yellow one too; with none, the default, nothing happens.

Look closer:
  crm_mon -1A                      (the attributes and their values)
  pcs property | grep node-health

Mend: what is measured: smartctl -a, df -h, uptime on the node. The agent sets the attribute back to green by itself.
Moving the services away in time is what it is for: pcs node standby NODE, and mend in peace.

May be left: yellow for a while; red no, the node is expected to fail.`},
		{Code: "NO_QUORUM", Severity: "error", Group: ofMembers,
			Meaning: "the node's partition has no quorum: its resources are stopped",
			Do:      "`corosync-quorumtool -s`; the network between the nodes",
			Explain: `Looks at: "partition with quorum" or "WITHOUT quorum" in the pcs status of every node.

Why: without the majority of the votes a partition may not run resources, for another may run them. What then happens
is no-quorum-policy: stop (the default), freeze, ignore, suicide, demote.

Look closer:
  pcs quorum status; corosync-cfgtool -s
  ping -c3 PEER_LINK_ADDRESS       (for every link)

Mend, safest first: bring the missing nodes or the network back; quorum returns by itself. Never set
no-quorum-policy=ignore to get over it. Only after all nodes were down, when the rest is powered off for certain:
pcs quorum unblock ends the waiting for them (wait_for_all). With a node that is not off, it destroys data.

May be left: no; what this partition ran is stopped. See whether the other side has quorum: services may run there.`},
		{Code: "NO_DC", Severity: "error", Group: ofMembers,
			Meaning: "no DC is elected: nothing is decided",
			Do:      "wait a moment; then `journalctl -u pacemaker`",
			Explain: `Looks at: "Current DC" in the pcs status of every node.

Why: the DC is the node that decides for all. Without one, what runs goes on, but no failure is recovered and nothing is
started. For some seconds after a start, a failure or a change of members that is normal (dc-deadtime, 20s).

Look closer:
  crm_mon -1; pcs quorum status
  journalctl -u pacemaker --since -10min | grep -i -e election -e DC

Mend, safest first: wait a minute and look again (hadeploy verify --wait). If elections repeat, the nodes do not hear
each other well: links, MTU (corosync-cfgtool -s), or one of them is under such load that it answers late: relieve it.

May be left: no, when it lasts for more than a minute.`},
		{Code: "PARTITIONED", Severity: "error", Group: ofMembers,
			Meaning: "the nodes do not see the same cluster: another DC, or another list of online members",
			Do:      "`corosync-cfgtool -s`; the network between the nodes",
			Explain: `Looks at: the DC and the online members that each node names. In one cluster all name the same.

Why: the cluster has fallen apart. The side with quorum goes on and fences the others; if fencing is off or fails, both
sides may run the same resource and write to the same data.

Look closer, on every node:
  pcs quorum status; corosync-cfgtool -s; pcs status nodes
  ip -s link                       (errors, down?)

Mend, safest first: the network between the nodes: switch, VLAN, firewall (UDP 5404 to 5412), MTU. Without fencing, and
with a side that still runs resources without quorum: stop that side by hand, pcs cluster stop NODE --force on its
nodes, before the network comes back. Then compare what both have written.

May be left: never. A look in the very moment when a node joins or leaves can show it too: look again.`},
		{Code: "LINK_DOWN", Severity: "error", Group: ofMembers,
			Meaning: "a Corosync link between two members that are both online is not connected: redundancy is lost (with several links the cluster runs on)",
			Do:      "`corosync-cfgtool -s` on both; the cable, switch and firewall of that link",
			Explain: `Looks at: corosync-cfgtool -s on every node: the state of each link to each peer.

Why: with several links the cluster runs on, and nobody notices that the spare is gone: the next fault of a network
splits the cluster. Nothing is interrupted at the moment.

Look closer, on both ends:
  corosync-cfgtool -s; ip -s link; ip -brief address
  ping -c3 -I OWN_LINK_ADDRESS PEER_LINK_ADDRESS
  journalctl -u corosync | grep -i link

Mend: cable, switch port, VLAN, address, firewall (UDP 5405 and up, one port a link). Corosync 3 (knet) connects again by
itself. Corosync 2 with two rings may keep the fault marked: corosync-cfgtool -r clears it. No restart is needed.

May be left: for hours, if the other link is sound; not with a single link.`},
		{Code: "COROSYNC_NOT_READ", Severity: "error; in a plan a warning; a warning too where a reload was not carried out in full", Group: ofMembers,
			Meaning: "Corosync runs with other settings than its corosync.conf has: a reload was lost or refused, or only a start brings them",
			Do:      "`hadeploy apply`, or `pcs cluster reload corosync`; the finding says when only a stop of the cluster helps",
			Explain: `Looks at: corosync-cmapctl on every node, where a running Corosync tells what it has read, against its corosync.conf.

Why: members with different token times do not agree when a node is lost, and a node that starts again runs with other
settings than the rest. A file that Corosync refused keeps it from starting at all.

Look closer:
  corosync-cmapctl totem.; corosync-cmapctl config.
  journalctl -u corosync | grep -i -e reload -e 'run-time'
  corosync -t                      (would it start with the file?)

Mend: hadeploy apply reloads, and proves on every member that the values came. A reload stops nothing. What Corosync takes
at its start only (cluster_name, netmtu, ip_version, the address of a link) needs pcs cluster stop --all and pcs cluster
start --all in a maintenance window, or the old value back in the file.

May be left: not for long; the next reboot decides which of the two runs.`},
		{Code: "COROSYNC_DIFFERS", Severity: "error", Group: ofMembers,
			Meaning: "a member's Corosync runs with other settings than are declared, or than another member has, and so says its file",
			Do:      "`hadeploy plan` shows it in full; then `hadeploy apply`, or change the playbook",
			Explain: `Looks at: corosync-cmapctl on every node against what the playbook declares, laid over the corosync.conf of the first member
that runs.

Why: members that do not agree on token times, members or quorum do not agree when a node is lost. An apply that was cut
off, or a file that was edited on one node and reloaded, leaves it like that; each node for itself looks well.

Look closer:
  corosync-cmapctl totem.; sha256sum /etc/corosync/corosync.conf     (the same on every member?)
  hadeploy plan cluster.yaml

Mend: hadeploy apply gives all members one file, and proves that it is what runs. If what runs is right, put it into the
playbook first. What needs a full stop of the cluster the plan says.

May be left: not for long; a cluster of two minds shows it when a node fails.`},
		{Code: "KEY_NOT_READ", Severity: "error for Corosync, else warning", Group: ofMembers,
			Meaning: "a daemon runs since before its key or certificate was changed, and has another one in memory",
			Do:      "`hadeploy apply`, or a reload of Corosync; for pcsd `systemctl restart pcsd`",
			Explain: `Looks at: when Corosync, pcsd and Pacemaker became active (Corosync: or took the last reload of hadeploy), and when their key or
certificate was last written. Pacemaker's key counts only where there are remote or guest nodes.

Why: a node whose Corosync starts again reads the file. If the others have another key in memory, it is alone. pcsd would
show a certificate that nobody expects after its next restart.

Look closer:
  systemctl show -p ActiveEnterTimestamp corosync pcsd pacemaker
  stat /etc/corosync/authkey /var/lib/pcsd/pcsd.crt; sha256sum /etc/corosync/authkey   (the same on every member?)

Mend: with the same key on all members, hadeploy apply, which reloads: Corosync 3.1 changes to it without a stop. Only
hadeploy's own reload leaves a mark on the node; after another one this is still said. pcsd: systemctl restart pcsd,
which no resource notices.

May be left: until the next restart of a node, which is never known.`},
		{Code: "VERSIONS_MIXED", Severity: "warning", Group: ofMembers,
			Meaning: "the nodes run different versions of Pacemaker: a rolling upgrade that was not finished",
			Do:      "finish the upgrade, one node at a time",
			Explain: `Looks at: MIXED-VERSION in the header of pcs status (Pacemaker 2.1.5 and later), and the versions that the nodes name.

Why: mixed versions are made for the time of a rolling upgrade. The cluster uses the features of the oldest. When the last
old node stops, the others may go over to the new ones, and an old node cannot join again until it is upgraded too.

Look closer:
  pacemakerd --version             (on every node)
  crm_mon -1 | grep -i -e DC -e version

Mend, one node at a time: pcs node standby NODE, pcs cluster stop NODE, upgrade, pcs cluster start NODE, pcs node unstandby
NODE; go on when all is well. Do not stop the last old node before its upgrade can follow at once.

May be left: for days if need be; not for weeks, and not before a maintenance in which nodes restart.`},
		{Code: "VERSION_NOT_STORED", Severity: "info", Group: ofMembers,
			Meaning: "Pacemaker says MIXED-VERSION only because one node's version is missing in the CIB",
			Do:      "`attrd_updater --refresh`; then find out why that node's controller was started again",
			Explain: `Looks at: MIXED-VERSION in the header of pcs status, and the attribute #feature-set of each node in the CIB's status.

Why: the versions that are known are all the same, and one node's is not there. Pacemaker 3.0.0 leaves it like that after a
node's controller ended and pacemakerd started it again. The cluster works; pcs status gives a false alarm.

Look closer, on the node that is named:
  journalctl -u pacemaker | grep -e Respawning -e 'internal error'
  attrd_updater -Q -n '#feature-set' -N NODE

Mend: attrd_updater --refresh (on any node) writes the attributes into the CIB again. It disturbs nothing.

May be left: yes. A controller that ends again and again may not: its node's resources are looked for anew each time.`},
		{Code: "CLUSTER_MAINTENANCE", Severity: "warning", Group: ofMembers,
			Meaning: "`maintenance-mode=true`: nothing is watched, started or recovered",
			Do:      "`pcs property set maintenance-mode=false`, when the work is done",
			Explain: `Looks at: "Resource management is DISABLED" in pcs status, and the property maintenance-mode.

Why: services run on, but without a cluster: a service that dies stays down, a node that fails is not taken over from.
Somebody works on the cluster, or forgot it.

Look closer:
  pcs property; pcs status --full
  pcs resource debug-monitor ID    (on its node: does it still run?)

What the end of it would do, on a copy:
  pcs cluster cib copy.xml; pcs -f copy.xml property set maintenance-mode=false; crm_simulate -S -x copy.xml

Mend, safest first: ask who set it. See that everything that pcs calls Started does run, and on one node only. Then
pcs property set maintenance-mode=false: Pacemaker probes, and recovers what it finds stopped or running twice.

May be left: for the work that it was set for. A playbook that declares it is not told of it.`},
		{Code: "CLUSTER_STOP_ALL", Severity: "warning", Group: ofMembers,
			Meaning: "`stop-all-resources=true`: the cluster keeps every resource stopped",
			Do:      "`pcs property set stop-all-resources=false`, when the work is done",
			Explain: `Looks at: the property stop-all-resources.

Why: all services of the cluster are down, because somebody wanted it so: for a backup, a storage change, a shutdown.

Look closer:
  pcs property; pcs status

What the end of it would do, on a copy:
  pcs cluster cib copy.xml; pcs -f copy.xml property set stop-all-resources=false; crm_simulate -S -x copy.xml

Mend: ask who set it, and whether the work is done: storage mounted nowhere else, databases consistent. Then pcs property
set stop-all-resources=false: everything starts at once, in the order of the constraints.

May be left: for as long as the services are meant to be down.`},
		{Code: "DAEMON", Severity: "error", Group: ofMembers,
			Meaning: "corosync, pacemaker or pcsd is not active, or not as it should be at boot",
			Do:      "`hadeploy apply`, or `systemctl status`",
			Explain: `Looks at: "Daemon Status" in pcs status of every node: active or not, enabled or not. corosync and pacemaker are to be
enabled if the playbook says cluster.enable, pcsd always.

Why: disabled means that the node stays out of the cluster after its next boot. A pcsd that is down hurts nothing that
runs, but pcs commands from other nodes and apply fail there.

Look closer:
  systemctl status corosync pacemaker pcsd
  journalctl -b -u pcsd

Mend: hadeploy plan shows the change, hadeploy apply makes it: enabling never restarts anything. By hand: pcs cluster
enable NODE; systemctl enable --now pcsd.

May be left: yes, until the next boot; disabled on purpose is said in the playbook with cluster.enable: false.`},
	}
}
