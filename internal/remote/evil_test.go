package remote

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/hadeploy/hadeploy/internal/excerpt"
)

// evil is a server that speaks ssh as far as its test wants, and then does
// what no sshd does.
type evil struct {
	t      *testing.T
	addr   string
	key    ssh.Signer
	config *ssh.ServerConfig

	wrap    func(net.Conn) net.Conn                            // of each connection, may be nil
	raw     func(net.Conn)                                     // in place of ssh, may be nil
	opened  func(*ssh.ServerConn, net.Conn)                    // after the login, may be nil
	session func(ch ssh.Channel, line string)                  // the login shell; then the channel is closed
	request func(ch ssh.Channel, r *ssh.Request) (served bool) // before exec, may be nil

	mu    sync.Mutex
	heard bytes.Buffer // all that came on standard inputs
	shown []string     // passwords and answers at the login
	conns []net.Conn
}

// startEvil serves until the test ends.
func startEvil(t *testing.T, tune func(*evil)) *evil {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	e := &evil{t: t, addr: l.Addr().String(), key: newKey(t, "ed25519")}
	e.config = &ssh.ServerConfig{PasswordCallback: func(_ ssh.ConnMetadata, p []byte) (*ssh.Permissions, error) {
		e.show(string(p))
		return nil, nil
	}}
	if tune != nil {
		tune(e)
	}
	e.config.AddHostKey(e.key)
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			if e.wrap != nil {
				c = e.wrap(c)
			}
			e.mu.Lock()
			e.conns = append(e.conns, c)
			e.mu.Unlock()
			wg.Go(func() { e.serve(c) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		e.mu.Lock()
		for _, c := range e.conns {
			_ = c.Close()
		}
		e.mu.Unlock()
		wg.Wait()
	})
	return e
}

func (e *evil) show(what string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.shown = append(e.shown, what)
}

// got is what came on standard inputs so far.
func (e *evil) got() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.heard.String()
}

// Write keeps a part of a standard input.
func (e *evil) Write(p []byte) (int, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.heard.Write(p)
}

func (e *evil) serve(c net.Conn) {
	defer c.Close()
	if e.raw != nil {
		e.raw(c)
		return
	}
	conn, chans, reqs, err := ssh.NewServerConn(c, e.config)
	if err != nil {
		return
	}
	var wg sync.WaitGroup
	defer wg.Wait()
	defer conn.Close()
	wg.Go(func() {
		for r := range reqs {
			if r.WantReply {
				_ = r.Reply(false, nil)
			}
		}
	})
	if e.opened != nil {
		wg.Go(func() { e.opened(conn, c) })
	}
	for n := range chans {
		ch, reqs, err := n.Accept()
		if err != nil {
			continue
		}
		wg.Go(func() {
			for r := range reqs {
				if e.request != nil && e.request(ch, r) {
					continue
				}
				if r.Type != "exec" {
					_ = r.Reply(false, nil)
					continue
				}
				var exec struct{ Line string }
				_ = ssh.Unmarshal(r.Payload, &exec)
				_ = r.Reply(true, nil)
				wg.Go(func() {
					e.session(ch, exec.Line)
					_ = ch.Close()
				})
			}
		})
	}
}

// listen keeps what comes on a session's standard input, to its end.
func (e *evil) listen(ch ssh.Channel) { _, _ = io.Copy(e, ch) }

func (e *evil) settings() Settings {
	host, port, _ := net.SplitHostPort(e.addr)
	n, _ := parsePort(port)
	return Settings{
		Name: "n1", Host: host, Port: n, User: "root", Password: secretOf("canary-login"), IdentityFiles: []string{"/nonexistent/key"},
		KnownHosts: []string{pin(e.t, line(e.addr, e.key))}, ConnectTimeout: time.Second, KeepAlive: time.Second,
	}
}

var halves = regexp.MustCompile(`(hadeploy-[0-9a-f]{16}) ([0-9a-f]{16})`)

