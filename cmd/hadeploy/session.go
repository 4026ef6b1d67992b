package main

import (
	"context"
	"log/slog"
	"slices"

	"github.com/hadeploy/hadeploy/internal/remote"
	"github.com/hadeploy/hadeploy/internal/report/progress"
	"github.com/hadeploy/hadeploy/internal/secret"
	"github.com/hadeploy/hadeploy/steps"
)

// session is one run against nodes: its context, progress, log and
// connections.
type session struct {
	*declared
	ctx      context.Context
	run      *steps.Run
	stop     <-chan struct{} // closed by the first Ctrl-C
	mask     *secret.Masker  // of the nodes' words
	op       steps.Operation
	recapped bool // the run has been summed up
	progress progress.Display
	dialer   *remote.Dialer
	log      *slog.Logger
	logPath  string
	closers  []func()
}

// close ends the run, last opened first.
func (s *session) close() {
	for _, end := range slices.Backward(s.closers) {
		end()
	}
	s.closers = nil
}
