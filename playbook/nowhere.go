package playbook

import (
	"fmt"
	"maps"
	"slices"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/excerpt"
	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// places are the nodes that may run a resource, as far as the file says.
type places struct {
	nodes map[string]bool
	why   string   // what left the others out last, in words
	pos   diag.Pos // of that
	path  yamldoc.Path
}

// nowhere finds resources that the location constraints, together with the
// colocations without choice, leave no node to run on. Only what is certain
// counts: bans without choice, nodes that an opt-in cluster was not told of, and
// resource-discovery=exclusive. A rule, or a pattern of resources, may allow or
// ban any node.
func (p *Playbook) nowhere(nodes, remotes []string) (out []remark) {
	if len(nodes) == 0 {
		return nil
	}
	all := append(slices.Clone(nodes), remotes...)
	of := p.located(all)
	colocated := p.colocated(of)
	tell := func(named, id string, pos diag.Pos, path yamldoc.Path) bool {
		at := of[id]
		if at == nil || len(at.nodes) > 0 {
			return false
		}
		why := at.why
		if c := colocated[id]; c != "" {
			why = c
		}
		if at.pos.Line > 0 {
			pos, path = at.pos, at.path
		}
		out = append(out, remark{pos: pos, path: path, Finding: plan.Finding{Code: "RESOURCE_NOWHERE", Severity: plan.Warning, Object: named,
			Message: fmt.Sprintf("%s can run on no node: %s", named, why), Fix: "correct the constraints; to keep it stopped, give it the meta attribute target-role: Stopped"}})
		return true
	}
	for i := range p.Stonith.Devices {
		d := &p.Stonith.Devices[i]
		if !d.Meta.Disabled() {
			tell(d.ID, d.ID, d.Pos, yamldoc.Path("stonith.devices").Index(i))
		}
	}
	for i := range p.Resources {
		r := &p.Resources[i]
		path := yamldoc.Path("resources").Index(i)
		if r.Meta.Disabled() || r.Primitive != nil && r.Primitive.Meta.Disabled() || tell(r.ID, r.ID, r.Pos, path) {
			continue
		}
		for k := range r.Group { // one that cannot run takes those behind it along
			if tell(r.Group[k].ID, r.Group[k].ID, r.Group[k].Pos, path.Key("group").Index(k)) {
				break
			}
		}
	}
	return out
}

// located are the nodes that location constraints leave to each resource; those
// of a group hold for its members, and a clone's are its own.
func (p *Playbook) located(all []string) map[string]*places {
	optIn := p.optIn()
	of := map[string]*places{}
	for i := range p.Stonith.Devices {
		of[p.Stonith.Devices[i].ID] = p.locate([]string{p.Stonith.Devices[i].ID}, all, optIn)
	}
	for i := range p.Resources {
		r := &p.Resources[i]
		if r.Group == nil {
			of[r.ID] = p.locate([]string{r.ID}, all, optIn)
			continue
		}
		apart, given := r.Meta.Get("collocated")
		for k := range r.Group {
			at := p.locate([]string{r.ID, r.Group[k].ID}, all, optIn)
			if k == 0 {
				of[r.ID] = p.locate([]string{r.ID, r.Group[k].ID}, all, optIn)
			} else if before := of[r.Group[k-1].ID]; !given || !pacemaker.False(apart.Text) {
				had := len(at.nodes)
				maps.DeleteFunc(at.nodes, func(n string, _ bool) bool { return !before.nodes[n] })
				if had > 0 && len(at.nodes) == 0 && len(before.nodes) > 0 {
					at.why = fmt.Sprintf("%s, before it in the group, can run on %s alone, where it cannot", r.Group[k-1].ID, excerpt.List(slices.Sorted(maps.Keys(before.nodes))))
				}
			}
			of[r.Group[k].ID] = at
		}
	}
	return of
}

// optIn reports whether resources run only where a location allows it, and none
// is for a pattern of resources, which may allow it for any.
func (p *Playbook) optIn() bool {
	v, ok := p.Properties.Get("symmetric-cluster")
	return ok && pacemaker.False(v.Text) && !slices.ContainsFunc(p.Constraints.Location, func(c Location) bool { return c.Resource == "" })
}

// locate applies the location constraints of these resources.
func (p *Playbook) locate(ids, all []string, optIn bool) *places {
	at := &places{nodes: map[string]bool{}}
	banned, told, exclusive, only := map[string]bool{}, map[string]bool{}, map[string]bool{}, false
	rule := false
	var lines []int
	for i, c := range p.Constraints.Location {
		score, ok := pacemaker.Score(c.Score)
		switch {
		case !slices.Contains(ids, c.Resource):
			continue
		case c.Node == "" || !ok || c.Role == "Promoted" || c.Role == "Unpromoted":
			rule = true
			continue
		case score <= -pacemaker.Infinity:
			banned[c.Node] = true
		case score >= 0:
			told[c.Node] = true
		}
		if v, _ := c.Options.Get("resource-discovery"); v.Text == "exclusive" {
			exclusive[c.Node], only = true, true
		}
		lines = append(lines, c.Pos.Line)
		at.pos, at.path = c.Pos, yamldoc.Path("constraints.location").Index(i)
	}
	for _, n := range all {
		if !banned[n] && (!only || exclusive[n] || rule) && (!optIn || told[n] || rule) {
			at.nodes[n] = true
		}
	}
	switch {
	case len(lines) == 0:
		at.why = "symmetric-cluster is false, and no location constraint allows a node"
	case optIn:
		at.why = fmt.Sprintf("symmetric-cluster is false, and the location constraints (%s) allow none", lineList(lines))
	default:
		at.why = fmt.Sprintf("the location constraints (%s) leave none of %s", lineList(lines), excerpt.List(all))
	}
	return at
}

func lineList(lines []int) string {
	slices.Sort(lines)
	lines = slices.Compact(lines)
	if len(lines) == 1 {
		return "line " + listed(lines)
	}
	return "lines " + listed(lines)
}

// colocated takes away the nodes where those that a resource must run with
// cannot run, until nothing changes, and tells for which resources that left
// none.
func (p *Playbook) colocated(of map[string]*places) map[string]string {
	why := map[string]string{}
	bindings := p.bindings()
	for changed := true; changed; {
		changed = false
		for _, b := range bindings {
			rsc, with := of[b.a.id], of[b.b.id]
			// In a role, only some of a clone's instances follow the other.
			if !b.together || b.by != "#uname" || rsc == nil || with == nil || b.a.role != "" {
				continue
			}
			before := len(rsc.nodes)
			maps.DeleteFunc(rsc.nodes, func(n string, _ bool) bool { return !with.nodes[n] })
			if len(rsc.nodes) == before {
				continue
			}
			changed = true
			if len(rsc.nodes) == 0 {
				c := p.Constraints.Colocation[b.at]
				rsc.pos, rsc.path = c.Pos, yamldoc.Path("constraints.colocation").Index(b.at)
				where := "which can run on no node"
				if len(with.nodes) > 0 {
					where = "which can run on " + excerpt.List(slices.Sorted(maps.Keys(with.nodes))) + " alone, where it cannot"
				}
				why[b.a.id] = fmt.Sprintf("it must run with %s (line %d), %s", b.b.id, c.Pos.Line, where)
			}
		}
	}
	return why
}
