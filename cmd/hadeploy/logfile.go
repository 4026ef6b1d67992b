package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"syscall"
)

// logTitle is the message of the first record of each run in a log. A file is
// known as a log of ours by it.
const logTitle = "hadeploy log"

var logHead = regexp.MustCompile(`^\{"time":"[^"]{10,60}","level":"INFO","msg":"` + logTitle + `"`)

// openLogFile opens the log of a run, for its owner alone. It makes a new
// file, or goes on with a log of earlier runs: anything else that is there was
// named by mistake, or put there by somebody else, and is not touched. A
// symbolic link is not followed.
func openLogFile(path string) (*os.File, error) {
	refuse := func(format string, args ...any) error {
		return usageError{hinted{fmt.Errorf("the log file %s "+format, append([]any{path}, args...)...),
			"it was not touched; name a new file with --log-file, or none for no log (-v shows the commands on the screen)"}}
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("making the log's folder: %w", err)
	}
	// Looked at first: opening a device may already do something.
	if info, err := os.Lstat(path); err == nil && !info.Mode().IsRegular() {
		return nil, refuse("is %s", kindOf(info.Mode()))
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|os.O_APPEND|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0o600)
	switch {
	case errors.Is(err, syscall.ELOOP):
		return nil, refuse("is a symbolic link")
	case err != nil:
		return nil, fmt.Errorf("opening the log: %w", err)
	}
	if why, err := notOurLog(f); err != nil || why != "" {
		_ = f.Close()
		if err != nil {
			return nil, fmt.Errorf("opening the log: %w", err)
		}
		return nil, refuse("%s", why)
	}
	return f, nil
}

// notOurLog says why an open file cannot be the log, "" when it can; it is
// then readable by its owner alone.
func notOurLog(f *os.File) (why string, err error) {
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	switch {
	case !ok:
		return "does not say whose it is", nil
	case !info.Mode().IsRegular():
		return "is " + kindOf(info.Mode()), nil
	case int(st.Uid) != os.Geteuid():
		return fmt.Sprintf("belongs to another user (uid %d)", st.Uid), nil
	case st.Nlink > 1:
		return "has a second name (a hard link)", nil
	}
	head := make([]byte, 200)
	n, err := f.ReadAt(head, 0)
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		return "", err
	case n > 0 && !logHead.Match(head[:n]):
		return "exists and is no log of hadeploy", nil
	}
	return "", f.Chmod(0o600)
}

// logWriter remembers why a log could not be written. The run goes on: the
// cluster is worth more than its log.
type logWriter struct {
	to     io.Writer
	failed error // the first one
}

func (w *logWriter) Write(b []byte) (int, error) {
	n, err := w.to.Write(b)
	if err != nil && w.failed == nil {
		w.failed = err
	}
	return n, err
}

func kindOf(mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return "a folder"
	case mode&fs.ModeSymlink != 0:
		return "a symbolic link"
	case mode&fs.ModeNamedPipe != 0:
		return "a pipe"
	case mode&fs.ModeDevice != 0:
		return "a device"
	}
	return "no regular file"
}

// titled begins a run's part of a log.
func titled(h slog.Handler, command string) slog.Handler {
	slog.New(h).Info(logTitle, "command", command, "version", hadeployVersion())
	return h
}
