package report_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hadeploy/hadeploy/internal/report/progress"
	"github.com/hadeploy/hadeploy/internal/report/reporttest"
	"github.com/hadeploy/hadeploy/steps"
)

// On a real terminal auto is tty, and what stays is what the golden screen has.
func TestAutoOnARealTerminal(t *testing.T) {
	t.Setenv("TERM", "xterm")
	master, tty := reporttest.OpenPty(t)
	text := make(chan string)
	go func() {
		var all strings.Builder
		buf := make([]byte, 4096)
		for !strings.Contains(all.String(), "the end") {
			n, err := master.Read(buf)
			if err != nil {
				break
			}
			all.Write(buf[:n])
		}
		text <- all.String()
	}()
	c := &clock{testStart}
	p, err := progress.New("auto", progress.Options{W: tty, Now: c.now, Tick: make(chan time.Time)})
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprintf("%T", p); !strings.HasSuffix(got, ".ttyProgress") {
		t.Fatalf("auto is %T", p)
	}
	playOn(p, c, aRun(testStart.Add(time.Second)), func(timed) {})
	p.Close()
	_, _ = tty.WriteString("the end\n")
	s := reporttest.NewScreen(t, 70, 20)
	// The driver has made \r\n of each \n.
	_, _ = s.Write([]byte(strings.ReplaceAll(<-text, "\r\n", "\n")))
	stays(t, s.All())

	p, err = progress.New("auto", progress.Options{W: &strings.Builder{}})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if got := fmt.Sprintf("%T", p); !strings.HasSuffix(got, ".plainProgress") {
		t.Errorf("auto without a terminal is %T", p)
	}
}

var _ steps.Event = steps.RunDone{} // the renderers take the engine's own events
