package finding

// unfitNode are the codes about what is declared and does not fit one node.
func unfitNode() []Entry {
	return []Entry{
		{Code: "VIP_ON_NODE", Severity: "error or warning", Group: ofOneNode,
			Meaning: "the address of an IPaddr2 resource is on a node already, and the cluster has not put it there (warning), or it is what the node's own name resolves to (error)",
			Do:      "give the service an address of its own",
			Explain: `Looks at: the addresses on the node's interfaces, what the node's name resolves to there, and the options of the resources
in the cluster's configuration. validate says the same of the addresses in the inventory.

Why: a floating address belongs to no machine. One that a node sets up by itself is there at every boot, wherever the
resource runs: two nodes answer on it. And when the resource moves away, the agent takes the address from the node;
if that was the one of ssh or of a Corosync link, the node is lost.

Look closer:
  ip -brief address; getent ahosts $(hostname)
  grep -rn ADDRESS /etc/network /etc/netplan /etc/sysconfig/network* /etc/NetworkManager 2>/dev/null
  systemctl status keepalived ucarp      (another program that moves addresses?)

Mend: take a slip in options.ip back. If the address is the right one, remove it from the node's own network
configuration, or stop what else sets it up; the address itself may stay until the resource has started, which takes
it over.

May be left: while a service is taken over from another program, and somebody watches.`},
		{Code: "PACKAGE_LISTS", Severity: "warning or info", Group: ofOneNode,
			Meaning: "it is not known whether there are the packages that are to be installed: the node has no package lists (info), or could not be asked (warning)",
			Do:      "nothing for a plan; or read the lists on the node",
			Explain: `Looks at: whether the package manager on the node answers from lists that it has already.

Why: a fresh machine has none, and a plan downloads nothing. A slip in the name of a package is then seen only when apply
reads the lists, before anything is installed.

Look closer, on the node:
  ls /var/lib/apt/lists | head; apt-get update
  dnf makecache; zypper refresh

Mend: read the lists on the node to see it in the plan.

May be left: yes; apply looks again.`},
	}
}

// unfitNodes are those about what fits none of some nodes.
func unfitNodes() []Entry {
	return []Entry{
		{Code: "PACKAGE_UNKNOWN", Severity: "warning", Group: ofAllNodes,
			Meaning: "a package is to be installed, and no package list of the nodes that are named has it",
			Do:      "correct `packages`, or give the nodes the repository that has it",
			Explain: `Looks at: for each declared package that is not installed, the package lists that the node has (apt-cache, dnf -C, zypper
--no-refresh). Nothing is downloaded for a plan, so the lists are as old as the last time that somebody read them.

Why: most often it is a slip (ngnix), or the repository is missing: that of the high availability packages is switched off
on Red Hat's and SUSE's systems until somebody enables it. apply reads the lists anew, and fails before it installs
anything if the package is still not there.

Look closer, on the node:
  apt-cache policy NAME; apt-get update
  dnf repolist --all | grep -i -e ha -e availability
  zypper repos

Mend: correct the name. On Red Hat's: subscription-manager repos --enable with the high availability repository; on its
relatives: dnf config-manager --set-enabled highavailability. On SUSE: the High Availability Extension.

May be left: where the repository was added just now and its lists were not read yet.`},
	}
}

