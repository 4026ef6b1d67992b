package inventory

import (
	"cmp"
	"maps"
	"slices"
	"strconv"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// maxHosts bounds how many hosts all keys of a file may name, ranges expanded.
const maxHosts = 20_000

// setting is a variable with the place where it was written.
type setting struct {
	*yamldoc.Field
	path yamldoc.Path
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
}

// tree reads all groups, the top-level ones first to last, as Ansible does.
func (l *loader) tree() {
	all := l.group("all")
	for i := range l.doc.Root.Fields {
		f := &l.doc.Root.Fields[i]
		l.readGroup(f.Key, f.Value, yamldoc.Path("").Key(f.Key), 0)
	}
	for _, g := range l.named {
		if g != all && len(g.parents) == 0 {
			g.parents = append(g.parents, all)
		}
	}
	ungrouped := l.group("ungrouped")
	for _, h := range l.order {
		h.groups = slices.DeleteFunc(h.groups, func(g *group) bool { return g == all || g == ungrouped })
		if len(h.groups) == 0 {
			h.groups = []*group{ungrouped}
		}
	}
	if len(ungrouped.parents) == 0 {
		ungrouped.parents = []*group{all}
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

func (l *loader) group(name string) *group {
	g := l.groups[name]
	if g == nil {
		g = &group{name: name, vars: map[string]setting{}, priority: 1}
		l.groups[name] = g
		l.named = append(l.named, g)
	}
	return g
}

// section is a mapping under a group; a single name stands for a mapping with
// that one key.
func section(n *yamldoc.Node) []yamldoc.Field {
	switch {
	case n.IsNull():
		return nil
	case n.Kind == yamldoc.Scalar:
		return []yamldoc.Field{{Key: n.Text, Value: &yamldoc.Node{Kind: yamldoc.Null, Line: n.Line, Column: n.Column}, Line: n.Line, Column: n.Column}}
	}
	return n.Fields
}

func (l *loader) readGroup(name string, n *yamldoc.Node, path yamldoc.Path, level int) *group {
	g := l.group(name)
	if n.IsNull() || n.Kind != yamldoc.Map {
		return g
	}
	for _, part := range n.Fields {
		at := path.Key(part.Key)
		switch part.Key {
		case "vars":
			l.readVars(g.vars, part.Value, at)
			if s, ok := g.vars["ansible_group_priority"]; ok {
				priority, err := strconv.Atoi(s.Value.Text)
				if err != nil {
					l.errorAt(l.doc.Pos(s.Value), s.path, "", "must be a whole number, not %q", s.Value.Text)
				}
				g.priority = priority
			}
		case "children":
			children := section(part.Value)
			for i := range children {
				f := &children[i]
				child := l.readGroup(f.Key, f.Value, at.Key(f.Key), level+1)
				switch {
				case child == g || slices.Contains(ancestors(g), child):
					l.errorAt(l.doc.KeyPos(f), at.Key(f.Key), "", "the group %s would be inside itself", child.name)
				case child.name == "all":
					l.errorAt(l.doc.KeyPos(f), at.Key(f.Key), "", "the group all cannot be inside another")
				case !slices.Contains(child.parents, g):
					child.parents = append(child.parents, g)
				}
			}
		case "hosts":
			hosts := section(part.Value)
			for i := range hosts {
				l.readHosts(&hosts[i], g, at.Key(hosts[i].Key))
			}
		}
	}
	return g
}

// readHosts reads one key under hosts, which may be a range of hosts.
func (l *loader) readHosts(f *yamldoc.Field, g *group, path yamldoc.Path) {
	pattern, port := cutPort(f.Key)
	names, err := expandRange(pattern, maxHosts-l.expanded)
	if err != nil {
		l.errorAt(l.doc.KeyPos(f), path, "", "%v", err)
		return
	}
	l.expanded += len(names)
	for _, name := range names {
		if !hostText.MatchString(name) && !isAddress(name) {
			l.errorAt(l.doc.KeyPos(f), path, "use letters, digits, . - and _", "%q cannot be the name of a host", name)
			return
		}
		h := l.hosts[name]
		if h == nil {
			h = &host{name: name, vars: map[string]setting{}, pos: l.doc.KeyPos(f)}
			l.hosts[name] = h
			l.order = append(l.order, h)
		}
		if !slices.Contains(h.groups, g) {
			h.groups = append(h.groups, g)
		}
		if port != "" {
			node := &yamldoc.Node{Kind: yamldoc.Scalar, Text: port, Line: f.Line, Column: f.Column}
			h.vars["ansible_port"] = setting{&yamldoc.Field{Key: "ansible_port", Value: node, Line: f.Line, Column: f.Column}, path}
		}
		if f.Value.Kind == yamldoc.Map {
			l.readVars(h.vars, f.Value, path)
		}
	}
}

// readVars adds variables; of the same name the later wins.
func (l *loader) readVars(vars map[string]setting, n *yamldoc.Node, path yamldoc.Path) {
	if n.IsNull() {
		return
	}
	for i := range n.Fields {
		f := &n.Fields[i]
		s := setting{f, path.Key(f.Key)}
		vars[f.Key] = s
		l.checkKey(s)
	}
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
// name.
func (h *host) chain() []*group {
	var out []*group
	for _, g := range h.groups {
		for _, x := range append(ancestors(g), g) {
			if !slices.Contains(out, x) {
				out = append(out, x)
			}
		}
	}
	slices.SortFunc(out, func(a, b *group) int {
		return cmp.Or(cmp.Compare(a.depth, b.depth), cmp.Compare(a.priority, b.priority), cmp.Compare(a.name, b.name))
	})
	return out
}

// resolved are the variables of h: those of its groups, then its own.
func (h *host) resolved() map[string]setting {
	out := map[string]setting{}
	for _, g := range h.chain() {
		maps.Copy(out, g.vars)
	}
	maps.Copy(out, h.vars)
	return out
}
