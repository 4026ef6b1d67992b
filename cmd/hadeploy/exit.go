package main

import (
	"context"
	"errors"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/remote"
	"github.com/hadeploy/hadeploy/steps"
)

// exitHelp stands in every command's help.
const exitHelp = `
Exit status:
  0    fine, or nothing to change
  1    an error, a refusal, or the lock is held by somebody else
  2    there are changes (plan --detailed-exitcode)
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
	)
	switch {
	case err == nil:
		return 0
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
	}
	return 1
}
