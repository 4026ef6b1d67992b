package pacemaker

// MetaAttributes are the meta attributes of primitives, which groups, clones and
// bundles hand on to what is in them, as crm_resource --list-options of 3.0.0
// lists them, and those that only clones have, from Pacemaker Explained: ordered
// was also of groups. Agents and tools read a few of their own.
func MetaAttributes() []Option {
	return []Option{
		{Name: "priority", Sort: ScoreValue, Default: "0", Use: "If not all resources can be active, those with less are stopped."},
		{Name: "critical", Sort: Boolean, Default: "true", Since: Release{2, 1, 0}, Use: "Whether what has to be where this is follows it when it moves because of a failure; in a group, whether its failure moves the group."},
		{Name: "target-role", Sort: Select, Values: []string{"Stopped", "Started", "Unpromoted", "Promoted"}, AnyCase: true, Default: "Started", Use: "The most that the cluster may make of it."},
		{Name: "is-managed", Sort: Boolean, Default: "true", Use: "Whether the cluster may start and stop it."},
		{Name: "maintenance", Sort: Boolean, Default: "false", Use: "Whether it is left alone: not monitored, started or stopped."},
		{Name: "resource-stickiness", Sort: ScoreValue, Use: "How much it prefers to stay where it is. Default: 0, of clone instances 1."},
		{Name: "requires", Sort: Select, Values: []string{"nothing", "quorum", "fencing", "unfencing"}, AnyCase: true, Use: "What has to be given before it starts. Default: of most resources fencing, where that is enabled, else quorum."},
		{Name: "migration-threshold", Sort: ScoreValue, Natural: true, Default: "INFINITY", Use: "After how many failures on a node it has to leave that node; 0: never."},
		{Name: "failure-timeout", Sort: Duration, Default: "0", Use: "After what time without a failure earlier ones are forgotten; 0: never."},
		{Name: "multiple-active", Sort: Select, Values: []string{"block", "stop_only", "stop_start", "stop_unexpected"}, AnyCase: true, Default: "stop_start", Use: "What is done when it runs on more nodes than it may."},
		{Name: "allow-migrate", Sort: Boolean, Use: "Whether it may be moved live, where its agent can. Default: true for remote nodes, else false."},
		{Name: "allow-unhealthy-nodes", Sort: Boolean, Default: "false", Since: Release{2, 1, 3}, Use: "Whether it may run where the node's health forbids it to others."},
		{Name: "container-attribute-target", Sort: Text, Use: "Of what runs in a bundle: host, if its node attributes are those of the host."},
		{Name: "remote-node", Sort: Text, Use: "The name of the guest node that it is: a virtual machine with pacemaker_remote."},
		{Name: "remote-addr", Sort: Text, Use: "The address of the guest node. Default: its name."},
		{Name: "remote-port", Sort: Integer, Least: 1, Default: "3121", Use: "The port of pacemaker_remote there."},
		{Name: "remote-connect-timeout", Sort: Duration, Default: "60s", Use: "How long the connection to it may take."},
		{Name: "remote-allow-migrate", Sort: Boolean, Default: "true", Use: "Whether the guest node may be moved live."},
		{Name: "container", Sort: Text, Use: "The resource that contains this one."},
		{Name: "external-ip", Sort: Text, Use: "Told to alerts and agents; Pacemaker makes no use of it."},
		{Name: "provides", Sort: Select, Values: []string{"unfencing"}, Use: "Of a fencing device: nodes have to be unfenced by it before they run anything."},
		{Name: "clone-max", Sort: Integer, Clones: true, Least: 0, Use: "How many instances there are. Default: as many as there are nodes."},
		{Name: "clone-node-max", Sort: Integer, Clones: true, Least: 0, Default: "1", Use: "How many instances may run on one node."},
		{Name: "clone-min", Sort: Integer, Clones: true, Least: 0, Default: "0", Use: "How many instances have to be active before what is ordered after the clone may start."},
		{Name: "promoted-max", Sort: Integer, Clones: true, Least: 0, Default: "1", Use: "How many instances may be promoted."},
		{Name: "promoted-node-max", Sort: Integer, Clones: true, Least: 0, Default: "1", Use: "How many instances may be promoted on one node."},
		{Name: "globally-unique", Sort: Boolean, Clones: true, Use: "Whether instances differ from one another. Default: false, unless clone-node-max is above 1."},
		{Name: "interleave", Sort: Boolean, Clones: true, Default: "false", Use: "Whether an instance waits only for the instance on its own node of the clone that it is ordered after."},
		{Name: "notify", Sort: Boolean, Clones: true, Default: "false", Use: "Whether the agents are told before and after each action on an instance."},
		{Name: "ordered", Sort: Boolean, Default: "false", Use: "Whether instances are started one after the other."},
		{Name: "promotable", Sort: Boolean, Clones: true, Default: "false", Use: "Whether instances can be promoted."},
		{Name: "master-max", Sort: Integer, Clones: true, Least: 0, Gone: Release{3, 0, 0}, Now: "promoted-max", Use: "How many instances may be promoted."},
		{Name: "master-node-max", Sort: Integer, Clones: true, Least: 0, Gone: Release{3, 0, 0}, Now: "promoted-node-max", Use: "How many instances may be promoted on one node."},
		{Name: "resource-failure-stickiness", Sort: ScoreValue, Gone: Release{1, 1, 10}, Now: "migration-threshold", Use: "What a failure cost, before migration-threshold."},
	}
}

// OperationOptions are the options of an operation, those that pcs takes.
func OperationOptions() []Option {
	return []Option{
		{Name: "interval", Sort: Duration, Default: "0", Use: "How often it is run; 0: once, when it is needed. A monitor without it gets 60s of pcs."},
		{Name: "timeout", Sort: Duration, Default: "20s", Use: "How long it may take before it has failed."},
		{Name: "on-fail", Sort: Select, Values: []string{"ignore", "block", "demote", "stop", "restart", "standby", "fence", "restart-container"}, Use: "What is done when it fails. Default: restart, of a stop fence or block."},
		{Name: "enabled", Sort: Boolean, Default: "true", Use: "Whether it is run."},
		{Name: "role", Sort: Select, Values: []string{"Started", "Stopped", "Promoted", "Unpromoted"}, Use: "In which role of the resource it is run."},
		{Name: "start-delay", Sort: Duration, Default: "0", Use: "How long it waits before its first run."},
		{Name: "interval-origin", Sort: Text, Use: "The time from which intervals are counted."},
		{Name: "record-pending", Sort: Boolean, Default: "true", Use: "Whether the cluster shows that it is under way."},
		{Name: "OCF_CHECK_LEVEL", Sort: Integer, Least: 0, Use: "How deep a monitor of the agent looks."},
		{Name: "description", Sort: Text, Use: "For people."},
	}
}
