package finding

// oneNode are the codes of preflight that are about one node.
func oneNode() []Entry {
	return []Entry{
		{Code: "NOT_ROOT", Severity: "error", Group: ofOneNode,
			Meaning: "commands do not run as root",
			Do:      "log in as root, or set `ansible_become: true`",
			Explain: `Looks at: the user id that commands get on the node, after sudo where the inventory asks for it.

Why: packages, corosync.conf, keys and the CIB belong to root. A run with less would fail half way.

Look closer:
  hadeploy inventory               (the columns USER and SUDO)
  ssh USER@NODE sudo -n id -u      (must print 0)

Mend: set ansible_become: true in the inventory; give the user a rule in sudoers, with NOPASSWD or with
ansible_become_password; or log in as root.

May be left: never; nothing was changed and nothing will be.`},
		{Code: "OS_UNSUPPORTED", Severity: "error", Group: ofOneNode,
			Meaning: "not a distribution that hadeploy knows",
			Do:      "Debian, Ubuntu, the Red Hat family or SUSE",
			Explain: `Looks at: ID and ID_LIKE in /etc/os-release.

Why: they tell which package manager there is and what the cluster packages are called. A guess could replace packages
of a running system.

Look closer:
  cat /etc/os-release

Mend: use Debian, Ubuntu, the Red Hat family or SUSE. A derivative of one of these that does not say so gets along with
the right ID_LIKE in its os-release.

May be left: never; nothing was changed and nothing will be.`},
		{Code: "DISK_FULL", Severity: "error", Group: ofOneNode,
			Meaning: "less than 300 MiB free for packages, CIB copies and logs",
			Do:      "free some space on the file system that is named",
			Explain: `Looks at: the free space of /var, /var/lib, /etc and /, each where it is a file system of its own.

Why: a package installation that runs out of space leaves the node half installed. A CIB that cannot be written is lost
when the node restarts, and agents that cannot write their state report failures: resources move or the node is fenced.

Look closer:
  df -h /var /var/lib /etc /
  du -xsh /var/log /var/cache /var/lib/pacemaker /var/crash 2>/dev/null

Mend, safest first: clean package caches (apt-get clean, dnf clean all), old logs and core dumps; then enlarge the file
system. Do not delete anything in /var/lib/pacemaker/cib or /var/lib/corosync: that is the cluster.

May be left: not long; a running cluster on a full disk is close to an outage.`},
		{Code: "FACT_UNKNOWN", Severity: "warning", Group: ofOneNode,
			Meaning: "a node did not tell something that a run can do without; what rests on it was not checked",
			Do:      "run the command that is named on the node",
			Explain: `Looks at: the answers of df and of getent ahosts. What else a node is asked a run cannot do without: there a command that
fails, hangs or gives half an answer is an error.

Why: without df a full disk is not seen before packages are installed. Without getent a name that resolves to loopback, or
to different addresses on different nodes, is not seen.

Look closer:
  df -Pk / /etc /var /var/lib /run (on the node; a network file system that hangs?)
  getent ahosts NODE               (a name server that does not answer?)

Mend: what the command complains of.

May be left: yes, if you know the answer yourself. A plan without changes then says that not all could be read.`},
		{Code: "NAME_MISMATCH", Severity: "warning", Group: ofOneNode,
			Meaning: "the hostname is not the node's name in the cluster; some agents ask for the hostname and would see another node",
			Do:      "rename the host, or set `node_name`",
			Explain: `Looks at: what hostname prints, and the node's name in the cluster (node_name in the inventory, else the host's name there).

Why: Corosync takes the name from corosync.conf and works. But some resource agents, and scripts of yours, ask the
system for its hostname and look for that node in the cluster: databases with replication are known for it.

Look closer:
  hostname; crm_node -n            (the second asks the running cluster)

Mend, safest first: on a new cluster, set node_name in the inventory to the hostname, or rename the host. On a running
cluster leave the name alone until a maintenance: a renamed node is a new node for Pacemaker.

May be left: yes, when none of your agents asks for the hostname.`},
		{Code: "SBD_NO_WATCHDOG", Severity: "error", Group: ofOneNode,
			Meaning: "sbd.service is enabled and there is no watchdog device; Pacemaker requires sbd and would never start",
			Do:      "`systemctl disable sbd`, or give the node a watchdog",
			Explain: `Looks at: whether sbd.service is enabled and /dev/watchdog exists. Debian's sbd package enables the service by itself.

Why: where sbd is enabled, pacemaker.service requires it. Without a watchdog sbd ends at once and Pacemaker never
starts: after the next boot the node stays out of the cluster.

Look closer:
  systemctl is-enabled sbd; ls -l /dev/watchdog*
  cat /etc/default/sbd /etc/sysconfig/sbd 2>/dev/null

Mend, safest first: if nobody means to use sbd, systemctl disable sbd, or remove the package. Otherwise give the node
its watchdog: switch it on in the firmware or hypervisor; softdog (modprobe softdog) is for tests only, for it hangs
with the kernel that it is to watch.

May be left: never; nothing was changed and nothing will be.`},
		{Code: "COROSYNC_CONF", Severity: "error", Group: ofOneNode,
			Meaning: "the node's corosync.conf cannot be read",
			Do:      "mend it; remove it only if the node belongs to no cluster",
			Explain: `Looks at: /etc/corosync/corosync.conf, as Corosync itself would read it. The message names the line.

Why: the file says to which cluster the node belongs. What cannot be read is not overwritten, for it may be the
membership of a cluster that runs. Corosync that runs already does not need the file until its next start or reload.

Look closer:
  less /etc/corosync/corosync.conf
  corosync-cmapctl | grep nodelist    (what the running Corosync has in memory)

Mend, safest first: copy the file from a member that is well (it is the same on all); pcs cluster sync corosync (pcs
0.9: pcs cluster sync) does that from there. Remove it only on a node that belongs to no cluster.

May be left: no; the node would not come back after its next start.`},
		{Code: "FOREIGN_CLUSTER", Severity: "error", Group: ofOneNode,
			Meaning: "the node is a member of another cluster; it will not be touched",
			Do:      "check the inventory; if that cluster is to go, destroy it with its own playbook",
			Explain: `Looks at: cluster_name and the node list in the node's corosync.conf. The one-node cluster that Debian's packages bring
is recognised and is no foreign cluster.

Why: somebody's services may run there. hadeploy has no option that takes a node from another cluster.

Look closer:
  pcs status                       (on that node)
  hadeploy inventory               (is this the host that was meant?)

Mend, safest first: correct the inventory, or the playbook's name if it is the same cluster by another name. If that
cluster is really to go, and its owner agrees: hadeploy destroy with its own playbook, or pcs cluster destroy there.

May be left: yes; nothing was changed on any node.`},
		{Code: "REMOTE_IS_MEMBER", Severity: "error", Group: ofOneNode,
			Meaning: "the host of a remote or guest node is a member of a cluster, or runs Corosync or Pacemaker",
			Do:      "choose another host; or `pcs cluster node remove` it, and disable the two services",
			Explain: `Looks at: corosync.conf, and the units corosync and pacemaker, on the hosts of remote_nodes. The one-node cluster that
Debian's packages bring counts too, as long as it runs.

Why: pacemaker_remote and Pacemaker's own daemons exclude each other: systemd stops one when the other starts, and with it
whatever the host runs for its cluster.

Look closer, on that host:
  systemctl status corosync pacemaker; pcs status; cat /etc/corosync/corosync.conf

Mend, safest first: correct the name under remote_nodes, or the inventory. If nobody needs that cluster: systemctl disable
--now pacemaker corosync. If the host is to leave a cluster: pcs cluster node remove HOST, there.

May be left: yes; nothing was changed on any node.`},
		{Code: "ADDR_ABSENT", Severity: "error", Group: ofOneNode,
			Meaning: "a link address is on none of the node's interfaces; Corosync would start and never reach a peer",
			Do:      "correct `links` or `ansible_host`, or configure the address",
			Explain: `Looks at: each address in links (without links: ansible_host) and the addresses of the node's interfaces.

Why: Corosync binds to the link's address. If the node does not have it the node would form a cluster of its own,
without quorum, and the link would stay down for its peers.

Look closer:
  ip -brief address
  hadeploy inventory               (the column LINKS)

Mend: correct links in the inventory; configure the address, and so that it survives a reboot. Behind address
translation give the node's own address as link, and ansible_host for ssh.

May be left: never; nothing was changed and nothing will be.`},
		{Code: "HOSTS_LOOPBACK", Severity: "error or warning", Group: ofOneNode,
			Meaning: "a node's name resolves to a loopback address, as Debian's 127.0.1.1 line does; an error where a link is given by name, or where the inventory itself gives a loopback address",
			Do:      "give the name its address in `/etc/hosts`",
			Explain: `Looks at: what each node's name resolves to, on each node.

Why: a Corosync link or an agent that looks the node up by name would talk to itself and never reach the peer. Debian's
installer writes such a line: 127.0.1.1 with the hostname. It is an error where a link is given by name, for then
Corosync itself would use it.

Look closer:
  getent ahosts NODE               (on the node that is named)
  grep -n 127 /etc/hosts

Mend: replace 127.0.1.1 in /etc/hosts by the node's address, the same on every node. A running Corosync with links by
address does not notice.

May be left: the warning, when nothing of yours looks nodes up by name.`},
		{Code: "VIP_NO_NETWORK", Severity: "warning", Group: ofOneNode,
			Meaning: "the address of an IPaddr2 resource is in none of the node's networks, or its `cidr_netmask` makes a larger one; the agent finds an interface only if there is a route",
			Do:      "correct `options.ip` or `options.cidr_netmask`, or give both `options.nic` and `options.cidr_netmask`",
			Explain: `Looks at: the ip, nic and cidr_netmask of each ocf:heartbeat:IPaddr2 and the networks of the node's interfaces.

Why: unless both nic and cidr_netmask are given, the agent asks the routing table for what is missing. With no network
and no route for the address ("Unable to find nic or netmask") its start fails on that node: after a failover the
service would have no address.

Look closer:
  ip -brief address; ip route list match ADDRESS scope link

Mend, safest first: correct the address (a slip is the usual cause); give the node an interface in that network; name
the interface with options.nic together with options.cidr_netmask; one of the two does not do.

May be left: yes, when a route to the address's network is there by intention, or the node never runs the resource.`},
		{Code: "DPKG_INTERRUPTED", Severity: "warning", Group: ofOneNode,
			Meaning: "dpkg was interrupted on the node; the next installation has to complete that first",
			Do:      "`dpkg --configure -a`",
			Explain: `Looks at: packages that dpkg has unpacked and not configured. None of them is one that this run needs: else completing it
would be a change in the plan.

Why: the next apt-get on this node refuses, or completes somebody else's upgrade at a moment nobody chose. Completing
it may restart daemons, Corosync and Pacemaker too if they are among the packages.

Look closer:
  dpkg --audit
  less /var/log/dpkg.log

Mend, safest first: ask who was upgrading. Put the node into standby if cluster packages or services of the cluster
are concerned (pcs node standby NODE), then dpkg --configure -a, then pcs node unstandby NODE.

May be left: yes, until the next maintenance; the cluster runs on.`},
	}
}

