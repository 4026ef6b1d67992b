package progress

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hadeploy/hadeploy/internal/plural"
	"github.com/hadeploy/hadeploy/internal/report/findings"
	"github.com/hadeploy/hadeploy/internal/report/term"
	"github.com/hadeploy/hadeploy/steps"
)

// ttyProgress keeps a few live lines under the lines that stay.
//
// The cursor rests on an empty line at the top of the live lines, not below
// them, and everything below the cursor is erased before each painting. So
// nothing has to be counted when the terminal was resized and its lines broke
// anew, a line above can never be erased, and no state of the terminal has to
// be restored, even after kill -9.
type ttyProgress struct {
	mu     sync.Mutex
	o      Options
	board  *board
	pump   *pump
	live   int // live lines on the screen, the empty one too
	last   time.Time
	asking int             // how many have the terminal to themselves
	held   strings.Builder // lines to stay, until they have done
	closed bool
}

// repaint is the shortest time between two paintings for mere progress.
const repaint = 100 * time.Millisecond

func (t *ttyProgress) Event(ev steps.Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return
	}
	ended := t.board.apply(ev)
	out := &term.Page{Style: t.o.Style}
	switch e := ev.(type) {
	case steps.Observed:
		out.Line(t.done("observed", t.board.who(t.board.run.Nodes), "", e.Took))
	case steps.NodeFailed:
		writeFailure(out, e)
	case steps.Skipped:
		where := "skipped"
		if e.Node != "" {
			where = "skipped on " + term.Clean(e.Node)
		}
		out.Line(term.Pad(term.Clean(e.Step), stepCells), "  ", where, ": ", term.Clean(term.Clip(e.Reason, term.MaxValue)))
	case steps.StepDone:
		if ended != nil && e.Changes > 0 {
			out.Line(t.done(term.Clean(e.Step), t.board.madeOn(ended), plural.Of(e.Changes, "change"), e.Took))
		}
	case steps.FindingSeen:
		if t.board.tellsFindings() {
			out.Line(findings.Line(t.o.Style, e.Finding))
		}
	case steps.Working:
		if t.o.Now().Sub(t.last) < repaint {
			return // the next event or tick shows it
		}
	}
	t.paint(out.Text())
}

// Columns of the lines that stay.
const (
	stepCells    = 12
	whoCells     = 12
	changesCells = 11
)

func (t *ttyProgress) done(step, who, what string, took time.Duration) string {
	return term.Pad(step, stepCells) + "  " + term.Pad(who, whoCells) + "  " + term.Pad(what, changesCells) + "  " + term.Duration(took)
}

func (t *ttyProgress) Note(line string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return
	}
	out := &term.Page{Style: t.o.Style}
	out.Line(term.CleanTabs(line))
	t.paint(out.Text())
}

func (t *ttyProgress) Close() {
	t.mu.Lock()
	closed := t.closed
	t.closed = true
	t.mu.Unlock()
	if closed {
		return
	}
	t.pump.stop()
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.live > 0 {
		_, _ = io.WriteString(t.o.W, term.Erase)
	}
	_, _ = io.WriteString(t.o.W, t.held.String())
}

// Tick shows how the time passes.
func (t *ttyProgress) Tick() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.closed {
		t.paint("")
	}
}

func (t *ttyProgress) Suspend(f func()) {
	t.mu.Lock()
	if t.live > 0 && !t.closed {
		_, _ = io.WriteString(t.o.W, term.Erase)
	}
	t.live = 0
	t.asking++
	t.mu.Unlock()
	defer func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.asking--
		if t.asking == 0 && !t.closed {
			stay := t.held.String()
			t.held.Reset()
			t.paint(stay)
		}
	}()
	f()
}

