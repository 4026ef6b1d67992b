// Package reporttest is for the tests of report's rooms: golden files, a screen
// to be read, and plans that hold what can go wrong.
package reporttest

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	"golang.org/x/sys/unix"
)

// OpenPty gives a real terminal of 70x20 and the side that reads it.
func OpenPty(t *testing.T) (master, tty *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("no pseudo terminals here: ", err)
	}
	t.Cleanup(func() { _ = master.Close() })
	fd := int(master.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Skip("no pseudo terminals here: ", err)
	}
	slave, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.TIOCGPTPEER, unix.O_RDWR|unix.O_NOCTTY)
	if errno != 0 {
		t.Skip("no pseudo terminals here: ", errno)
	}
	tty = os.NewFile(slave, "tty")
	t.Cleanup(func() { _ = tty.Close() })
	if err := unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Col: 70, Row: 20}); err != nil {
		t.Fatal(err)
	}
	return master, tty
}

// ciAnywhere are commands to a CI system that stand anywhere in a line.
var ciAnywhere = regexp.MustCompile(`##(?:\[|vso\[|teamcity\[)`)

// Obeyed says what a terminal or a CI system would obey in a text, if anything.
func Obeyed(text string) string {
	if !utf8.ValidString(text) {
		return "bytes that are not UTF-8"
	}
	for _, r := range text {
		if r != '\n' && r != '\t' && !unicode.IsPrint(r) {
			return fmt.Sprintf("the character %U", r)
		}
	}
	for _, l := range strings.Split(text, "\n") {
		if strings.HasPrefix(strings.TrimSpace(l), "::") || ciAnywhere.MatchString(l) {
			return "the CI command " + l
		}
	}
	return ""
}

var update = flag.Bool("update", false, "write the golden files anew")

// Golden compares what render writes with testdata/NAME.
func Golden(t *testing.T, name string, render func(io.Writer) error) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		t.Helper()
		var b bytes.Buffer
		if err := render(&b); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
			return
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(string(want), b.String()); d != "" {
			t.Errorf("%s (-want +got), go test -update writes it anew:\n%s", file, d)
		}
	})
}

// BrokenPipe is a writer whose reader has gone.
type BrokenPipe struct{}

func (BrokenPipe) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

// Main runs the tests of a package and finds goroutines that they left behind.
func Main(m *testing.M) { goleak.VerifyTestMain(m) }