// tokens are what a hostile shell can read in the command line: the prompt of
// sudo, where it is asked, and the marker.
func tokens(line string) (prompt, marker string) {
	all := halves.FindAllStringSubmatch(line, -1)
	last := all[len(all)-1]
	if len(all) > 1 {
		prompt = all[0][1] + all[0][2]
	}
	return prompt, last[1] + last[2]
}

func say(w io.Writer, text string) { _, _ = io.WriteString(w, text) }

// begin says the marker on both streams.
func begin(ch ssh.Channel, line string) {
	_, marker := tokens(line)
	say(ch, "\n"+marker+"\n")
	say(ch.Stderr(), "\n"+marker+"\n")
}

func exit(ch ssh.Channel, status uint32) {
	_, _ = ch.SendRequest("exit-status", false, ssh.Marshal(struct{ Status uint32 }{status}))
}

// TestEvilSessions: whatever a node does with a command, the command comes to
// an end within its bounds, and nothing of its input leaves us before our own
// shell on the node has said that it is there.
func TestEvilSessions(t *testing.T) {
	checkLeaks(t)
	const heard = "canary-stdin" // input of the command
	flood := func(w io.Writer) {
		block := bytes.Repeat([]byte("flood\x1b[2J\n"), 3000)
		for {
			if _, err := w.Write(block); err != nil {
				return
			}
		}
	}
	for name, c := range map[string]struct {
		session func(e *evil, ch ssh.Channel, line string)
		want    string // "" is a Result with the output "fine\n", else part of the error
		input   bool   // the command's input may have come
	}{
		"as it should be": {func(e *evil, ch ssh.Channel, line string) {
			begin(ch, line)
			e.listen(ch)
			say(ch, "fine\n")
			exit(ch, 0)
		}, "", true},
		"exec cat": {func(e *evil, ch ssh.Channel, _ string) { _, _ = io.Copy(ch, io.TeeReader(ch, e)) }, "the login shell of user root did not run it within", false},
		"a menu": {func(e *evil, ch ssh.Channel, _ string) {
			say(ch, "1) firewall\r\n2) \x1b[1mquit\x1b[m\nChoose: ")
			e.listen(ch)
		}, `it said: 1) firewall` + "\n" + `2) \x1b[1mquit\x1b[m` + "\nChoose:", false},
		"silence": {func(e *evil, ch ssh.Channel, _ string) { e.listen(ch) }, "it said: nothing; nothing was handed over", false},
		"a shell": {func(e *evil, ch ssh.Channel, _ string) { e.listen(ch); exit(ch, 0) }, "did not run it within", false},
		"echo": {func(e *evil, ch ssh.Channel, line string) {
			say(ch, line+"\n")
			say(ch.Stderr(), "+ "+line+"\n")
			e.listen(ch)
		}, "did not run it within", false},
		"old token": {func(e *evil, ch ssh.Channel, _ string) { say(ch, "\n"+newToken().String()+"\n"); e.listen(ch) }, "did not run it within", false},
		"marker inside of a line": {func(e *evil, ch ssh.Channel, line string) {
			_, m := tokens(line)
			say(ch, "\nx"+m+"\n"+m+"\r\n"+m+" \n")
			e.listen(ch)
		}, "did not run it within", false},
		"marker on stderr alone": {func(e *evil, ch ssh.Channel, line string) {
			_, m := tokens(line)
			say(ch.Stderr(), "\n"+m+"\n")
			e.listen(ch)
		}, "did not run it within", false},
		"flood before the marker": {func(_ *evil, ch ssh.Channel, _ string) { flood(ch) }, "before it ran the command", false},
		"flood on stderr":         {func(_ *evil, ch ssh.Channel, _ string) { flood(ch.Stderr()) }, "before it ran the command", false},
		"noise, a byte at a time": {func(e *evil, ch ssh.Channel, line string) {
			for range 5_000 {
				if _, err := ch.Write([]byte{'x'}); err != nil {
					return
				}
			}
			begin(ch, line)
			e.listen(ch)
			say(ch, "fine\n")
			exit(ch, 0)
		}, "", true},
		"exit before the marker": {func(_ *evil, ch ssh.Channel, _ string) { say(ch, "no\x07\n"); exit(ch, 3) }, `does not run commands: exit status 3, it said: no\a`, false},
		"end before the marker":  {func(*evil, ssh.Channel, string) {}, "without an exit status", false},
		"two markers": {func(e *evil, ch ssh.Channel, line string) {
			begin(ch, line)
			begin(ch, line)
			e.listen(ch)
			exit(ch, 0)
		}, "got the output", true},
		"two statuses": {func(e *evil, ch ssh.Channel, line string) {
			begin(ch, line)
			e.listen(ch)
			say(ch, "fine\n")
			exit(ch, 0)
			exit(ch, 7)
		}, "", true},
		"no status": {func(e *evil, ch ssh.Channel, line string) { begin(ch, line); e.listen(ch); say(ch, "fine\n") }, "without an exit status", true},
		"output after the status": {func(e *evil, ch ssh.Channel, line string) {
			begin(ch, line)
			e.listen(ch)
			exit(ch, 0)
			time.Sleep(400 * time.Millisecond)
			say(ch, "fine\n")
		}, "", true},
		"output that trickles after the status": {func(e *evil, ch ssh.Channel, line string) {
			begin(ch, line)
			e.listen(ch)
			exit(ch, 0)
			for _, part := range []string{"f", "i", "n", "e", "\n"} {
				time.Sleep(400 * time.Millisecond)
				say(ch, part)
			}
		}, "", true},
		"flood after the status": {func(e *evil, ch ssh.Channel, line string) {
			begin(ch, line)
			e.listen(ch)
			exit(ch, 0)
			flood(ch)
		}, "wrote more than 1048576 bytes to stdout", true},
		"a status, and no end": {func(e *evil, ch ssh.Channel, line string) {
			begin(ch, line)
			e.listen(ch)
			say(ch, "fine\n")
			exit(ch, 0)
			time.Sleep(4 * time.Second)
		}, "", true},
		"flood":               {func(_ *evil, ch ssh.Channel, line string) { begin(ch, line); flood(ch) }, "wrote more than 1048576 bytes to stdout", true},
		"flood of complaints": {func(_ *evil, ch ssh.Channel, line string) { begin(ch, line); flood(ch.Stderr()) }, "wrote more than 1048576 bytes to stderr", true},
		"a shell that cannot read": {func(_ *evil, ch ssh.Channel, line string) {
			begin(ch, line)
			_, marker := tokens(line)
			say(ch.Stderr(), marker+"\n")
			exit(ch, 125)
		}, "the command did not reach the login shell of user root", true},
		"reads nothing": {func(_ *evil, ch ssh.Channel, line string) {
			begin(ch, line)
			time.Sleep(8 * time.Second)
		}, "not finished after", true},
		"requests towards us": {func(e *evil, ch ssh.Channel, line string) {
			for _, kind := range []string{"exec", "shell", "env", "pty-req", "x11-req", "auth-agent-req@openssh.com", "subsystem", "signal", "window-change", "\x1b]0;x\x07"} {
				if ok, err := ch.SendRequest(kind, true, []byte(strings.Repeat("x", 5000))); ok || err != nil {
					say(ch, fmt.Sprintf("%q was granted: %v\n", kind, err))
				}
			}
			begin(ch, line)
			e.listen(ch)
			say(ch, "fine\n")
			exit(ch, 0)
		}, "", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := startEvil(t, func(made *evil) {
				made.session = func(ch ssh.Channel, line string) { c.session(made, ch, line) }
			})
			conn := dial(t, e.settings())
			conn.(interface{ wait(time.Duration) }).wait(2 * time.Second)
			began := time.Now()
			input := io.MultiReader(strings.NewReader(heard), bytes.NewReader(make([]byte, 8<<20))) // more than a window
			res, err := conn.Run(t.Context(), Cmd{Argv: []string{"cat"}, Stdin: input, Limit: 1 << 20, Timeout: 6 * time.Second, Reads: true, Label: "evil"})
			if took := time.Since(began); took > 9*time.Second {
				t.Errorf("took %s", took)
			}
			switch {
			case c.want == "got the output": // what looks like a marker behind the marker is output
				if err != nil || !strings.Contains(string(res.Stdout), "hadeploy-") {
					t.Errorf("got %q, %v", res.Stdout, err)
				}
			case c.want == "":
				if err != nil || string(res.Stdout) != "fine\n" || res.Status != 0 {
					t.Errorf("got %q, %d, %v", excerpt.Tail(res.Stdout, 3), res.Status, err)
				}
			case err == nil || !strings.Contains(err.Error(), c.want):
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
			if err != nil && strings.ContainsAny(err.Error(), "\x1b\a\r") {
				t.Errorf("the terminal can be steered by %q", err)
			}
			if _, over := errors.AsType[*TimeoutError](err); err != nil && !over && strings.Contains(err.Error(), "whether it took effect") {
				t.Errorf("a read may have changed something: %v", err)
			}
			if !c.input && strings.Contains(e.got(), "c") {
				t.Errorf("before the marker the node heard %.60q", e.got())
			}
		})
	}
}

