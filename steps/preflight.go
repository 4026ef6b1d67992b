package steps

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/hadeploy/hadeploy/internal/facts"
	pkgs "github.com/hadeploy/hadeploy/internal/packages"
	"github.com/hadeploy/hadeploy/internal/plan"
)

// preflight looks for what would make a cluster fail later, or hurt somebody
// else's, before anything is changed. It changes nothing itself.
type preflight struct{}

func (preflight) Name() string { return "preflight" }
func (preflight) ClusterWide() {}

const (
	maxClockSkew  = 5 * time.Second
	warnClockSkew = time.Second
	minFreeKiB    = 300 << 10 // for packages, CIB copies and logs
)

func (preflight) Check(_ context.Context, t *Target) ([]plan.Change, error) {
	var found []plan.Finding
	for _, n := range t.Nodes {
		found = append(found, checkHost(n)...)
		found = append(found, checkForeign(t, n)...)
		found = append(found, checkAddresses(t, n)...)
		found = append(found, checkFloating(t, n)...)
	}
	for _, n := range t.Remotes {
		found = append(found, checkHost(n)...)
		found = append(found, checkRemoteHost(n)...)
	}
	found = append(found, checkTogether(t)...)
	found = append(found, t.Playbook.Findings()...)
	found = append(found, checkFile(t)...)

	var errs []plan.Finding
	for _, f := range found {
		if f.Severity == plan.Error {
			errs = append(errs, f)
			continue
		}
		t.report(f)
	}
	if errs != nil {
		return nil, &RefusedError{errs}
	}
	return nil, nil
}

// Apply does nothing: there are no changes.
func (preflight) Apply(context.Context, *Target, []plan.Change) error { return nil }

// checkHost looks at one node by itself.
func checkHost(n *Node) (found []plan.Finding) {
	f := n.Facts
	add := func(code string, sev plan.Severity, fix, format string, args ...any) {
		found = append(found, plan.Finding{Code: code, Severity: sev, Node: n.Name, Message: fmt.Sprintf(format, args...), Fix: fix})
	}
	if f.Host.UID != "0" {
		add("NOT_ROOT", plan.Error, "log in as root, or set ansible_become: true", "commands run with uid %s, not as root", f.Host.UID)
	}
	if _, err := pkgs.On(f.Host); err != nil {
		add("OS_UNSUPPORTED", plan.Error, "use Debian, Ubuntu, RHEL or a relative of it, or SUSE", "%s is not a distribution that hadeploy knows", cmp.Or(f.Host.OS["PRETTY_NAME"], "this system"))
	}
	for _, mount := range []string{"/var", "/var/lib", "/etc", "/"} {
		if free, ok := f.Host.Disks[mount]; ok && free < minFreeKiB {
			add("DISK_FULL", plan.Error, "free some space there", "%s has %d MiB free, and packages, CIB copies and logs need %d MiB", mount, free>>10, minFreeKiB>>10)
			break
		}
	}
	for _, e := range f.Unread {
		add("FACT_UNKNOWN", plan.Warning, "run the command on the node to see why", "%v; what rests on it was not checked", e)
	}
	if f.Host.Name != n.NodeName {
		add("NAME_MISMATCH", plan.Warning, "rename the host, or set node_name in the inventory",
			"the node's name in the cluster is %q, and its hostname is %q; some resource agents ask for the hostname and would see another node", n.NodeName, f.Host.Name)
	}
	if f.Units[unitSBD].Enabled == "enabled" && !f.Host.Watchdog {
		add("SBD_NO_WATCHDOG", plan.Error, "systemctl disable sbd, or give the node a watchdog (modprobe softdog)",
			"sbd.service is enabled and there is no /dev/watchdog; pacemaker.service requires it and would never start")
	}
	return found
}

