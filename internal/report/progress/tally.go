package progress

import (
	"cmp"
	"slices"

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
