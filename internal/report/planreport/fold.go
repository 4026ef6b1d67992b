package planreport

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/report/term"
)

// section holds the changes that one set of nodes has in common. The set is
// empty for the cluster as a whole.
type section struct {
	nodes []string
	items []item
}

// item is one change, or several that differ in nothing but the ID.
type item struct {
	plan.Change
	ids  []string
	at   []string // where each is declared
	note int      // which footnote tells what is not known, or 0
}

func (s section) changes() int {
	n := 0
	for _, it := range s.items {
		n += len(it.ids) * max(1, len(s.nodes))
	}
	return n
}

// fold groups a masked plan's changes: first what most nodes have in common,
// last the cluster. Within a section the plan's order is kept.
func fold(p *plan.Plan) []section {
	type shared struct {
		change  plan.Change // of the first node
		general plan.Change // of any of them
		nodes   []string
	}
	var order []*shared
	byKey := map[string]*shared{}
	for _, c := range p.Changes {
		node, general := c.Node, anyNode(c, p.Nodes)
		k := key(general)
		for s := byKey[k]; s != nil && (node == "" || slices.Contains(s.nodes, node)); s = byKey[k] {
			k += "+" // the same change twice is shown twice
		}
		if byKey[k] == nil {
			byKey[k] = &shared{change: c, general: general}
			order = append(order, byKey[k])
		}
		if node != "" {
			byKey[k].nodes = append(byKey[k].nodes, node)
		}
	}

	var sections []section
	at := map[string]int{}
	for _, s := range order {
		term.SortNodes(s.nodes, p.Nodes)
		set := strings.Join(s.nodes, "\x00")
		i, ok := at[set]
		if !ok {
			i = len(sections)
			at[set] = i
			sections = append(sections, section{nodes: s.nodes})
		}
		if len(s.nodes) > 1 {
			sections[i].add(s.general)
		} else {
			s.change.Node = ""
			sections[i].add(s.change)
		}
	}
	slices.SortStableFunc(sections, func(a, b section) int {
		if len(a.nodes) != len(b.nodes) {
			return len(b.nodes) - len(a.nodes) // none, the cluster, comes last
		}
		return term.CompareNodes(p.Nodes, a.nodes, b.nodes)
	})
	return sections
}

// anyNode is a change without the name of its node, so that what is done on
// every node alike can be told once: "pcs cluster start NODE".
//
// A command that names several nodes is the same for each, and left as it is.
func anyNode(c plan.Change, nodes []string) plan.Change {
	if c.Node == "" {
		return c
	}
	if c.ID == c.Node {
		c.ID = ""
	}
	words := strings.Split(c.Pcs, " ")
	named := slices.DeleteFunc(slices.Clone(words), func(w string) bool { return !slices.Contains(nodes, w) })
	if len(named) == 1 && named[0] == c.Node {
		words[slices.Index(words, c.Node)] = "NODE"
		c.Pcs = strings.Join(words, " ")
	}
	c.Interrupts = slices.Clone(c.Interrupts)
	for i := range c.Interrupts {
		if c.Interrupts[i].Node == c.Node {
			c.Interrupts[i].Node = ""
		}
	}
	c.Node = ""
	return c
}

// add appends a change, to the last item when only the ID differs, and where it
// is declared. Texts are never joined: each has to be seen.
func (s *section) add(c plan.Change) {
	if n := len(s.items); n > 0 && !hasLines(c) {
		last := s.items[n-1].Change
		last.ID, last.At = c.ID, c.At
		if key(last) == key(c) {
			s.items[n-1].ids = append(s.items[n-1].ids, c.ID)
			s.items[n-1].at = append(s.items[n-1].at, c.At)
			return
		}
	}
	s.items = append(s.items, item{Change: c, ids: []string{c.ID}, at: []string{c.At}})
}

// footnotes replaces what several changes do not know yet, each time in the same
// words, by a number, and returns the words.
func (s *section) footnotes() []string {
	times := map[string]int{}
	for _, it := range s.items {
		times[it.Unknown]++
	}
	var notes []string
	for i, it := range s.items {
		if it.Unknown == "" || times[it.Unknown] < 3 {
			continue
		}
		n := slices.Index(notes, it.Unknown)
		if n < 0 {
			n = len(notes)
			notes = append(notes, it.Unknown)
		}
		s.items[i].note = n + 1
	}
	return notes
}

// pcsOnce leaves a command that stands for several changes in a row to the last
// of them.
func (s *section) pcsOnce() {
	for i := range s.items[:max(0, len(s.items)-1)] {
		if s.items[i].Pcs == s.items[i+1].Pcs {
			s.items[i].Pcs = ""
		}
	}
}

func hasLines(c plan.Change) bool {
	return slices.ContainsFunc(c.Diffs, func(d plan.Diff) bool { return d.Lines })
}

func key(c plan.Change) string {
	b, _ := json.Marshal(c) // strings and booleans only: cannot fail
	return string(b)
}