// checkForeign refuses nodes that belong to somebody else's cluster.
func checkForeign(t *Target, n *Node) []plan.Finding {
	f := n.Facts
	if f.Corosync.Err != nil {
		return []plan.Finding{{Code: "COROSYNC_CONF", Severity: plan.Error, Node: n.Name,
			Message: "/etc/corosync/corosync.conf cannot be read: " + f.Corosync.Err.Error(),
			Fix:     "mend the file, or remove it if the node belongs to no cluster"}}
	}
	if f.Corosync.Config == nil {
		return nil
	}
	members := memberNames(f.Corosync.Config)
	ours := slices.ContainsFunc(members, func(m string) bool { return slices.Contains(t.NodeNames(), m) })
	if f.Corosync.Config.ClusterName() == t.Playbook.Name && ours {
		return nil
	}
	what := fmt.Sprintf("is a member of cluster %q (nodes %s", f.Corosync.Config.ClusterName(), strings.Join(members, ", "))
	if c := f.CIB.Live; c != nil {
		what += fmt.Sprintf("; %d resources, running now", len(c.ResourceIDs()))
	} else if c := f.CIB.Disk; c != nil {
		what += fmt.Sprintf("; %d resources, not running now", len(c.ResourceIDs()))
	}
	return []plan.Finding{{Code: "FOREIGN_CLUSTER", Severity: plan.Error, Node: n.Name,
		Message: what + "), not of " + fmt.Sprintf("%q", t.Playbook.Name) + "; hadeploy will not touch it",
		Fix:     "check the inventory; if that cluster is to go, destroy it with its own playbook or with pcs cluster destroy on that node"}}
}

// checkRemoteHost refuses the host of a remote or guest node that is, or is about
// to be, a member of a cluster: Pacemaker's daemons and pacemaker_remote exclude
// each other.
func checkRemoteHost(n *Node) []plan.Finding {
	f := n.Facts
	refuse := func(fix, format string, args ...any) []plan.Finding {
		return []plan.Finding{{Code: "REMOTE_IS_MEMBER", Severity: plan.Error, Node: n.Name, Message: fmt.Sprintf(format, args...), Fix: fix}}
	}
	if f.Corosync.Err != nil || f.Corosync.Config != nil {
		what := "of a cluster"
		if f.Corosync.Config != nil {
			what = fmt.Sprintf("of cluster %q", f.Corosync.Config.ClusterName())
		}
		return refuse("choose another host; if it is to leave that cluster, pcs cluster node remove it there first",
			"is to run the node %s, and has the corosync.conf of a member %s; hadeploy will not touch it", n.Remote.Name, what)
	}
	if m, err := pkgs.On(f.Host); err == nil && f.Packages.Known["pacemaker"].Installed && !pkgs.RemoteBesidePacemaker(m) {
		return refuse("apt-get remove pacemaker, on that host, if no cluster needs it",
			"is to run the node %s, and has the package pacemaker: %s installs pacemaker-remote only in its place", n.Remote.Name, m.Name())
	}
	for _, unit := range []string{facts.Corosyncd, facts.Pacemakerd} {
		u := f.Units[unit]
		name := strings.TrimSuffix(unit, ".service")
		switch {
		case u.Alive() || f.Default != nil && f.Default.Running:
			return refuse("systemctl disable --now pacemaker corosync, on that host, if no cluster needs them",
				"is to run the node %s, and %s runs there: it and pacemaker_remote exclude each other", n.Remote.Name, name)
		case u.Enabled == "enabled":
			return refuse("systemctl disable "+name+", on that host",
				"is to run the node %s, and %s is started there at boot: it would end pacemaker_remote", n.Remote.Name, name)
		}
	}
	return nil
}

// checkAddresses looks at the link addresses and at what names resolve to.
func checkAddresses(t *Target, n *Node) (found []plan.Finding) {
	for i, link := range linkAddresses(n) {
		addr, err := netip.ParseAddr(link)
		if err != nil || len(n.Facts.Host.Addresses) == 0 {
			continue
		}
		if !slices.ContainsFunc(n.Facts.Host.Addresses, func(p netip.Prefix) bool { return p.Addr() == addr }) {
			found = append(found, plan.Finding{Code: "ADDR_ABSENT", Severity: plan.Error, Node: n.Name,
				Message: fmt.Sprintf("%s (link %d) is on none of its interfaces (%s); corosync would start and never reach a peer", link, i, joinAddrs(n.Facts.Host.Addresses)),
				Fix:     "correct links or ansible_host in the inventory, or configure the address"})
		}
	}
	for _, m := range t.Nodes {
		addrs := n.Facts.Host.Resolves[m.NodeName]
		sev := plan.Warning
		if slices.ContainsFunc(linkAddresses(m), func(a string) bool { _, err := netip.ParseAddr(a); return err != nil }) {
			sev = plan.Error // a link is a name: corosync itself would resolve it
		}
		for _, a := range addrs {
			if a.IsLoopback() {
				found = append(found, plan.Finding{Code: "HOSTS_LOOPBACK", Severity: sev, Node: n.Name,
					Message: fmt.Sprintf("the name %s resolves to %s here; what looks the node up by name would talk to itself", m.NodeName, a),
					Fix:     fmt.Sprintf("in /etc/hosts, give %s its address (%s) instead", m.NodeName, linkAddresses(m)[0])})
				break
			}
		}
	}
	return found
}