// TestEvilSudo: sudo's password goes to sudo's own prompt, once, and nowhere
// else. (Who controls the account controls the prompt too: see docs/ssh.md.)
func TestEvilSudo(t *testing.T) {
	checkLeaks(t)
	const password = "canary-sudo"
	for name, c := range map[string]struct {
		session func(e *evil, ch ssh.Channel, line, prompt string) // once sudo is to ask
		want    string
		given   int
	}{
		"asks as it should": {func(e *evil, ch ssh.Channel, line, prompt string) {
			say(ch.Stderr(), prompt)
			b := make([]byte, len(password)+1)
			_, _ = io.ReadFull(ch, b)
			_, _ = e.Write(b)
			begin(ch, line)
			e.listen(ch)
			exit(ch, 0)
		}, "", 1},
		"another prompt": {func(e *evil, ch ssh.Channel, _, _ string) {
			say(ch.Stderr(), "[sudo] password for ops: ")
			e.listen(ch)
		}, "more than a password", 0},
		"a prompt on stdout":  {func(e *evil, ch ssh.Channel, _, prompt string) { say(ch, prompt); e.listen(ch) }, "more than a password", 0},
		"half a prompt":       {func(e *evil, ch ssh.Channel, _, prompt string) { say(ch.Stderr(), prompt[:30]); e.listen(ch) }, "more than a password", 0},
		"a prompt that ended": {func(e *evil, ch ssh.Channel, _, prompt string) { say(ch.Stderr(), prompt+"\n"); e.listen(ch) }, "more than a password", 0},
		"an echo with a tail": {func(e *evil, ch ssh.Channel, _, prompt string) {
			say(ch.Stderr(), prompt+strings.Repeat(" -- more", 9))
			e.listen(ch)
		}, "more than a password", 0},
		"the command, with -x": {func(e *evil, ch ssh.Channel, line, _ string) { say(ch.Stderr(), "+ "+line); e.listen(ch) }, "more than a password", 0},
		"asks again and again": {func(e *evil, ch ssh.Channel, _, prompt string) {
			for range 5 {
				say(ch.Stderr(), "\n"+prompt)
				b := make([]byte, 100)
				n, err := ch.Read(b)
				if err != nil {
					return
				}
				_, _ = e.Write(b[:n])
			}
		}, "refused the password", 1},
		"takes it and is silent": {func(e *evil, ch ssh.Channel, _, prompt string) { say(ch.Stderr(), prompt); e.listen(ch) }, "more than a password", 1},
		"takes it and ends":      {func(_ *evil, ch ssh.Channel, _, prompt string) { say(ch.Stderr(), prompt); exit(ch, 1) }, "neither the login shell nor sudo", -1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := startEvil(t, func(e *evil) {
				e.session = func(ch ssh.Channel, line string) {
					prompt, _ := tokens(line)
					if prompt == "" { // sudo -n
						say(ch.Stderr(), "sudo: a password is required\n")
						exit(ch, 1)
						return
					}
					c.session(e, ch, line, prompt)
				}
			})
			set := e.settings()
			set.User, set.BecomePassword = "ops", secretOf(password)
			began := time.Now()
			_, err := tryDial(t, set)
			if took := time.Since(began); took > 4*time.Second {
				t.Errorf("took %s", took)
			}
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
			if n := strings.Count(e.got(), password); c.given >= 0 && n != c.given {
				t.Errorf("the password was given %d times, want %d: %q", n, c.given, e.got())
			}
		})
	}
}

