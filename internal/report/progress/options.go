package progress

import (
	"io"
	"sync"
	"time"

	"github.com/hadeploy/hadeploy/internal/report/term"
)

// Options say where and how progress is shown.
type Options struct {
	W     io.Writer // stderr; of json the stream that gets the lines
	Style term.Style

	Size func() (width, height int) // of the terminal; nil: asks W
	Now  func() time.Time           // nil: time.Now
	Tick <-chan time.Time           // nil: every second
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
