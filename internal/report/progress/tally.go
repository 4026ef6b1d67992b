package progress

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/report/term"
	"github.com/hadeploy/hadeploy/steps"
)

// tally counts changes by where they are made: on the node that the change
// itself names, else on the node that its event names, else, under "", in the
// cluster. The engine's summary counts so, and every line of progress has to
// add up to it.
type tally map[string]int

func tallyOf(e steps.NodeChanged) tally {
	t := tally{}
	for _, c := range e.Changes {
		t[cmp.Or(c.Node, e.Node)]++
	}
	return t
}

// nodes are those with changes, in the run's order.
func (t tally) nodes(order []string) (names []string) {
	for n := range t {
		if n != "" {
			names = append(names, n)
		}
	}
	slices.Sort(names) // those that the run does not name, too, in some order
	term.SortNodes(names, order)
	return names
}

// where says it in words: "on n1, n2, 4 of them in the cluster".
func (b *board) where(t tally) string {
	nodes := t.nodes(b.run.Nodes)
	on := "on " + strings.Join(term.Cleaned(nodes), ", ")
	if len(nodes) > 4 {
		on = "on " + b.who(nodes)
	}
	switch {
	case len(nodes) == 0:
		return "in the cluster"
	case t[""] == 0:
		return on
	}
	return fmt.Sprintf("%s, %d of them in the cluster", on, t[""])
}

// madeOn names where a step that ended made its changes, in a few words.
func (b *board) madeOn(s *activeStep) string {
	nodes := s.where.nodes(b.run.Nodes)
	switch {
	case len(nodes) == 0:
		return b.who(s.nodes)
	case s.where[""] > 0:
		return b.who(nodes) + ", cluster"
	}
	return b.who(nodes)
}
