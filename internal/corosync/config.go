// Package corosync reads, builds, merges and compares corosync.conf, and says
// what each change of it costs a running cluster: a reload that nobody
// notices, or a full stop. It is pure: bytes in, values out.
package corosync

import (
	"slices"
	"strconv"
	"strings"
)

// Config is a corosync.conf. One that was parsed keeps its comments, order
// and spacing, so that writing it back changes only what was changed.
type Config struct {
	root section
	// declared says that the file holds only what a playbook declares (and
	// what a new cluster needs): it was made by Build, not read or merged.
	declared bool
}

// section is one pair of braces, or the file as a whole.
type section struct {
	name        string
	open, close string // the lines as they were read; empty when made here
	entries     []entry
}

type kind uint8

const (
	remark  kind = iota // a comment or an empty line
	setting             // name: value
	group               // a section
)

// entry is one line of a section, or a section inside it.
type entry struct {
	kind        kind
	raw         string // the line as it was read; empty when made here
	name, value string
	sub         *section
	// implied settings belong to a new cluster, but are not declared: a
	// running cluster keeps its own.
	implied bool
}

// Node is one entry of the nodelist.
type Node struct {
	Name string
	ID   uint32 // 0: not given, or not a number
	// Addrs are the addresses by link number; a link the node does not have
	// is empty.
	Addrs [MaxLinks]string
}

// MaxLinks is the most links that knet has (corosync.conf(5), link_mode).
const MaxLinks = 8

// ClusterName is totem.cluster_name, "" when there is none.
func (c *Config) ClusterName() string {
	name, _ := c.Get("totem.cluster_name")
	return name
}

// Transport is totem.transport, with corosync 3's default.
func (c *Config) Transport() string {
	if t, ok := c.Get("totem.transport"); ok {
		return t
	}
	return "knet"
}

// Get returns the setting at a path such as totem.token or
// quorum.device.model. Of repeated settings the last one counts, as in
// corosync. Sections that are lists (node, interface) are not reached.
func (c *Config) Get(path string) (string, bool) {
	names := strings.Split(path, ".")
	secs := []*section{&c.root}
	for _, n := range names[:len(names)-1] {
		secs = children(secs, n)
	}
	return lookup(secs, names[len(names)-1])
}

// Nodes are the entries of the nodelist, in the order of the file.
func (c *Config) Nodes() []Node {
	secs := c.nodeSections()
	out := make([]Node, 0, len(secs))
	for _, s := range secs {
		out = append(out, s.node())
	}
	return out
}

// Links are the link numbers that any node has an address for.
func (c *Config) Links() []int {
	var out []int
	nodes := c.Nodes()
	for i := range MaxLinks {
		if slices.ContainsFunc(nodes, func(n Node) bool { return n.Addrs[i] != "" }) {
			out = append(out, i)
		}
	}
	return out
}

func (c *Config) nodeSections() []*section {
	return children(children([]*section{&c.root}, "nodelist"), "node")
}

func (c *Config) interfaces() []*section {
	return children(children([]*section{&c.root}, "totem"), "interface")
}

// clone is a deep copy.
func (c *Config) clone() *Config {
	return &Config{root: *c.root.clone(), declared: c.declared}
}

func (s *section) clone() *section {
	out := *s
	out.entries = slices.Clone(s.entries)
	for i, e := range out.entries {
		if e.sub != nil {
			out.entries[i].sub = e.sub.clone()
		}
	}
	return &out
}

func (s *section) node() Node {
	var n Node
	n.Name, _ = s.get("name")
	id, _ := s.get("nodeid")
	if v, err := strconv.ParseUint(id, 10, 32); err == nil {
		n.ID = uint32(v)
	}
	for i := range n.Addrs {
		n.Addrs[i], _ = s.get(ringAddr(i))
	}
	return n
}

// link is the number of the link that an interface section is about. Corosync
// takes a section without a number as link 0; ringnumber is its old name.
func (s *section) link() string {
	for _, name := range []string{"linknumber", "ringnumber"} {
		if n, ok := s.get(name); ok {
			return n
		}
	}
	return "0"
}

func ringAddr(link int) string { return "ring" + strconv.Itoa(link) + "_addr" }

