package corosync

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// Merge returns the file that a live cluster gets so that it has what want
// (made by Build) declares. It is live with the least changed: comments,
// layout, settings that want does not name, other sections, members that want
// does not have, and every node's id stay as they are. New members get the
// lowest ids that are free. What belongs to a new cluster without being
// declared (encryption, logging) is left as it is too.
//
// A nil live is a cluster that does not exist yet: it gets want itself. The
// error says which declaration cannot be put into live.
func Merge(live, want *Config) (*Config, error) {
	if live == nil {
		out := want.clone()
		out.declared = false
		return out, nil
	}
	out := live.clone()
	out.declared = false
	for _, e := range want.root.entries {
		if e.kind != group {
			continue
		}
		switch e.sub.name {
		case "nodelist":
			if err := out.mergeNodes(want); err != nil {
				return nil, err
			}
		default:
			out.mergeSettings(e.sub)
		}
	}
	out.mergeInterfaces(want)
	out.dropUnusedLinks(live)
	if err := out.membershipChanged(live); err != nil {
		return nil, err
	}
	return out, nil
}

// Membership tells by name which nodes want has and live has not, and the
// other way round, each in its file's order. A nil live has none.
func Membership(live, want *Config) (added, removed []string) {
	if live == nil {
		live = &Config{}
	}
	only := func(a, b *Config) (out []string) {
		for _, n := range a.Nodes() {
			if b.findNode(n) == nil {
				out = append(out, n.Name)
			}
		}
		return out
	}
	return only(want, live), only(live, want)
}

// mergeSettings sets what a top-level section declares.
func (c *Config) mergeSettings(want *section) {
	for _, e := range want.entries {
		if e.kind == setting && !e.implied {
			setIfOther(c.ensure(want.name), want.name+"."+e.name, e.name, e.value)
		}
	}
}

// setIfOther leaves a setting alone that already has the same effect.
func setIfOther(secs []*section, path, name, value string) {
	old, ok := lookup(secs, name)
	if !ok {
		in := func(path string) (string, bool) { _, name := split(path); return lookup(secs, name) }
		if old, ok = absentOf(path, in); !ok {
			setIn(secs, name, value)
			return
		}
	}
	if !same(name, old, value) {
		setIn(secs, name, value)
	}
}

// ensure returns the top-level sections of that name; there is at least one.
func (c *Config) ensure(name string) []*section {
	secs := children([]*section{&c.root}, name)
	if len(secs) == 0 {
		secs = []*section{c.root.addSection(name)}
	}
	return secs
}

func (c *Config) mergeInterfaces(want *Config) {
	for _, w := range want.interfaces() {
		var mine []*section
		for _, s := range c.interfaces() {
			if same("linknumber", s.link(), w.link()) {
				mine = append(mine, s)
			}
		}
		if len(mine) == 0 {
			totem := c.ensure("totem")
			totem[len(totem)-1].entries = append(totem[len(totem)-1].entries, entry{kind: group, sub: w.clone()})
			continue
		}
		for _, e := range w.entries {
			if e.kind == setting && e.name != "linknumber" {
				setIfOther(mine, "totem.interface."+e.name, e.name, e.value)
			}
		}
	}
}

// dropUnusedLinks removes the options of links that live used and that no
// member has any more, as pcs does when it removes a link.
func (c *Config) dropUnusedLinks(live *Config) {
	kept := c.Links()
	for _, link := range live.Links() {
		if slices.Contains(kept, link) {
			continue
		}
		for _, totem := range children([]*section{&c.root}, "totem") {
			totem.remove(func(s *section) bool {
				return s.name == "interface" && same("linknumber", s.link(), strconv.Itoa(link))
			})
		}
	}
}

func (c *Config) mergeNodes(want *Config) error {
	for _, n := range want.Nodes() {
		s := c.findNode(n)
		if s == nil {
			s = c.newNode()
		}
		one := []*section{s}
		for i, addr := range n.Addrs {
			if addr == "" {
				unsetIn(one, ringAddr(i))
			} else {
				setIfOther(one, "", ringAddr(i), addr)
			}
		}
		if name, named := s.get("name"); named && name != "" || n.Addrs[0] != n.Name {
			setIfOther(one, "", "name", n.Name)
		} // else Pacemaker calls it so by its address
		if _, ok := s.get("nodeid"); !ok {
			setIn(one, "nodeid", strconv.Itoa(c.freeID()))
		}
	}
	return c.checkAddrs(want)
}