// allNodes are the codes of preflight that compare the nodes.
func allNodes() []Entry {
	return []Entry{
		{Code: "SAME_HOST", Severity: "error", Group: ofAllNodes,
			Meaning: "two names of the inventory are one machine",
			Do:      "correct `ansible_host` or `ansible_port`",
			Explain: `Looks at: the boot id and the machine id behind each name of the inventory.

Why: a cluster of two names on one machine protects from nothing, and its second Corosync could not start.

Look closer:
  hadeploy inventory               (two rows with one address, or a port that is forwarded to the same machine?)
  cat /proc/sys/kernel/random/boot_id

Mend: correct ansible_host or ansible_port. Containers that share a kernel share its boot id, but not the machine id, and
are not taken for one machine.

May be left: never; nothing was changed and nothing will be.`},
		{Code: "CLONED_VM", Severity: "warning", Group: ofAllNodes,
			Meaning: "two nodes have the same machine-id: one was cloned from the other",
			Do:      "make a new `/etc/machine-id` on one of them and reboot it",
			Explain: `Looks at: /etc/machine-id of all nodes; their boot ids differ, so they are two machines.

Why: systemd, DHCP clients and journal collectors take the machine-id for the machine. Two nodes may get one address by
DHCP, and logs of both end up as those of one. SSH host keys are then often the same as well.

Look closer:
  cat /etc/machine-id; ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub     (on both)

Mend: on the clone, one node at a time: pcs node standby NODE; rm /etc/machine-id && systemd-machine-id-setup; new SSH
host keys if they are the same; reboot; pcs node unstandby NODE.

May be left: yes, until a maintenance; with fixed addresses the cluster itself does not mind.`},
		{Code: "NAMES_DIFFER", Severity: "warning", Group: ofAllNodes,
			Meaning: "a name resolves to different addresses on different nodes",
			Do:      "make `/etc/hosts` the same everywhere",
			Explain: `Looks at: what each node's name resolves to, on each node.

Why: pcsd, agents and your own scripts reach another machine, or another network, depending on where they run: what
works on one node fails after a failover.

Look closer:
  getent ahosts NODE               (on the nodes that are named)
  grep NODE /etc/hosts

Mend: make /etc/hosts the same on all nodes, or take the names from it and leave them to DNS. A running Corosync with
links by address does not notice.

May be left: yes, when the addresses are two of the same node and each is reachable from where it is used.`},
		{Code: "OS_MIXED", Severity: "error; on a running cluster a warning", Group: ofAllNodes,
			Meaning: "the nodes run different releases, whose Corosync and Pacemaker may not understand each other",
			Do:      "use one release",
			Explain: `Looks at: ID and VERSION_ID in /etc/os-release of every node.

Why: releases bring different Corosync and Pacemaker. Corosync 2 and 3 cannot form one cluster at all. Pacemaker
versions can, for as long as an upgrade lasts: the features of the oldest are used, and once the older ones have all
left they cannot come back.

Look closer:
  grep PRETTY_NAME /etc/os-release; corosync -v; pacemakerd --version

Mend: install one release on all nodes. On a running cluster finish the upgrade: one node at a time, in standby, back
online and healthy before the next.

May be left: on a running cluster, for as long as the upgrade takes; not for weeks.`},
		{Code: "CLOCK_SKEW", Severity: "error from 5 s, warning from 1 s; on a running cluster a warning", Group: ofAllNodes,
			Meaning: "a clock is away from the others'; failure times, certificates and logs rest on it",
			Do:      "start chrony or systemd-timesyncd",
			Explain: `Looks at: each node's clock against the median of all, less what the network may have added.

Why: Pacemaker compares times of different nodes for failure-timeout, for rules with dates, and for which failure came
last. pcsd's certificates can be not yet valid. Logs of a failover cannot be put in order.

Look closer:
  timedatectl; chronyc tracking

Mend, safest first: start chrony or systemd-timesyncd and let it slew the clock. Do not set the clock of a running node
by a jump of many seconds: put it into standby first (pcs node standby NODE), set the clock, pcs node unstandby NODE.

May be left: a second or two, for a while; not with rules that have dates.`},
		{Code: "MEMBER_REMOVED", Severity: "error", Group: ofAllNodes,
			Meaning: "the running cluster has a member that the inventory does not name; this release removes no members",
			Do:      "add it to the inventory, or `pcs cluster node remove` it first",
			Explain: `Looks at: the node list of corosync.conf on the running members, and the inventory.

Why: a corosync.conf without that member would change the votes of a running cluster, and leave a node behind that
still believes to be a member. So apply refuses and changes nothing.

Look closer:
  pcs status nodes; pcs quorum status; hadeploy inventory

Mend, safest first: if the node is to stay, put it into the inventory. If it is to go: pcs node standby NODE, wait until
its resources have moved, then pcs cluster node remove NODE, and apply again.

May be left: yes; the cluster runs on, only apply is refused.`},
		{Code: "KEY_LOST", Severity: "error", Group: ofAllNodes,
			Meaning: "no running member has a key any more that its daemons use",
			Do:      "put it back from a backup, or make a new one in a maintenance window",
			Explain: `Looks at: /etc/corosync/authkey and /etc/pacemaker/authkey on all nodes; whether Corosync encrypts, by its file and by what
runs; whether there are remote or guest nodes.

Why: the daemons have the key in memory and run on. With a new one in the file a node that starts again would be alone,
and would be fenced, or fence. So hadeploy never makes a new key for a running cluster.

Look closer:
  ls -l /etc/corosync/authkey /etc/pacemaker/authkey
  corosync-cmapctl totem.crypto_cipher

Mend, safest first: copy the key from a backup to one running member (mode 0400), and apply: the others get it from there.
Without a backup, in a maintenance window: pcs cluster stop --all, remove the key on every member, hadeploy apply.

May be left: no; any member that starts again is lost to the cluster.`},
		{Code: "KEYS_DIFFER", Severity: "error", Group: ofAllNodes,
			Meaning: "running members have different keys in their files, and which one their daemons use no file tells",
			Do:      "put the right one on all running members, or make a new one in a maintenance window",
			Explain: `Looks at: the sums of /etc/corosync/authkey and /etc/pacemaker/authkey on the running members, where the key is used.

Why: somebody has changed the key on some of them. Which is the one in memory cannot be seen from outside. The wrong one
on all of them would split the cluster at the next restart of a node.

Look closer:
  sha256sum /etc/corosync/authkey; stat /etc/corosync/authkey     (on every member: which one is new?)
  systemctl show -p ActiveEnterTimestamp corosync

Mend, safest first: copy the older one, from before Corosync started, to all running members, and apply. When in doubt, in
a maintenance window: pcs cluster stop --all, remove the key on every member, hadeploy apply.

May be left: no; a member with the wrong file is lost at its next start.`},
		{Code: "KEY_MISSING", Severity: "warning", Group: ofAllNodes,
			Meaning: "no running member has /etc/pacemaker/authkey, and nothing needs it",
			Do:      "nothing, until there is to be a remote or guest node, or a bundle with a primitive inside",
			Explain: `Looks at: /etc/pacemaker/authkey on the running members, and the remote and guest nodes in the CIB.

Why: Pacemaker needs this key only to reach remote and guest nodes, and into the containers of bundles that have a primitive
inside. There are none, so nothing is broken, and while the cluster runs hadeploy makes no key without a reason.

Look closer:
  ls -l /etc/pacemaker/authkey; pcs status nodes

Mend: declare the remote or guest node under remote_nodes, or the bundle; then apply makes a key, on the members and there.

May be left: yes.`},
		{Code: "COROSYNC_REFUSES", Severity: "error", Group: ofAllNodes,
			Meaning: "corosync.conf, with what is declared and what stands in it besides, would keep Corosync from starting",
			Do:      "declare the settings that are named, or remove the lines on every node",
			Explain: `Looks at: the corosync.conf that would be written: what is declared, laid over what is there. hadeploy makes the sums that
Corosync makes at its start: join against consensus, token against its retransmits, each with its default.

Why: lines that nobody declares are kept, for pcs or a person put them there. Together with what is declared they are a
file that Corosync does not start with: a running cluster would notice at the next reboot, node by node.

Look closer:
  corosync -t; man corosync.conf    (token, consensus, join, token_retransmits_before_loss_const)

Mend: declare the setting under cluster.totem with a value that fits, or remove the line from corosync.conf on every node
and reload: pcs cluster reload corosync.

May be left: the cluster runs on, only apply is refused. But see what the file on the nodes says now.`},
		{Code: "MEMBER_NOT_DECLARED", Severity: "error", Group: ofAllNodes,
			Meaning: "destroy: the cluster has members that the inventory does not name; destroying a part of it would leave them to themselves",
			Do:      "add them to the inventory",
			Explain: `Looks at: the node list in corosync.conf of the nodes that are to be destroyed, and the inventory.

Why: the members that are not named would be left without quorum, or would go on with a part of the resources and fence
nodes that no longer answer.

Look closer:
  pcs status nodes; hadeploy inventory

Mend: add the members to the inventory if all of it is to go. If only some nodes are to leave: pcs node standby NODE and
pcs cluster node remove NODE, from a member that stays.

May be left: yes; nothing was changed on any node.`},
	}
}

