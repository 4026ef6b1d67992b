package pcs

import "strings"

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
	names  bool // names without a state were listed
	offEnd bool // the open block had its Offline list
}

func (b *nodeBlock) open(headline string) {
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
		r.st.Nodes = append(r.st.Nodes, Node{Name: name, Kind: Member})
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
	if b.names {
		r.st.missing("only the names of the nodes are listed, not their state")
	} else if !b.offEnd {
		r.st.missing("line %d: the text ends before the list of offline nodes", r.last.no)
	}
}
