package pcs

import (
	"slices"
	"strings"
)

// nodeBlock reads `pcs status nodes [corosync|both|config]`:
//
//	Pacemaker Nodes:
//	 Online: n1 n2
//	 Standby:
//	 Standby with resource(s) running:
//	 Maintenance:
//	 Offline:
//	Pacemaker Remote Nodes:
type nodeBlock struct {
	seen   bool
	kind   string // "" in the list of corosync
	lists  int    // of the open block
	blocks int
	names  bool     // names without a state were listed
	offEnd bool     // the open block had its Offline list
	keys   []string // of the lists in the open block
	before []string // and in the one before
	odd    bool     // a block has not the lists that it must have
}

func (b *nodeBlock) open(headline string) {
	b.close()
	b.seen = true
	b.blocks++
	b.lists, b.offEnd = 0, false
	switch strings.ToLower(headline) {
	case "pacemaker nodes:":
		b.kind = Member
	case "pacemaker remote nodes:":
		b.kind = Remote
	default:
		b.kind = ""
	}
}

// close ends a block: it has each list once, and those of two blocks of
// Pacemaker are the same.
func (b *nodeBlock) close() {
	if b.keys != nil {
		has := func(key string) bool { return slices.Contains(b.keys, key) }
		b.odd = b.odd || !has("Online") || !has("Offline") || b.kind != "" && !has("Standby") ||
			b.kind != "" && b.before != nil && !slices.Equal(b.keys, b.before)
	}
	if b.before = nil; b.kind != "" {
		b.before = b.keys
	}
	b.keys = nil
}

func (b *nodeBlock) line(r *reader, ln line) bool {
	key, value, ok := strings.Cut(ln.s, ":")
	if !ok { // config: only names
		if b.lists > 0 || strings.ContainsAny(ln.s, "[]()") {
			return false
		}
		b.names = true
		for _, name := range strings.Fields(ln.s) {
			b.node(r, name)
		}
		return true
	}
	names := strings.Fields(value)
	if list, rest, ok := cutList(strings.TrimSpace(value)); ok && rest == "" { // pcs before 0.9.40
		names = list
	}
	b.lists++
	b.odd = b.odd || slices.Contains(b.keys, key)
	b.keys = append(b.keys, key)
	var set func(*Node)
	switch key {
	case "Online":
		set = func(n *Node) { n.Online = true }
	case "Standby", "Standby with resource(s) running":
		set = func(n *Node) { n.Online, n.Standby = true, true }
	case "Maintenance":
		set = func(n *Node) { n.Online, n.Maintenance = true, true }
	case "Offline":
		b.offEnd = true
		set = func(n *Node) { n.Online = false }
	default:
		return false
	}
	for _, name := range names {
		if n := b.node(r, name); n != nil {
			n.NotTold = false
			set(n)
		}
	}
	return true
}

// node finds or adds a node of the open block. What Pacemaker says counts
// more than what corosync says.
func (b *nodeBlock) node(r *reader, name string) *Node {
	i, ok := r.nodes[name]
	if !ok {
		i = len(r.st.Nodes)
		r.nodes[name] = i
		r.st.Nodes = append(r.st.Nodes, Node{Name: name, Kind: Member, NotTold: true})
	}
	n := &r.st.Nodes[i]
	if b.kind == Remote {
		n.Kind = Remote
	}
	if b.kind == "" && ok {
		return nil
	}
	if b.kind != "" && b.blocks > 1 && b.lists == 1 {
		n.Online = false // forget corosync's view
	}
	return n
}

func (b *nodeBlock) finish(r *reader) {
	ended := b.offEnd
	b.close()
	if b.names {
		r.st.missing("only the names of the nodes are listed, not their state; give the output of pcs status")
	} else if !ended {
		r.st.missing("line %d: the text ends before the list of offline nodes", r.last.no)
	} else if b.odd {
		r.st.missing("the lists of the nodes are not those that pcs status nodes prints: was a line lost?")
	}
}
