package progress

import (
	"sync"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/report/findings"
	"github.com/hadeploy/hadeploy/internal/report/term"
	"github.com/hadeploy/hadeploy/steps"
)

// quietProgress shows failures only.
type quietProgress struct {
	mu     sync.Mutex
	o      Options
	board  *board
	closed bool
}

func (q *quietProgress) Event(ev steps.Event) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return
	}
	q.board.apply(ev)
	out := &term.Page{Style: q.o.Style}
	switch e := ev.(type) {
	case steps.NodeFailed:
		writeFailure(out, e)
	case steps.FindingSeen:
		if e.Finding.Severity == plan.Error && q.board.tellsFindings() {
			out.Line(findings.Line(q.o.Style, e.Finding))
		}
	}
	_ = out.To(q.o.W) // showing progress must never end a run
}

func (q *quietProgress) Note(string) {}

func (q *quietProgress) Suspend(f func()) { f() }

func (q *quietProgress) Close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
}
