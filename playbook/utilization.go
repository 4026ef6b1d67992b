package playbook

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// utilization reads what a node has to offer, or a primitive needs.
func (l *loader) utilization(n *yamldoc.Node, path yamldoc.Path) Options {
	given := l.options(n, path)
	for _, o := range given {
		if _, err := strconv.ParseInt(o.Value.Text, 10, 32); err != nil {
			l.errorAt(o.Value.Pos, path.Key(o.Name), "", "must be a whole number, not %q", o.Value.Text)
		}
	}
	return given
}

// placements are the values of placement-strategy with which Pacemaker looks
// at utilization at all.
var placements = []string{"utilization", "minimal", "balanced"}

// tooBig finds the resources that need more of an attribute than any node
// has. Only what is certain counts: a node of which the file does not say how
// much it has may have it in the cluster.
func (p *Playbook) tooBig(nodes, remotes []string) (out []remark) {
	strategy, _ := p.Properties.Get("placement-strategy")
	if !slices.Contains(placements, strategy.Text) || len(nodes) == 0 {
		return nil
	}
	most := map[string]int{} // by attribute, of those that every node declares
	for i, node := range slices.Concat(nodes, remotes) {
		has := map[string]int{}
		if at := slices.IndexFunc(p.Nodes, func(n NodeConfig) bool { return n.Name == node }); at >= 0 {
			for _, o := range p.Nodes[at].Utilization {
				has[o.Name], _ = strconv.Atoi(o.Value.Text)
			}
		}
		for name, n := range has {
			if i == 0 {
				most[name] = n
			} else if before, every := most[name]; every {
				most[name] = max(before, n)
			}
		}
		for name := range most {
			if _, told := has[name]; !told {
				delete(most, name)
			}
		}
	}
	tell := func(named string, needs []need, verb string) {
		var order []string
		sum := map[string]int{}
		last := map[string]need{}
		for _, n := range needs {
			if _, seen := sum[n.Name]; !seen {
				order = append(order, n.Name)
			}
			amount, _ := strconv.Atoi(n.Value.Text)
			sum[n.Name] = min(sum[n.Name]+amount, math.MaxInt32)
			last[n.Name] = n
		}
		for _, name := range order {
			if has, known := most[name]; known && sum[name] > has {
				out = append(out, remark{pos: last[name].Value.Pos, path: (last[name].path + ".utilization").Key(name),
					Finding: plan.Finding{Code: "RESOURCE_TOO_BIG", Severity: plan.Warning, Object: named,
						Message: fmt.Sprintf("%s can run on no node: %s %d of %s, and no node has more than %d", named, verb, sum[name], name, has),
						Fix:     "lower what is needed, or raise the utilization of a node under nodes"}})
			}
		}
	}
	needsOf := func(path yamldoc.Path, m *Primitive) (list []need) {
		for _, o := range m.Utilization {
			list = append(list, need{o, path})
		}
		return list
	}
	group := func(id string, members []Primitive, path yamldoc.Path) {
		var list []need
		for i := range members {
			list = append(list, needsOf(path.Index(i), &members[i])...)
		}
		tell(id, list, "its members need")
	}
	for i := range p.Resources {
		r := &p.Resources[i]
		path := yamldoc.Path("resources").Index(i)
		switch {
		case r.Meta.Disabled() || r.Primitive != nil && r.Primitive.Meta.Disabled():
		case r.Primitive != nil:
			tell(r.ID, needsOf(path, r.Primitive), "it needs")
		case r.Group != nil:
			group(r.ID, r.Group, path+".group")
		}
		for _, c := range []struct {
			key yamldoc.Path
			in  *Cloned
		}{{".clone", r.Clone}, {".promotable", r.Promotable}} {
			switch {
			case c.in == nil || r.Meta.Disabled() || c.in.Meta.Disabled():
			case c.in.Primitive != nil:
				tell(r.ID, needsOf(path+c.key, c.in.Primitive), "each instance needs")
			default:
				group(r.ID, c.in.Group, path+c.key+".group")
			}
		}
	}
	return out
}

// need is one attribute that a primitive needs, with the primitive's path.
type need struct {
	Option
	path yamldoc.Path
}
