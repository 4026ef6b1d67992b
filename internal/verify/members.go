package verify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/plural"
)

func (j *Judge) checkMembers() answer {
	var found []plan.Finding
	views := j.partition()
	for _, n := range j.Nodes {
		for _, v := range views {
			s := v.Status.Node(n.NodeName)
			f := plan.Finding{Code: "NODE_OFFLINE", Severity: plan.Error, Node: n.Name, Expected: "online"}
			switch {
			case s == nil:
				f.Seen, f.Message = "absent", fmt.Sprintf("%s is not a member in the eyes of %s", n.NodeName, v.NodeName)
				f.Fix = "hadeploy apply"
			case s.Unclean:
				f.Seen, f.Message = "UNCLEAN", fmt.Sprintf("%s is UNCLEAN: it has to be fenced before its resources can run elsewhere", n.NodeName)
				f.Fix = "find out what happened to the node; is there a fencing device?"
			case !s.Online && !s.Pending:
				f.Seen, f.Message, f.Fix = "offline", fmt.Sprintf("%s is offline in the eyes of %s", n.NodeName, v.NodeName), "pcs cluster start "+n.NodeName
			case s.Pending:
				f.Seen, f.Message, f.Fix = "pending", fmt.Sprintf("%s is still joining", n.NodeName), "wait a moment; then journalctl -u pacemaker on "+n.NodeName
			case s.StandbyOnFail:
				f.Code, f.Severity, f.Seen = "NODE_STANDBY", plan.Error, "standby (on-fail)"
				f.Message = n.NodeName + " is in standby since a resource failed there (on-fail=standby): it runs no resources"
				f.Fix = "mend the cause, then pcs resource cleanup"
			case s.Standby:
				f.Code, f.Severity, f.Seen = "NODE_STANDBY", plan.Warning, "standby"
				f.Message, f.Fix = n.NodeName+" is in standby, as a person set it: it runs no resources", "pcs node unstandby "+n.NodeName
			case s.Maintenance && !j.st.Maintenance:
				f.Code, f.Severity, f.Seen = "NODE_MAINTENANCE", plan.Warning, "maintenance"
				f.Message, f.Fix = n.NodeName+" is in maintenance, as a person set it: its resources are not watched", "pcs node unmaintenance "+n.NodeName
			default:
				continue
			}
			found = append(found, f)
			break // one node's word is enough
		}
	}
	for _, n := range j.Nodes {
		if bad := j.badHealth(n.NodeName); bad != "" {
			found = append(found, plan.Finding{Code: "NODE_HEALTH", Severity: plan.Warning, Node: n.Name, Expected: "green", Seen: bad,
				Message: fmt.Sprintf("the health of %s is %s; node-health-strategy may keep resources away from it", n.NodeName, bad),
				Fix:     "mend what the attribute tells of; the agent that set it clears it"})
		}
	}
	declared := j.members()
	for _, n := range j.st.Nodes {
		if n.Kind == pcs.Member && !slices.Contains(declared, n.Name) {
			found = append(found, plan.Finding{Code: "NODE_UNDECLARED", Severity: plan.Error, Object: n.Name, Expected: "no such member", Seen: "a member",
				Message: n.Name + " is a member of the cluster, and the inventory does not name it", Fix: "add it to the inventory, or pcs cluster node remove " + n.Name})
		}
	}
	return answer{seen: plural.Of(len(j.Nodes), "node") + " online", found: append(found, j.checkVersions()...)}
}

// checkVersions looks closer where Pacemaker says MIXED-VERSION, which it also
// does of a node that has stored no version: one that is joining, and (3.0.0)
// one whose controller was started again.
func (j *Judge) checkVersions() []plan.Finding {
	away := func(n pcs.Node) bool { return n.Kind == pcs.Member && (!n.Online || n.Pending) }
	if !j.st.MixedVersion || slices.ContainsFunc(j.st.Nodes, away) {
		return nil
	}
	mixed := plan.Finding{Code: "VERSIONS_MIXED", Severity: plan.Warning, Expected: "one version", Seen: "mixed versions",
		Message: "the nodes run different versions of Pacemaker: an upgrade was not finished", Fix: "finish the upgrade on the other nodes"}
	if j.live == nil {
		return []plan.Finding{mixed}
	}
	sets := j.live.FeatureSets()
	var told, untold, versions []string
	for _, n := range j.st.Nodes {
		switch set := sets[n.Name]; {
		case n.Kind != pcs.Member:
		case set == "":
			untold = append(untold, n.Name)
		default:
			told = append(told, n.Name+" "+set)
			versions = append(versions, set)
		}
	}
	slices.Sort(versions)
	if len(slices.Compact(versions)) > 1 {
		mixed.Expected, mixed.Seen = "one feature set", strings.Join(told, ", ")
	} else if len(told) > 0 && len(untold) > 0 {
		names := strings.Join(untold, ", ")
		return []plan.Finding{{Code: "VERSION_NOT_STORED", Severity: plan.Info, Object: names, Expected: "a feature set of every node", Seen: strings.Join(told, ", "),
			Message: "Pacemaker says MIXED-VERSION only because the CIB has no version of " + names + ", as after a restart of its controller",
			Fix:     "attrd_updater --refresh on any node; journalctl -u pacemaker tells why the controller was started again"}}
	}
	return []plan.Finding{mixed}
}

// badHealth tells what is yellow or red on a node.
func (j *Judge) badHealth(node string) string {
	if j.live != nil {
		return strings.Join(j.live.HealthOf(node), ", ")
	}
	if s := j.st.Node(node); s != nil && s.Health != "green" {
		return s.Health
	}
	return ""
}

