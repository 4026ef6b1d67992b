package steps

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/inventory"
	"github.com/hadeploy/hadeploy/playbook"
)

// BasisOf is what the files say that a plan is made from: remotes are the hosts of
// remote and guest nodes, vars those of -e.
func BasisOf(p *playbook.Playbook, nodes, remotes []inventory.Node, vars map[string]string) plan.Basis {
	b := plan.Basis{Playbook: p.Digests(), Files: p.FileDigests(), Vars: map[string]string{}}
	for _, n := range nodes {
		b.Members = append(b.Members, plan.Member{Name: n.Name, NodeName: n.NodeName, Links: linksOf(n)})
	}
	for _, n := range remotes {
		r := plan.Member{Name: n.Name, NodeName: n.NodeName}
		for i := range p.Remotes {
			if p.Remotes[i].Name == n.NodeName {
				r.Links = []string{p.Remotes[i].Address()}
			}
		}
		b.Remotes = append(b.Remotes, r)
	}
	for _, name := range slices.Sorted(maps.Keys(vars)) {
		if p.HoldsSecret(vars[name]) {
			b.SecretVars = append(b.SecretVars, name)
		} else {
			b.Vars[name] = vars[name]
		}
	}
	return b
}

// corosyncSeen is what plan.Basis.Corosync holds. A file with the cluster's key
// in it has no sum there.
func corosyncSeen(nodes []*Node) map[string]string {
	out := map[string]string{}
	for _, n := range nodes {
		if n.Facts.Corosync.Config == nil {
			continue
		}
		if _, secret := n.Facts.Corosync.Config.Get("totem.key"); !secret {
			sum := sha256.Sum256(n.Facts.Corosync.Text)
			out[n.Name] = hex.EncodeToString(sum[:])
		}
	}
	return out
}
