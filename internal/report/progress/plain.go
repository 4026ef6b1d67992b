package progress

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/hadeploy/hadeploy/internal/plural"
	"github.com/hadeploy/hadeploy/internal/report/findings"
	"github.com/hadeploy/hadeploy/internal/report/term"
	"github.com/hadeploy/hadeploy/steps"
)

// plainProgress writes one line per event, for logs. A wait, and a step from
// which nothing is heard, give a sign of life every ten seconds.
type plainProgress struct {
	mu      sync.Mutex
	o       Options
	board   *board
	pump    *pump
	worked  map[string]time.Time // when a node's progress was last shown
	stilled map[string]time.Time // when a wait was last spoken of
	closed  bool
}

// signOfLife is how long plain progress is silent at most.
const signOfLife = 10 * time.Second

// workEvery bounds lines of mere progress per node.
const workEvery = 2 * time.Second

func (p *plainProgress) Event(ev steps.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return
	}
	fresh := true
	if e, ok := ev.(steps.Waiting); ok {
		for _, a := range p.board.active {
			if st := a.state[e.Node]; a.name == e.Step && st != nil && st.wait != nil {
				fresh = st.wait.For != e.For || st.wait.Detail != e.Detail
			}
		}
	}
	ended := p.board.apply(ev)
	now := p.o.Now()
	out := &term.Page{Style: p.o.Style}
	say := func(format string, args ...any) { out.Line(p.stamp(), fmt.Sprintf(format, args...)) }
	switch e := ev.(type) {
	case steps.RunStarted:
		say("%s: cluster %s on %s", term.Clean(e.Command), term.Clean(e.Cluster), strings.Join(term.Cleaned(e.Nodes), ", "))
	case steps.NodeConnected:
		say("%s connected (%s)", term.Clean(e.Node), term.Duration(e.Took))
	case steps.Observed:
		say("observed %s (%s)", p.board.who(p.board.run.Nodes), term.Duration(e.Took))
	case steps.StepStarted:
		if e.Changes > 0 {
			on := "" // a cluster-wide step says where when it is made
			if len(e.Nodes) > 0 {
				on = " on " + p.board.who(e.Nodes)
			}
			say("%s: %s%s (step %d of %d)", term.Clean(e.Step), plural.Of(e.Changes, "change"), on, e.Index, e.Total)
		}
	case steps.Waiting:
		k := e.Step + "\x00" + e.Node
		switch {
		case e.Done:
			say("%s: waited %s for %s", at(e.Step, e.Node), term.Duration(now.Sub(e.Since)), term.Clean(term.Clip(e.For, term.MaxValue)))
			delete(p.stilled, k)
		case fresh:
			say("%s: waiting for %s%s", at(e.Step, e.Node), waitText(&e), upTo(&e))
			set(&p.stilled, k, now)
		}
		p.board.said(e.Step, now)
	case steps.Working:
		if k := e.Step + "\x00" + e.Node; now.Sub(p.worked[k]) >= workEvery {
			say("%s: %s", at(e.Step, e.Node), term.Clean(term.Clip(e.Text, term.MaxValue)))
			set(&p.worked, k, now)
			p.board.said(e.Step, now)
		}
	case steps.NodeChanged:
		if e.Node != "" {
			say("%s: %s made in %s", at(e.Step, e.Node), plural.Of(len(e.Changes), "change"), term.Duration(e.Took))
		} else {
			say("%s: %s made %s in %s", term.Clean(e.Step), plural.Of(len(e.Changes), "change"), p.board.where(tallyOf(e)), term.Duration(e.Took))
		}
		p.board.said(e.Step, now)
	case steps.NodeFailed:
		fail := &term.Page{Style: p.o.Style}
		writeFailure(fail, e)
		for _, l := range strings.SplitAfter(fail.Text(), "\n") {
			if l != "" {
				out.Add(p.stamp() + l)
			}
		}
	case steps.Skipped:
		say("%s: skipped: %s", at(e.Step, e.Node), term.Clean(term.Clip(e.Reason, term.MaxValue)))
	case steps.StepDone:
		if ended != nil && e.Changes > 0 && len(ended.nodes) > 0 {
			say("%s: done, %s in %s", term.Clean(e.Step), plural.Of(e.Changes, "change"), term.Duration(e.Took))
		}
	case steps.FindingSeen:
		if p.board.tellsFindings() {
			out.Line(p.stamp(), findings.Line(p.o.Style, e.Finding))
		}
	}
	_ = out.To(p.o.W) // showing progress must never end a run
}

func set(m *map[string]time.Time, k string, t time.Time) {
	if *m == nil {
		*m = map[string]time.Time{}
	}
	(*m)[k] = t
}

// at says where: "packages on n1", or "cib" for the cluster.
func at(step, node string) string {
	if node == "" {
		return term.Clean(step)
	}
	return term.Clean(step) + " on " + term.Clean(node)
}

func upTo(w *steps.Waiting) string {
	if w.Limit <= 0 {
		return ""
	}
	return " (at most " + term.Seconds(w.Limit) + ")"
}

func (p *plainProgress) stamp() string {
	t := p.o.Now().Sub(p.board.started).Round(time.Second)
	return fmt.Sprintf("%02d:%02d ", int(t.Minutes()), int(t.Seconds())%60)
}

// Tick gives a sign of life of what is long silent.
func (p *plainProgress) Tick() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return
	}
	now := p.o.Now()
	out := &term.Page{Style: p.o.Style}
	if b := p.board; now.Sub(b.quiet) >= signOfLife {
		switch {
		case len(b.pending) > 0:
			out.Line(p.stamp(), fmt.Sprintf("still connecting to %s (%s)", b.who(b.pending), term.Seconds(now.Sub(b.started))))
			b.quiet = now
		case b.reading:
			out.Line(p.stamp(), fmt.Sprintf("still observing %s (%s)", b.who(b.run.Nodes), term.Seconds(now.Sub(b.started))))
			b.quiet = now
		}
	}
	for _, a := range p.board.active {
		waits := false
		for _, name := range append([]string{""}, a.nodes...) {
			st := a.state[name]
			if st == nil || st.wait == nil {
				continue
			}
			waits = true
			k := a.name + "\x00" + name
			if now.Sub(p.stilled[k]) >= signOfLife {
				out.Line(p.stamp(), fmt.Sprintf("%s: still waiting for %s (%s)", at(a.name, name), waitText(st.wait),
					term.Seconds(now.Sub(st.wait.Since))))
				set(&p.stilled, k, now)
			}
		}
		if waits {
			a.said = now
		} else if now.Sub(a.said) >= signOfLife {
			out.Line(p.stamp(), fmt.Sprintf("%s: still at work on %s (%s)", term.Clean(a.name), p.board.who(p.busy(a)),
				term.Seconds(now.Sub(a.since))))
			a.said = now
		}
	}
	_ = out.To(p.o.W)
}

// busy are the nodes of a step that are not done.
func (p *plainProgress) busy(a *activeStep) []string {
	var out []string
	for _, n := range a.nodes {
		if st := a.state[n]; st == nil || !st.done {
			out = append(out, n)
		}
	}
	if out == nil {
		return a.nodes
	}
	return out
}

func (p *plainProgress) Note(line string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return
	}
	out := &term.Page{Style: p.o.Style}
	out.Line(p.stamp(), term.CleanTabs(line))
	_ = out.To(p.o.W)
}

func (p *plainProgress) Suspend(f func()) { f() }

func (p *plainProgress) Close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.pump.stop()
}
