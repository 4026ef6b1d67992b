package verify

import (
	"fmt"
	"slices"

	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/plan"
)

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
