package playbook

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// party is one end of a colocation: a resource, or a clone in one role.
type party struct{ id, role string }

func (a party) String() string {
	if a.role == "" {
		return a.id
	}
	return a.id + " (" + a.role + ")"
}

// binding is a colocation without choice: score INFINITY or -INFINITY.
type binding struct {
	a, b     party
	together bool
	by       string // the node attribute that is to be the same, #uname for the node itself
	at       int    // its number in the file
}

// bindings are the colocations without choice, in the order of the file.
func (p *Playbook) bindings() (list []binding) {
	for i, c := range p.Constraints.Colocation {
		score, ok := pacemaker.Score(c.Score)
		if !ok || c.Resource == "" || c.With == "" || c.Resource == c.With || score > -pacemaker.Infinity && score < pacemaker.Infinity {
			continue
		}
		by, _ := c.Options.Get("node-attribute")
		list = append(list, binding{party{c.Resource, roleOf(c.Role)}, party{c.With, roleOf(c.WithRole)}, score > 0, cmp.Or(by.Text, "#uname"), i})
	}
	return list
}

// roleOf is a role that picks some of a clone's instances, "" for one that all
// have.
func roleOf(role string) string {
	if role == "Started" {
		return ""
	}
	return role
}

// single reports whether a party is on one node at most: a primitive, a group, or
// the one promoted instance of a clone.
func (p *Playbook) single(who party) bool {
	for i := range p.Resources {
		r := &p.Resources[i]
		switch {
		case r.ID == who.id && r.Promotable != nil:
			most, given := r.Meta.Get("promoted-max")
			return who.role == "Promoted" && (!given || most.Text == "1")
		case r.ID == who.id:
			return r.Clone == nil && r.Bundle == nil
		case slices.ContainsFunc(r.Primitives(), func(x *Primitive) bool { return x.ID == who.id }):
			return r.Group != nil
		}
	}
	return p.fencingDevice(who.id) != nil
}

func (p *Playbook) fencingDevice(id string) *Primitive {
	for i := range p.Stonith.Devices {
		if p.Stonith.Devices[i].ID == id {
			return &p.Stonith.Devices[i]
		}
	}
	return nil
}

// bond is a reason why two parties are on one node.
type bond struct {
	other party
	at    int // of the colocation, -1: both are in one group
}

// bonds are, for each party, those that are always on its node.
func (p *Playbook) bonds(list []binding) map[party][]bond {
	out := map[party][]bond{}
	tie := func(a, b party, at int) {
		out[a] = append(out[a], bond{b, at})
		out[b] = append(out[b], bond{a, at})
	}
	for i := range p.Resources {
		r := &p.Resources[i]
		if v, ok := r.Meta.Get("collocated"); r.Group == nil || ok && pacemaker.False(v.Text) {
			continue
		}
		for k := range r.Group {
			tie(party{r.ID, ""}, party{r.Group[k].ID, ""}, -1)
		}
	}
	for _, b := range list {
		if b.together && b.by == "#uname" && p.single(b.a) && p.single(b.b) {
			tie(b.a, b.b, b.at)
		}
	}
	return out
}

// checkColocations refuses resources that have to be together and must not be:
// Pacemaker then leaves one of them stopped, or keeps one constraint and breaks
// the other (crm_simulate 2.1.5 shows both).
func (l *loader) checkColocations(p *Playbook) {
	list := p.bindings()
	bonds := p.bonds(list)
	pairs := map[[2]party]binding{} // together without choice, on one node, whatever they are
	for _, b := range list {
		if b.together && b.by == "#uname" {
			pairs[[2]party{b.a, b.b}], pairs[[2]party{b.b, b.a}] = b, b
		}
	}
	for _, b := range list {
		if b.together {
			continue
		}
		var because []int
		if other, ok := pairs[[2]party{b.a, b.b}]; ok {
			because = []int{other.at}
		} else if because, ok = chain(bonds, b.a, b.b); !ok {
			continue
		}
		lines := map[int]bool{}
		for _, at := range because {
			if at >= 0 {
				lines[p.Constraints.Colocation[at].Pos.Line] = true
			}
		}
		why := "one group keeps them together"
		if sorted := slices.Sorted(maps.Keys(lines)); len(sorted) > 0 {
			why = "the colocation on line " + listed(sorted) + " keeps them together"
			if len(sorted) > 1 {
				why = "the colocations on lines " + listed(sorted) + " keep them together"
			}
		}
		l.judgeAt(p.Constraints.Colocation[b.at].Pos, yamldoc.Path("constraints.colocation").Index(b.at), "remove one of them, or give one a finite score",
			"%s must never run with %s, and %s", b.a, b.b, why)
	}
}

// chain is the shortest chain of bonds between two parties.
func chain(bonds map[party][]bond, from, to party) (at []int, ok bool) {
	came := map[party]bond{from: {}}
	for queue := []party{from}; len(queue) > 0; queue = queue[1:] {
		if queue[0] == to {
			for who := to; who != from; who = came[who].other {
				at = append(at, came[who].at)
			}
			return at, true
		}
		for _, b := range bonds[queue[0]] {
			if _, seen := came[b.other]; !seen {
				came[b.other] = bond{queue[0], b.at}
				queue = append(queue, b.other)
			}
		}
	}
	return nil, false
}

// listed is a list of lines for a sentence.
func listed(lines []int) string {
	words := make([]string, len(lines))
	for i, line := range lines {
		words[i] = fmt.Sprint(line)
	}
	if len(words) > 1 {
		words[len(words)-2] += " and " + words[len(words)-1]
		words = words[:len(words)-1]
	}
	out := words[0]
	for _, w := range words[1:] {
		out += ", " + w
	}
	return out
}
