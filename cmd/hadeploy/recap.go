package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/report/recap"
	"github.com/hadeploy/hadeploy/internal/report/term"
	"github.com/hadeploy/hadeploy/steps"
)

// recap ends the progress with what was done.
func (s *session) recap(sum steps.Summary) {
	s.recapped = true
	s.progress.Event(steps.RunDone{Summary: sum})
	s.progress.Close()
}

// recapText says what was done, unless the error says it all.
func recapText(w io.Writer, s term.Style, sum steps.Summary) error {
	if sum.Stopped != "" && sum.Changes == 0 {
		return nil
	}
	if _, err := fmt.Fprintln(w); err != nil {
		return err
	}
	return recap.Text(w, s, sum)
}

// end is how a command that changes ends. One that was interrupted before there
// was anything to recap has a summary too, for those who read events.
func (a *app) end(s *session, err error) error {
	err = s.logHint(err)
	if errors.Is(err, steps.ErrInterrupted) && !s.recapped && s.progress != nil && s.declared != nil {
		sum := steps.Summary{Command: s.op.Name, Cluster: s.playbook.Name, Nodes: []steps.NodeSummary{}}
		if s.run != nil {
			sum = s.run.Summary()
		}
		sum.Interrupted = true
		s.progress.Event(steps.RunDone{Summary: sum})
	}
	return err
}

// logHint logs how the run ended, and adds where the log is to an error.
func (s *session) logHint(err error) error {
	if err == nil || errors.Is(err, errChanges) {
		return err
	}
	if err == steps.ErrInterrupted { //nolint:errorlint // one that says more is kept as it is
		err = &steps.InterruptedError{While: "reading the nodes"}
	}
	if s.interrupted() && !errors.Is(err, steps.ErrInterrupted) {
		err = interruptedError{err}
	}
	if s.ctx != nil && errors.Is(context.Cause(s.ctx), errTimedOut) {
		err = hinted{errTimedOut, "run the same command again, it goes on where this one stopped"}
	}
	err = s.mask.Error(s.withSource(err))
	if s.logPath == "" {
		return err
	}
	s.log.Error("ended", "exit", exitCode(err), "error", err)
	return hinted{err, "the log is " + s.logPath}
}

// withSource gives diagnostics that came up on the nodes the line that they
// point at.
func (s *session) withSource(err error) error {
	var list diag.List
	if s.declared == nil || !errors.As(err, &list) {
		return err
	}
	for i, d := range list {
		if d.Source == "" && d.File == s.playbook.File {
			list[i].Source = s.playbook.Line(d.Line)
		}
	}
	return list
}