// paint writes the lines that stay, and the live ones below, in one write.
func (t *ttyProgress) paint(stay string) {
	if t.asking > 0 {
		t.held.WriteString(stay)
		return
	}
	width, height := t.o.Size()
	lines := t.liveLines(width)
	if room := max(0, height-2); room == 0 {
		lines = nil
	} else if len(lines) > room {
		more := len(lines) - room + 1
		lines = append(lines[:room-1:room-1], term.Fit(fmt.Sprintf("  ... and %d lines more", more), width-1))
	}
	if stay == "" && len(lines) == 0 && t.live == 0 {
		return
	}
	var b strings.Builder
	if t.live > 0 {
		b.WriteString(term.Erase)
	}
	b.WriteString(stay)
	if len(lines) > 0 {
		b.WriteString("\x1b[?7l") // no line may break, were the window narrowed just now
		for _, l := range lines {
			b.WriteString("\n" + l)
		}
		fmt.Fprintf(&b, "\x1b[?7h\r\x1b[%dA", len(lines))
	}
	t.live, t.last = len(lines), t.o.Now()
	_, _ = io.WriteString(t.o.W, b.String()) // showing progress must never end a run
}

// liveLines say what goes on now, each at most width-1 cells.
func (t *ttyProgress) liveLines(width int) []string {
	b, s := t.board, t.o.Style
	var lines []string
	add := func(color, head, tail string, since time.Duration) {
		clock := term.Seconds(since)
		room := max(4, width-1-term.Cells(head)-2-term.Cells(clock))
		text := term.Fit(tail, room)
		lines = append(lines, s.Paint(color, term.Fit(head, width-1))+term.Pad(text, min(room, 72))+"  "+clock)
	}
	age := b.now().Sub(b.started)
	switch {
	case len(b.pending) > 0:
		add(term.Bold, "connecting  ", "waiting for "+b.who(b.pending), age)
	case b.reading:
		add(term.Bold, "observing  ", b.who(b.run.Nodes), age)
	}
	for _, a := range b.active {
		head := ""
		if a.total > 0 {
			head = fmt.Sprintf("[%d/%d] ", a.index, a.total)
		}
		what := ""
		if a.changes > 0 {
			what = plural.Of(a.changes, "change") + " on "
			if len(a.nodes) == 0 {
				what = plural.Of(a.changes, "change") // where, it says when it has made them
			}
		}
		if len(a.nodes) > 0 || what == "" {
			what += b.who(a.nodes)
		}
		add(term.Bold, head+term.Clean(a.name)+"  ", what, b.now().Sub(a.since))
		lines = append(lines, t.nodeLines(a, width)...)
	}
	return lines
}

// nodeLines give a line to every node that has something to tell, what waits
// first, and one line each to those that work in silence and that are done.
func (t *ttyProgress) nodeLines(a *activeStep, width int) []string {
	b, s := t.board, t.o.Style
	var waiting, telling, silent, done []string
	names := slices.Clone(a.nodes)
	term.SortNodes(names, b.run.Nodes)
	if a.state[""] != nil {
		names = append([]string{""}, names...)
	}
	column := 0
	for _, n := range names {
		column = max(column, term.Cells(term.Clean(n)))
	}
	for _, name := range names {
		st := a.state[name]
		if st == nil {
			continue
		}
		head := "  "
		if column > 0 {
			head = "  " + term.Pad(term.Clean(name), column) + "  "
		}
		switch {
		case st.wait != nil:
			text := head + "waiting " + term.Seconds(b.now().Sub(st.wait.Since)) + ofLimit(st.wait) + " for " + waitText(st.wait)
			waiting = append(waiting, s.Paint(term.Yellow, term.Fit(text, width-1)))
		case st.done:
			done = append(done, name)
		case st.text != "":
			telling = append(telling, term.Fit(head+term.Clean(term.Clip(st.text, term.MaxValue)), width-1))
		case name != "":
			silent = append(silent, name)
		}
	}
	lines := slices.Concat(waiting, telling)
	if len(lines) > 0 && len(silent) > 0 {
		lines = append(lines, term.Fit("  at work: "+b.who(silent), width-1))
	}
	if len(done) > 0 && (len(done) < len(names) || len(silent) > 0) {
		lines = append(lines, term.Fit("  done: "+b.who(done), width-1))
	}
	return lines
}
