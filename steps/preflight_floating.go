package steps

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/playbook"
)

// checkFloating looks at the addresses that are to float to the node: whether it
// has a network for each, and whether it has one of them itself.
func checkFloating(t *Target, n *Node) (found []plan.Finding) {
	if len(n.Facts.Host.Addresses) == 0 {
		return nil
	}
	known := t.knownCIB()
	for _, p := range t.Playbook.Addresses() {
		ip, ok := p.Address()
		if !ok {
			continue
		}
		if f, ok := noNetwork(n, p, ip); ok {
			found = append(found, f)
		}
		has := slices.ContainsFunc(n.Facts.Host.Addresses, func(a netip.Prefix) bool { return a.Addr() == ip })
		switch {
		case slices.Contains(n.Facts.Host.Resolves[n.NodeName], ip):
			found = append(found, plan.Finding{Code: "VIP_ON_NODE", Severity: plan.Error, Node: n.Name, Object: p.ID,
				Message: fmt.Sprintf("%s of %s is what the name %s resolves to: it is the node's own, and the node would lose it when %s moves", ip, p.ID, n.NodeName, p.ID),
				Fix:     "give the service an address of its own, which no machine has"})
		case has && (known == nil || !known.HoldsAddress(ip)):
			found = append(found, plan.Finding{Code: "VIP_ON_NODE", Severity: plan.Warning, Node: n.Name, Object: p.ID,
				Message: fmt.Sprintf("%s of %s is on an interface already, and no resource of the cluster has put it there: once %s has moved, two nodes may answer on it", ip, p.ID, p.ID),
				Fix:     "remove it from the node's own network configuration, or correct options.ip"})
		}
	}
	return found
}

// noNetwork reports a node without a network for an address. IPaddr2 asks the
// routing table for the interface and the length of the network, unless it is
// given both nic and cidr_netmask; a shorter length than that of the node's
// network finds no route either (tried with resource-agents 4.12).
func noNetwork(n *Node, p *playbook.Primitive, ip netip.Addr) (plan.Finding, bool) {
	_, hasNIC := p.Options.Get("nic")
	mask, hasMask := p.Options.Get("cidr_netmask")
	if hasNIC && hasMask {
		return plan.Finding{}, false
	}
	bits, err := strconv.Atoi(mask.Text)
	if err != nil { // not given, or written as 255.255.255.0
		bits = ip.BitLen()
	}
	inside := false
	for _, net := range n.Facts.Host.Addresses {
		if net.Addr().IsLoopback() || !net.Masked().Contains(ip) {
			continue
		}
		if net.Bits() <= bits {
			return plan.Finding{}, false
		}
		inside = true
	}
	f := plan.Finding{Code: "VIP_NO_NETWORK", Severity: plan.Warning, Node: n.Name, Object: p.ID,
		Message: fmt.Sprintf("%s of %s is in none of its networks (%s); IPaddr2 fails to start here unless there is a route for it on an interface", ip, p.ID, joinAddrs(n.Facts.Host.Addresses)),
		Fix:     "correct options.ip, or give both options.nic and options.cidr_netmask"}
	if inside {
		f.Message = fmt.Sprintf("%s/%d of %s is a larger network than the node's own (%s); IPaddr2 finds no route for it and fails to start here", ip, bits, p.ID, joinAddrs(n.Facts.Host.Addresses))
		f.Fix = "correct options.cidr_netmask; without it the agent takes that of the node's network"
	}
	return f, true
}

func joinAddrs(ps []netip.Prefix) string {
	var out []string
	for _, p := range ps {
		if !p.Addr().IsLoopback() && !p.Addr().IsLinkLocalUnicast() {
			out = append(out, p.String())
		}
	}
	if out == nil {
		return "it has no address"
	}
	return strings.Join(out, ", ")
}