func (s *section) get(name string) (string, bool) { return lookup([]*section{s}, name) }

// lookup returns the last setting of that name in the sections.
func lookup(secs []*section, name string) (value string, ok bool) {
	for _, s := range secs {
		for _, e := range s.entries {
			if e.kind == setting && e.name == name {
				value, ok = e.value, true
			}
		}
	}
	return value, ok
}

func children(secs []*section, name string) []*section {
	var out []*section
	for _, s := range secs {
		for _, e := range s.entries {
			if e.kind == group && e.sub.name == name {
				out = append(out, e.sub)
			}
		}
	}
	return out
}

// add appends a setting, as Build makes them.
func (s *section) add(name, value string) {
	s.entries = append(s.entries, entry{kind: setting, name: name, value: value})
}

// imply appends a setting of a new cluster that nobody declared.
func (s *section) imply(name, value string) {
	s.entries = append(s.entries, entry{kind: setting, name: name, value: value, implied: true})
}

// addSection appends an empty section.
func (s *section) addSection(name string) *section {
	sub := &section{name: name}
	s.entries = append(s.entries, entry{kind: group, sub: sub})
	return sub
}

// setIn gives a setting its value: in the section that has it, else behind
// the last setting of the last section. Repetitions are removed, since only
// the last one counts.
func setIn(secs []*section, name, value string) {
	if _, ok := lookup(secs, name); !ok {
		secs[len(secs)-1].insert(entry{kind: setting, name: name, value: value})
		return
	}
	done := false
	for _, s := range slices.Backward(secs) {
		for i := len(s.entries) - 1; i >= 0; i-- {
			e := &s.entries[i]
			switch {
			case e.kind != setting || e.name != name:
			case done:
				s.entries = slices.Delete(s.entries, i, i+1)
			default:
				done = true
				e.value = value
				e.raw = withValue(e.raw, value)
			}
		}
	}
}

// withValue puts a value into a line "name: old" and keeps its spacing.
func withValue(raw, value string) string {
	colon := strings.IndexByte(raw, ':')
	if colon < 0 {
		return ""
	}
	rest := raw[colon+1:]
	space := rest[:len(rest)-len(strings.TrimLeft(rest, " \t"))]
	if strings.TrimSpace(rest) == "" {
		space = " "
	}
	return raw[:colon+1] + space + value
}

// unsetIn removes a setting.
func unsetIn(secs []*section, name string) {
	for _, s := range secs {
		s.entries = slices.DeleteFunc(s.entries, func(e entry) bool {
			return e.kind == setting && e.name == name
		})
	}
}

// insert puts a setting behind the section's last setting.
func (s *section) insert(e entry) {
	at := 0
	for i, x := range s.entries {
		if x.kind == setting {
			at = i + 1
		}
	}
	s.entries = slices.Insert(s.entries, at, e)
}

// remove takes sections out, and the empty line that stood before each.
func (s *section) remove(unwanted func(*section) bool) {
	for i := len(s.entries) - 1; i >= 0; i-- {
		if e := s.entries[i]; e.kind != group || !unwanted(e.sub) {
			continue
		}
		from := i
		if i > 0 && s.entries[i-1].blank() && (i+1 == len(s.entries) || s.entries[i+1].blank()) {
			from--
		}
		s.entries = slices.Delete(s.entries, from, i+1)
		i = from
	}
}

func (e entry) blank() bool { return e.kind == remark && strings.TrimSpace(e.raw) == "" }

// UsesAuthkey reports whether Corosync encrypts or signs, and so reads its key
// from /etc/corosync/authkey (exec/totemconfig.c, totem_get_crypto).
func (c *Config) UsesAuthkey() bool {
	cipher, hash := "none", "none"
	if on, _ := c.Get("totem.secauth"); on == "on" {
		cipher, hash = "aes256", "sha256"
	}
	if v, ok := c.Get("totem.crypto_cipher"); ok {
		cipher = v
	}
	if v, ok := c.Get("totem.crypto_hash"); ok {
		hash = v
	}
	_, inFile := c.Get("totem.key")
	_, elsewhere := c.Get("totem.keyfile")
	return (cipher != "none" || hash != "none") && !inFile && !elsewhere
}
