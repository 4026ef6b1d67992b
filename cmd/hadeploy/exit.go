package main

import (
	"context"
	"errors"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/remote"
	"github.com/hadeploy/hadeploy/internal/report/verifyreport"
	"github.com/hadeploy/hadeploy/steps"
)

// exitHelp stands in every command's help.
const exitHelp = `
Exit status:
  0    fine, or nothing to change
  1    an error, a refusal, or the lock is held by somebody else
  2    there are changes (plan --detailed-exitcode), or differences (diff)
  3    some nodes, or a step of the whole cluster, failed
  4    a node is unreachable or did not let us in; nothing was changed
  5    the cluster is not as declared (verify, and the end of apply)
  64   wrong usage, or an invalid file
  130  interrupted
`

// usageError is a wrong flag, argument or environment.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

// errChanges ends plan --detailed-exitcode when there are changes. It is no
// failure and is not printed.
var errChanges = errors.New("there are changes")

// told ends a run that standard output has told of already: it sets the exit
// status and is not printed.
type told struct{ err error }

func (e told) Error() string { return e.err.Error() }
func (e told) Unwrap() error { return e.err }

// silent tells whether an error is not to be printed.
func silent(err error) bool {
	var t told
	return errors.Is(err, errChanges) || errors.As(err, &t)
}

// monitored ends verify --nagios when the cluster's state is not OK.
type monitored struct{ state verifyreport.State }

func (e monitored) Error() string { return "the state is " + e.state.String() }

// exitCode is the one place that knows the exit codes.
func exitCode(err error) int {
	var (
		usage       usageError
		invalid     diag.List
		unreachable *steps.UnreachableError
		noRoute     *remote.UnreachableError
		noAuth      *remote.AuthError
		badKey      *remote.HostKeyError
		failed      *steps.FailedError
		unverified  *steps.VerifyError
		plugin      monitored
		unread      *facts.Error
		refused     *remote.CommandError
		late        *remote.TimeoutError
		flood       *remote.LimitError
		lost        *remote.LostError
	)
	switch {
	case err == nil:
		return 0
	case errors.As(err, &plugin): // monitoring systems have their own
		return int(plugin.state)
	case errors.Is(err, steps.ErrInterrupted), errors.Is(err, context.Canceled):
		return 130
	case errors.Is(err, errChanges):
		return 2
	case errors.As(err, &usage), errors.As(err, &invalid):
		return 64
	case errors.As(err, &failed):
		return 3
	case errors.As(err, &unreachable), errors.As(err, &noRoute), errors.As(err, &noAuth), errors.As(err, &badKey):
		return 4
	case errors.As(err, &unverified):
		return 5
	case errors.As(err, &unread), errors.As(err, &refused), errors.As(err, &late), errors.As(err, &flood), errors.As(err, &lost):
		return 3 // a node's fault, before or beside any step
	}
	return 1
}
