package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/hadeploy/hadeploy/internal/localfile"
	"github.com/hadeploy/hadeploy/internal/report/progress"
	"github.com/hadeploy/hadeploy/internal/report/term"
	"github.com/hadeploy/hadeploy/internal/secret"
	"github.com/hadeploy/hadeploy/steps"
)

// openLog makes the run's log file, and shows commands with -v.
func (a *app) openLog(s *session) (*slog.Logger, error) {
	var handlers []slog.Handler
	if a.verbose > 0 {
		level := slog.LevelInfo
		if a.verbose > 1 {
			level = slog.LevelDebug
		}
		note := noteWriter{s.progress}
		handlers = append(handlers, commandLines{note: note, mask: s.mask, Handler: slog.NewTextHandler(note, &slog.HandlerOptions{Level: level, ReplaceAttr: func(groups []string, at slog.Attr) slog.Attr {
			return maskAttr(s.mask, dropTime(groups, at))
		}})})
	}
	path := a.logFile
	if path == "" {
		dir := os.Getenv("XDG_STATE_HOME")
		if dir == "" {
			if home, err := localfile.Home(); err == nil {
				dir = filepath.Join(home, ".local", "state")
			}
		}
		path = "none"
		if dir == "" {
			fmt.Fprintln(a.err, "warning: no log is written: neither HOME nor XDG_STATE_HOME says where; --log-file names a file")
		} else {
			path = filepath.Join(dir, "hadeploy", fmt.Sprintf("%s-%s-%s-%d.log", s.playbook.Name, s.op.Name, time.Now().Format("20060102-150405"), os.Getpid()))
		}
	}
	if path != "none" {
		f, err := openLogFile(path)
		if err != nil {
			return nil, err
		}
		s.logPath = path
		log := &logWriter{to: f}
		s.closers = append(s.closers, func() {
			if err := errors.Join(log.failed, f.Close()); err != nil {
				fmt.Fprintf(a.err, "warning: the log %s is not whole: %v\n", path, err)
			}
		})
		handlers = append(handlers, titled(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: func(_ []string, at slog.Attr) slog.Attr {
			return maskAttr(s.mask, at)
		}}), s.op.Name))
	}
	return slog.New(slog.NewMultiHandler(handlers...)), nil
}

func dropTime(groups []string, at slog.Attr) slog.Attr {
	if len(groups) == 0 && (at.Key == slog.TimeKey || at.Key == slog.LevelKey) {
		return slog.Attr{}
	}
	return at
}

// maskAttr takes the known secrets out of what is logged, the message too.
func maskAttr(m *secret.Masker, at slog.Attr) slog.Attr {
	switch v := at.Value.Resolve(); v.Kind() {
	case slog.KindString:
		at.Value = slog.StringValue(m.Text(v.String()))
	case slog.KindAny:
		if err, ok := v.Any().(error); ok {
			at.Value = slog.StringValue(m.Text(err.Error()))
		} else if x := v.Any(); x != nil {
			at.Value = slog.AnyValue(secret.Words(m, x))
		}
	}
	return at
}

// noteWriter shows log lines beside the progress.
type noteWriter struct{ progress progress.Display }

func (w noteWriter) Write(b []byte) (int, error) {
	w.progress.Note(strings.TrimRight(string(b), "\n"))
	return len(b), nil
}

// commandLines shows the commands on the nodes as a shell's prompt does, and
// below them what they printed; other records as they are.
type commandLines struct {
	slog.Handler
	note noteWriter
	mask *secret.Masker
}

func (h commandLines) Handle(ctx context.Context, r slog.Record) error {
	at := map[string]string{}
	r.Attrs(func(a slog.Attr) bool { at[a.Key] = h.mask.Text(a.Value.String()); return true })
	switch {
	case at["command"] != "" && at["node"] != "":
		end := "exit status " + at["status"]
		if at["error"] != "" {
			end = "did not finish: " + at["error"]
		}
		h.note.progress.Note(fmt.Sprintf("%s# %s   (%s, %s)", term.Clean(at["node"]), term.Clean(at["command"]), end, at["took"]))
		return nil
	case (r.Message == "output" || r.Message == "script") && at["node"] != "":
		for _, text := range []string{at["text"], at["stdout"], at["stderr"]} {
			if text = strings.TrimSpace(text); text == "" {
				continue
			}
			for _, line := range term.CleanLines(text) {
				h.note.progress.Note(term.Clean(at["node"]) + "  " + line)
			}
		}
		return nil
	}
	return h.Handler.Handle(ctx, r)
}

func logEvent(log *slog.Logger, e steps.Event) {
	switch e := e.(type) {
	case steps.NodeConnected:
		log.Debug("connected", "node", e.Node, "took", e.Took)
	case steps.StepStarted:
		log.Debug("step", "step", e.Step, "nodes", e.Nodes, "changes", e.Changes)
	case steps.Waiting:
		log.Debug("waiting", "step", e.Step, "node", e.Node, "for", e.For, "detail", e.Detail, "done", e.Done)
	case steps.NodeFailed:
		log.Error("failed", "step", e.Step, "node", e.Node, "error", e.Err)
	case steps.StepDone:
		log.Debug("step done", "step", e.Step, "changes", e.Changes, "took", e.Took)
	case steps.FindingSeen:
		log.Warn(e.Finding.Message, "code", e.Finding.Code, "node", e.Finding.Node, "object", e.Finding.Object)
	}
}