// unfitFile are those about what is declared and does not fit the nodes' names,
// or itself.
func unfitFile() []Entry {
	return []Entry{
		{Code: "NODE_UNFENCED", Severity: "warning", Group: ofTheFile,
			Meaning: "fencing devices are declared, and none of them fences this node",
			Do:      "name it in `pcmk_host_list` or `pcmk_host_map` of a device, or declare a device for it",
			Explain: `Looks at: pcmk_host_list, pcmk_host_map and pcmk_host_check of the declared devices that are not disabled, as Pacemaker's
fencer reads them. It says nothing where a device is asked while the cluster runs (dynamic-list, status, or neither a
list nor a map), nor where stonith-watchdog-timeout lets nodes fence themselves.

Why: when this node is lost, nothing can make sure that it is off. It stays UNCLEAN, and what ran there starts nowhere
until somebody comes.

Look closer:
  pcs stonith config               (pcs 0.9: pcs stonith show --full)
  stonith_admin --list NODE        (which devices can fence it, by the running cluster's word)

Mend: add the node's name, as the cluster calls it (pcs status nodes), to the list of a device that can reach it, or
declare a device for it. Test it at a quiet time: pcs stonith fence NODE reboots that node.

May be left: no; it is the same as no fencing, for this node.`},
		{Code: "FENCE_DEVICE_IDLE", Severity: "warning", Group: ofTheFile,
			Meaning: "a declared fencing device fences no node: its list names none of the cluster's",
			Do:      "write the nodes' names in `pcmk_host_list` as the cluster calls them",
			Explain: `Looks at: pcmk_host_list and pcmk_host_map of each declared device, and the names of the members and of the remote and
guest nodes.

Why: the fencer compares the names in the list with the cluster's names of the nodes. A hostname with its domain, the name
of the virtual machine or that of the board is none of them: the device is started and monitored, and never used.

Look closer:
  pcs status nodes; crm_node -l
  pcs stonith config ID            (pcs 0.9: pcs stonith show ID)

Mend: write the cluster's names. Where the device calls its ports otherwise, pcmk_host_map joins the two: n1:port1;n2:port2.

May be left: for nodes that are yet to come.`},
		{Code: "FENCE_TARGET_UNKNOWN", Severity: "warning", Group: ofTheFile,
			Meaning: "the list of a fencing device names a node that the cluster does not have",
			Do:      "correct the name, or remove it",
			Explain: `Looks at: the names in pcmk_host_list and pcmk_host_map of the declared devices, and the names of the members and of the
remote and guest nodes.

Why: Pacemaker takes any name there and never complains. If it is a slip, the node that was meant is not fenced by this
device, which nobody notices until it matters.

Look closer:
  pcs status nodes; crm_node -l

Mend: write the name as the cluster calls the node; remove those of nodes that have gone.

May be left: for nodes that are yet to come.`},
		{Code: "FENCE_LEVEL_UNFIT", Severity: "warning", Group: ofTheFile,
			Meaning: "a fencing level names a device that does not fence the node of the level",
			Do:      "name the node in `pcmk_host_list` or `pcmk_host_map` of the device, or take the device out of the level",
			Explain: `Looks at: the declared levels for nodes by name and by pattern, and pcmk_host_list, pcmk_host_map, pcmk_host_check and
target-role of their devices. It says nothing where a device is asked while the cluster runs, nor of levels for a node
attribute.

Why: all devices of a level have to succeed. With one that cannot fence the node the level fails, and the next is tried;
after the last the node stays UNCLEAN, and what ran there starts nowhere.

Look closer:
  pcs stonith level config         (pcs 0.9: pcs stonith level)
  stonith_admin --list NODE        (which devices can fence it, by the running cluster's word)

Mend: add the node's name, as the cluster calls it, to the list of the device, enable the device, or take it out of the
level. Test it at a quiet time: pcs stonith fence NODE reboots that node.

May be left: no; the level does nothing.`},
		{Code: "REMOTE_NOT_PROVISIONED", Severity: "warning", Group: ofTheFile,
			Meaning: "a resource makes a remote or a guest node that does not stand under `remote_nodes`, so nobody sets it up",
			Do:      "declare it under `remote_nodes`; or set it up by hand",
			Explain: `Looks at: resources of ocf:pacemaker:remote and those with the meta attribute remote-node, and remote_nodes.

Why: the cluster connects to such a node with the key that the members have in /etc/pacemaker/authkey. Without the package,
the same key and the service there, the connection fails and the resource is tried again and again. Constraints,
attributes and fencing devices may name the node all the same.

Look closer, on the remote node:
  systemctl status pacemaker_remote; ss -ltn | grep 3121
  sha256sum /etc/pacemaker/authkey (the same as on the members?)

Mend: declare it under remote_nodes in the place of the resource, or of the meta attribute; the next apply sets the host up.
Or on that node: install pacemaker-remote, copy /etc/pacemaker/authkey from a member (group haclient, mode 0640), then
systemctl enable --now pacemaker_remote. Port 3121 has to be open for the members.

May be left: when that is done; it cannot be seen from here.`},
		{Code: "RESOURCE_TOO_BIG", Severity: "warning", Group: ofTheFile,
			Meaning: "a resource needs more of an attribute than any node has",
			Do:      "lower what it needs, or raise what a node has",
			Explain: `Looks at: placement-strategy utilization, minimal or balanced, and the utilization of primitives against that of the nodes.
The members of a group count together, and each instance of a clone for itself. An attribute counts where the file says for
every node how much it has: what it does not say may stand in the cluster.

Why: Pacemaker takes such a configuration and keeps the resource stopped, without an error.

Look closer:
  pcs resource utilization
  pcs node utilization
  crm_simulate -sUL                (what each node has left)

Mend: correct the number that is wrong, under utilization of the resource or of the node.

May be left: yes, if a node that is large enough is yet to come.`},
		{Code: "RESOURCE_NOT_STARTED", Severity: "warning", Group: ofTheFile,
			Meaning: "a plan: Pacemaker's simulator starts a new resource on no node",
			Do:      "look at what keeps it: constraints, utilization, attributes and states of nodes, quorum",
			Explain: `Looks at: the primitives that a plan creates, and what crm_simulate does with them on the live cluster, with all that only
the cluster knows: capacities and attributes of nodes, rules that do not hold now, nodes in standby, quorum. What has
target-role: Stopped, waits for a ticket, or is not managed is left out, and so is all in maintenance mode.

Why: Pacemaker takes such a configuration and keeps the resource stopped, without an error.

Look closer:
  hadeploy plan -vv                (what the simulator said)
  crm_simulate -sUL                (afterwards: scores, and what each node has left)
  pcs constraint; pcs node attribute; pcs node utilization

Mend: correct what keeps it, or give it target-role: Stopped.

May be left: yes, if what it waits for comes later: a node, an attribute, an hour.`},
		{Code: "RESOURCE_NOWHERE", Severity: "warning", Group: ofTheFile,
			Meaning: "the constraints leave a resource no node to run on",
			Do:      "correct the constraints",
			Explain: `Looks at: location constraints with -INFINITY, symmetric-cluster=false, resource-discovery=exclusive, members of groups,
and colocations with INFINITY to what can run elsewhere alone. What rests on a rule is not counted.

Why: Pacemaker takes such a configuration and keeps the resource stopped, without an error. It looks like one that waits
for something.

Look closer:
  pcs constraint
  crm_simulate -sL | grep ID       (the score on each node)

Mend: remove the ban that is too much, or allow a node. A resource that is to stay stopped has target-role: Stopped.

May be left: yes, if that is what you want.`},
	}
}
