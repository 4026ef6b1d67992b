package remote

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/hadeploy/hadeploy/internal/excerpt"
)

// UnreachableError says that no usable connection to a node could be made.
type UnreachableError struct {
	Node string
	Addr string // host:port, or the jump host that failed
	Err  error
	Hint string

	begun bool // a session was there, and its shell did not come to the command
}

func (e *UnreachableError) Error() string {
	return join(fmt.Sprintf("%s: cannot reach %s: %v", e.Node, e.Addr, e.Err), e.Hint)
}
func (e *UnreachableError) Unwrap() error { return e.Err }

// AuthError says that a node did not let us in, or did not let us become root.
type AuthError struct {
	Node   string
	User   string
	Addr   string
	Reason string   // what was refused
	Tried  []string // what was offered: "key /root/.ssh/id_ed25519", "password"
	Hint   string
}

func (e *AuthError) Error() string {
	msg := fmt.Sprintf("%s: %s (user %s at %s", e.Node, e.Reason, e.User, e.Addr)
	if len(e.Tried) > 0 {
		msg += ", tried " + strings.Join(e.Tried, ", ")
	}
	return join(msg+")", e.Hint)
}

// HostKeyProblem is what is wrong with a host key.
type HostKeyProblem int

// No problem is no value: then there is no *HostKeyError.
const (
	HostKeyUnknown HostKeyProblem = iota // no key of this host is pinned
	HostKeyChanged                       // other keys of this host are pinned
	HostKeyRevoked                       // the key is marked @revoked
)

// HostKey is one key of a host, as offered or as pinned.
type HostKey struct {
	Type        string // ssh-ed25519
	Fingerprint string // SHA256:...
	File        string // where it is pinned, for pinned keys
	Line        int
}

func (k HostKey) String() string {
	s := k.Type + " " + k.Fingerprint
	if k.File != "" {
		s += fmt.Sprintf(" (%s:%d)", k.File, k.Line)
	}
	return s
}

// HostKeyError says that a node could not prove that it is the one we mean.
type HostKeyError struct {
	Node    string
	Addr    string // the name that was looked up
	Problem HostKeyProblem
	Offered HostKey
	Pinned  []HostKey
	Line    string // the known_hosts line that would pin the offered key
	Hint    string
}

func (e *HostKeyError) Error() string {
	var msg string
	switch e.Problem {
	case HostKeyChanged:
		pinned := make([]string, len(e.Pinned))
		for i, k := range e.Pinned {
			pinned[i] = k.String()
		}
		msg = fmt.Sprintf("%s: the host key of %s is not the pinned one: offered %s, pinned %s",
			e.Node, e.Addr, e.Offered, strings.Join(pinned, ", "))
	case HostKeyRevoked:
		msg = fmt.Sprintf("%s: the host key of %s is revoked: %s", e.Node, e.Addr, e.Offered)
	default:
		msg = fmt.Sprintf("%s: the host key of %s is not known: offered %s", e.Node, e.Addr, e.Offered)
	}
	return join(msg, e.Hint)
}

// TimeoutError says that a command did not end in its time. It was told to
// stop, on the node too.
type TimeoutError struct {
	Node    string
	Label   string
	After   time.Duration
	Unknown bool // it may have changed the node
}

func (e *TimeoutError) Error() string {
	return fmt.Sprintf("%s: %s: not finished after %s and stopped%s", e.Node, e.Label, e.After.Round(100*time.Millisecond), unknown(e.Unknown))
}
func (e *TimeoutError) Unwrap() error { return context.DeadlineExceeded }

// LostError says that the connection died while a command ran, or before.
type LostError struct {
	Node    string
	Label   string
	Unknown bool // the command had been handed over and may have changed the node
	Err     error
}

func (e *LostError) Error() string {
	return fmt.Sprintf("%s: %s: connection lost: %v%s", e.Node, e.Label, e.Err, unknown(e.Unknown))
}
func (e *LostError) Unwrap() error { return e.Err }

// InterruptedError says that the caller cancelled a command. It was told to
// stop, on the node too.
type InterruptedError struct {
	Node    string
	Label   string
	Unknown bool // it may have changed the node
	Err     error
}

func (e *InterruptedError) Error() string {
	return fmt.Sprintf("%s: %s: interrupted: %v%s", e.Node, e.Label, e.Err, unknown(e.Unknown))
}
func (e *InterruptedError) Unwrap() error { return e.Err }

// LimitError says that a command wrote more than its Limit. It was told to
// stop.
type LimitError struct {
	Node    string
	Label   string
	Stream  string // stdout, stderr
	Limit   int
	Unknown bool // it may have changed the node
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("%s: %s: wrote more than %d bytes to %s and was stopped%s", e.Node, e.Label, e.Limit, e.Stream, unknown(e.Unknown))
}

// LockedError says that another run holds the node's lock.
type LockedError struct {
	Node   string
	Holder string // as that run wrote it, cleaned; "" when it wrote nothing
}

func (e *LockedError) Error() string {
	holder := e.Holder
	if holder == "" {
		holder = "somebody who left no name"
	}
	return fmt.Sprintf("%s: another run holds the lock: %s; wait until it has ended (the lock is freed by itself, also when that run is killed)", e.Node, holder)
}

// ReadOnlyError says that a dry run tried to change a node: a defect in the
// step, stopped here.
type ReadOnlyError struct{ Node, Label string }

func (e *ReadOnlyError) Error() string {
	return fmt.Sprintf("%s: %s: refused, this connection only reads (a defect: please report it)", e.Node, e.Label)
}

// CommandError is a command that ran and failed.
type CommandError struct {
	Node   string
	Label  string
	Status int
	Stderr string // the last lines, control characters escaped, bounded
}

func (e *CommandError) Error() string {
	msg := fmt.Sprintf("%s: %s: exit status %d", e.Node, e.Label, e.Status)
	if e.Stderr != "" {
		msg += ": " + e.Stderr
	}
	return msg
}

// Err is nil when the command exited with 0, else a *CommandError.
func (r Result) Err(label string) error {
	if r.Status == 0 {
		return nil
	}
	e := &CommandError{Node: r.Node, Label: label, Status: r.Status}
	if !r.sensitive {
		e.Stderr = excerpt.Tail([]byte(r.mask.Text(string(r.Stderr))), 5) // masked before it is cut
	}
	return e
}

// harmless is an error that may quote the other side (a reason to disconnect),
// with a text that cannot steer a terminal and is not endless.
func harmless(err error) error {
	if err == nil {
		return nil
	}
	text := excerpt.Printable(err.Error(), 1000)
	if text == err.Error() {
		return err
	}
	return quoted{err, text}
}

type quoted struct {
	error
	text string
}

func (q quoted) Error() string { return q.text }
func (q quoted) Unwrap() error { return q.error }

func unknown(u bool) string {
	if u {
		return "; whether it took effect is unknown, run again to find out"
	}
	return ""
}

func join(msg, hint string) string {
	if hint == "" {
		return msg
	}
	return msg + "; " + hint
}
