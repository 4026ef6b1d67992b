package steps

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/plural"
)

// ErrInterrupted says that the user asked to stop and nothing new was started.
var ErrInterrupted = errors.New("interrupted")

// VerifyInterruptedError says that the user asked to stop before there was a
// verdict, and what was seen until then.
type VerifyInterruptedError struct {
	Findings []plan.Finding // of the last look; errors that may have been about to go
	Looked   bool           // there was one
}

func (e *VerifyInterruptedError) Unwrap() error { return ErrInterrupted }

func (e *VerifyInterruptedError) Error() string {
	_, last := firstError(e.Findings)
	switch {
	case last != "":
		return "interrupted while verifying, so there is no verdict; seen last: " + last
	case e.Looked:
		return "interrupted while verifying, so there is no verdict; no error was seen until then"
	}
	return "interrupted while verifying, before anything was seen"
}

// NodeError is what failed on one node.
type NodeError struct {
	Node string
	Err  error
}

func (e NodeError) Error() string {
	text := e.Err.Error()
	if strings.HasPrefix(text, e.Node+": ") { // the connection's errors name the node too
		return text
	}
	return e.Node + ": " + text
}

func (e NodeError) Unwrap() error { return e.Err }

// NodeErrors are several of them.
type NodeErrors []NodeError

func (e NodeErrors) Error() string {
	lines := make([]string, len(e))
	for i, x := range e {
		lines[i] = x.Error()
	}
	return strings.Join(lines, "\n")
}

func (e NodeErrors) Unwrap() []error {
	errs := make([]error, len(e))
	for i, x := range e {
		errs[i] = x
	}
	return errs
}

// UnreachableError says that nodes could not be reached or would not let us
// in. Nothing was changed anywhere.
type UnreachableError struct{ Nodes NodeErrors }

func (e *UnreachableError) Error() string { return e.Nodes.Error() }
func (e *UnreachableError) Unwrap() error { return e.Nodes }

// Hint says what that means.
func (e *UnreachableError) Hint() string {
	return "no node was changed: a declared node that cannot be reached is never left out"
}

// FailedError says that a run changed some nodes and failed on others, or in a
// cluster-wide step; the summary tells which.
type FailedError struct{ Summary Summary }

func (e *FailedError) Error() string {
	var parts []string
	for _, n := range e.Summary.Nodes {
		if n.FailedAt != "" {
			parts = append(parts, n.Node+" failed at "+n.FailedAt)
		}
	}
	if e.Summary.Failure != "" {
		parts = append(parts, e.Summary.Failure)
	}
	return strings.Join(parts, "; ")
}

// PartlyError says that a step failed when it had written something that stays.
type PartlyError struct {
	Wrote []string // "/etc/corosync/authkey on n2"
	Err   error
}

func (e *PartlyError) Error() string { return e.Err.Error() }
func (e *PartlyError) Unwrap() error { return e.Err }

// partly adds what was written to a step's error.
func partly(wrote []string, err error) error {
	if inner, ok := errors.AsType[*PartlyError](err); ok {
		wrote = append(slices.Clone(wrote), inner.Wrote...)
	}
	if err == nil || len(wrote) == 0 {
		return err
	}
	return &PartlyError{wrote, err}
}

// RefusedError is preflight's: the findings that must be mended first.
type RefusedError struct{ Findings []plan.Finding }

func (e *RefusedError) Error() string {
	lines := make([]string, len(e.Findings))
	for i, f := range e.Findings {
		lines[i] = f.Message + " [" + f.Code + "]"
		if f.Node != "" {
			lines[i] = f.Node + ": " + lines[i]
		}
	}
	return strings.Join(lines, "\n")
}

// Hint says what to do.
func (e *RefusedError) Hint() string {
	return "nothing was changed; mend the above and run the same command again"
}

// OutageError says that a plan would stop the whole cluster.
type OutageError struct{ Change plan.Change }

func (e *OutageError) Error() string {
	return fmt.Sprintf("%s on %s cannot change while the cluster runs, and hadeploy does not stop a cluster by itself", e.Change.ID, e.Change.Node)
}

// Hint says what to do.
func (e *OutageError) Hint() string {
	return "in a maintenance window: pcs cluster stop --all, then apply, which starts it again"
}

// VerifyError says that the cluster is not as declared.
type VerifyError struct {
	Findings []plan.Finding
	Unknown  bool // no node told anything
}

func (e *VerifyError) Error() string {
	if e.Unknown {
		return "the state of the cluster is not known"
	}
	return "the cluster is not as declared: " + plural.Of(len(plan.Errors(e.Findings)), "error")
}

// WaitError says what was waited for in vain, and how far it had come.
type WaitError struct {
	For, Detail string
	Limit       time.Duration
}

func (e *WaitError) Error() string {
	s := fmt.Sprintf("waited %s for %s", e.Limit.Round(time.Second), e.For)
	if e.Detail != "" {
		s += ": " + e.Detail
	}
	return s
}

// LeftoverError says that a change was made and yet is still to be made.
type LeftoverError struct{ Changes []plan.Change }

func (e *LeftoverError) Error() string {
	names := make([]string, len(e.Changes))
	for i, c := range e.Changes {
		names[i] = c.Kind + " " + c.ID
	}
	state := "still not as declared"
	if !slices.ContainsFunc(e.Changes, func(c plan.Change) bool { return c.Action != plan.Delete }) {
		state = "still there"
	}
	return state + " after the change: " + strings.Join(names, ", ")
}

// InterruptedError says that the user asked to stop, and how far the run was.
// It is an ErrInterrupted.
type InterruptedError struct {
	While string // what was being done: "connecting to the nodes"
	// Changed says that changes were under way, or made; else nothing was.
	Changed bool
	Made    int // changes that were made and proved
	Left    int // planned ones that were not begun
	Unknown bool
}

func (e *InterruptedError) Unwrap() error { return ErrInterrupted }

func (e *InterruptedError) Error() string {
	s := "interrupted while " + e.While
	switch {
	case !e.Changed:
		return s + "; nothing was changed"
	case e.Unknown:
		return fmt.Sprintf("%s and cut off: %s known to be made", s, plural.As(e.Made, "change is", "changes are"))
	case e.Made == 0:
		return fmt.Sprintf("%s; nothing was changed, %s left", s, plural.As(e.Left, "change is", "changes are"))
	}
	return fmt.Sprintf("%s: %s made, %d left", s, plural.As(e.Made, "change was", "changes were"), e.Left)
}

// firstError names the first error by what stays the same in it, and tells it.
func firstError(fs []plan.Finding) (what, detail string) {
	bad := plan.Errors(fs)
	if len(bad) == 0 {
		return "", ""
	}
	// The failed action is the reason of what is stopped.
	if i := slices.IndexFunc(bad, func(f plan.Finding) bool { return f.Code == "FAILED_ACTION" }); i > 0 {
		bad[0], bad[i] = bad[i], bad[0]
	}
	what, detail = fmt.Sprint(bad[0].Code, bad[0].Node, bad[0].Object, len(bad)), bad[0].Message
	if len(bad) > 1 {
		detail = fmt.Sprintf("%s, and %d more", detail, len(bad)-1)
	}
	return what, detail
}
