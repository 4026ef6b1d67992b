package secret

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
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
		if home, err := os.UserHomeDir(); err == nil {
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
func runCommand(ctx context.Context, dir string, argv []string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, CommandTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Dir = dir
	// A grandchild that keeps stdout open must not hold the run.
	cmd.WaitDelay = 2 * time.Second
	var out capped
	cmd.Stdout = &out
	err := cmd.Run()
	name := argv[0]
	var exit *exec.ExitError
	switch {
	case ctx.Err() == context.DeadlineExceeded:
		return "", fmt.Errorf("secret command %s did not end within %s", name, CommandTimeout)
	case ctx.Err() != nil:
		return "", fmt.Errorf("secret command %s: %w", name, context.Cause(ctx))
	case out.over:
		return "", fmt.Errorf("secret command %s printed more than %d KiB", name, MaxSize>>10)
	case errors.As(err, &exit):
		return "", fmt.Errorf("secret command %s failed (%s); run it by hand to see why", name, exit.ProcessState)
	case err != nil:
		return "", fmt.Errorf("secret command %s: %w", name, err)
	}
	return trimNewline(out.buf.Bytes()), nil
}

// capped keeps at most MaxSize bytes and swallows the rest.
type capped struct {
	buf  bytes.Buffer
	over bool
}

func (c *capped) Write(p []byte) (int, error) {
	if room := MaxSize - c.buf.Len(); len(p) > room {
		c.buf.Write(p[:room])
		c.over = true
	} else {
		c.buf.Write(p)
	}
	return len(p), nil
}

func trimNewline(b []byte) string {
	b = bytes.TrimSuffix(b, []byte("\n"))
	return string(bytes.TrimSuffix(b, []byte("\r")))
}
