package verify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/plan"
)

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

// partition are the views of the nodes that see the same cluster as the one
// that is believed.
func (j *Judge) partition() []NodeStatus {
	return slices.DeleteFunc(slices.Clone(j.views), func(v NodeStatus) bool {
		return v.Status.DC != j.st.DC || v.Status.Quorum != j.st.Quorum
	})
}