// findNode finds a member by its name or, where one of the two has no name
// (which corosync allows), by the address of a link.
func (c *Config) findNode(want Node) *section {
	secs := c.nodeSections()
	if i := slices.IndexFunc(secs, func(s *section) bool { return s.node().is(want) }); i >= 0 {
		return secs[i]
	}
	return nil
}

// is reports whether n and m are the same member.
func (n Node) is(m Node) bool {
	if n.Name != "" && m.Name != "" {
		return n.Name == m.Name
	}
	for i, a := range n.Addrs {
		if a != "" && same(ringAddr(i), a, m.Addrs[i]) {
			return true
		}
	}
	return n.Name == m.Name && n.Addrs == m.Addrs
}

func (c *Config) newNode() *section {
	lists := c.ensure("nodelist")
	return lists[len(lists)-1].addSection("node")
}

func (c *Config) freeID() int {
	used := map[uint32]bool{}
	for _, n := range c.Nodes() {
		used[n.ID] = true
	}
	for id := uint32(1); ; id++ {
		if !used[id] {
			return int(id)
		}
	}
}

// checkAddrs refuses an address that two members would have, as happens when a
// member is declared under another name.
func (c *Config) checkAddrs(want *Config) error {
	owner := map[string]string{}
	declared := map[string]bool{}
	for _, n := range want.Nodes() {
		declared[n.Name] = true
	}
	for _, n := range c.Nodes() {
		for _, a := range n.Addrs {
			other, taken := owner[a]
			switch {
			case a == "":
			case !taken:
				owner[a] = n.Name
			case declared[n.Name] && !declared[other], declared[other] && !declared[n.Name]:
				old, new := other, n.Name
				if declared[other] {
					old, new = n.Name, other
				}
				return fmt.Errorf("address %s is node %s's in the running cluster %q, and the inventory gives it to %s; "+
					"a member cannot be renamed: set node_name: %s, or remove %s from the cluster first",
					a, old, c.ClusterName(), new, old, old)
			default:
				return fmt.Errorf("address %s would be both %s's and %s's in cluster %q", a, other, n.Name, c.ClusterName())
			}
		}
	}
	return nil
}

// membershipChanged brings in order what follows from the number of members.
func (c *Config) membershipChanged(live *Config) error {
	added, removed := Membership(live, c)
	if v, ok := c.Get("quorum.expected_votes"); ok && len(added)+len(removed) > 0 {
		return fmt.Errorf("corosync.conf of cluster %q sets quorum.expected_votes: %s, which overrides the number of members "+
			"and would be wrong for %d; remove that line on every node first (corosync counts by itself)",
			c.ClusterName(), v, len(c.Nodes()))
	}
	quorum := c.ensure("quorum")
	tie, _ := lookup(quorum, "auto_tie_breaker")
	device := len(children(quorum, "device")) > 0
	old, _ := lookup(quorum, "two_node")
	switch two := len(c.Nodes()) == 2 && tie != "1" && !device; {
	case two:
		setIfOther(quorum, "quorum.two_node", "two_node", "1")
	case old != "" && old != "0":
		unsetIn(quorum, "two_node")
	}
	return nil
}

// absent are the values that corosync 3 takes for a setting that is not there,
// where writing it down changes nothing.
var absent = map[string]string{
	"totem.transport":     "knet",
	"totem.crypto_cipher": "none",
	"totem.crypto_hash":   "none",
	"quorum.two_node":     "0",
}

// absentOf is the value of a setting that is not there, beside the others of its
// section: secauth, of corosync 2, says of both that matter what they are
// (exec/totemconfig.c, totem_get_crypto).
func absentOf(path string, get func(path string) (string, bool)) (string, bool) {
	if on, _ := get("totem.secauth"); on == "on" {
		switch path {
		case "totem.crypto_cipher":
			return "aes256", true
		case "totem.crypto_hash":
			return "sha256", true
		}
	}
	value, known := absent[path]
	return value, known
}

// same reports whether corosync reads both values as the same one.
func same(name, a, b string) bool {
	if a == b {
		return true
	}
	if integers[name] {
		x, errX := strconv.ParseInt(a, 10, 64)
		y, errY := strconv.ParseInt(b, 10, 64)
		return errX == nil && errY == nil && x == y
	}
	if strings.HasPrefix(name, "ring") && strings.HasSuffix(name, "_addr") {
		x, errX := netip.ParseAddr(a)
		y, errY := netip.ParseAddr(b)
		return errX == nil && errY == nil && x == y
	}
	return false
}