// checkPartition compares what the nodes say of quorum, DC and members: nodes
// that disagree are in different partitions.
func (j *Judge) checkPartition() answer {
	var found []plan.Finding
	type sight struct{ dc, online string }
	sees := map[sight][]string{}
	for _, v := range j.views {
		if !v.Status.Quorum && v.Status.DC != "" { // only a DC tells of quorum
			found = append(found, plan.Finding{Code: "NO_QUORUM", Severity: plan.Error, Node: v.Node, Expected: "quorum", Seen: "no quorum",
				Message: "its partition has no quorum: resources are stopped there", Fix: "look at corosync-quorumtool -s and at the network between the nodes"})
		}
		if v.Status.DC == "" {
			found = append(found, plan.Finding{Code: "NO_DC", Severity: plan.Error, Node: v.Node, Expected: "a DC", Seen: "none",
				Message: "no DC is elected: nothing is decided", Fix: "wait a moment; then journalctl -u pacemaker"})
			continue
		}
		var online []string
		for _, n := range v.Status.Nodes {
			if n.Kind == pcs.Member && n.Online && !n.Pending { // of a node that joins, text and XML differ in this
				online = append(online, n.Name)
			}
		}
		slices.Sort(online)
		s := sight{v.Status.DC, strings.Join(online, ", ")}
		sees[s] = append(sees[s], v.NodeName)
	}
	if len(sees) > 1 {
		var says []string
		for s, nodes := range sees {
			says = append(says, fmt.Sprintf("%s: DC %s, online %s", strings.Join(nodes, ", "), s.dc, s.online))
		}
		slices.Sort(says)
		found = append(found, plan.Finding{Code: "PARTITIONED", Severity: plan.Error, Expected: "one view", Seen: strings.Join(says, "; "),
			Message: "the nodes do not see the same cluster: " + strings.Join(says, "; "), Fix: "look at the network between the nodes: corosync-cfgtool -s"})
	}
	return answer{seen: "quorum, DC " + j.st.DC, found: found}
}

// linksSeen tells of links where there is more than one (else it would say no
// more than that the members are online) and all are connected.
func (j *Judge) linksSeen() string {
	most := 0
	for _, v := range j.views {
		most = max(most, len(v.Links))
		for _, l := range v.Links {
			if slices.ContainsFunc(l.Peers, func(p facts.LinkPeer) bool { return !p.Connected }) {
				return ""
			}
		}
	}
	if most < 2 {
		return ""
	}
	return fmt.Sprintf("%d links connected", most)
}

// checkLinks reports the Corosync links between online members that are not
// connected, each once.
func (j *Judge) checkLinks() answer {
	var found []plan.Finding
	told := map[string]bool{}
	for _, v := range j.partition() {
		own := v.NodeName
		for _, l := range v.Links {
			if l.Fault != "" {
				found = append(found, plan.Finding{Code: "LINK_DOWN", Severity: plan.Error, Node: v.Node, Object: fmt.Sprintf("ring %d", l.ID), Expected: "no faults", Seen: l.Fault,
					Message: fmt.Sprintf("ring %d at %s: %s", l.ID, l.Address, l.Fault), Fix: "look at that network; corosync-cfgtool -r re-enables a ring that was marked faulty"})
			}
			for _, p := range l.Peers {
				s := j.st.Node(p.Node)
				pair := []string{own, p.Node}
				slices.Sort(pair)
				key := fmt.Sprint(l.ID, pair)
				if p.Connected || s == nil || !s.Online || s.Pending || told[key] { // a node that joins is still connecting
					continue
				}
				told[key] = true
				rest := "; no other link connects them"
				for _, other := range v.Links {
					if slices.ContainsFunc(other.Peers, func(o facts.LinkPeer) bool { return o.Node == p.Node && o.Connected }) {
						rest = fmt.Sprintf("; link %d still connects them", other.ID)
						break
					}
				}
				found = append(found, plan.Finding{Code: "LINK_DOWN", Severity: plan.Error, Node: v.Node, Object: fmt.Sprintf("link %d", l.ID), Expected: "connected", Seen: p.State,
					Message: fmt.Sprintf("link %d between %s and %s is not connected%s", l.ID, own, p.Node, rest), Fix: "look at that network: corosync-cfgtool -s on both nodes"})
			}
		}
	}
	return answer{seen: j.linksSeen(), found: found}
}

// daemonsSeen names the nodes where not all of them told.
func (j *Judge) daemonsSeen() string {
	if len(j.views) == len(j.Nodes) {
		return "daemons active"
	}
	var names []string
	for _, n := range j.Nodes {
		if slices.ContainsFunc(j.views, func(v NodeStatus) bool { return v.Node == n.Name }) {
			names = append(names, n.Name)
		}
	}
	return "daemons active on " + strings.Join(names, ", ")
}

func (j *Judge) checkDaemons() answer {
	var found []plan.Finding
	boot := "enabled"
	if !j.Playbook.Cluster.Enable {
		boot = "disabled"
	}
	for _, v := range j.views {
		want := map[string]string{"corosync": "active/" + boot, "pacemaker": "active/" + boot, "pcsd": "active/enabled"}
		for _, daemon := range []string{"corosync", "pacemaker", "pcsd"} {
			seen, ok := v.Status.Daemons[daemon]
			if !ok {
				seen = "not shown"
			}
			if seen != want[daemon] {
				found = append(found, plan.Finding{Code: "DAEMON", Severity: plan.Error, Node: v.Node, Object: daemon, Expected: want[daemon], Seen: seen,
					Message: fmt.Sprintf("the daemon %s is %s, not %s", daemon, seen, want[daemon]), Fix: "hadeploy apply, or systemctl status " + daemon})
			}
		}
	}
	return answer{seen: j.daemonsSeen(), found: found}
}
