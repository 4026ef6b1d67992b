package main

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/hadeploy/hadeploy/internal/secret"
	"github.com/hadeploy/hadeploy/steps"
)

// noted is a display that keeps what is shown beside the progress.
type noted struct{ lines []string }

func (n *noted) Event(steps.Event)    {}
func (n *noted) Note(line string)     { n.lines = append(n.lines, line) }
func (n *noted) Suspend(while func()) { while() }
func (n *noted) Close()               {}

// TestCommandsAreShown: -v shows each command as at a prompt, with how it ended;
// what it printed stands below; secrets and escapes are shown nowhere.
func TestCommandsAreShown(t *testing.T) {
	var shown noted
	mask := secret.NewMasker()
	mask.Add(secret.New("s3cret-word"))
	note := noteWriter{&shown}
	log := slog.New(commandLines{note: note, mask: mask, Handler: slog.NewTextHandler(note, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: dropTime})})
	log.Info("command", "node", "n1", "label", "x", "command", "pcs host auth n1", "took", 900*time.Millisecond, "status", 0)
	log.Warn("command did not finish", "node", "n1", "label", "x", "command", "sleep 9", "took", time.Second, "error", errors.New("timed out"))
	log.Debug("output", "node", "n1", "stdout", "one\n\x1b[31mtwo s3cret-word\n", "stderr", "")
	log.Debug("step", "step", "cib")
	want := "n1# pcs host auth n1   (exit status 0, 900ms)\n" +
		"n1# sleep 9   (did not finish: timed out, 1s)\n" +
		"n1  one\n" +
		"n1  \\x1b[31mtwo " + secret.Mask + "\n" +
		"msg=step step=cib"
	if got := strings.Join(shown.lines, "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
