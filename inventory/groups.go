package inventory

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

const (
	// maxHosts bounds how many hosts an inventory may have, ranges expanded.
	maxHosts = 20_000
	// maxNamings bounds how often its keys may name one, each time counted: a
	// host stands in each of its groups.
	maxNamings = 50 * maxHosts
	// maxGroups bounds how many groups an inventory may have.
	maxGroups = 10_000
	// maxMemberships bounds in how many groups all hosts may be, counted
	// together, with the groups around those that name them.
	maxMemberships = 100 * maxHosts
	// maxSettings bounds how many variables of hosts the lines of an inventory
	// may set, ranges expanded.
	maxSettings = 100 * maxHosts
	// maxLaid bounds how many variables of groups and hosts are laid over each
	// other for all hosts, counted together.
	maxLaid = 10_000_000
)

// source is a file that says something of hosts.
type source struct {
	file   string
	place  yamldoc.Path // in a playbook; "" in a file of its own
	dir    string       // what paths in it are relative to
	shared bool         // others than its owner may read it
	doc    *yamldoc.Document
	inside map[int]bool // lines of which nothing is shown: see hideLines
}

// setting is a variable with the place where it was written.
type setting struct {
	*yamldoc.Field
	path yamldoc.Path
	from *source
}

type group struct {
	name     string
	parents  []*group
	parent   bool // of another one
	seen     int  // the last search that came by: see within
	vars     map[string]setting
	priority int // ansible_group_priority
	depth    int // longest way from all
	place    int // among the groups, as they are named
}

type host struct {
	name   string
	groups []*group // those that name it
	chain  []*group // see chain; known once all is read
	vars   map[string]setting
	pos    diag.Pos
	from   *source
}

func (l *loader) group(name string) *group {
	g := l.groups[name]
	if g == nil {
		g = &group{name: name, vars: map[string]setting{}, priority: 1}
		l.groups[name] = g
		l.named = append(l.named, g)
	}
	return g
}

// groupAt is group for a name in a file, of which there may be too many.
func (l *loader) groupAt(from *source, pos diag.Pos, path yamldoc.Path, name string) *group {
	if l.groups[name] == nil && len(l.named) >= maxGroups {
		l.tooMany(from, pos, path, "the inventory has more than %d groups", maxGroups)
		return &group{name: name, vars: map[string]setting{}} // of no inventory
	}
	return l.group(name)
}

// addHosts adds the hosts that a key means, which may be a range and end with
// a port, and sets their variables.
func (l *loader) addHosts(from *source, g *group, key string, pos diag.Pos, path yamldoc.Path, vars []setting) {
	pattern, port := cutPort(key)
	names, err := expandRange(pattern, maxHosts)
	if err != nil {
		l.errorAt(from, pos, path, "", "%v", err)
		return
	}
	if l.namings += len(names); l.namings > maxNamings {
		l.tooMany(from, pos, path, "the inventory names its hosts more than %d times, each group counted", maxNamings)
		return
	}
	if l.settings += len(names) * len(vars); l.settings > maxSettings {
		l.tooMany(from, pos, path, "the inventory sets more than %d variables of hosts, each host of a range counted", maxSettings)
		return
	}
	for _, name := range names {
		if !hostText.MatchString(name) && !isAddress(name) {
			l.errorAt(from, pos, path, "use letters, digits, . - and _", "%q cannot be the name of a host", name)
			return
		}
		h := l.hosts[name]
		if h == nil {
			if len(l.order) == maxHosts {
				l.tooMany(from, pos, path, "the inventory has more than %d hosts", maxHosts)
				return
			}
			h = &host{name: name, vars: map[string]setting{}, pos: pos, from: from}
			l.hosts[name] = h
			l.order = append(l.order, h)
			if port != "" { // Ansible takes it where the host is first named
				node := &yamldoc.Node{Kind: yamldoc.Scalar, Text: port, Line: pos.Line, Column: pos.Column}
				h.vars["ansible_port"] = setting{&yamldoc.Field{Key: "ansible_port", Value: node, Line: pos.Line, Column: pos.Column}, path, from}
			}
		}
		if !slices.Contains(h.groups, g) {
			h.groups = append(h.groups, g)
		}
		for _, s := range vars {
			l.setHostVar(h, s)
		}
	}
}

// tooMany says once that a limit is passed; what is beyond it is not read.
func (l *loader) tooMany(from *source, pos diag.Pos, path yamldoc.Path, format string, limit int) {
	if l.full[format] {
		return
	}
	l.full[format] = true
	l.errorAt(from, pos, path, "is this the right file? an inventory for each cluster will do", format, limit)
}