// TestEvilLogins: a login ends within its time and its bounds, whatever is
// asked, and the password is shown once and only where a password is asked.
func TestEvilLogins(t *testing.T) {
	checkLeaks(t)
	ask := func(challenge func(e *evil, ask ssh.KeyboardInteractiveChallenge) error) func(*evil) {
		return func(e *evil) {
			e.config.PasswordCallback = nil
			e.config.KeyboardInteractiveCallback = func(_ ssh.ConnMetadata, q ssh.KeyboardInteractiveChallenge) (*ssh.Permissions, error) {
				return nil, challenge(e, q)
			}
		}
	}
	question := func(e *evil, q ssh.KeyboardInteractiveChallenge, echo bool, texts ...string) error {
		echos := make([]bool, len(texts))
		for i := range echos {
			echos[i] = echo
		}
		answers, err := q("", "", texts, echos)
		for _, a := range answers {
			e.show(a)
		}
		return err
	}
	for name, c := range map[string]struct {
		tune  func(*evil)
		want  string
		shown int
	}{
		"password, then a question that asks nothing": {ask(func(e *evil, q ssh.KeyboardInteractiveChallenge) error {
			return errors.Join(question(e, q, false, "Password for ops: "), question(e, q, false))
		}), "", 1},
		"rounds without an end": {ask(func(e *evil, q ssh.KeyboardInteractiveChallenge) error {
			for {
				if err := question(e, q, false); err != nil {
					return err
				}
			}
		}), "asks without an end", 0},
		"the password again and again": {ask(func(e *evil, q ssh.KeyboardInteractiveChallenge) error {
			for {
				if err := question(e, q, false, "Password: "); err != nil {
					return err
				}
			}
		}), "asks for the password again", 1},
		"a one-time code":          {ask(func(e *evil, q ssh.KeyboardInteractiveChallenge) error { return question(e, q, false, "Code\x1b[8m: ") }), `it asks "Code\\x1b[8m:"`, 0},
		"a password that is shown": {ask(func(e *evil, q ssh.KeyboardInteractiveChallenge) error { return question(e, q, true, "Password: ") }), `it asks "Password:"`, 0},
		"two at once": {ask(func(e *evil, q ssh.KeyboardInteractiveChallenge) error {
			return question(e, q, false, "Password: ", "New password: ")
		}), `it asks "Password:"`, 0},
		"a banner without an end": {func(e *evil) {
			e.config.PasswordCallback = nil
			e.config.NoClientAuthCallback = nil
			e.config.PublicKeyCallback = func(ssh.ConnMetadata, ssh.PublicKey) (*ssh.Permissions, error) { return nil, errors.New("no") }
			e.config.BannerCallback = func(ssh.ConnMetadata) string { return strings.Repeat("x", 30_000) }
			e.wrap = nil
			e.config.PreAuthConnCallback = func(p ssh.ServerPreAuthConn) {
				for p.SendAuthBanner(strings.Repeat("banner\x1b[2J ", 2000)) == nil {
				}
			}
		}, "its login banner does not end", 0},
		"text without an end before the version": {func(e *evil) {
			e.raw = func(c net.Conn) {
				for {
					if _, err := c.Write(bytes.Repeat([]byte("hello\x1b[2J\r\n"), 1000)); err != nil {
						return
					}
				}
			}
		}, "is that port sshd's", 0},
		"a line without an end": {func(e *evil) {
			e.raw = func(c net.Conn) {
				for {
					if _, err := c.Write(bytes.Repeat([]byte("SSH-2.0-x"), 1000)); err != nil {
						return
					}
				}
			}
		}, "is that port sshd's", 0},
		"a packet of 4 GB": {func(e *evil) {
			e.raw = func(c net.Conn) {
				say(c, "SSH-2.0-x\r\n\xff\xff\xff\xf0\x04\x14")
				_, _ = io.Copy(io.Discard, c)
			}
		}, "is that port sshd's", 0},
		"random bytes": {func(e *evil) {
			e.raw = func(c net.Conn) {
				say(c, "SSH-2.0-x\r\n")
				_, _ = io.CopyN(c, rand.Reader, 1<<20)
				_, _ = io.Copy(io.Discard, c)
			}
		}, "is that port sshd's", 0},
		"always a part of success": {func(e *evil) {
			e.config.PasswordCallback = func(_ ssh.ConnMetadata, p []byte) (*ssh.Permissions, error) {
				e.show(string(p))
				return nil, &ssh.PartialSuccessError{Next: ssh.ServerAuthCallbacks{PasswordCallback: e.config.PasswordCallback}}
			}
		}, "tried password", 1},
		"another host key": {func(e *evil) {
			e.wrap = func(c net.Conn) net.Conn { e.config.AddHostKey(newKey(e.t, "ed25519")); return c }
		}, "is not the pinned one", 0},
	} {
		t.Run(name, func(t *testing.T) {
			e := startEvil(t, c.tune)
			began := time.Now()
			_, err := tryDial(t, e.settings())
			if took := time.Since(began); took > 3*time.Second {
				t.Errorf("took %s", took)
			}
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
			if err != nil && strings.ContainsAny(err.Error(), "\x1b\r\a") {
				t.Errorf("the terminal can be steered by %q", err)
			}
			if len(e.shown) != c.shown {
				t.Errorf("the host was shown %q", e.shown)
			}
		})
	}
}