// theFile are the codes about what is declared.
func theFile() []Entry {
	return []Entry{
		{Code: "NO_FENCING", Severity: "error or warning", Group: ofTheFile,
			Meaning: "resources are declared, and no fencing device: Pacemaker would start nothing (error), or, where `stonith-enabled: false` says that you know, two nodes may write the same data, hold the same address, or run twice what is to run once (warning)",
			Do:      "declare `stonith.devices`",
			Explain: `Looks at: whether the playbook declares resources and no stonith.devices; of a running cluster, whether fencing is enabled
and there is no device. Nodes that fence themselves by sbd and a watchdog (stonith-watchdog-timeout) need none; as hadeploy
does not set sbd up yet, a playbook that relies on it gets a warning, and none of a cluster where have-watchdog is true.

Why: a node that hangs or is cut off may still write. Fencing makes sure that it is off before its resources start
elsewhere. Without a device and with fencing on, Pacemaker starts nothing. With stonith-enabled=false it recovers on
hope: shared disks and databases can be destroyed that way, two nodes answer on one address, and a failed stop blocks
its resource. Only a cluster of clones that share nothing has nothing to lose.

Look closer:
  pcs stonith list                 (the agents that are installed)
  pcs stonith describe fence_ipmilan

Mend: declare stonith.devices, one for each node or one that can fence them all, and test it at a quiet time:
pcs stonith fence NODE reboots that node.

May be left: the warning, in a lab, or where nothing is shared and nothing bad happens when a service runs twice.`},
		{Code: "FENCING_OFF", Severity: "warning", Group: ofTheFile,
			Meaning: "`stonith.devices` are declared, and `stonith-enabled: false` too: none of them will ever be used",
			Do:      "remove the property, or the devices",
			Explain: `Looks at: whether the playbook declares stonith.devices and switches fencing off all the same.

Why: somebody who sees the devices takes the cluster for one that fences, and it does not. A lost node is taken for dead
without proof, and what it runs is started a second time.

Look closer:
  grep -n -e stonith-enabled -e fencing-enabled cluster.yaml
  pcs property; pcs stonith

Mend: when each device has been tested by hand, remove the property from the playbook (Pacemaker's own default is to
fence), and hadeploy apply.

May be left: while the devices are being set up, and nothing real depends on the cluster.`},
		{Code: "SECRET_MISSING", Severity: "warning", Group: ofTheFile,
			Meaning: "a plan was made without the hacluster password, or without a secret of an option, which was therefore not compared",
			Do:      "nothing for a plan; apply needs it",
			Explain: `Looks at: whether the environment variable, file or command that the playbook names for a secret gave one.

Why: a plan can be made where secrets do not belong, such as a pull request. Whether the
password differs is then not known: the plan lists it so, and counts it apart. An option's value is taken for unchanged.

Look closer:
  grep -n -e env: -e file: -e command: cluster.yaml

Mend: nothing for a plan. For apply, set the variable, or make the file readable.

May be left: yes, in plans. In a nightly comparison give it the secrets where a changed password should be found.`},
		{Code: "VALUE_MAY_CHANGE", Severity: "warning", Group: ofTheFile,
			Meaning: "a value holds a character that not every release of Pacemaker keeps, and Pacemaker is not installed everywhere yet",
			Do:      "write it in plain ASCII; else apply refuses it, where it must, once the release is known",
			Explain: `Looks at: every name and value that goes into the cluster's configuration, secrets too, and the release of Pacemaker on
every member. One that is not printable ASCII needs a release that can keep it.

Why: older releases damage such a value as they write it, whoever sets it, pcs too. Pacemaker 2.0 (Debian 11) turns each
byte into octal; 2.1.3 to 2.1.7 (Debian 12) cut the value at a quote, & or < that stands behind it, and replace tabs and
line ends. The service would get another value than the file says. From 2.1.8 on (Debian 13) all is kept.

Look closer:
  apt-cache policy pacemaker       (which release would be installed?)
  pacemakerd --version             (where it is installed)

Mend: write the value in plain ASCII. If it has to be as it is, use a distribution with Pacemaker 2.1.8 or later. Where
the installed release cannot keep it, plan and apply refuse the file at that line, before anything of the cluster's
configuration is changed.

May be left: yes; if the release that gets installed keeps the value, nothing comes of it.`},
		{Code: "AGENT_DEPRECATED", Severity: "warning", Group: ofTheFile,
			Meaning: "a resource uses an agent that calls itself deprecated, or one of a standard that Pacemaker 3 no longer has (`upstart:`, `nagios:`)",
			Do:      "change to the agent that is named, at a quiet time",
			Explain: `Looks at: the metadata of each declared agent on the node, where the description begins with a deprecation warning or
says deprecated, and the standard before the first colon of its name.

Why: a later release of the packages may come without the agent. Its resources then fail with "not installed" on the
first node that is upgraded, and nowhere else, so the cluster moves them away from each node that has been upgraded.

Look closer:
  pcs resource describe AGENT      (the warning often names what to use)
  hadeploy agents describe AGENT

Mend, safest first: read what the new agent calls its options, change agent and options in the playbook, and look at
the plan: the resource restarts. Data and addresses stay as they are if the options say the same.

May be left: yes, until an upgrade of the distribution is near.`},
		{Code: "OPTION_DEPRECATED", Severity: "warning", Group: ofTheFile,
			Meaning: "an option is used that its agent calls deprecated",
			Do:      "use the option that is named in its place",
			Explain: `Looks at: the options in the playbook, and whether the metadata of the agent on the node marks them as deprecated.

Why: the old name works for as long as the agent knows it. A later release may refuse it, or pass it over, and then the
resource does not start, or starts without the setting.

Look closer:
  hadeploy agents describe AGENT   (deprecated options with what replaces them)
  pcs resource describe AGENT --full

Mend: write the new name in the playbook, with the same value, and look at the plan. A changed name restarts the
resource unless the agent can reload it; a fencing device takes it over without a stop of anything.

May be left: yes, until an upgrade of the distribution is near.`},
		{Code: "COROSYNC_NOT_RESTORED", Severity: "warning", Group: ofTheFile,
			Meaning: "`restore`: corosync.conf is not what it was at the backup, and stays: the cluster would have to stop, or has other members",
			Do:      "declare it under `cluster` as it was, and run `hadeploy apply`",
			Explain: `Looks at: corosync.conf on each node, and the one that the backup has. restore puts back what a reload can
bring; the finding says what stands against it here.

Why: what Corosync takes at its start only would stop the whole cluster, and a backup with other members would take
nodes out or bring them back, which is more than a file.

Look closer:
  diff /var/lib/hadeploy/backups/ID/corosync.conf /etc/corosync/corosync.conf     (on the node that has the backup)

Mend, safest first: write what was there into the file, under cluster:, and look at hadeploy plan: it says what the
change costs.

May be left: when the change of corosync.conf was meant.`},
		{Code: "OPTION_VALUE_DOUBTFUL", Severity: "warning", Group: ofTheFile,
			Meaning: "an option has a value that its agent does not name, or not in that form",
			Do:      "compare it with what the agent says",
			Explain: `Looks at: the value in the playbook, and what the metadata of the agent on the node says of the option: its type, and
the values to choose from.

Why: agents are careless about what they say of types (some take 5s where they say integer, or a value that they do not
list), so this is no error. Others fail to start with such a value, or take their default in silence.

Look closer:
  hadeploy agents describe AGENT
  pcs resource describe AGENT --full

Mend: write the value as the agent has it.

May be left: yes, where you know that the agent takes it.`},
		{Code: "OPTION_NOT_UNIQUE", Severity: "warning", Group: ofTheFile,
			Meaning: "two resources of one agent have the same value where the agent says that each needs its own",
			Do:      "give each its own value, or keep one of the two",
			Explain: `Looks at: the options that the agent's metadata marks as unique (alone, or several as a unique-group), and their values
in the playbook.

Why: it is a file, an address or a device that only one of them can use. On one node the second fails to start, or each
takes the other's for its own: a stop of one then stops both. pcs refuses it unless it is forced.

Look closer:
  hadeploy agents describe AGENT

Mend: give each resource its own value. To run one thing on many nodes, declare a clone of it.

May be left: yes, where you know that the two never meet.`},
		{Code: "OP_TIMEOUT_SHORT", Severity: "warning", Group: ofTheFile,
			Meaning: "an operation has less time than its agent advises as the least",
			Do:      "give it the time that the agent advises, or leave timeout out",
			Explain: `Looks at: the timeout of each operation in the playbook, and the one that the agent's metadata advises, which by the
standard of OCF is the least that makes sense.

Why: an operation that runs out of time has failed. Of a monitor that is a restart of what was well, of a start another
node, of a stop a fenced node, and it happens when the machines are busy.

Look closer:
  hadeploy agents describe AGENT   (the actions with their times)

Mend: raise the timeout; one that is too long costs nothing while all is well. Without it the agent's own is taken.

May be left: yes, where the times were measured under load.`},
		{Code: "PROMOTED_NOT_MONITORED", Severity: "warning", Group: ofTheFile,
			Meaning: "a promotable clone declares a monitor, and none for its promoted instance",
			Do:      "add a monitor with role: Promoted and an interval of its own, or leave monitor out",
			Explain: `Looks at: the monitor operations in the playbook of what a promotable clone runs. One without a role watches
instances that are not promoted.

Why: nobody looks whether the promoted instance, which does the work, is still there. When it dies, nothing happens.

Look closer:
  pcs resource config CLONE
  hadeploy agents describe AGENT   (the monitors that the agent advises)

Mend: declare both, with different intervals, for Pacemaker tells operations apart by them:
  op: {monitor: [{interval: 10s, role: Promoted}, {interval: 11s, role: Unpromoted}]}

May be left: no; without the promoted monitor the cluster does not guard the service.`},
		{Code: "UNPROMOTED_UNWATCHED", Severity: "warning", Group: ofTheFile,
			Meaning: "a promotable clone declares a monitor for its promoted instance, and none for the others",
			Do:      "add a monitor without a role or with role: Unpromoted and an interval of its own, or leave monitor out",
			Explain: `Looks at: the monitor operations in the playbook of what a promotable clone runs. One for the role Promoted watches
the promoted instance alone.

Why: an instance that is not promoted stands by to take over. When it dies, nobody sees it until it is needed.

Look closer:
  pcs resource config CLONE
  hadeploy agents describe AGENT   (the monitors that the agent advises)

Mend: declare both, with different intervals, for Pacemaker tells operations apart by them:
  op: {monitor: [{interval: 10s, role: Promoted}, {interval: 11s, role: Unpromoted}]}

May be left: where something else watches those instances.`},
		{Code: "CIB_NOT_COMPARED", Severity: "warning", Group: ofTheFile,
			Meaning: "the cluster does not run and `cluster.start` is false, so its configuration is neither compared nor changed",
			Do:      "start it, or set `cluster.start: true`",
			Explain: `Looks at: whether a CIB can be read from a running cluster.

Why: the configuration lives in the running cluster. While it is stopped, and the file says that it is not to be
started, resources and constraints can be neither compared nor changed: an empty plan says nothing about them.

Look closer:
  pcs cluster status; systemctl status corosync pacemaker

Mend: pcs cluster start --all, or cluster.start: true in the playbook; then plan again.

May be left: yes, for as long as the cluster is meant to be stopped.`},
	}
}
