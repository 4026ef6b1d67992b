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
)

// source is a file that says something of hosts.
type source struct {
	file   string
	dir    string // what paths in it are relative to
	shared bool   // others than its owner may read it
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
	vars     map[string]setting
	priority int // ansible_group_priority
	depth    int // longest way from all
}

type host struct {
	name   string
	groups []*group // those that name it
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

// addHosts adds the hosts that a key means, which may be a range and end with
// a port, and calls each for every one.
func (l *loader) addHosts(from *source, g *group, key string, pos diag.Pos, path yamldoc.Path, each func(*host)) {
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
		each(h)
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
	case child == g || slices.Contains(ancestors(g), child):
		l.errorAt(from, pos, path, "", "the group %s would be inside itself", child.name)
	case child.name == "all":
		l.errorAt(from, pos, path, "", "the group all cannot be inside another")
	case !slices.Contains(child.parents, g):
		child.parents = append(child.parents, g)
	}
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
	for _, g := range l.named {
		g.depth = depth(g, map[*group]int{})
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

// chain is every group that h is in, in the order in which their variables are
// laid over each other: parents first, then ansible_group_priority, then by
// name. The group all is the first.
func (h *host) chain() []*group {
	var out []*group
	seen := map[*group]bool{}
	for _, g := range h.groups {
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
