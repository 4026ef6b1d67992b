package finding

// resources are the codes about single resources.
func resources() []Entry {
	return []Entry{
		{Code: "RESOURCE_MISSING", Severity: "error", Group: ofResources,
			Meaning: "a declared resource is not in the cluster",
			Do:      "`hadeploy apply`",
			Explain: `Looks at: whether each declared resource is in pcs status.

Why: somebody deleted it, or the file is newer than the cluster: the service is not there and nothing will start it.

Look closer:
  hadeploy plan cluster.yaml       (what apply would create, and what Pacemaker would then start)
  pcs resource config ID           (pcs 0.9: pcs resource show ID)
  journalctl -u pacemaker | grep ID

Mend, safest first: ask who removed it. If it is wanted: hadeploy apply, after a look at the plan. If it is not, take it
out of the file.

May be left: yes, between a change of the file and its apply.`},
		{Code: "RESOURCE_STOPPED", Severity: "error", Group: ofResources,
			Meaning: "it does not run, or a clone runs on fewer nodes than it could",
			Do:      "`pcs resource failcount show ID`, `pcs resource debug-start ID`",
			Explain: `Looks at: the state of each declared resource. Stopped is an error only where nothing explains it: what a person, a rule, a
ban or a stopped partner keeps stopped is told as RESOURCE_DISABLED, RESOURCE_UNMANAGED or RESOURCE_NOT_ALLOWED.

Why: the service is down. Usually its start failed on each node and Pacemaker gave up: by default one failed start keeps
it from that node (start-failure-is-fatal), else migration-threshold.

Look closer:
  pcs resource failcount show ID; crm_mon -1rf
  crm_resource --why --resource ID           (Pacemaker 1.1.17 and later)
  journalctl -u pacemaker | grep ID          (the agent's own words)
  podman images; podman ps -a                (of a bundle; or docker)

Mend, safest first: mend the cause that the agent names, then pcs resource cleanup ID: Pacemaker tries again. If it names
none: pcs resource debug-start ID --full runs the agent by hand. Do that on one node only, and only while the resource
is stopped everywhere; end it with pcs resource debug-stop ID before the cleanup.

Where the message says that the cluster is free to run it, nothing has failed: Pacemaker has yet to start it. That takes
seconds. If it stays so, see whether the DC is idle (crmadmin -S DC) and what it writes (journalctl -u pacemaker); at the
latest it looks again after cluster-recheck-interval, 15 minutes unless set.

May be left: only if the service may.`},
		{Code: "RESOURCE_ROLE", Severity: "error", Group: ofResources,
			Meaning: "it has another role than it should, or a promotable clone has another number of promoted instances",
			Do:      "the message names both; `crm_simulate -sL` shows promotion scores",
			Explain: `Looks at: the role of each declared resource, and how many instances of a promotable clone are promoted (promoted-max, in
old releases master-max, 1 by default).

Why: a database with no promoted instance takes no writes; with two it takes different ones. Starting, Stopping or
Promoting for a moment is normal; for minutes it is an operation that hangs until its timeout.

Look closer:
  crm_simulate -sL | grep ID       (promotion scores: none or -INFINITY is never promoted)
  crm_mon -1A                      (the attributes that the agent sets, such as master-ID)
  pcs resource failcount show ID

Mend, safest first: wait a minute and look again (hadeploy verify --wait). Without a promoted instance, read the agent's
log: it gives no score to a copy of the data that it does not trust, and it is often right. Bring the node with the
best data back before any score is forced. After a failed promote: mend, then pcs resource cleanup ID.

May be left: no, when it does not go away by itself.`},
		{Code: "RESOURCE_MULTIPLE", Severity: "error", Group: ofResources,
			Meaning: "it is active on several nodes and must be on one",
			Do:      "find out who starts it there: is its unit enabled at boot?",
			Explain: `Looks at: on how many nodes a resource is active that is no clone.

Why: two nodes serve the same address or write the same data. With multiple-active=stop_start, the default, Pacemaker
stops it everywhere and starts it once: an interruption each time it is found. It is blocked only if you say so.

Look closer:
  systemctl is-enabled UNIT        (on each node: only the cluster may start it)
  journalctl -u pacemaker | grep -i "active on"

Mend, safest first: leave the stopping to Pacemaker, if it manages the resource. Then find who else starts it: a unit
that is enabled at boot (systemctl disable UNIT; hadeploy apply does it for systemd: resources), cron, a person. If it is
unmanaged: stop it by hand on the wrong node. For a file system or database look at the data before it goes on.

May be left: never.`},
		{Code: "RESOURCE_FAILED", Severity: "error", Group: ofResources,
			Meaning: "it has failed",
			Do:      "mend the cause, then `pcs resource cleanup ID`",
			Explain: `Looks at: FAILED at a resource in pcs status: its last operation failed, and the recovery is not done, or not possible.

Why: Pacemaker restarts it on the same node, then, after migration-threshold failures, elsewhere. If it stays FAILED
neither was possible; a failed stop needs fencing.

Look closer:
  crm_mon -1rf; pcs resource failcount show ID
  journalctl -u pacemaker | grep ID
  pcs resource debug-monitor ID    (on its node; it only looks)

Mend, safest first: look again after a minute. Then mend what the agent names (disk, configuration, port in use), and pcs
resource cleanup ID: Pacemaker looks afresh and starts it where it should be.

May be left: only if the service may.`},
		{Code: "RESOURCE_BLOCKED", Severity: "error", Group: ofResources,
			Meaning: "it is blocked: the cluster may not touch it, often because a stop failed",
			Do:      "mend the cause, then `pcs resource cleanup ID`",
			Explain: `Looks at: blocked at a resource in pcs status.

Why: Pacemaker could not stop it, and without fencing it cannot make sure that it is down. So it starts it nowhere else,
and what depends on it is not moved either. With fencing the node would have been fenced instead.

Look closer:
  crm_mon -1rf                     (the failed stop and its reason)
  journalctl -u pacemaker | grep ID
  fuser -vm MOUNTPOINT             (a file system that would not unmount: who uses it?)

Mend, safest first: on the node that is named, end by hand what would not stop: the process, the mount, the connection.
See that it is really down there. Then pcs resource cleanup ID. Cleaned up while it still runs, it may be started a
second time elsewhere. Fencing is the lasting remedy (NO_FENCING).

May be left: the service may still run where it is; it will not fail over.`},
		{Code: "RESOURCE_ORPHANED", Severity: "error", Group: ofResources,
			Meaning: "it runs and is no longer configured",
			Do:      "`pcs resource cleanup ID`",
			Explain: `Looks at: ORPHANED at a resource in pcs status: the cluster has its history, and no configuration.

Why: it was deleted while it ran. Pacemaker stops such resources by itself (stop-orphan-resources); if it is still there,
that failed, the resource was unmanaged, or its node is in maintenance. Nobody watches it.

Look closer:
  crm_mon -1rf; pcs property
  hadeploy plan cluster.yaml       (does the file declare it?)

Mend, safest first: if it is wanted, declare it again: hadeploy apply. If not: stop the service by hand on its node, then
pcs resource cleanup ID (pcs resource refresh ID from Pacemaker 1.1.18) forgets it.

May be left: yes, if it may run unwatched.`},
		{Code: "RESOURCE_DISABLED", Severity: "warning", Group: ofResources,
			Meaning: "a person stopped it (`target-role`)",
			Do:      "`pcs resource enable ID`",
			Explain: `Looks at: target-role=Stopped at a resource that the file does not declare as stopped: pcs resource disable sets it.

Why: somebody wanted it down, so hadeploy leaves it so. What depends on it is down as well. A forgotten one is a service
that nobody misses until it is needed.

Look closer:
  pcs resource config ID           (pcs 0.9: pcs resource show ID): meta target-role
  journalctl -u pacemaker | grep -i target-role

Mend: ask first. Then pcs resource enable ID: it starts at once. A promotable clone can have target-role=Slave or
Unpromoted: pcs resource meta ID target-role= takes that away.

May be left: yes. If it is to stay so, declare it: meta: {target-role: Stopped}.`},
		{Code: "RESOURCE_UNMANAGED", Severity: "warning", Group: ofResources,
			Meaning: "the cluster does not manage it: it is not started, and not recovered when it fails",
			Do:      "`pcs resource manage ID`, or end the maintenance",
			Explain: `Looks at: a resource that is unmanaged though the file does not say so: is-managed=false set by a person, or, where it is
stopped, the maintenance mode of it, its node or the cluster.

Why: nothing starts it, and nothing recovers it. Somebody works on it, and Pacemaker keeps its hands off.

Look closer:
  pcs resource config ID           (pcs 0.9: pcs resource show ID): meta is-managed, maintenance
  pcs property | grep maintenance

Mend: ask first. See what state the service is in: managed again, Pacemaker starts it at once where it belongs. Then pcs
resource manage ID --monitor (also switches monitoring on again), or end the maintenance.

May be left: for the work that it was set for.`},
		{Code: "RESOURCE_NOT_ALLOWED", Severity: "warning", Group: ofResources,
			Meaning: "stopped, or with fewer instances than declared, because a rule, a ban, a standby, a ticket, health or a partner that is stopped or elsewhere lets it run nowhere: explained, not a failure",
			Do:      "the message names the reason; lift it when the service is wanted",
			Explain: `Looks at: for a resource that does not run, or runs on fewer nodes, what keeps it from each node: location rules and bans,
standby, tickets, node health, and partners that it must run with, apart from or after, also in sets of resources.

Why: nothing has failed: the cluster does what it was told. The service is down all the same, and stays so until the
reason goes away.

Look closer:
  crm_resource --why --resource ID           (Pacemaker 1.1.17 and later)
  pcs constraint --full; crm_simulate -sL | grep ID        (-INFINITY: not allowed there)
  pcs node attribute; crm_mon -1A            (what rules ask for)

Mend, by reason: ban: pcs resource clear ID. Standby: pcs node unstandby NODE. Partner: look at that one first. Rule: the
attribute or the time that it asks for. Ticket: it belongs to the other site until booth or a person grants it.

May be left: yes, when it is meant: a ticket at the other site, a rule out of its hours.`},
		{Code: "RESOURCE_UNDECLARED", Severity: "warning", Group: ofResources,
			Meaning: "something in the cluster that is not declared has failed, or is blocked or orphaned",
			Do:      "mend it, or remove it if nobody needs it",
			Explain: `Looks at: resources of the cluster that the file does not name, when they are failed, blocked or orphaned. Sound ones are none of
our business here; the plan lists them as left alone.

Why: somebody else's service is down, or is about to cost a node: the failed stop of any resource gets its node fenced,
and with it everything declared that runs there.

Look closer:
  crm_mon -1rf; pcs resource config ID       (pcs 0.9: pcs resource show ID)
  hadeploy plan cluster.yaml                 (section "Not in the playbook")

Mend, safest first: ask whose it is. Mend the cause, then pcs resource cleanup ID. A leftover of a test: pcs resource
disable ID, look that it is stopped, then pcs resource delete ID. If it belongs there, declare it.

May be left: yes, if its owner knows.`},
		{Code: "FAILED_ACTION", Severity: "error", Group: ofResources,
			Meaning: "the cluster remembers a failed action",
			Do:      "mend the cause, then `pcs resource cleanup ID`",
			Explain: `Looks at: "Failed Resource Actions" in pcs status: what failed, on which node, when, and why.

Why: the cluster remembers a failure until it is cleaned up or failure-timeout is over. The service may have been
recovered long ago; but the failure counts, and may keep the resource from that node at the next failover.

Look closer:
  pcs resource failcount show ID; crm_mon -1rf
  journalctl -u pacemaker --since "TIME OF THE FAILURE" | grep ID

Mend, safest first: read the reason and the time. "not installed" or "not configured": mend the node. Timeouts: was the
node under load at that time? When the cause is known: pcs resource cleanup ID forgets the failure, and lets Pacemaker
look again; a resource that runs well is not touched.

May be left: yes, when the service runs; it is then one failover less in hand.`},
	}
}
