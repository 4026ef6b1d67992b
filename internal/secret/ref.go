package secret

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
	"unicode/utf8"

	"github.com/hadeploy/hadeploy/internal/localfile"
)

const (
	// CommandTimeout bounds a command that prints a secret.
	CommandTimeout = 30 * time.Second
	// MaxSize is the longest secret that is accepted, in bytes.
	MaxSize = 64 << 10
)

// Ref says where a secret comes from. At most one source is set.
type Ref struct {
	Env     string   // name of an environment variable of the controller
	File    string   // path on the controller; one trailing newline is dropped
	Command []string // argv run on the controller; its stdout less one trailing newline
	Plain   Value    // written down as it is
}

// IsZero reports whether no source is given.
func (r Ref) IsZero() bool {
	return r.Env == "" && r.File == "" && r.Command == nil && !r.Plain.IsSet()
}

// String names the source, never the secret: "environment variable NAME". Of
// a command only its first word is told, for the others may be a secret.
func (r Ref) String() string {
	switch {
	case r.Env != "":
		return "environment variable " + r.Env
	case r.File != "":
		return "file " + r.File
	case len(r.Command) > 0:
		return "command " + r.Command[0]
	case r.Plain.IsSet():
		return "plain text"
	}
	return "nothing"
}

// MarshalJSON writes the source as String tells it.
func (r Ref) MarshalJSON() ([]byte, error) { return json.Marshal(r.String()) }

// Resolve fetches the secret. A relative file is relative to dir, and a
// command runs there. An unset variable, a missing file, a failed command, an
// empty secret, and one with a line break or a NUL in it are errors; no error
// holds the secret or what a command printed.
func (r Ref) Resolve(ctx context.Context, dir string) (Value, error) {
	var text string
	var err error
	switch {
	case r.Env != "":
		var ok bool
		if text, ok = os.LookupEnv(r.Env); !ok {
			return Value{}, fmt.Errorf("environment variable %s is not set; export %s=... before running", r.Env, r.Env)
		}
	case r.File != "":
		text, err = readFile(Path(dir, r.File))
	case len(r.Command) > 0:
		text, err = runCommand(ctx, dir, r.Command)
	case r.Plain.IsSet():
		text = r.Plain.Reveal()
	default:
		return Value{}, errors.New("no secret is given; use {env: NAME}, {file: PATH} or {command: [...]}")
	}
	if err != nil {
		return Value{}, err
	}
	switch {
	case text == "":
		return Value{}, fmt.Errorf("the secret from %s is empty", r)
	case strings.ContainsAny(text, "\n\r\x00"):
		return Value{}, fmt.Errorf("the secret from %s has a line break or a NUL inside; give one line", r)
	case !utf8.ValidString(text):
		return Value{}, fmt.Errorf("the secret from %s is not UTF-8 text", r)
	}
	return New(text), nil
}

// Path is where a file of a Ref lies: ~/ is the home, a relative path is
// relative to dir.
func Path(dir, file string) string {
	if rest, ok := strings.CutPrefix(file, "~/"); ok {
		if home, err := localfile.Home(); err == nil {
			return filepath.Join(home, rest)
		}
	}
	if filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(dir, file)
}

// TooOpen reports whether others than the owner may read the file at path,
// and its mode. A file that cannot be looked at is not too open.
func TooOpen(path string) (os.FileMode, bool) {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return 0, false
	}
	mode := info.Mode().Perm()
	return mode, mode&0o044 != 0
}

func readFile(path string) (string, error) {
	text, _, err := localfile.Read(path, MaxSize)
	switch {
	case err != nil:
		return "", fmt.Errorf("the secret's file %s %w", path, err)
	case len(text) > MaxSize:
		return "", fmt.Errorf("cannot read the secret: %s is larger than %d KiB", path, MaxSize>>10)
	}
	return trimNewline(text), nil
}

// runCommand keeps stdout only: stderr is nobody's to check for secrets. A
// command that has to ask for a passphrase can still open /dev/tty.
func runCommand(parent context.Context, dir string, argv []string) (string, error) {
	ctx, cancel := context.WithTimeout(parent, CommandTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Dir = dir
	// A child that it leaves behind may keep stdout open. What the command itself
	// printed has long been read then, and is its answer.
	cmd.WaitDelay = 2 * time.Second
	out := capped{full: cancel}
	cmd.Stdout = &out
	err := cmd.Run()
	name := argv[0]
	switch {
	case out.over:
		return "", fmt.Errorf("secret command %s printed more than %d KiB, and was stopped; a secret is one line", name, MaxSize>>10)
	case parent.Err() != nil:
		return "", fmt.Errorf("secret command %s was stopped: %w", name, context.Cause(parent))
	case ctx.Err() != nil:
		return "", fmt.Errorf("secret command %s did not end within %s, and was stopped; does it wait for an answer? run it by hand to see", name, CommandTimeout)
	case cmd.ProcessState == nil:
		return "", notStarted(name, dir, err)
	case interrupted(cmd.ProcessState):
		return "", fmt.Errorf("secret command %s was interrupted: %w", name, context.Canceled)
	case !cmd.ProcessState.Success():
		return "", fmt.Errorf("secret command %s failed (%s); run it by hand to see why", name, cmd.ProcessState)
	case err != nil && !errors.Is(err, exec.ErrWaitDelay):
		return "", fmt.Errorf("reading what secret command %s printed: %w", name, err)
	}
	return trimNewline(out.buf.Bytes()), nil
}

// interrupted reports whether a command ended by the Ctrl-C that a terminal
// sends to every program of a run, as it is or as shells pass it on.
func interrupted(state *os.ProcessState) bool {
	status, ok := state.Sys().(syscall.WaitStatus)
	return state.ExitCode() == 130 || ok && status.Signaled() && status.Signal() == syscall.SIGINT
}

// notStarted says in plain words why a command could not be run.
func notStarted(name, dir string, err error) error {
	path := name
	if strings.Contains(name, "/") {
		path = Path(dir, name)
	}
	var why string
	switch info, statErr := os.Stat(path); {
	case errors.Is(err, exec.ErrNotFound):
		why = "there is no such program in $PATH; install it, or give its path"
	case errors.Is(err, syscall.ENOEXEC):
		why = "it is no program: does its first line #!/bin/sh, or the like, lack?"
	case statErr == nil && info.IsDir():
		why = "it is a folder"
	case errors.Is(err, fs.ErrPermission):
		why = "it may not be executed by this user; chmod +x, or check who owns it"
	case errors.Is(err, fs.ErrNotExist) && statErr == nil:
		why = "it is there, but the program that its first line names, or the folder to run it in (" + dir + "), is not"
	case errors.Is(err, fs.ErrNotExist):
		why = "there is no such file (the path is relative to " + dir + ")"
	default:
		if at, ok := errors.AsType[*fs.PathError](err); ok {
			err = at.Err
		}
		why = err.Error()
	}
	return fmt.Errorf("secret command %s cannot be run: %s", name, why)
}

// capped keeps at most MaxSize bytes; more is an error, and told at once.
type capped struct {
	buf  bytes.Buffer
	over bool
	full func()
}

func (c *capped) Write(p []byte) (int, error) {
	if len(p) > MaxSize-c.buf.Len() {
		c.over = true
		c.full()
		return 0, errors.New("too much")
	}
	return c.buf.Write(p)
}

func trimNewline(b []byte) string {
	b = bytes.TrimSuffix(b, []byte("\n"))
	return string(bytes.TrimSuffix(b, []byte("\r")))
}
