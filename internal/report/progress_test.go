package report_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/hadeploy/hadeploy/internal/report/progress"
	"github.com/hadeploy/hadeploy/internal/report/reporttest"
	"github.com/hadeploy/hadeploy/internal/report/term"
	"github.com/hadeploy/hadeploy/steps"
)

func ttyOn(t *testing.T, s *reporttest.Screen, c *clock) progress.Display {
	t.Helper()
	p, err := progress.New("tty", progress.Options{W: s, Style: term.Style{Width: s.Width, Color: true}, Now: c.now,
		Size: func() (int, int) { return s.Width, s.Height }, Tick: make(chan time.Time)})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// The screen after each event that shows something new.
func TestTTYGolden(t *testing.T) {
	for name, run := range map[string][]timed{"run": aRun(testStart.Add(1300 * time.Millisecond)), "start": aStart()} {
		reporttest.Golden(t, "tty-"+name+".txt", func(w io.Writer) error {
			s, c := reporttest.NewScreen(t, 80, 24), &clock{testStart}
			p := ttyOn(t, s, c)
			last := ""
			playOn(p, c, run, func(e timed) {
				if now := s.String(); now != last {
					fmt.Fprintf(w, "===== %s: %T\n%s", c.t.Sub(testStart), e.event, now)
					last = now
				}
			})
			p.Close()
			fmt.Fprintf(w, "===== closed\n%s", s.String())
			return nil
		})
	}
}

// stays is what an apply leaves on the screen, whatever its size was.
func stays(t *testing.T, text string) {
	t.Helper()
	at := 0
	for _, want := range []string{"observed", "[CLOCK_SKEW]", "failed  n2 at packages", "don't have enough free space", "hint: free",
		"packages      n1 n3", "files         n1 n3", "auth          skipped", "corosync      skipped"} {
		i := strings.Index(text[at:], want)
		if i < 0 {
			t.Fatalf("%q is lost or not in order:\n%s", want, text)
		}
		if strings.Count(text, want) != 1 {
			t.Errorf("%q stands there more than once:\n%s", want, text)
		}
		at += i
	}
	for _, gone := range []string{"waiting", "[2/12]", "at work", "unpacking"} {
		if strings.Contains(text, gone) {
			t.Errorf("%q was not erased:\n%s", gone, text)
		}
	}
}

func TestTTYOnScreensOfEverySize(t *testing.T) {
	for _, size := range [][2]int{{200, 60}, {80, 24}, {80, 5}, {100, 2}, {72, 1}} {
		s, c := reporttest.NewScreen(t, size[0], size[1]), &clock{testStart}
		p := ttyOn(t, s, c)
		playOn(p, c, aRun(testStart.Add(time.Second)), func(timed) {
			for _, r := range s.Rows {
				if len(r) > s.Width {
					t.Errorf("%v: a row of %d cells", size, len(r))
				}
			}
		})
		p.Close()
		stays(t, s.All())
	}
}

// A window that is made smaller and larger while the run goes on loses nothing.
func TestTTYResized(t *testing.T) {
	s, c := reporttest.NewScreen(t, 80, 12), &clock{testStart}
	_, _ = io.WriteString(s, "$ hadeploy apply\nbefore\n")
	p := ttyOn(t, s, c)
	sizes := [][2]int{{120, 30}, {70, 12}, {100, 8}, {64, 9}, {80, 24}}
	i := 0
	playOn(p, c, aRun(testStart.Add(time.Second)), func(timed) {
		s.Resize(sizes[i%len(sizes)][0], sizes[i%len(sizes)][1])
		i++
	})
	s.Resize(300, 40)
	p.Close()
	text := s.All()
	if !strings.HasPrefix(text, "$ hadeploy apply\nbefore\n") {
		t.Errorf("lines from before are lost:\n%s", text)
	}
	stays(t, strings.ReplaceAll(text, "\n\n", "\n"))
}

func TestTTYManyNodes(t *testing.T) {
	var names []string
	for i := range 40 {
		names = append(names, fmt.Sprintf("node%02d", i+1))
	}
	s, c := reporttest.NewScreen(t, 80, 20), &clock{testStart}
	p := ttyOn(t, s, c)
	p.Event(steps.RunStarted{Command: "apply", Nodes: names})
	if got := s.String(); !strings.Contains(got, "waiting for all 40 nodes") {
		t.Errorf("got:\n%s", got)
	}
	p.Event(steps.StepStarted{Step: "packages", Index: 2, Total: 12, Nodes: names, Changes: 40})
	for _, n := range names {
		p.Event(steps.Waiting{Step: "packages", Node: n, For: "the package lock"})
	}
	p.Note("a note")
	got := s.String()
	if !strings.Contains(got, "a note") || !strings.Contains(got, "... and ") || strings.Count(got, "waiting") != 16 {
		t.Errorf("got:\n%s", got)
	}
	p.Close()
	if got := s.All(); strings.TrimSpace(got) != "a note" {
		t.Errorf("after Close:\n%s", got)
	}
}

// Mere progress does not flood the terminal; what it said last is seen at the
// next tick.
func TestTTYWorkingIsThrottled(t *testing.T) {
	var b bytes.Buffer
	c := &clock{testStart}
	p, err := progress.New("tty", progress.Options{W: &b, Now: c.now, Tick: make(chan time.Time)})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	p.Event(steps.StepStarted{Step: "packages", Nodes: []string{"n1"}, Changes: 1})
	b.Reset()
	for i := range 1000 {
		p.Event(steps.Working{Step: "packages", Node: "n1", Text: fmt.Sprint("line ", i)})
	}
	if b.Len() > 0 {
		t.Errorf("wrote %d bytes", b.Len())
	}
	c.t = c.t.Add(time.Second)
	p.(interface{ Tick() }).Tick()
	if !strings.Contains(b.String(), "line 999") {
		t.Errorf("got %q", b.String())
	}
}

func TestPlainGolden(t *testing.T) {
	reporttest.Golden(t, "plain-run.txt", func(w io.Writer) error { play(t, "plain", w, aRun(testStart.Add(time.Second))); return nil })
	reporttest.Golden(t, "plain-start.txt", func(w io.Writer) error { play(t, "plain", w, aStart()); return nil })
	reporttest.Golden(t, "quiet-run.txt", func(w io.Writer) error { play(t, "quiet", w, aRun(testStart)); return nil })
	reporttest.Golden(t, "json-run.jsonl", func(w io.Writer) error { play(t, "json", w, aRun(testStart.Add(time.Second))); return nil })
}

func TestJSONLines(t *testing.T) {
	var b bytes.Buffer
	play(t, "json", &b, append(aRun(testStart), aStart()...))
	lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
	var last struct {
		Type    string
		Version int
		Time    time.Time
		Summary *steps.Summary
	}
	for _, l := range lines {
		last.Version, last.Type, last.Time = 0, "", time.Time{}
		if err := json.Unmarshal([]byte(l), &last); err != nil || last.Type == "" || last.Version != 1 || last.Time.Before(testStart) {
			t.Errorf("%s: %v", l, err)
		}
	}
	if last.Type != "summary" || last.Summary == nil || last.Summary.Changes != 80 {
		t.Errorf("the last line is %s", lines[len(lines)-1])
	}
}

func TestEveryModeEndsAtClose(t *testing.T) {
	for _, mode := range []string{"tty", "plain", "json", "quiet"} {
		var b bytes.Buffer
		tick := make(chan time.Time)
		p, err := progress.New(mode, progress.Options{W: &b, Tick: tick})
		if err != nil {
			t.Fatal(err)
		}
		p.Event(steps.StepStarted{Step: "start", Changes: 1})
		if mode == "tty" || mode == "plain" {
			tick <- time.Time{}
		}
		p.Close()
		p.Close()
		n := b.Len()
		p.Event(steps.NodeFailed{Step: "start", Node: "n1", Err: io.EOF})
		p.Note("late")
		if b.Len() != n {
			t.Errorf("%s: writes after Close: %q", mode, b.String()[n:])
		}
	}
	// The goroutines' end is checked in TestMain.
}

func TestRealTicker(t *testing.T) {
	p, err := progress.New("plain", progress.Options{W: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	p.Close()
}

func TestUnknownMode(t *testing.T) {
	_, err := progress.New("fancy", progress.Options{W: io.Discard})
	if err == nil || err.Error() != `unknown progress mode "fancy"; one of auto, tty, plain, json, quiet` {
		t.Errorf("got %v", err)
	}
}

// Events may come from many goroutines, and ticks between them.
func TestProgressIsSafe(t *testing.T) {
	for _, mode := range []string{"tty", "plain", "json", "quiet"} {
		tick := make(chan time.Time)
		p, err := progress.New(mode, progress.Options{W: io.Discard, Tick: tick})
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan bool)
		for i := range 4 {
			go func() {
				for range 50 {
					p.Event(steps.Working{Step: "packages", Node: fmt.Sprint("n", i), Text: "x"})
					p.Note("y")
					select {
					case tick <- time.Time{}:
					default:
					}
				}
				done <- true
			}()
		}
		for range 4 {
			<-done
		}
		p.Close()
	}
}

// A question has the terminal to itself; what happens meanwhile is not lost.
func TestTTYSuspend(t *testing.T) {
	s, c := reporttest.NewScreen(t, 80, 24), &clock{testStart}
	p := ttyOn(t, s, c)
	p.Event(steps.RunStarted{Command: "apply", Nodes: reporttest.ThreeNodes})
	p.Suspend(func() {
		_, _ = io.WriteString(s, "passphrase: ")
		p.Event(steps.NodeConnected{Node: "n1"})
		p.Note("a note")
		p.(interface{ Tick() }).Tick()
		if got := s.String(); got != "passphrase:\n" {
			t.Errorf("while asking:\n%s", got)
		}
		_, _ = io.WriteString(s, "\n")
	})
	if got, want := s.String(), "passphrase:\na note\n\nconnecting  waiting for n2 n3                                                0s\n"; got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	p.Suspend(func() { p.Note("late"); p.Close() })
	if got := s.String(); got != "passphrase:\na note\nlate\n" {
		t.Errorf("after Close:\n%s", got)
	}
}

// Findings that the plan, the verdict or the refusal shows are not told twice.
func TestFindingsAreToldOnce(t *testing.T) {
	seen := steps.FindingSeen{Finding: badReport().Findings[2]}
	for _, mode := range []string{"tty", "plain", "quiet"} {
		for op, want := range map[*steps.Operation]int{&steps.Plan: 0, &steps.Verify: 0, &steps.Apply: 1, &steps.Destroy: 2} {
			command := op.Name
			var b bytes.Buffer
			run := []timed{{0, steps.RunStarted{Command: command, ShowsFindings: op.ShowsFindings()}}, {0, seen}}
			if !op.ReadOnly {
				run = append(run, timed{0, steps.StepStarted{Step: "files"}}, timed{0, seen})
			}
			play(t, mode, &b, run)
			if got := strings.Count(b.String(), "RESOURCE_STOPPED"); got != want {
				t.Errorf("%s %s: told %d times, want %d", mode, command, got, want)
			}
		}
	}
}

func TestPlainSaysThatItConnects(t *testing.T) {
	var b bytes.Buffer
	play(t, "plain", &b, []timed{
		{0, steps.RunStarted{Command: "apply", Cluster: "c", Nodes: reporttest.ThreeNodes}},
		{time.Second, steps.NodeConnected{Node: "n1", Took: time.Second}},
		{time.Second, steps.NodeConnected{Node: "n3", Took: time.Second}},
		{20 * time.Second, steps.NodeConnected{Node: "n2", Took: 22 * time.Second}},
		{12 * time.Second, steps.Observed{Took: 12 * time.Second}},
	})
	want := `00:00 apply: cluster c on n1, n2, n3
00:01 n1 connected (1.0s)
00:02 n3 connected (1.0s)
00:10 still connecting to n2 (10s)
00:20 still connecting to n2 (20s)
00:22 n2 connected (22s)
00:30 still observing n1 n2 n3 (30s)
00:34 observed n1 n2 n3 (12s)
`
	if b.String() != want {
		t.Errorf("got:\n%s", b.String())
	}
}
