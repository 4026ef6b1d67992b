// Package progress shows a run while it lasts, from the events that the engine
// emits: live on a terminal, as a log, as JSON lines, or failures only.
package progress

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/hadeploy/hadeploy/internal/report/term"
	"github.com/hadeploy/hadeploy/steps"
)

// Display shows a run while it lasts. It is safe for use by many goroutines.
type Display interface {
	Event(steps.Event)
	// Note shows a line that is not an event, such as a command of -v,
	// without disturbing the rest.
	Note(line string)
	// Suspend leaves the terminal to f, which asks the user something; what
	// happens meanwhile is shown afterwards.
	Suspend(f func())
	// Close ends the showing and leaves the terminal as it was. Events that
	// come later are dropped.
	Close()
}

// Modes are the values of --progress.
var Modes = []string{"auto", "tty", "plain", "json", "quiet"}

// Options say where and how progress is shown.
type Options struct {
	W     io.Writer // stderr; of json the stream that gets the lines
	Style term.Style

	Size func() (width, height int) // of the terminal; nil: asks W
	Now  func() time.Time           // nil: time.Now
	Tick <-chan time.Time           // nil: every second
}

// New makes the renderer for a mode of --progress. Auto is tty on a
// terminal that can move its cursor, else plain.
func New(mode string, o Options) (Display, error) {
	f := term.File(o.W)
	if mode == "auto" {
		mode = "plain"
		if term.IsTerminal(f) && os.Getenv("TERM") != "dumb" {
			mode = "tty"
		}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Size == nil {
		o.Size = func() (int, int) {
			if w, h, ok := term.Size(f); ok {
				return w, h
			}
			return 80, 24
		}
	}
	switch mode {
	case "tty":
		p := &ttyProgress{o: o, board: newBoard(o.Now)}
		p.pump = startPump(o.Tick, p.Tick)
		return p, nil
	case "plain":
		p := &plainProgress{o: o, board: newBoard(o.Now)}
		p.pump = startPump(o.Tick, p.Tick)
		return p, nil
	case "json":
		return &jsonProgress{o: o}, nil
	case "quiet":
		return &quietProgress{o: o, board: newBoard(o.Now)}, nil
	}
	return nil, fmt.Errorf("unknown progress mode %q; one of %s", mode, strings.Join(Modes, ", "))
}

// pump calls a function at every tick until it is stopped.
type pump struct {
	once sync.Once
	quit chan struct{}
	done chan struct{}
}

func startPump(tick <-chan time.Time, f func()) *pump {
	p := &pump{quit: make(chan struct{}), done: make(chan struct{})}
	stop := func() {}
	if tick == nil {
		t := time.NewTicker(time.Second)
		tick, stop = t.C, t.Stop
	}
	go func() {
		defer close(p.done)
		defer stop()
		for {
			select {
			case <-p.quit:
				return
			case <-tick:
				f()
			}
		}
	}()
	return p
}

// stop returns when the last call is over.
func (p *pump) stop() {
	p.once.Do(func() { close(p.quit) })
	<-p.done
}