// stalling lets so many writes through and then none: the other side sees a
// server that hangs there.
type stalling struct {
	net.Conn
	left   atomic.Int32
	cut    bool // the connection ends there instead
	closed chan struct{}
	once   sync.Once
}

func (s *stalling) Write(p []byte) (int, error) {
	if s.left.Add(-1) < 0 {
		if s.cut {
			_ = s.Close()
			return 0, io.ErrClosedPipe
		}
		<-s.closed
		return 0, io.ErrClosedPipe
	}
	return s.Conn.Write(p)
}

func (s *stalling) Close() error {
	s.once.Do(func() { close(s.closed) })
	return s.Conn.Close()
}

// TestEvilStages hangs, and cuts, at each message of the protocol in turn.
func TestEvilStages(t *testing.T) {
	checkLeaks(t)
	type end struct {
		took time.Duration
		err  error
	}
	try := func(writes int, cut bool) (dialled, ran end, done bool) {
		e := startEvil(t, func(e *evil) {
			e.wrap = func(c net.Conn) net.Conn {
				s := &stalling{Conn: c, cut: cut, closed: make(chan struct{})}
				s.left.Store(int32(writes))
				return s
			}
			e.session = func(ch ssh.Channel, line string) {
				begin(ch, line)
				e.listen(ch)
				say(ch, "fine\n")
				exit(ch, 0)
			}
		})
		set := e.settings()
		set.ConnectTimeout, set.KeepAlive = time.Second, 400*time.Millisecond
		began := time.Now()
		d := &Dialer{ConfigFile: "none", AgentSocket: "none"}
		defer d.Close()
		conn, err := d.Dial(t.Context(), set)
		if dialled = (end{time.Since(began), err}); err != nil {
			return dialled, ran, false
		}
		defer conn.Close()
		conn.(interface{ wait(time.Duration) }).wait(time.Second)
		began = time.Now()
		res, err := conn.Run(t.Context(), Cmd{Argv: []string{"cat"}, Stdin: strings.NewReader("x"), Timeout: 1500 * time.Millisecond, Reads: true})
		if err == nil && string(res.Stdout) != "fine\n" {
			t.Errorf("after %d writes (cut: %v) half an answer is taken for the whole: %q", writes, cut, res.Stdout)
		}
		ran = end{time.Since(began), err}
		return dialled, ran, err == nil
	}
	for _, cut := range []bool{false, true} {
		var reached atomic.Int32
		var wg sync.WaitGroup
		places := make(chan struct{}, 8) // logins take their time on a busy machine
		for writes := range 40 {
			wg.Go(func() {
				places <- struct{}{}
				defer func() { <-places }()
				dialled, ran, done := try(writes, cut)
				if dialled.took > 4*time.Second || ran.took > 4*time.Second {
					t.Errorf("after %d writes (cut: %v): %s and %s", writes, cut, dialled.took, ran.took)
				}
				for _, err := range []error{dialled.err, ran.err} {
					var u *UnreachableError
					var lost *LostError
					var late *TimeoutError
					var auth *AuthError
					if err != nil && !errors.As(err, &u) && !errors.As(err, &lost) && !errors.As(err, &late) && !errors.As(err, &auth) {
						t.Errorf("after %d writes (cut: %v): %v", writes, cut, err)
					}
				}
				if done {
					reached.Add(1)
				}
			})
		}
		wg.Wait()
		if n := reached.Load(); n == 0 || n > 30 {
			t.Errorf("cut: %v: %d of 40 came to the end: the stages are not what this test thinks", cut, n)
		}
	}
}

