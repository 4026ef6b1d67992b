package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hadeploy/hadeploy/internal/report/progress"
	"github.com/hadeploy/hadeploy/internal/secret"
	"github.com/hadeploy/hadeploy/playbook"
	"github.com/hadeploy/hadeploy/steps"
)

const canary = `S3cr&t "w0rd"<9>`

// TestLogIsMasked: whatever is logged, in a message, a text, an error or a list,
// in the file and with -v, has no known secret in it.
func TestLogIsMasked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.log")
	var shown bytes.Buffer
	progress, err := progress.New("plain", progress.Options{W: &shown})
	if err != nil {
		t.Fatal(err)
	}
	mask := secret.NewMasker()
	mask.Add(secret.New(canary))
	s := &session{op: steps.Plan, mask: mask, progress: progress, declared: &declared{playbook: &playbook.Playbook{Name: "c"}}}
	log, err := (&app{verbose: 2, logFile: path}).openLog(s)
	if err != nil {
		t.Fatal(err)
	}
	log.Warn("a "+canary, "text", "b "+canary, "error", fmt.Errorf("c: %w", errors.New(canary)), "list", []string{canary}, "none", nil,
		slog.Group("group", "inner", canary))
	s.log = log
	if err := s.logHint(errors.New("x " + canary)); strings.Contains(err.Error(), canary) {
		t.Errorf("the error holds it: %v", err)
	}
	s.close()
	progress.Close()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{string(text), shown.String()} {
		if strings.Contains(text, "w0rd") || strings.Count(text, secret.Mask) < 4 {
			t.Errorf("the log: %s", text)
		}
	}
}

// TestSignals: signals that come together are one; the second stops at once.
func TestSignals(t *testing.T) {
	progress, err := progress.New("quiet", progress.Options{W: &bytes.Buffer{}})
	if err != nil {
		t.Fatal(err)
	}
	defer progress.Close()
	s := &session{progress: progress}
	s.signals(context.Background(), time.Minute)
	defer s.close()
	press := func() {
		if err := syscall.Kill(os.Getpid(), syscall.SIGINT); err != nil {
			t.Fatal(err)
		}
	}
	press()
	select {
	case <-s.stop:
	case <-time.After(10 * time.Second):
		t.Fatal("the first one is not heeded")
	}
	press() // the same one, sent to the group
	if !s.interrupted() || s.ctx.Err() != nil {
		t.Error("the first one ended what was under way")
	}
	time.Sleep(oneSignal) // a person takes longer
	if s.ctx.Err() != nil {
		t.Fatal("two signals at once count as two")
	}
	press()
	select {
	case <-s.ctx.Done():
	case <-time.After(10 * time.Second):
		t.Fatal("the second one is not heeded")
	}
	for _, err := range []error{errors.New("secret command pass failed (signal: interrupt)"), &steps.FailedError{}, &steps.VerifyError{}, steps.ErrInterrupted} {
		if err := s.logHint(err); exitCode(err) != 130 || !strings.HasPrefix(err.Error(), "interrupted") {
			t.Errorf("%v: exit status %d", err, exitCode(err))
		}
	}
	if s.logHint(nil) != nil {
		t.Error("what was done in spite of it is no failure")
	}
}