// checkTogether compares the nodes with each other.
func checkTogether(t *Target) (found []plan.Finding) {
	add := func(code string, sev plan.Severity, fix, format string, args ...any) {
		found = append(found, plan.Finding{Code: code, Severity: sev, Message: fmt.Sprintf(format, args...), Fix: fix})
	}
	grave := plan.Error // a running cluster has proved itself: then it is advice
	if t.liveCIB() != nil {
		grave = plan.Warning
	}
	for i, a := range t.All() {
		for _, b := range t.All()[i+1:] {
			switch {
			case a.Facts.Host.BootID != "" && a.Facts.Host.BootID == b.Facts.Host.BootID && a.Facts.Host.MachineID == b.Facts.Host.MachineID:
				add("SAME_HOST", plan.Error, "correct ansible_host or ansible_port in the inventory", "%s and %s are the same machine", a.Name, b.Name)
			case a.Facts.Host.MachineID != "" && a.Facts.Host.MachineID == b.Facts.Host.MachineID:
				add("CLONED_VM", plan.Warning, "rm /etc/machine-id && systemd-machine-id-setup, on one of them, and reboot it", "%s and %s have the same machine-id: one was cloned from the other", a.Name, b.Name)
			}
			for _, addr := range a.Facts.Host.Resolves[b.NodeName] {
				if other := b.Facts.Host.Resolves[b.NodeName]; len(other) > 0 && !addr.IsLoopback() && !slices.Contains(other, addr) && !slices.ContainsFunc(other, netip.Addr.IsLoopback) {
					add("NAMES_DIFFER", plan.Warning, "make /etc/hosts the same on all nodes", "%s resolves to %s on %s and to %s on %s", b.NodeName, addr, a.Name, other[0], b.Name)
				}
			}
		}
	}
	first := t.Nodes[0]
	for _, n := range t.Nodes[1:] {
		if n.Facts.Host.OS["ID"]+n.Facts.Host.OS["VERSION_ID"] != first.Facts.Host.OS["ID"]+first.Facts.Host.OS["VERSION_ID"] {
			add("OS_MIXED", grave, "use the same release on all nodes", "%s runs %s and %s runs %s; corosync and pacemaker of different releases may not understand each other",
				first.Name, first.Facts.Host.OS["PRETTY_NAME"], n.Name, n.Facts.Host.OS["PRETTY_NAME"])
		}
	}
	median := medianSkew(t.All())
	for _, n := range t.All() {
		off := (n.Facts.Host.ClockSkew - median).Abs() - n.Facts.Host.ClockError
		switch {
		case off > maxClockSkew:
			add("CLOCK_SKEW", grave, "start chrony or systemd-timesyncd on the nodes", "the clock of %s is %s away from the others'; failure times, certificates and logs rest on it", n.Name, off.Round(time.Second))
		case off > warnClockSkew:
			add("CLOCK_SKEW", plan.Warning, "start chrony or systemd-timesyncd on the nodes", "the clock of %s is %s away from the others'", n.Name, off.Round(100*time.Millisecond))
		}
	}
	return found
}

func medianSkew(nodes []*Node) time.Duration {
	var all []time.Duration
	for _, n := range nodes {
		all = append(all, n.Facts.Host.ClockSkew)
	}
	slices.Sort(all)
	return all[len(all)/2]
}
