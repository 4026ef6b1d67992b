package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/inventory"
	"github.com/hadeploy/hadeploy/playbook"
)

// remoteHosts are the hosts of the remote and guest nodes of a playbook, in its
// order: the one with that node_name, else of that name. Where the playbook gives
// no address, the members reach the node at its first link, else at its
// ansible_host. A member is none; the playbook's own check says so.
func remoteHosts(p *playbook.Playbook, inv *inventory.Inventory, members []inventory.Node) (hosts []inventory.Node, list diag.List) {
	for i := range p.Remotes {
		r := &p.Remotes[i]
		fail := func(hint, format string, args ...any) {
			list = append(list, diag.Diagnostic{Pos: r.Pos, Path: fmt.Sprintf("remote_nodes[%d].name", i), Message: fmt.Sprintf(format, args...), Hint: hint})
		}
		at := slices.IndexFunc(inv.Nodes, func(n inventory.Node) bool { return n.NodeName == r.Name })
		if at < 0 {
			fail("add it to the inventory, outside of the hosts of the cluster, with its ansible_host", "the inventory has no host %q, nor one with that node_name", r.Name)
			continue
		}
		found, err := inv.Match(inv.Nodes[at].Name)
		if err != nil {
			var more diag.List
			if !errors.As(err, &more) {
				fail("", "%v", err)
			}
			list = append(list, more...)
			continue
		}
		host := found[0]
		if slices.ContainsFunc(members, func(m inventory.Node) bool { return m.NodeName == r.Name }) {
			continue
		}
		if other := sameHost(append(slices.Clone(members), hosts...), host); other != "" {
			fail("give each its own ansible_host", "%s is also the address of %s", host.Host, other)
			continue
		}
		r.Locate(append(slices.Clone(host.Links), host.Host)[0])
		hosts = append(hosts, host)
	}
	return hosts, list
}

// sameHost is the node that ssh finds at the same place, "" where there is none.
func sameHost(nodes []inventory.Node, host inventory.Node) string {
	for _, n := range nodes {
		if strings.EqualFold(n.Host, host.Host) && n.Port == host.Port {
			return n.Name
		}
	}
	return ""
}
