//go:build linux

package integration

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/hadeploy/hadeploy/internal/labtest"
)

// terminal is a run of the program with a terminal of its own: what a person
// at a keyboard sees of it.
type terminal struct {
	t      *testing.T
	args   []string
	cmd    *exec.Cmd
	screen *os.File // the end that a person looks at
	began  time.Time

	mu     sync.Mutex
	text   []byte        // all that was written so far
	news   chan struct{} // closed and made anew when more has come
	ended  bool          // no more will come
	closed chan struct{} // the program has ended and all of its text is here
	state  *os.ProcessState
}

// maxScreen bounds what is kept of a run's output.
const maxScreen = 4 << 20

// atTerminal starts the program with a terminal as standard input, output and
// error, in a session of its own. It is killed with the test if it still runs.
func (l *lab) atTerminal(env []string, args ...string) *terminal {
	l.t.Helper()
	screen, tty, err := openTerminal()
	if err != nil {
		l.t.Fatalf("a terminal: %v", err)
	}
	p := &terminal{t: l.t, args: args, screen: screen, began: time.Now(), news: make(chan struct{}), closed: make(chan struct{})}
	p.cmd = exec.Command(binary, args...)
	p.cmd.Dir = l.work
	p.cmd.Env = append(os.Environ(), append([]string{"NO_COLOR=1", "TERM=xterm", "XDG_STATE_HOME=" + filepath.Join(l.work, "state")}, env...)...)
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = tty, tty, tty
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 0}
	err = p.cmd.Start()
	_ = tty.Close() // the program has it
	if err != nil {
		_ = screen.Close()
		l.t.Fatal(err)
	}
	go p.read()
	l.t.Cleanup(func() {
		_ = p.cmd.Process.Kill() // an error says that it has ended
		<-p.closed
		_ = screen.Close()
	})
	return p
}

// openTerminal makes a pseudo terminal, wide enough that no line is broken.
func openTerminal() (screen, tty *os.File, err error) {
	screen, err = os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, nil, err
	}
	defer func() {
		if err != nil {
			_ = screen.Close()
		}
	}()
	raw, err := screen.SyscallConn()
	if err != nil {
		return nil, nil, err
	}
	var number int
	var failed error
	err = raw.Control(func(fd uintptr) {
		number, failed = unix.IoctlGetInt(int(fd), unix.TIOCGPTN)
		failed = errors.Join(failed, unix.IoctlSetPointerInt(int(fd), unix.TIOCSPTLCK, 0),
			unix.IoctlSetWinsize(int(fd), unix.TIOCSWINSZ, &unix.Winsize{Row: 50, Col: 200}))
	})
	if err = errors.Join(err, failed); err != nil {
		return nil, nil, err
	}
	tty, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	return screen, tty, err
}

// read takes what the program writes until it has ended. A terminal that the
// last program has left says EIO.
func (p *terminal) read() {
	buf := make([]byte, 32<<10)
	for {
		n, err := p.screen.Read(buf)
		p.mu.Lock()
		if room := maxScreen - len(p.text); n > room {
			n = max(room, 0) // still read, so that the program can go on
		}
		p.text = append(p.text, buf[:n]...)
		p.ended = err != nil
		close(p.news)
		p.news = make(chan struct{})
		p.mu.Unlock()
		if err != nil {
			break
		}
	}
	_ = p.cmd.Wait() // its state says how it ended
	p.state = p.cmd.ProcessState
	close(p.closed)
}

// moves are the sequences that steer a terminal: colours, the cursor, titles.
var moves = regexp.MustCompile("\x1b\\[[0-9;?]*[ -/]*[@-~]|\x1b\\][^\x07\x1b]*(?:\x07|\x1b\\\\)|\x1b[0-Z\\\\^-~]")

// plainText is what was written, without what steers the terminal.
func plainText(b []byte) string {
	return strings.ReplaceAll(string(moves.ReplaceAll(b, nil)), "\r", "")
}

// shown is all that was on the screen so far, what was painted over too.
func (p *terminal) shown() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return plainText(p.text)
}

// await waits until a text is on the screen.
func (p *terminal) await(text string, limit time.Duration) {
	p.t.Helper()
	timeout := time.After(limit)
	for {
		p.mu.Lock()
		found, ended, news := strings.Contains(plainText(p.text), text), p.ended, p.news
		p.mu.Unlock()
		switch {
		case found:
			return
		case ended:
			p.t.Fatalf("it ended without %q: %s", text, p.exit(limit))
		}
		select {
		case <-news:
		case <-timeout:
			p.t.Fatalf("waited %s in vain for %q: %s", limit, text, p.shown())
		}
	}
}

// write types a line.
func (p *terminal) write(line string) {
	p.t.Helper()
	p.press(line + "\n")
}

// press presses keys: "\x03" is Ctrl-C.
func (p *terminal) press(keys string) {
	p.t.Helper()
	if _, err := p.screen.Write([]byte(keys)); err != nil {
		p.t.Fatalf("typing %q: %v", keys, err)
	}
}

// exit waits until the program has ended.
func (p *terminal) exit(limit time.Duration) result {
	p.t.Helper()
	select {
	case <-p.closed:
	case <-time.After(limit):
		p.t.Fatalf("it has not ended after %s: %s", limit, p.shown())
	}
	return result{args: p.args, out: p.shown(), code: p.state.ExitCode(), took: time.Since(p.began)}
}

// theQuestion is what apply asks at the terminal.
const theQuestion = "Only 'yes' will be accepted: "

// TestTerminal holds the harness to programs whose answers are known.
func TestTerminal(t *testing.T) {
	t.Parallel()
	if got := plainText([]byte("\r\x1b[K\n\x1b[J\x1b[A\x1b[1;31mred\x1b[0m\x1b]0;title\x07 \x1b7end\r\n")); got != "\nred end\n" {
		t.Errorf("stripped: %q", got)
	}
	labtest.NeedRoot(t) // the binary is there only then
	l := &lab{t: t, dir: t.TempDir(), work: t.TempDir()}
	p := l.atTerminal(nil, "version")
	if r := p.exit(10 * time.Second); r.code != 0 || !strings.Contains(r.out, "hadeploy") {
		t.Errorf("%s", r)
	}
	if r := l.atTerminal(nil, "no-such-command").exit(10 * time.Second); r.code != 64 || !strings.Contains(r.out, `unknown command "hadeploy no-such-command"`) {
		t.Errorf("%s", r)
	}
	// A playbook from standard input is typed; the terminal is the program's own.
	p = l.atTerminal(nil, "validate", "-")
	p.write("nonsense: 1")
	p.await("nonsense: 1", 5*time.Second) // the echo
	p.press("\x04")                       // the end of the input, at the beginning of a line
	if r := p.exit(10 * time.Second); r.code != 64 || !strings.Contains(r.out, `unknown key "nonsense"`) {
		t.Errorf("%s", r)
	}
}
