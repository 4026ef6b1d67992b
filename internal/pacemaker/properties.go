package pacemaker

// Properties are the cluster properties that an administrator sets. Their names,
// sorts, values and defaults are those that pacemaker-schedulerd,
// pacemaker-controld and pacemaker-based of 2.0.5, 2.1.5 and 3.0.0 give as their
// metadata (TestAgentsOfReleases holds them against it); the second names of fencing
// are those of 3.0.2 (feature set 3.20.5, by the source of pcs), releases are from Pacemaker's ChangeLog.
//
// What Pacemaker writes itself is in OwnProperties.
func Properties() []Option {
	return []Option{
		{Name: "no-quorum-policy", Sort: Select, Values: []string{"stop", "freeze", "ignore", "demote", "fence", "suicide"}, AnyCase: true, Default: "stop", Use: "What a partition without quorum does with its resources."},
		{Name: "symmetric-cluster", Sort: Boolean, Default: "true", Use: "Whether resources may run on any node unless a constraint says otherwise."},
		{Name: "maintenance-mode", Sort: Boolean, Default: "false", Use: "Leave all resources alone: nothing is monitored, started or stopped."},
		{Name: "stonith-enabled", Sort: Boolean, Default: "true", Use: "Whether nodes that fail are fenced. Without it a split can ruin data."},
		{Name: "stonith-action", Sort: Select, Values: []string{"reboot", "off", "poweroff"}, Default: "reboot", Use: "What a fencing device is asked to do with a node: poweroff is the old word for off."},
		{Name: "stonith-timeout", Sort: Duration, Default: "60s", Use: "How long a fencing action may take, unless the device has its own pcmk_*_timeout."},
		{Name: "stonith-max-attempts", Sort: ScoreValue, Least: 1, Default: "10", Use: "How many times fencing of a node may fail before it is no longer tried at once."},
		{Name: "stonith-watchdog-timeout", Sort: Text, Default: "0", Use: "With SBD without a disk: after this time a lost node has reset itself. -1: twice the watchdog's own timeout."},
		{Name: "concurrent-fencing", Sort: Boolean, Use: "Whether several nodes may be fenced at once. Default: false before 3.0.0, true from then on."},
		{Name: "startup-fencing", Sort: Boolean, Default: "true", Use: "Whether nodes that were never seen are fenced when the cluster starts."},
		{Name: "priority-fencing-delay", Sort: Duration, Default: "0", Since: Release{2, 0, 4}, Use: "In a split, how long the fencing of the side with the higher total priority is delayed."},
		{Name: "fence-reaction", Sort: Select, Values: []string{"stop", "panic"}, AnyCase: true, Default: "stop", Since: Release{2, 0, 3}, Use: "What a node does that hears of its own fencing."},
		{Name: "node-pending-timeout", Sort: Duration, Default: "0", Since: Release{2, 1, 7}, Use: "Fence a node that has joined Corosync and not Pacemaker for so long; 0: never."},
		{Name: "cluster-delay", Sort: Duration, Default: "60s", Use: "Round trip over the network that is allowed for beside the time of an action."},
		{Name: "dc-deadtime", Sort: Duration, Default: "20s", Use: "How long a node that starts waits for others before it elects a DC."},
		{Name: "cluster-recheck-interval", Sort: Duration, Default: "15min", Use: "How often the state is looked at again, for rules with dates and for failure-timeout."},
		{Name: "batch-limit", Sort: Integer, Least: -1, Default: "0", Use: "How many actions run at once in the whole cluster; 0: by load, -1: no limit."},
		{Name: "migration-limit", Sort: Integer, Least: -1, Default: "-1", Use: "How many live migrations run at once on a node; -1: no limit."},
		{Name: "load-threshold", Sort: Percentage, Default: "80%", Use: "Load of a node, in part of its cores, above which fewer actions are started at once."},
		{Name: "node-action-limit", Sort: Integer, Least: 0, Default: "0", Use: "How many actions run at once on a node; 0: twice its cores."},
		{Name: "start-failure-is-fatal", Sort: Boolean, Default: "true", Use: "Whether one failed start keeps a resource off that node, as if migration-threshold were reached."},
		{Name: "enable-startup-probes", Sort: Boolean, Default: "true", Use: "Whether a node that joins is asked what is running on it."},
		{Name: "stop-all-resources", Sort: Boolean, Default: "false", Use: "Stop everything."},
		{Name: "stop-orphan-resources", Sort: Boolean, Default: "true", Use: "Whether what runs and is no longer configured is stopped."},
		{Name: "stop-orphan-actions", Sort: Boolean, Default: "true", Use: "Whether recurring operations that are no longer configured are cancelled."},
		{Name: "remove-after-stop", Sort: Boolean, Default: "false", Gone: Release{3, 0, 0}, Use: "Do not use it: it was never well tested."},
		{Name: "shutdown-lock", Sort: Boolean, Default: "false", Since: Release{2, 0, 4}, Use: "Whether resources wait for a node that was shut down cleanly, and start nowhere else."},
		{Name: "shutdown-lock-limit", Sort: Duration, Default: "0", Since: Release{2, 0, 4}, Use: "For how long at most they wait; 0: for ever."},
		{Name: "placement-strategy", Sort: Select, Values: []string{"default", "utilization", "minimal", "balanced"}, AnyCase: true, Default: "default", Use: "Whether utilization and capacity decide where resources run."},
		{Name: "node-health-strategy", Sort: Select, Values: []string{"none", "migrate-on-red", "only-green", "progressive", "custom"}, AnyCase: true, Default: "none", Use: "What node attributes that begin with #health mean."},
		{Name: "node-health-base", Sort: ScoreValue, Default: "0", Use: "With progressive: the score that a node begins with."},
		{Name: "node-health-green", Sort: ScoreValue, Default: "0", Use: "With progressive or custom: the score of green."},
		{Name: "node-health-yellow", Sort: ScoreValue, Default: "0", Use: "With progressive or custom: the score of yellow."},
		{Name: "node-health-red", Sort: ScoreValue, Default: "-INFINITY", Use: "With progressive or custom: the score of red."},
		{Name: "enable-acl", Sort: Boolean, Default: "false", Use: "Whether access control lists of the CIB are in force."},
		{Name: "cluster-ipc-limit", Sort: Integer, Least: 1, Default: "500", Use: "How many messages may wait for a daemon before its connection is cut."},
		{Name: "election-timeout", Sort: Duration, Default: "2min", Use: "How long an election of the DC may take."},
		{Name: "shutdown-escalation", Sort: Duration, Default: "20min", Use: "How long a node may take to shut down before it leaves all the same."},
		{Name: "join-integration-timeout", Sort: Duration, Default: "3min", Use: "How long nodes may take to answer the DC that they join."},
		{Name: "join-finalization-timeout", Sort: Duration, Default: "30min", Use: "How long a join may take to its end."},
		{Name: "transition-delay", Sort: Duration, Default: "0s", Use: "Wait so long before anything that changes is acted upon: slows every recovery down."},
		{Name: "pe-error-series-max", Sort: Integer, Least: -1, Default: "-1", Use: "How many inputs of the scheduler that led to errors are kept; -1: all."},
		{Name: "pe-warn-series-max", Sort: Integer, Least: -1, Default: "5000", Use: "How many inputs of the scheduler that led to warnings are kept; -1: all."},
		{Name: "pe-input-series-max", Sort: Integer, Least: -1, Default: "4000", Use: "How many other inputs of the scheduler are kept; -1: all."},
		// Names of releases before and after.
		{Name: "fencing-enabled", Sort: Boolean, Since: Release{3, 0, 2}, Use: "stonith-enabled, under its later name."},
		{Name: "fencing-action", Sort: Select, Values: []string{"reboot", "off"}, Since: Release{3, 0, 2}, Use: "stonith-action, under its later name."},
		{Name: "fencing-timeout", Sort: Duration, Since: Release{3, 0, 2}, Use: "stonith-timeout, under its later name."},
		{Name: "fencing-max-attempts", Sort: ScoreValue, Least: 1, Since: Release{3, 0, 2}, Use: "stonith-max-attempts, under its later name."},
		{Name: "fencing-watchdog-timeout", Sort: Text, Since: Release{3, 0, 2}, Use: "stonith-watchdog-timeout, under its later name."},
		{Name: "fencing-reaction", Sort: Select, Values: []string{"stop", "panic"}, AnyCase: true, Since: Release{3, 0, 2}, Use: "fence-reaction, under its later name."},
		{Name: "crmd-integration-timeout", Sort: Duration, Gone: Release{3, 0, 0}, Now: "join-integration-timeout", Use: "How long nodes may take to answer the DC that they join."},
		{Name: "crmd-finalization-timeout", Sort: Duration, Gone: Release{3, 0, 0}, Now: "join-finalization-timeout", Use: "How long a join may take to its end."},
		{Name: "crmd-transition-delay", Sort: Duration, Gone: Release{3, 0, 0}, Now: "transition-delay", Use: "Wait so long before anything that changes is acted upon."},
		{Name: "default-resource-stickiness", Sort: ScoreValue, Gone: Release{2, 0, 0}, Now: "resource_defaults: resource-stickiness", Use: "The stickiness of resources that have none of their own."},
		{Name: "default-action-timeout", Sort: Duration, Gone: Release{2, 0, 0}, Now: "operation_defaults: timeout", Use: "The timeout of operations that have none of their own."},
		{Name: "is-managed-default", Sort: Boolean, Gone: Release{2, 0, 0}, Now: "resource_defaults: is-managed", Use: "Whether resources are managed that do not say."},
		{Name: "notification-agent", Sort: Text, Gone: Release{2, 0, 0}, Now: "alerts", Use: "A program that is told of events."},
		{Name: "notification-recipient", Sort: Text, Gone: Release{2, 0, 0}, Now: "alerts", Use: "Whom that program tells."},
	}
}

// OwnProperties are written by Pacemaker itself and by its tools.
func OwnProperties() []string {
	return []string{"cluster-infrastructure", "cluster-name", "dc-version", "have-watchdog", "last-lrm-refresh"}
}
