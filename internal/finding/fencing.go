package finding

// fencing are the codes about devices and what they did.
func fencing() []Entry {
	return []Entry{
		{Code: "FENCING_DEVICE", Severity: "error", Group: ofFencing,
			Meaning: "a declared fencing device is stopped or has failed: a lost node cannot be fenced by it",
			Do:      "mend the way to the device, then `pcs stonith cleanup ID`",
			Explain: `Looks at: the state of each device of stonith.devices in pcs status. Started on a node means that this node monitors the
device; any node may use it.

Why: nothing is wrong today. When a node is lost it cannot be fenced, stays UNCLEAN, and its services start nowhere.

Look closer:
  pcs stonith                      (pcs 0.9: pcs stonith show); pcs resource failcount show ID
  pcs stonith config ID            (pcs 0.9: pcs stonith show ID)
  fence_ipmilan -a ADDRESS -l USER -S SCRIPT -o status     (the agent itself; SCRIPT prints the password)

Mend, safest first: address, account, password or certificate of the management board; its network. Then pcs stonith
cleanup ID (pcs 0.9: pcs resource cleanup ID). If it was disabled by hand: pcs stonith enable ID. Test it at a quiet
time: pcs stonith fence NODE reboots that node.

May be left: a night with all nodes sound; it is the first thing to do in the morning.`},
		{Code: "FENCING_DISABLED", Severity: "error", Group: ofFencing,
			Meaning: "devices are declared and the live cluster has `stonith-enabled=false`",
			Do:      "`pcs property set stonith-enabled=true`, or `hadeploy apply`",
			Explain: `Looks at: the property stonith-enabled of the running cluster, when the playbook declares stonith.devices.

Why: somebody switched fencing off, often to get over a failure. Lost nodes are now taken for dead without proof: their
resources start elsewhere while they may still write. A stop that fails blocks its resource for good.

Look closer:
  pcs property; pcs stonith; pcs status nodes

Mend, safest first: see that no node is UNCLEAN or OFFLINE without reason, for it may be fenced in the moment that fencing
is on, and that the devices are Started. Then pcs property set stonith-enabled=true, or hadeploy apply.

May be left: for the maintenance that it was switched off for, while somebody watches.`},
		{Code: "FENCING_FAILED", Severity: "error", Group: ofFencing,
			Meaning: "a fencing action failed and none succeeded since",
			Do:      "mend the device; see whether the node that was meant is off",
			Explain: `Looks at: "Failed Fencing Actions" in pcs status, without those that a later success of the same node made good.

Why: the cluster wanted a node dead and could not kill it. As long as that node is UNCLEAN its resources are started
nowhere. Pacemaker tries again, up to ten times (stonith-max-attempts).

Look closer:
  pcs stonith history show         (Pacemaker 1.1: stonith_admin --history NODE --verbose)
  journalctl -u pacemaker | grep -i -e stonith -e fence

Mend, safest first: mend the device: its network, account, power; the next try then succeeds. If it cannot be mended and
the node's power is off, seen with your own eyes: pcs stonith confirm NODE, and its resources start elsewhere. Confirmed
while it still runs, two nodes write to the same data. When all is well again: pcs stonith history cleanup.

May be left: with an UNCLEAN node never. With all nodes online until morning, as fencing would fail then too.`},
		{Code: "FENCING_PENDING", Severity: "warning", Group: ofFencing,
			Meaning: "a fencing action is under way",
			Do:      "wait, and look again",
			Explain: `Looks at: "Pending Fencing Actions" in pcs status.

Why: a node is being fenced at this moment. Its resources start elsewhere when that has succeeded; until then other
findings about them are what one would expect.

Look closer:
  pcs stonith history show         (Pacemaker 1.1: stonith_admin --history NODE --verbose)
  pcs status

Mend: wait: stonith-timeout (60s) for each device is the limit, some agents take minutes. Do not stop or confirm anything
meanwhile. hadeploy verify --wait looks again until all is well.

May be left: until it has ended. If it hangs for many minutes, or an old one never goes away though the node is back:
pcs stonith history cleanup NODE.`},
	}
}
