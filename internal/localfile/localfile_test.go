package localfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestRead names things that are no files, or that never end: nothing hangs,
// and no more than the limit is kept.
func TestRead(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	for name, text := range map[string]string{"empty": "", "short": "abc", "fits": strings.Repeat("x", 1000), "long": strings.Repeat("x", 5000)} {
		if err := os.WriteFile(in(name), []byte(text), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(syscall.Mkfifo(in("pipe"), 0o600), os.Symlink("short", in("link")), os.Symlink("loop", in("loop")), os.Symlink("/dev/zero", in("zero"))); err != nil {
		t.Fatal(err)
	}
	for path, c := range map[string]struct {
		bytes int
		err   error
	}{
		in("empty"):            {0, nil},
		in("short"):            {3, nil},
		in("fits"):             {1000, nil},
		in("long"):             {1001, nil}, // one more than the limit
		in("link"):             {3, nil},
		in("missing"):          {0, fs.ErrNotExist},
		in("short/x"):          {0, syscall.ENOTDIR},
		in("loop"):             {0, syscall.ELOOP},
		dir:                    {0, ErrDirectory},
		in("pipe"):             {0, ErrNotRegular},
		in("zero"):             {0, ErrNotRegular},
		"/dev/zero":            {0, ErrNotRegular},
		"/dev/tty":             {0, ErrNotRegular},
		"/proc/self/fd/0":      {0, ErrNotRegular}, // go test: /dev/null
		"/proc/self/cmdline":   {-1, nil},          // its size is said to be 0
		"/proc/self/mountinfo": {-1, nil},
	} {
		began := time.Now()
		got, mode, err := Read(path, 1000)
		switch {
		case !errors.Is(err, c.err):
			t.Errorf("%s: got %v, want %v", path, err, c.err)
		case c.bytes >= 0 && len(got) != c.bytes, c.bytes < 0 && len(got) == 0:
			t.Errorf("%s: %d bytes, want %d", path, len(got), c.bytes)
		case err == nil && !mode.IsRegular():
			t.Errorf("%s: mode %s", path, mode)
		case err != nil && strings.Contains(err.Error(), path):
			t.Errorf("the path, which the caller says, is in %v", err)
		}
		if took := time.Since(began); took > 3*time.Second {
			t.Errorf("%s: took %s", path, took)
		}
	}
	t.Run("a pipe, where one is taken", func(t *testing.T) {
		if got, err := ReadPipe(in("short"), 1000); err != nil || string(got) != "abc" {
			t.Errorf("a file: %q, %v", got, err)
		}
		if got, err := ReadPipe(in("pipe"), 1000); err != nil || len(got) != 0 {
			t.Errorf("with nobody at its other end: %q, %v", got, err)
		}
		if _, err := ReadPipe("/dev/zero", 1000); !errors.Is(err, ErrNotRegular) {
			t.Errorf("a device: %v", err)
		}
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		go func() { _, _ = w.WriteString(strings.Repeat("x", 5000)); _ = w.Close() }()
		if got, err := ReadPipe(fmt.Sprintf("/proc/self/fd/%d", r.Fd()), 1000); err != nil || len(got) != 1001 {
			t.Errorf("a shell's: %d bytes, %v", len(got), err)
		}
	})
	t.Run("the kernel's log", func(t *testing.T) {
		if os.Geteuid() != 0 {
			t.Skip("only root may read it")
		}
		began := time.Now()
		_, _, err := Read("/proc/kmsg", 64<<20)
		if err == nil || time.Since(began) > 3*time.Second {
			t.Errorf("got %v after %s", err, time.Since(began))
		}
	})
}
