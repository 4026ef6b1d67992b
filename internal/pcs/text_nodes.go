package pcs

import "strings"

// nodeLists are the headlines of lists of nodes that have nothing special.
// Guests that are off are in no list.
var nodeLists = map[string]struct {
	kind   string
	online bool
}{
	"Online":        {Member, true},
	"OFFLINE":       {Member, false},
	"RemoteOnline":  {Remote, true},
	"RemoteOFFLINE": {Remote, false},
	"GuestOnline":   {Guest, true},
	"GuestOFFLINE":  {Guest, false},
	"Containers":    {Guest, true}, // 1.1.11 to 1.1.13
}

var nodeKinds = map[string]string{
	"Node":          Member,
	"RemoteNode":    Remote,
	"GuestNode":     Guest,
	"ContainerNode": Guest, // 1.1.11 to 1.1.13
}

// nodeLine reads "Online: [ n1 n2 ]" or "Node n3 (3): standby".
func (r *reader) nodeLine(ln line) bool {
	if key, value, ok := strings.Cut(ln.s, ":"); ok {
		if list, ok := nodeLists[key]; ok {
			if r.behindResources() && r.another(ln) {
				return true
			}
			r.by.end()
			return r.nodeList(list.kind, list.online, strings.TrimSpace(value))
		}
	}
	word, rest := cutWord(ln.s)
	kind, ok := nodeKinds[word]
	if !ok {
		return false
	}
	rest = strings.TrimSuffix(rest, ":") // its resources follow
	i := strings.LastIndex(rest, ": ")
	if i <= 0 {
		return false
	}
	n := Node{Kind: kind}
	if !n.mode(strings.TrimSpace(rest[i+2:])) {
		return false
	}
	name, id := cutWord(rest[:i])
	if in, more, ok := cutParens(id); ok && more == "" {
		n.ID = in
	} else if id != "" {
		return false
	}
	n.setName(name)
	if r.behindResources() && r.another(ln) {
		return true
	}
	r.addNode(n)
	r.by.begin(n.Name, ln.indent)
	return true
}

// behindResources tells that a line about nodes would be one of another status:
// they always stand before the resources.
func (r *reader) behindResources() bool {
	return len(r.st.Resources) > 0 && len(r.st.Nodes) > 0 && r.by.line == 0
}

func (r *reader) nodeList(kind string, online bool, value string) bool {
	names, rest, ok := cutList(value)
	if !ok || rest != "" {
		return false
	}
	for i := 0; i < len(names); i++ {
		n := Node{Kind: kind, Online: online}
		n.setName(names[i])
		if i+1 < len(names) && len(names[i+1]) > 2 && names[i+1][0] == '(' && strings.HasSuffix(names[i+1], ")") {
			i++ // --full: n1 (1) n2 (2)
			n.ID = names[i][1 : len(names[i])-1]
		}
		r.addNode(n)
	}
	return true
}

// setName takes the host off a guest's name: name@host, and name:container
// until 1.1.13, in 1.1.10 among the members.
func (n *Node) setName(name string) {
	n.Name = name
	if n.Kind == Member && strings.Count(name, ":") == 1 {
		n.Kind = Guest
	}
	if n.Kind != Guest {
		return
	}
	if i := strings.LastIndexByte(name, '@'); i > 0 {
		n.Name, n.Host = name[:i], name[i+1:]
	} else if i := strings.IndexByte(name, ':'); i > 0 {
		n.Name, n.Container = name[:i], name[i+1:]
	}
}

// mode reads the state that stands behind a single node.
func (n *Node) mode(s string) bool {
	if i := strings.Index(s, ", feature set "); i >= 0 {
		s, n.FeatureSet = s[:i], s[i+len(", feature set "):]
	}
	if i := strings.Index(s, " (health is "); i >= 0 {
		switch s[i:] {
		case " (health is RED)":
			n.Health = "red"
		case " (health is YELLOW)":
			n.Health = "yellow"
		case " (health is GREEN)":
			n.Health = "green"
		default:
			return false
		}
		s = s[:i]
	}
	switch s {
	case "online":
		n.Online = true
	case "OFFLINE":
	case "UNCLEAN (online)":
		n.Unclean, n.Online = true, true
	case "UNCLEAN (offline)":
		n.Unclean = true
	case "UNCLEAN (pending)":
		n.Unclean, n.Pending = true, true
	case "pending":
		n.Pending = true
	case "standby", "standby (with active resources)":
		n.Standby, n.Online = true, true
	case "standby (on-fail)":
		n.Standby, n.StandbyOnFail, n.Online = true, true, true
	case "OFFLINE (standby)":
		n.Standby = true
	case "maintenance":
		n.Maintenance, n.Online = true, true
	case "OFFLINE (maintenance)":
		n.Maintenance = true
	default:
		return false
	}
	return true
}

// addNode adds a node. Pacemaker 1.1.10 to 1.1.12 names a guest that stands
// alone in its list as well: the line that says more stays.
func (r *reader) addNode(n Node) {
	if i, ok := r.nodes[n.Name]; ok {
		if r.st.Nodes[i].NotTold {
			r.st.Nodes[i] = n
		}
		if old := &r.st.Nodes[i]; old.Kind == Member && n.Kind == Member && (old.Online != n.Online || old.Unclean != n.Unclean) {
			r.st.missing("line %d: the node %s is listed twice, and not in the same state", r.lines.no, clip(n.Name, maxKept))
		}
		return
	}
	r.nodes[n.Name] = len(r.st.Nodes)
	r.st.Nodes = append(r.st.Nodes, n)
	if r.section == inHead {
		r.section = inNodes
	}
	if r.seen[inNodes] == 0 {
		r.seen[inNodes] = r.lines.no
	}
}
