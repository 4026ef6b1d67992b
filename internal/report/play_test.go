package report_test

import (
	"io"
	"testing"
	"time"

	"github.com/hadeploy/hadeploy/internal/report/progress"
	"github.com/hadeploy/hadeploy/internal/report/term"
)

// clock is a time that only tests move.
type clock struct{ t time.Time }

func (c *clock) now() time.Time { return c.t }

// play lets a run pass in a renderer under a clock that ticks every second.
func play(t *testing.T, mode string, w io.Writer, run []timed) {
	t.Helper()
	c := &clock{testStart}
	p, err := progress.New(mode, progress.Options{W: w, Style: term.Style{Width: 80}, Now: c.now, Tick: make(chan time.Time)})
	if err != nil {
		t.Fatal(err)
	}
	playOn(p, c, run, func(timed) {})
	p.Close()
}

// playOn moves the clock from event to event, ticks at each full second between
// them, and calls after behind each event.
func playOn(p progress.Display, c *clock, run []timed, after func(timed)) {
	tick := func() {}
	if x, ok := p.(interface{ Tick() }); ok {
		tick = x.Tick
	}
	for _, e := range run {
		for left := e.after; left > 0; {
			next := c.t.Truncate(time.Second).Add(time.Second)
			if d := next.Sub(c.t); d <= left {
				c.t, left = next, left-d
				tick()
			} else {
				c.t, left = c.t.Add(left), 0
			}
		}
		p.Event(e.event)
		after(e)
	}
}
