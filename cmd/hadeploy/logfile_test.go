package main

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestLogFile names what must not be written to. What is refused stays as it
// was, and so does what a link leads to.
func TestLogFile(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	const text = "name: production\n"
	title := func(name string) {
		f, err := openLogFile(in(name))
		if err != nil {
			t.Fatal(err)
		}
		titled(slog.NewJSONHandler(f, nil), "plan")
		_ = f.Close()
	}
	title("ours")
	if err := errors.Join(
		os.WriteFile(in("text"), []byte(text), 0o600),
		os.WriteFile(in("json"), []byte(`{"time":"2026-01-02T03:04:05Z","level":"INFO","msg":"other"}`+"\n"), 0o600),
		os.WriteFile(in("empty"), nil, 0o644),
		os.WriteFile(in("two"), nil, 0o600), os.Link(in("two"), in("names")),
		os.Symlink("text", in("link")), os.Symlink("new", in("dangling")), os.Symlink("ours", in("to-a-log")),
		syscall.Mkfifo(in("pipe"), 0o600), os.Mkdir(in("folder"), 0o700),
	); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{ // "" is taken
		"new-one":   "",
		"sub/a/b":   "",
		"empty":     "",
		"ours":      "",
		"text":      "is no log of hadeploy",
		"json":      "is no log of hadeploy",
		"names":     "has a second name",
		"link":      "is a symbolic link",
		"dangling":  "is a symbolic link",
		"to-a-log":  "is a symbolic link",
		"pipe":      "is a pipe",
		"folder":    "is a folder",
		"/dev/null": "is a device",
		"text/x":    "not a directory",
	} {
		path := in(name)
		if filepath.IsAbs(name) {
			path = name
		}
		f, err := openLogFile(path)
		if f != nil {
			info, _ := f.Stat()
			if info.Mode().Perm() != 0o600 {
				t.Errorf("%s: mode %s", name, info.Mode())
			}
			_ = f.Close()
		}
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", name, err, want)
		}
	}
	if got, _ := os.ReadFile(in("text")); string(got) != text {
		t.Errorf("the file was changed: %q", got)
	}
	if _, err := os.Lstat(in("new")); err == nil {
		t.Error("a link was followed, and a file made")
	}
	title("ours")
	if got, _ := os.ReadFile(in("ours")); strings.Count(string(got), logTitle) != 2 {
		t.Errorf("a second run does not go on behind the first: %s", got)
	}
	t.Run("another user's", func(t *testing.T) {
		if os.Geteuid() != 0 {
			t.Skip("only root can make one")
		}
		if err := errors.Join(os.WriteFile(in("theirs"), nil, 0o666), os.Chown(in("theirs"), 65534, 65534)); err != nil {
			t.Fatal(err)
		}
		if _, err := openLogFile(in("theirs")); err == nil || !strings.Contains(err.Error(), "belongs to another user") {
			t.Errorf("got %v", err)
		}
	})
}

// TestLogNotWhole: a log that cannot be written is told of, and ends no run.
func TestLogNotWhole(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip(err)
	}
	defer full.Close()
	w := &logWriter{to: full}
	log := slog.New(slog.NewJSONHandler(w, nil))
	log.Info("one")
	log.Info("two")
	if !errors.Is(w.failed, syscall.ENOSPC) {
		t.Errorf("got %v", w.failed)
	}
}