// rekeyed shows one key at the first exchange and another later.
type rekeyed struct {
	ssh.Signer
	later ssh.Signer
	shown *atomic.Int32
}

func (r rekeyed) PublicKey() ssh.PublicKey {
	if r.shown.Load() > 0 {
		return r.later.PublicKey()
	}
	return r.Signer.PublicKey()
}

func (r rekeyed) Sign(rand io.Reader, data []byte) (*ssh.Signature, error) {
	if r.shown.Add(1) > 1 {
		return r.later.Sign(rand, data)
	}
	return r.Signer.Sign(rand, data)
}

// TestEvilHostKeys: the host key is held to the pinned one at each change of
// keys, and at each connection.
func TestEvilHostKeys(t *testing.T) {
	checkLeaks(t)
	t.Run("changed at a new exchange of keys", func(t *testing.T) {
		first, later, signed := newKey(t, "ed25519"), newKey(t, "ed25519"), new(atomic.Int32)
		e := startEvil(t, func(e *evil) {
			e.key = rekeyed{first, later, signed}
			e.config.RekeyThreshold = 64 << 10
			e.session = func(ch ssh.Channel, line string) {
				begin(ch, line)
				for range 8 { // more than the threshold
					if _, err := ch.Write(make([]byte, 16<<10)); err != nil {
						return
					}
				}
				for end := time.Now().Add(20 * time.Second); signed.Load() < 2 && time.Now().Before(end); {
					time.Sleep(time.Millisecond)
				}
				exit(ch, 0)
			}
		})
		conn := dial(t, e.settings())
		_, err := conn.Run(t.Context(), Cmd{Argv: []string{"true"}, Timeout: 30 * time.Second, Limit: 16 << 20, Reads: true})
		var lost *LostError
		var key *HostKeyError
		if !errors.As(err, &lost) || !errors.As(err, &key) || key.Problem != HostKeyChanged {
			t.Errorf("got %v", err)
		}
	})
	t.Run("changed at a new connection", func(t *testing.T) {
		second := newKey(t, "ed25519")
		e := startEvil(t, func(e *evil) { e.session = func(ch ssh.Channel, line string) { begin(ch, line); exit(ch, 0) } })
		set := e.settings()
		d := &Dialer{ConfigFile: "none", AgentSocket: "none"}
		defer d.Close()
		conn, err := d.Dial(t.Context(), set)
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.Close()
		e.config.AddHostKey(second) // in the place of the first
		_, err = d.Dial(t.Context(), set)
		var key *HostKeyError
		if !errors.As(err, &key) || key.Problem != HostKeyChanged {
			t.Errorf("got %v", err)
		}
	})
}

