// Package progress shows a run while it lasts, from the events that the engine
// emits: live on a terminal, as a log, as JSON lines, or failures only.
package progress

import (
	"fmt"
	"os"
	"strings"
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
