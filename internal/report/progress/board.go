package progress

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hadeploy/hadeploy/internal/plural"
	"github.com/hadeploy/hadeploy/internal/report/failure"
	"github.com/hadeploy/hadeploy/internal/report/term"
	"github.com/hadeploy/hadeploy/steps"
)

// board is what is known of a run from its events: what goes on now, and where.
type board struct {
	now     func() time.Time
	run     steps.RunStarted
	started time.Time
	pending []string  // nodes that have not answered yet
	reading bool      // all have, and are being read
	quiet   time.Time // since when no step has run and nothing was said
	stepped bool      // a step has begun
	active  []*activeStep
}

// activeStep is a step that has begun and not ended.
type activeStep struct {
	name         string
	index, total int
	nodes        []string // that have changes; none for a cluster-wide step
	changes      int
	since        time.Time
	state        map[string]*nodeState
	said         time.Time // when a sign of life was last given
	failed       []string
	made         int
	where        tally // the changes made so far
}

// nodeState is how far a node, or under the name "" the cluster, is.
type nodeState struct {
	done    bool
	changes int
	took    time.Duration
	text    string // the last line of progress
	wait    *steps.Waiting
}

func newBoard(now func() time.Time) *board { return &board{now: now, started: now(), quiet: now()} }

// step finds an active step, or opens it: an event may come before its step's.
func (b *board) step(name string) *activeStep {
	for _, s := range b.active {
		if s.name == name {
			return s
		}
	}
	s := &activeStep{name: name, since: b.now(), said: b.now(), state: map[string]*nodeState{}, where: tally{}}
	b.active = append(b.active, s)
	return s
}

func (s *activeStep) node(name string) *nodeState {
	n := s.state[name]
	if n == nil {
		n = &nodeState{}
		s.state[name] = n
		if name != "" && !slices.Contains(s.nodes, name) {
			s.nodes = append(s.nodes, name)
		}
	}
	return n
}

// apply takes an event in. It returns the step that it ended, if it did.
func (b *board) apply(ev steps.Event) (ended *activeStep) {
	switch e := ev.(type) {
	case steps.RunStarted:
		b.run, b.started, b.quiet = e, b.now(), b.now()
		b.pending = slices.Clone(e.Nodes)
	case steps.NodeConnected:
		b.pending = without(b.pending, e.Node)
		b.reading = len(b.pending) == 0
	case steps.Observed:
		b.pending, b.reading = nil, false
	case steps.StepStarted:
		b.pending, b.reading, b.stepped = nil, false, true
		s := b.step(e.Step)
		s.index, s.total, s.changes = e.Index, e.Total, e.Changes
		for _, n := range e.Nodes {
			s.node(n)
		}
	case steps.Waiting:
		s := b.step(e.Step)
		n := s.node(e.Node)
		n.wait = nil
		if !e.Done {
			if e.Since.IsZero() {
				e.Since = b.now()
			}
			n.wait = &e
		}
	case steps.Working:
		b.step(e.Step).node(e.Node).text = e.Text
	case steps.NodeChanged:
		s := b.step(e.Step)
		n := s.node(e.Node)
		*n = nodeState{done: true, changes: len(e.Changes), took: e.Took}
		for node, changes := range tallyOf(e) {
			s.where[node] += changes
		}
	case steps.NodeFailed:
		b.pending = without(b.pending, e.Node)
		if e.Node == "" {
			return b.end(e.Step)
		}
		for _, s := range b.active {
			if s.name == e.Step {
				s.nodes = without(s.nodes, e.Node)
				delete(s.state, e.Node)
				s.failed = append(s.failed, e.Node)
			}
		}
	case steps.StepDone:
		s := b.end(e.Step)
		if s != nil {
			s.made = e.Changes
		}
		return s
	case steps.RunDone:
		b.active, b.pending, b.reading = nil, nil, false
	}
	return nil
}

// tellsFindings reports whether a finding is to be told when it is seen. Before
// the first step it is not: the plan, the verdict or the refusal shows it.
func (b *board) tellsFindings() bool {
	return b.stepped || !b.run.ShowsFindings
}

func (b *board) end(name string) *activeStep {
	for i, s := range b.active {
		if s.name == name {
			b.active = slices.Delete(b.active, i, i+1)
			return s
		}
	}
	return nil
}

func without(list []string, name string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s == name })
}

// who names the nodes of a step in one word or a few.
func (b *board) who(nodes []string) string {
	switch {
	case len(nodes) == 0:
		return "cluster"
	case len(nodes) > 4 && len(nodes) == len(b.run.Nodes):
		return "all " + plural.Of(len(nodes), "node")
	case len(nodes) > 8:
		return plural.Of(len(nodes), "node")
	}
	return strings.Join(term.Cleaned(nodes), " ")
}

// waitText says what is waited for: "the package lock: held by apt (pid 7)".
func waitText(w *steps.Waiting) string {
	text := term.Clean(term.Clip(w.For, term.MaxValue))
	if w.Detail != "" {
		text += ": " + term.Clean(term.Clip(w.Detail, term.MaxValue))
	}
	return text
}

// ofLimit says how long a wait may last: " of 5m".
func ofLimit(w *steps.Waiting) string {
	if w.Limit <= 0 {
		return ""
	}
	return " of " + term.Seconds(w.Limit)
}

// writeFailure writes what failed where: its first line beside, others below.
func writeFailure(p *term.Page, e steps.NodeFailed) {
	where := term.Clean(e.Step)
	if e.Node != "" {
		where = term.Clean(e.Node) + " at " + where
	}
	lines, hint := failure.Lines(e.Err, p.Columns()-12)
	for i, l := range lines {
		if i == 0 {
			p.Line(p.Paint(term.Red, "failed"), "  ", where, ": ", l)
		} else {
			p.Line("        ", l)
		}
	}
	if hint != "" {
		p.Line("        ", p.Paint(term.Dim, "hint: "), hint)
	}
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

// said notes that a step gave a sign of life.
func (b *board) said(step string, now time.Time) {
	for _, a := range b.active {
		if a.name == step {
			a.said = now
		}
	}
}