// setHostVar sets a variable of a host. Where a group has the host's name,
// Ansible sets it for the group, and so for all hosts in it.
func (l *loader) setHostVar(h *host, s setting) {
	if g := l.groups[h.name]; g != nil {
		l.setGroupVar(g, s)
		return
	}
	h.vars[s.Key] = s
}

func (l *loader) setGroupVar(g *group, s setting) {
	g.vars[s.Key] = s
	if s.Key != "ansible_group_priority" {
		return
	}
	priority, err := strconv.Atoi(s.Value.Text)
	if err != nil {
		l.errorAt(s.from, s.from.doc.Pos(s.Value), s.path, "", "must be a whole number, not %q", s.Value.Text)
	}
	g.priority = priority
}

func (l *loader) addChild(from *source, g, child *group, pos diag.Pos, path yamldoc.Path) {
	switch {
	case slices.Contains(child.parents, g): // said before
	case child == g || l.within(g, child):
		l.errorAt(from, pos, path, "", "the group %s would be inside itself", child.name)
	case child.name == "all":
		l.errorAt(from, pos, path, "", "the group all cannot be inside another")
	default:
		child.parents, g.parent = append(child.parents, g), true
	}
}

// within reports whether g is inside of around, at any depth.
func (l *loader) within(g, around *group) bool {
	if !around.parent {
		return false
	}
	l.searches++
	var climb func(*group) bool
	climb = func(g *group) bool {
		for _, p := range g.parents {
			if p == around {
				return true
			}
			if p.seen != l.searches {
				p.seen = l.searches
				if climb(p) {
					return true
				}
			}
		}
		return false
	}
	return climb(g)
}

// settle puts what has no place yet where Ansible puts it: groups of no other
// into all, hosts of no group into ungrouped.
func (l *loader) settle() {
	all, ungrouped := l.group("all"), l.group("ungrouped")
	for _, g := range l.named {
		if g != all && len(g.parents) == 0 {
			g.parents = append(g.parents, all)
		}
	}
	for _, h := range l.order {
		h.groups = slices.DeleteFunc(h.groups, func(g *group) bool { return g == all || g == ungrouped })
		if len(h.groups) == 0 {
			h.groups = []*group{ungrouped}
		}
		if g := l.groups[h.name]; g != nil {
			l.list = append(l.list, h.from.doc.At(h.pos, diag.Warning, "", "a group has the name of the host "+h.name+
				", and Ansible takes the variables of the host for those of the group", "give one of them another name"))
		}
	}
	known := map[*group]int{}
	for i, g := range l.named {
		g.depth, g.place = depth(g, known), i
	}
	l.chains()
}

// chains finds the groups around each host. Most hosts share theirs with
// others.
func (l *loader) chains() {
	known, memberships := map[string][]*group{}, 0
	for _, h := range l.order {
		var key []byte
		for _, g := range h.groups {
			key = append(strconv.AppendInt(key, int64(g.place), 10), ',')
		}
		if h.chain = known[string(key)]; h.chain == nil {
			h.chain = chain(h.groups)
			known[string(key)] = h.chain
		}
		if memberships += len(h.chain); memberships > maxMemberships {
			l.tooMany(h.from, h.pos, "", "the hosts are in more than %d groups, counted together, with the groups around groups", maxMemberships)
			return
		}
	}
}

func depth(g *group, known map[*group]int) int {
	if d, ok := known[g]; ok {
		return d
	}
	d := 0
	for _, p := range g.parents {
		d = max(d, 1+depth(p, known))
	}
	known[g] = d
	return d
}

// ancestors are the groups around g, g itself left out.
func ancestors(g *group) []*group {
	seen := map[*group]bool{}
	var out []*group
	var climb func(*group)
	climb = func(g *group) {
		for _, p := range g.parents {
			if !seen[p] {
				seen[p] = true
				out = append(out, p)
				climb(p)
			}
		}
	}
	climb(g)
	return out
}

// chain is groups and every group around them, in the order in which their variables are
// laid over each other: parents first, then ansible_group_priority, then by
// name. The group all is the first.
func chain(groups []*group) []*group {
	var out []*group
	seen := map[*group]bool{}
	for _, g := range groups {
		for _, x := range append(ancestors(g), g) {
			if !seen[x] {
				seen[x] = true
				out = append(out, x)
			}
		}
	}
	slices.SortFunc(out, func(a, b *group) int {
		return cmp.Or(cmp.Compare(a.depth, b.depth), cmp.Compare(a.priority, b.priority), cmp.Compare(a.name, b.name))
	})
	return out
}