// peak is the most memory that the heap took while f ran, above what it took
// before.
func peak(f func()) (bytes uint64) {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	before, most := m.HeapInuse, m.HeapInuse
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			select {
			case <-done:
				return
			case <-time.After(2 * time.Millisecond):
				runtime.ReadMemStats(&m)
				most = max(most, m.HeapInuse)
			}
		}
	})
	f()
	close(done)
	wg.Wait()
	return most - before
}

// TestEvilFloods: floods cost no more memory than the limits of what is asked
// and ssh's own windows, on many nodes at once. The servers' part, in this
// process too, is in the figures.
func TestEvilFloods(t *testing.T) {
	checkLeaks(t)
	const nodes = 16
	session := func(ch ssh.Channel, line string) {
		begin(ch, line)
		block := make([]byte, 32<<10)
		for {
			if _, err := ch.Write(block); err != nil {
				return
			}
		}
	}
	conns := make([]Conn, nodes)
	e := startEvil(t, func(e *evil) { e.session = session })
	for i := range conns {
		set := e.settings()
		set.KeepAlive = 5 * time.Second // all of it runs on this machine
		conns[i] = dial(t, set)
	}
	all := func(limit int) {
		var wg sync.WaitGroup
		for _, c := range conns {
			wg.Go(func() {
				_, err := c.Run(context.Background(), Cmd{Argv: []string{"x"}, Limit: limit, Timeout: 30 * time.Second, Reads: true})
				if _, ok := errors.AsType[*LimitError](err); !ok {
					t.Errorf("got %v", err)
				}
			})
		}
		wg.Wait()
	}
	all(1 << 10)
	for _, limit := range []int{1 << 20, 8 << 20} {
		got := peak(func() { all(limit) })
		per := float64(got) / nodes / (1 << 20)
		t.Logf("limit %d MiB, %d nodes: at most %.1f MiB a node", limit>>20, nodes, per)
		if most := 2.5*float64(limit)/(1<<20) + 6; per > most {
			t.Errorf("limit %d MiB: %.1f MiB a node, want at most %.1f", limit>>20, per, most)
		}
	}
	t.Run("towards us", func(t *testing.T) {
		var granted atomic.Int32
		done := make(chan struct{})
		e := startEvil(t, func(e *evil) {
			e.opened = func(conn *ssh.ServerConn, _ net.Conn) {
				defer close(done)
				for range 3000 {
					for _, kind := range []string{"x11", "auth-agent@openssh.com", "forwarded-tcpip", "session", "direct-tcpip", "tun@openssh.com"} {
						if ch, _, err := conn.OpenChannel(kind, make([]byte, 1000)); err == nil {
							granted.Add(1)
							_ = ch.Close()
						}
					}
					for _, kind := range []string{"tcpip-forward", "hostkeys-00@openssh.com", "no-more-sessions@openssh.com"} {
						if ok, _, err := conn.SendRequest(kind, true, make([]byte, 1000)); ok && err == nil {
							granted.Add(1)
						}
					}
				}
			}
			e.session = func(ch ssh.Channel, line string) { begin(ch, line); say(ch, "fine\n"); exit(ch, 0) }
		})
		conn := dial(t, e.settings())
		got := peak(func() {
			<-done
			if res, err := conn.Run(t.Context(), Cmd{Argv: []string{"true"}, Reads: true}); err != nil || string(res.Stdout) != "fine\n" {
				t.Errorf("got %q, %v", res.Stdout, err)
			}
		})
		t.Logf("27000 requests: %.1f MiB", float64(got)/(1<<20))
		if granted.Load() != 0 || got > 30<<20 {
			t.Errorf("%d were granted, %d MiB", granted.Load(), got>>20)
		}
	})
	t.Run("garbage in the middle", func(t *testing.T) {
		var raw net.Conn
		e := startEvil(t, func(e *evil) {
			e.wrap = func(c net.Conn) net.Conn { raw = c; return c }
			e.session = func(ch ssh.Channel, line string) {
				begin(ch, line)
				_, _ = io.CopyN(raw, rand.Reader, 1<<20)
				time.Sleep(time.Second)
			}
		})
		_, err := dial(t, e.settings()).Run(t.Context(), Cmd{Argv: []string{"true"}, Timeout: 5 * time.Second})
		if _, ok := errors.AsType[*LostError](err); !ok {
			t.Errorf("got %v", err)
		}
	})
}

// wait sets how long a login shell may take; 20 s is long for a test.
func (c *conn) wait(d time.Duration) { c.startWait = d }
