package inventory

import (
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// roleVars is what an inventory of linux-system-roles.ha_cluster says of a
// node.
// Source: the role's README, "Nodes' names and addresses" and
// "ha_cluster_node_options".
type roleVars struct {
	name          setting
	own, pcs      setting
	nodeOptions   setting
	optionEntries []*yamldoc.Node
}

// roleKeys are what of the role's entry of a node concerns hadeploy.
var roleKeys = []string{"node_name", "corosync_addresses", "pcs_address"}

// onlyAddresses is the role's variable without what does not concern hadeploy,
// such as devices of SBD.
func onlyAddresses(n *yamldoc.Node) *yamldoc.Node {
	out := *n
	switch n.Kind {
	case yamldoc.Map:
		out.Fields = nil
		for _, f := range n.Fields {
			if slices.Contains(roleKeys, f.Key) {
				out.Fields = append(out.Fields, f)
			}
		}
	case yamldoc.Seq:
		out.Items = nil
		for _, item := range n.Items {
			out.Items = append(out.Items, onlyAddresses(item))
		}
	case yamldoc.Null, yamldoc.Scalar:
	}
	return &out
}

// haCluster reads the role's variables.
func (r *reader) haCluster() (role roleVars) {
	if s, ok := r.pick("ha_cluster"); ok {
		get := func(key string) setting {
			f := s.Value.Field(key)
			if f == nil || f.Value.IsNull() {
				return setting{}
			}
			return setting{f, s.path.Key(key), s.from}
		}
		role.name, role.own, role.pcs = get("node_name"), get("corosync_addresses"), get("pcs_address")
	}
	if s, ok := r.pick("ha_cluster_node_options"); ok {
		role.nodeOptions, role.optionEntries = s, s.Value.Items
	}
	return role
}

// addresses are those that the role gives Corosync for a node.
func (role *roleVars) addresses(r *reader, node string) (setting, bool) {
	found := role.own
	for i, entry := range role.optionEntries {
		f := entry.Field("corosync_addresses")
		if name := entry.Get("node_name"); name == nil || name.Text != node || f == nil || f.Value.IsNull() {
			continue
		}
		s := setting{f, role.nodeOptions.path.Index(i).Key(f.Key), role.nodeOptions.from}
		if list := foreign(s, s.Value); list != nil {
			r.list = append(r.list, list...)
			continue
		}
		if s.Value.Kind != yamldoc.Seq {
			r.fail(s, "", "must be a list")
			continue
		}
		if found.Field != nil && !sameTexts(found.Value, s.Value) {
			r.fail(s, "keep one of them, or set links", "these are other addresses than %s has", found.path)
		}
		found = s
	}
	return found, found.Field != nil
}

func sameTexts(a, b *yamldoc.Node) bool {
	return slices.EqualFunc(a.Items, b.Items, func(x, y *yamldoc.Node) bool { return x.Text == y.Text })
}

// pcsAddress says when the role would reach pcsd at another address than
// hadeploy, which takes link 0.
func (r *reader) pcsAddress(n Node) {
	role := r.haCluster()
	s := role.pcs
	for i, entry := range role.optionEntries {
		if name, f := entry.Get("node_name"), entry.Field("pcs_address"); name != nil && name.Text == n.NodeName && f != nil && !f.Value.IsNull() {
			s = setting{f, role.nodeOptions.path.Index(i).Key(f.Key), role.nodeOptions.from}
		}
	}
	if s.Field == nil {
		return
	}
	address, port := cutPort(s.Value.Text)
	link := n.addresses()[0]
	if strings.EqualFold(address, link) && (port == "" || port == "2224") {
		return
	}
	r.warn(s, "to have it at another address, put that first into links", "is not used: nodes reach each other's pcsd at link 0, here %s, port 2224", link)
}
