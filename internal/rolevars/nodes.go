package rolevars

import (
	"net"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/plural"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
	"github.com/hadeploy/hadeploy/internal/yamlout"
)

const inventoryHead = "Of ha_cluster_node_options, as no inventory was given with -i. All members have to stand here; how ssh\nreaches them, such as ansible_user, may have to be added."

// inventory says where the nodes are. One that was given is named and stays as it
// is; without one, the nodes are those of ha_cluster_node_options.
func (r *reader) inventory() {
	if r.o.Inventory != nil {
		r.m.SetText("inventory", r.o.Path)
		r.m.SetText("hosts", r.hosts)
		return
	}
	hosts := yamlout.NewMap()
	for _, entry := range r.nodeOptions() {
		name := entry.get("node_name").text()
		if name == "" || !plainName(name) {
			continue
		}
		host := yamlout.NewMap()
		links := entry.links()
		address := entry.get("pcs_address").text()
		if bare, _, err := net.SplitHostPort(address); err == nil {
			address = bare
		}
		if address == "" && len(links) > 0 {
			address = links[0]
		}
		if address != name {
			host.SetText("ansible_host", address)
		}
		host.Set("links", yamlout.Texts(links...))
		node := host.Node()
		if node == nil {
			node = yamlout.Empty()
		}
		hosts.Set(name, entry.mark(node))
	}
	if hosts.Len() > 0 {
		all := yamlout.NewMap().Set("all", yamlout.NewMap().Set("hosts", hosts.Node()).Node())
		if r.o.Beside {
			r.members = all
			r.m.SetText("inventory", "inventory.yaml")
			return
		}
		r.m.Set("inventory", all.Node())
		r.m.Comment("inventory", inventoryHead)
		return
	}
	r.m.SetText("hosts", r.hosts)
}

// plainName reports whether a name is one host of an inventory, and no range.
func plainName(name string) bool { return !strings.ContainsAny(name, "[]{}:,/ ") }

// links are the addresses of an entry that Corosync has.
func (v value) links() (links []string) {
	for _, item := range v.get("corosync_addresses").items() {
		if text := item.text(); text != "" {
			links = append(links, text)
		}
	}
	return links
}

// sbdKeys are of sbd, which hadeploy does not set up.
var sbdKeys = []string{"sbd_watchdog", "sbd_watchdog_modules", "sbd_watchdog_modules_blocklist", "sbd_devices"}

var nodeKeys = append([]string{"node_name", "pcs_address", "corosync_addresses", "attributes", "utilization"}, sbdKeys...)

// nodeOptions are the entries of ha_cluster_node_options that are mappings.
func (r *reader) nodeOptions() (out []value) {
	for _, entry := range r.variable("ha_cluster_node_options").items() {
		if entry.n.Kind == yamldoc.Map {
			out = append(out, entry)
		}
	}
	return out
}

// nodes are attributes and utilization of nodes. Addresses are the inventory's.
func (r *reader) nodeSection() *yamlout.Node {
	m := yamlout.NewMap()
	var sbd []value
	var names []string
	for _, entry := range r.variable("ha_cluster_node_options").objects(nodeKeys...) {
		name := entry.get("node_name").text()
		switch {
		case name == "":
			r.leave(diag.Error, entry, "add node_name", "it is not said which node this is of: it is left out")
			continue
		case slices.Contains(names, name):
			r.leave(diag.Error, entry.get("node_name"), "write them into one entry", "%s has an entry already, and the role refuses a second: it is left out", name)
			continue
		}
		names = append(names, name)
		r.known(name, entry)
		node := yamlout.NewMap()
		node.Set("attributes", r.settings(entry.get("attributes").set()).Node())
		node.Set("utilization", r.settings(entry.get("utilization").set()).Node())
		if node.Len() > 0 {
			m.Set(name, entry.mark(node.Node()))
		}
		for _, key := range sbdKeys {
			if v := entry.get(key); v.given() && !v.empty() {
				sbd = append(sbd, v)
			}
		}
	}
	if own := r.variable("ha_cluster"); own.given() {
		r.leave(diag.Warning, own, "it belongs to a host of the inventory, in host_vars for instance", "the variable ha_cluster is of one host: hadeploy reads it in the inventory")
	}
	if len(sbd) > 0 {
		r.leave(diag.Error, sbd[0], "set it up by hand on each node; hadeploy leaves sbd as it is", "hadeploy does not set up sbd: %s of nodes %s left out", plural.Of(len(sbd), "setting"), isAre(len(sbd)))
	}
	return m.Node()
}

func isAre(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

func (v value) empty() bool { return v.n.Kind == yamldoc.Seq && len(v.n.Items) == 0 }

// known holds an entry against the inventory, which is not rewritten.
func (r *reader) known(name string, entry value) {
	if len(r.nodes) == 0 {
		return
	}
	var members []string
	for _, n := range r.nodes {
		members = append(members, n.NodeName)
	}
	i := slices.Index(members, name)
	if i < 0 {
		r.leave(diag.Error, entry.get("node_name"), diag.DidYouMean(name, members), "the inventory has no node %s among the hosts of the cluster; the role would refuse it", name)
		return
	}
	node := r.nodes[i]
	if links := entry.links(); len(links) > 0 && !slices.Equal(links, node.Links) {
		r.leave(diag.Error, entry.get("corosync_addresses"), "give the host "+node.Name+" of the inventory links: ["+strings.Join(links, ", ")+"]",
			"the inventory has other addresses of %s for Corosync, and is not changed", name)
	}
	pcs := entry.get("pcs_address")
	address, port, err := net.SplitHostPort(pcs.text())
	if err != nil {
		address, port = pcs.text(), "2224"
	}
	if pcs.given() && (port != "2224" || address != node.Host && !slices.Contains(node.Links, address)) {
		r.leave(diag.Warning, pcs, "", "is not used: nodes reach each other's pcsd at link 0, port 2224")
	}
}
