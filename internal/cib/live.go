package cib

import (
	"net/netip"
	"strings"

	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/internal/pacemaker"
)

// FailCount is how often a resource failed on a node since its last cleanup,
// all operations taken together: a number, or INFINITY.
type FailCount struct{ Resource, Node, Count string }

// FailCounts lists the fail counts that are not zero. An instance of a clone
// stands under its id without the number, as Pacemaker counts it.
func (c *CIB) FailCounts() (list []FailCount) {
	c.transient(func(node, name, value string) {
		rest, ok := strings.CutPrefix(name, "fail-count-")
		count, number := pacemaker.Score(value)
		if !ok || !number || count <= 0 {
			return
		}
		// Since 1.1.17 the operation follows: fail-count-vip#monitor_10000.
		id, _, _ := strings.Cut(rest, "#")
		id, _, _ = strings.Cut(id, ":")
		for i := range list {
			if list[i].Resource == id && list[i].Node == node {
				before, _ := pacemaker.Score(list[i].Count)
				list[i].Count = pacemaker.ScoreText(before + count)
				return
			}
		}
		list = append(list, FailCount{id, node, pacemaker.ScoreText(count)})
	})
	return list
}

// HealthOf lists the health attributes of a node that are not green, as
// "#health-disk=red".
func (c *CIB) HealthOf(node string) (bad []string) {
	add := func(of, name, value string) {
		n, number := pacemaker.Score(value)
		if of == node && strings.HasPrefix(name, "#health") && value != "" && value != "green" && !(number && n >= 0) {
			bad = append(bad, name+"="+value)
		}
	}
	c.transient(add)
	for _, n := range children(c.section("nodes"), "node") {
		for _, set := range plainSets(n, "instance_attributes") {
			for _, nv := range children(set, "nvpair") {
				add(attr(n, "uname"), attr(nv, "name"), attr(nv, "value"))
			}
		}
	}
	return bad
}

// FeatureSets is the feature set of each node that has stored one, which
// Pacemaker's nodes do from 2.1.5 on.
func (c *CIB) FeatureSets() map[string]string {
	sets := map[string]string{}
	c.transient(func(node, name, value string) {
		if name == "#feature-set" {
			sets[node] = value
		}
	})
	return sets
}

// TicketGranted reports whether this site holds the ticket and is not in
// standby for it.
func (c *CIB) TicketGranted(id string) bool {
	status := c.root().SelectElement("status")
	if status == nil {
		return false
	}
	for _, t := range children(status.SelectElement("tickets"), "ticket_state") {
		if attr(t, "id") == id {
			return attr(t, "granted") == "true" && attr(t, "standby") != "true"
		}
	}
	return false
}

// transient visits the attributes that nodes have until they restart.
func (c *CIB) transient(visit func(node, name, value string)) {
	for _, state := range children(c.root().SelectElement("status"), "node_state") {
		walk(state.SelectElement("transient_attributes"), func(e *etree.Element) {
			if e.Tag == "nvpair" {
				visit(attr(state, "uname"), attr(e, "name"), attr(e, "value"))
			}
		})
	}
}

// Remotes are the ids of the resources that stand for remote nodes, and of those
// that hold a guest node: Pacemaker reaches these with its key.
func (c *CIB) Remotes() (ids []string) {
	walk(c.section("resources"), func(e *etree.Element) {
		remote := e.Tag == "primitive" && attr(e, "provider") == "pacemaker" && attr(e, "type") == "remote"
		for _, nv := range e.FindElements("meta_attributes/nvpair") {
			remote = remote || attr(nv, "name") == "remote-node" && attr(nv, "value") != ""
		}
		if remote || e.Tag == "bundle" && e.SelectElement("primitive") != nil {
			ids = append(ids, attr(e, "id"))
		}
	})
	return ids
}

// RemoteNodes are the names of the remote and guest nodes that resources make.
func (c *CIB) RemoteNodes() (names []string) {
	walk(c.section("resources"), func(e *etree.Element) {
		if e.Tag != "primitive" {
			return
		}
		if attr(e, "provider") == "pacemaker" && attr(e, "type") == "remote" {
			names = append(names, attr(e, "id"))
		}
		for _, nv := range e.FindElements("meta_attributes/nvpair") {
			if attr(nv, "name") == "remote-node" && attr(nv, "value") != "" {
				names = append(names, attr(nv, "value"))
			}
		}
	})
	return names
}

// HoldsAddress reports whether an option of a resource is that address, however
// it is written: then it is the cluster that sets it up.
func (c *CIB) HoldsAddress(ip netip.Addr) (holds bool) {
	walk(c.section("resources"), func(e *etree.Element) {
		if e.Tag != "nvpair" {
			return
		}
		text, _, _ := strings.Cut(attr(e, "value"), "/")
		if a, err := netip.ParseAddr(text); err == nil && a == ip {
			holds = true
		}
	})
	return holds
}
