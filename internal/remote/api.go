// Package remote is the only place that knows ssh. It gives one primitive, to
// run a command on a node, and what is made of it: sudo, atomic file writes, a
// lock that dies with its holder, and a guard for dry runs.
//
// A Dialer makes connections. Of goph it uses the helpers for keys and
// passwords and the Client; what goph v1 leaves open (deadlines for the whole
// handshake, a choice of host key algorithms, jump hosts, commands that can be
// cancelled, exit status apart from transport failure) is done here on the
// ssh.Client inside of it. Host keys are always checked strictly: an unknown
// or changed key is a *HostKeyError, whatever StrictHostKeyChecking says.
//
// Errors: *UnreachableError, *AuthError and *HostKeyError from Dial;
// *TimeoutError, *InterruptedError, *LimitError and *LostError from commands
// that did not end by themselves, of which the last says the least about what
// happened; *CommandError from Result.Err; *LockedError; *ReadOnlyError.
package remote

import (
	"context"
	"io"
	"time"

	"github.com/hadeploy/hadeploy/internal/secret"
)

// Cmd is one command for a node. Exactly one of Argv and Script is set.
type Cmd struct {
	// Argv is run as it is, each word quoted for the remote shell.
	Argv []string
	// Script is POSIX sh, run by sh -c; Args are its $1, $2, and so on.
	Script string
	Args   []string

	// Stdin is what the command reads. Secrets travel here and nowhere else.
	Stdin io.Reader
	// Reads says that the command changes nothing on the node. A read-only
	// connection runs no other; and of any other that was cut off the errors
	// say that it may have taken effect.
	Reads bool
	// Timeout bounds the command on both sides; 0 means DefaultTimeout.
	Timeout time.Duration
	// Limit bounds stdout in bytes; 0 means DefaultLimit. stderr may have as
	// much, and 1 MiB at most. Output beyond it is an error, never a silent
	// cut. A node that floods costs up to twice its Limit in memory.
	Limit int
	// Sensitive says that the output is secret: it is never logged, nor quoted
	// in errors.
	Sensitive bool
	// Label is what errors and logs call the command; it holds no secret.
	// Empty means the first words of Argv.
	Label string
	// OnLine, when set, is called with each whole line of stdout as it comes.
	OnLine func(line string)
}

// What a Cmd gets that does not say otherwise.
const (
	DefaultTimeout = time.Minute
	DefaultLimit   = 1 << 20
)

// Result is what a command answered. A command that ran and exited with a
// status other than 0 is a Result, not an error: see Result.Err.
type Result struct {
	Node           string // inventory name
	Stdout, Stderr []byte
	Status         int
	Took           time.Duration

	sensitive bool           // not to be quoted
	mask      *secret.Masker // of what is quoted
}

// File is a file to be written on a node.
type File struct {
	Path    string // absolute
	Content []byte
	Mode    string // octal: "0644"; empty means 0644
	Owner   string // user:group or user; empty means root:root
}

// Conn is a connection to one node. It is safe for use by many goroutines.
type Conn interface {
	// Run runs cmd as root (through sudo where the login user is another).
	// The error is about the connection, the timeout or a refusal; a
	// command's own failure is in Result.Status.
	Run(ctx context.Context, cmd Cmd) (Result, error)
	// WriteFile replaces a file as a whole: temporary file in the same
	// directory, mode and owner set, sync, rename. Missing parent
	// directories are made (0755).
	WriteFile(ctx context.Context, f File) error
	// Lock takes the run's lock on the node without waiting. The lock is
	// given back by Unlock or by the end of the connection, whatever ends
	// it. When somebody else holds it the error is a *LockedError.
	Lock(ctx context.Context, holder string) (Unlock func(), err error)
	// Lost is closed when the connection is dead.
	Lost() <-chan struct{}
	Close() error
}
