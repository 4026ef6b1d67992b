package remote

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	gssh "github.com/gliderlabs/ssh"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
	xknownhosts "golang.org/x/crypto/ssh/knownhosts"

	"github.com/hadeploy/hadeploy/internal/secret"
)

func secretOf(s string) secret.Value { return secret.New(s) }

func TestHostKeys(t *testing.T) {
	checkLeaks(t)
	ed, ec, other := newKey(t, "ed25519"), newKey(t, "ecdsa"), newKey(t, "ed25519")
	s := startServer(t, nil, func(s *server) { s.keys = []ssh.Signer{ec, ed} })
	onlyEC := startServer(t, nil, func(s *server) { s.keys = []ssh.Signer{ec} })
	tests := map[string]struct {
		s     *server
		lines []string
		want  HostKeyProblem // -1: accepted
		says  []string
	}{
		"both kinds pinned":            {s, []string{line(s.addr, ec), line(s.addr, ed)}, -1, nil},
		"only ed25519 pinned":          {s, []string{line(s.addr, ed)}, -1, nil},
		"only ecdsa pinned":            {s, []string{line(s.addr, ec)}, -1, nil},
		"an old and the present key":   {s, []string{line(s.addr, other), line(s.addr, ed)}, -1, nil},
		"hashed name":                  {s, []string{xknownhosts.HashHostname(xknownhosts.Normalize(s.addr)) + strings.TrimPrefix(line(s.addr, ed), xknownhosts.Normalize(s.addr))}, -1, nil},
		"wildcard without a port":      {s, []string{"127.0.0.* " + strings.SplitN(line(s.addr, ed), " ", 2)[1]}, -1, nil},
		"a line of a kind unknown":     {s, []string{"h ssh-mldsa-99 AAAAC3NzaC1sZHNhLTk5", "garbage", "@new-marker h ssh-rsa AAAA", line(s.addr, ed)}, -1, nil},
		"nothing pinned":               {s, []string{line("10.0.0.1:22", ed)}, HostKeyUnknown, []string{"not known", "ssh-keygen -lf /etc/ssh/ssh_host_", "echo '[127.0.0.1]:"}},
		"pinned for another port":      {s, []string{line("127.0.0.1:22", ed)}, HostKeyUnknown, []string{"not known"}},
		"another key pinned":           {s, []string{"# comment", line(s.addr, other)}, HostKeyChanged, []string{"is not the pinned one", ssh.FingerprintSHA256(other.PublicKey()), ssh.FingerprintSHA256(ed.PublicKey()), "known_hosts:2)"}},
		"only another kind pinned":     {onlyEC, []string{line(onlyEC.addr, ed)}, HostKeyChanged, []string{"ecdsa-sha2-nistp256 SHA256:", ssh.FingerprintSHA256(ed.PublicKey()), "known_hosts:1)"}},
		"revoked":                      {s, []string{"@revoked " + line(s.addr, ed), line(s.addr, ed)}, HostKeyRevoked, []string{"revoked"}},
		"changed, among unknown kinds": {s, []string{"h ssh-mldsa-99 AAAAC3NzaC1sZHNhLTk5", line(s.addr, other)}, HostKeyChanged, []string{"known_hosts:2)"}},
	}
	for name, c := range tests {
		t.Run(name, func(t *testing.T) {
			set := c.s.settings()
			set.KnownHosts = []string{pin(t, c.lines...)}
			before := len(c.s.seen())
			_, err := tryDial(t, set)
			if c.want == -1 {
				if err != nil {
					t.Error(err)
				}
				return
			}
			var e *HostKeyError
			if !errors.As(err, &e) || e.Problem != c.want || e.Node != "n1" {
				t.Fatalf("got %v", err)
			}
			for _, w := range c.says {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("%q is not in: %v", w, err)
				}
			}
			if got := c.s.seen()[before:]; len(got) != 0 {
				t.Errorf("the host was shown %q before it was checked", got)
			}
		})
	}
	t.Run("the line that is told pins it", func(t *testing.T) {
		set := s.settings()
		set.KnownHosts = []string{pin(t)}
		_, err := tryDial(t, set)
		var e *HostKeyError
		if !errors.As(err, &e) {
			t.Fatal(err)
		}
		set.KnownHosts = []string{pin(t, e.Line)}
		if _, err := tryDial(t, set); err != nil {
			t.Error(err)
		}
	})
	t.Run("a file that is not there", func(t *testing.T) {
		set := s.settings()
		set.KnownHosts = []string{"/nonexistent/known_hosts"}
		if _, err := tryDial(t, set); err == nil || !strings.Contains(err.Error(), "/nonexistent/known_hosts") {
			t.Errorf("got %v", err)
		}
	})
}

func TestLogins(t *testing.T) {
	checkLeaks(t)
	good, goodPub := keyPair(t, "")
	locked, lockedPub := keyPair(t, "sesame")
	bad1, _ := keyPair(t, "")
	bad2, _ := keyPair(t, "")
	badLocked, _ := keyPair(t, "other")
	accepts := func(keys ...ssh.PublicKey) func(*server) {
		return func(s *server) {
			s.PublicKeyHandler = func(_ gssh.Context, k gssh.PublicKey) bool {
				s.saw("key " + ssh.FingerprintSHA256(k))
				for _, ok := range keys {
					if gssh.KeysEqual(k, ok) {
						return true
					}
				}
				return false
			}
		}
	}
	// An agent with more keys than a host will look at (MaxAuthTries 6).
	full := startFakeAgent(t, 8, good)
	onlyPub := write(t, "id.pub", string(ssh.MarshalAuthorizedKey(goodPub)))

	for name, c := range map[string]struct {
		tune  func(*server)
		set   func(*Settings)
		agent string
		want  string // "" succeeds, else part of an *AuthError
		asked int
		shown int // -1: not counted
	}{
		"the third of three keys":              {tune: accepts(goodPub), set: func(s *Settings) { s.IdentityFiles = []string{bad1, bad2, good} }, shown: -1},
		"a key, then the password":             {tune: accepts(), set: func(s *Settings) { s.IdentityFiles = []string{bad1}; s.Password = secretOf("right") }, shown: -1},
		"encrypted key that is accepted":       {tune: accepts(lockedPub), set: func(s *Settings) { s.IdentityFiles = []string{bad1, badLocked, locked} }, asked: 1, shown: -1},
		"encrypted key that nobody wants":      {tune: accepts(goodPub), set: func(s *Settings) { s.IdentityFiles = []string{badLocked, good} }, asked: 0, shown: -1},
		"full agent, and the key is a file":    {tune: accepts(goodPub), agent: full, set: func(s *Settings) { s.IdentityFiles = []string{good} }, shown: -1},
		"full agent, named by its public key":  {tune: accepts(goodPub), agent: full, set: func(s *Settings) { s.IdentityFiles = []string{strings.TrimSuffix(onlyPub, ".pub")} }, shown: -1},
		"full agent, no key is named":          {tune: accepts(goodPub), agent: full, set: func(s *Settings) { s.IdentityFiles = nil }, want: "too many keys", shown: -1},
		"wrong password is shown once":         {set: func(s *Settings) { s.Password = secretOf("wrong") }, want: "login refused", shown: 1},
		"password by keyboard-interactive":     {tune: keyboardOnly, set: func(s *Settings) { s.Password = secretOf("right") }, shown: 1},
		"wrong one by keyboard-interactive":    {tune: keyboardOnly, set: func(s *Settings) { s.Password = secretOf("wrong") }, want: "tried password", shown: 1},
		"only keys taken, only a password had": {tune: func(s *server) { accepts()(s); s.PasswordHandler = nil }, set: func(s *Settings) { s.Password = secretOf("right") }, want: "takes only publickey", shown: 0},
		"nothing to show":                      {set: func(s *Settings) {}, want: "no way to log in", shown: 0},
		"dead agent, good key":                 {tune: accepts(goodPub), agent: "/nonexistent/agent", set: func(s *Settings) { s.IdentityFiles = []string{good} }, shown: -1},
	} {
		t.Run(name, func(t *testing.T) {
			s := startServer(t, nil, c.tune)
			set := s.settings()
			set.Password = secret.Value{}
			asked := 0
			set.Passphrase = func(string) (secret.Value, error) { asked++; return secretOf("sesame"), nil }
			c.set(&set)
			d := &Dialer{ConfigFile: "none", AgentSocket: c.agent}
			if c.agent == "" {
				d.AgentSocket = "none"
			}
			defer d.Close()
			conn, err := d.Dial(t.Context(), set)
			if err == nil {
				defer conn.Close()
			}
			var auth *AuthError
			switch {
			case c.want == "" && err != nil:
				t.Error(err)
			case c.want != "" && (!errors.As(err, &auth) || !strings.Contains(err.Error(), c.want)):
				t.Errorf("got %v, want %q", err, c.want)
			}
			if asked != c.asked {
				t.Errorf("asked for %d passphrases, want %d", asked, c.asked)
			}
			if got := s.seen(); c.shown >= 0 && len(got) != c.shown {
				t.Errorf("the host was shown %q", got)
			}
			if err != nil && strings.Contains(err.Error(), "sesame") || err != nil && strings.Contains(err.Error(), "wrong\"") {
				t.Errorf("a secret is in %v", err)
			}
		})
	}
}

func keyboardOnly(s *server) {
	s.PasswordHandler = nil
	s.KeyboardInteractiveHandler = func(_ gssh.Context, ask ssh.KeyboardInteractiveChallenge) bool {
		a, err := ask("", "", []string{"Password: "}, []bool{false})
		s.saw("keyboard " + fmt.Sprint(a))
		return err == nil && len(a) == 1 && a[0] == "right"
	}
}

// startFakeAgent serves n keys that no host takes, and the key in path last.
func startFakeAgent(t *testing.T, n int, path string) (socket string) {
	t.Helper()
	ring := agent.NewKeyring()
	for range n {
		if err := ring.Add(agent.AddedKey{PrivateKey: rawKey(t, "ed25519")}); err != nil {
			t.Fatal(err)
		}
	}
	pem, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	k, err := ssh.ParseRawPrivateKey(pem)
	if err != nil {
		t.Fatal(err)
	}
	if err := ring.Add(agent.AddedKey{PrivateKey: k}); err != nil {
		t.Fatal(err)
	}
	socket = filepath.Join(t.TempDir(), "agent")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { _ = agent.ServeAgent(ring, c); _ = c.Close() })
		}
	})
	t.Cleanup(func() { _ = l.Close(); wg.Wait() })
	return socket
}

// TestUnreachable has hosts that are there only by halves.
func TestUnreachable(t *testing.T) {
	checkLeaks(t)
	listen := func(serve func(net.Conn)) (addr string, count func() int) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		var mu sync.Mutex
		n := 0
		wg.Go(func() {
			var held []net.Conn
			for {
				c, err := l.Accept()
				if err != nil {
					break
				}
				mu.Lock()
				n++
				mu.Unlock()
				held = append(held, c)
				serve(c)
			}
			for _, c := range held {
				_ = c.Close()
			}
		})
		t.Cleanup(func() { _ = l.Close(); wg.Wait() })
		return l.Addr().String(), func() int { mu.Lock(); defer mu.Unlock(); return n }
	}
	silent, _ := listen(func(net.Conn) {})
	dropping, drops := listen(func(c net.Conn) { _ = c.Close() })
	closing, _ := listen(func(c net.Conn) { _, _ = c.Write([]byte("SSH-2.0-x\r\n")); _ = c.Close() })
	web, _ := listen(func(c net.Conn) { _, _ = c.Write([]byte(strings.Repeat("HTTP/1.1 400 Bad Request\r\n", 100))) })
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = closed.Close()

	for name, c := range map[string]struct {
		addr string
		want string
	}{
		"takes the connection and is silent": {silent, "says nothing"},
		"drops every connection":             {dropping, "closed the connection"},
		"closes after its version":           {closing, "closed the connection"},
		"is not sshd":                        {web, "is that port sshd's"},
		"refuses":                            {closed.Addr().String(), "connection refused; is sshd running"},
		"has no address":                     {"does-not-exist.invalid:22", "cannot be looked up"},
	} {
		t.Run(name, func(t *testing.T) {
			host, port, _ := net.SplitHostPort(c.addr)
			n, _ := parsePort(port)
			began := time.Now()
			_, err := tryDial(t, Settings{Name: "n1", Host: host, Port: n, User: "root", IdentityFiles: []string{"/nonexistent"},
				KnownHosts: []string{pin(t)}, ConnectTimeout: 500 * time.Millisecond})
			var u *UnreachableError
			if !errors.As(err, &u) || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "n1: ") {
				t.Errorf("got %v", err)
			}
			if took := time.Since(began); took > 3*time.Second {
				t.Errorf("took %s", took)
			}
		})
	}
	if n := drops(); n != 3 {
		t.Errorf("%d tries with a host that drops connections, want 3", n)
	}
	t.Run("cancelled", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(100*time.Millisecond, cancel)
		d := &Dialer{ConfigFile: "none", AgentSocket: "none"}
		defer d.Close()
		host, port, _ := net.SplitHostPort(silent)
		n, _ := parsePort(port)
		began := time.Now()
		_, err := d.Dial(ctx, Settings{Host: host, Port: n, User: "root", KnownHosts: []string{pin(t)}})
		if !errors.Is(err, context.Canceled) || time.Since(began) > time.Second {
			t.Errorf("got %v after %s", err, time.Since(began))
		}
	})
}

func TestJumpHosts(t *testing.T) {
	checkLeaks(t)
	target := startServer(t, nil, nil)
	second := startServer(t, nil, nil)
	first := startServer(t, nil, nil)
	strict := startServer(t, nil, func(s *server) {
		s.LocalPortForwardingCallback = func(gssh.Context, string, uint32) bool { return false }
	})
	key, pub := keyPair(t, "")
	for _, s := range []*server{target, first, second, strict} {
		s.PublicKeyHandler = func(_ gssh.Context, k gssh.PublicKey) bool { return gssh.KeysEqual(k, pub) }
	}
	config := func(pins ...string) string {
		return write(t, "config", fmt.Sprintf(`Host target
  HostName 127.0.0.1
  Port %d
  ProxyJump second
Host second
  HostName 127.0.0.1
  Port %d
  ProxyJump first
Host first
  HostName 127.0.0.1
  Port %d
Host circle
  ProxyJump circle
Host command
  ProxyCommand nc %%h %%p
Host *
  User root
  IdentityFile %s
  UserKnownHostsFile %s
`, target.port(), second.port(), first.port(), key, pin(t, pins...)))
	}
	all := config(line(first.addr, first.keys[0]), line(second.addr, second.keys[0]), line(target.addr, target.keys[0]))

	t.Run("two hops, shared", func(t *testing.T) {
		d := &Dialer{ConfigFile: all, AgentSocket: "none"}
		defer d.Close()
		var wg sync.WaitGroup
		for range 6 {
			wg.Go(func() {
				c, err := d.Dial(t.Context(), Settings{Name: "n1", Host: "target"})
				if err != nil {
					t.Error(err)
					return
				}
				defer c.Close()
				if got := run(t, c, "echo here"); got != "here\n" {
					t.Errorf("got %q", got)
				}
			})
		}
		wg.Wait()
		if len(first.conns) != 1 || len(second.conns) != 1 || len(target.conns) != 6 {
			t.Errorf("connections: %d, %d, %d", len(first.conns), len(second.conns), len(target.conns))
		}
		// A jump host that dies is made anew for the next node.
		c, err := d.Dial(t.Context(), Settings{Name: "n1", Host: "target"})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		first.cut()
		select {
		case <-c.Lost():
		case <-time.After(5 * time.Second):
			t.Fatal("the death of a jump host is not noticed")
		}
		for began := time.Now(); ; time.Sleep(20 * time.Millisecond) {
			c, err := d.Dial(t.Context(), Settings{Name: "n1", Host: "target"})
			if err == nil {
				c.Close()
				break
			}
			if time.Since(began) > 5*time.Second {
				t.Fatal(err)
			}
		}
	})
	for name, c := range map[string]struct {
		config string
		host   string
		jump   string
		want   string
	}{
		"each hop is checked by its own key":   {config(line(first.addr, first.keys[0]), line(second.addr, first.keys[0]), line(target.addr, target.keys[0])), "target", "", "host key of [127.0.0.1]:" + fmt.Sprint(second.port()) + " is not the pinned one"},
		"the target behind is checked as well": {config(line(first.addr, first.keys[0]), line(second.addr, second.keys[0])), "target", "", "host key of [127.0.0.1]:" + fmt.Sprint(target.port()) + " is not known"},
		"forwarding is forbidden":              {config(line(strict.addr, strict.keys[0])), "target", "127.0.0.1:" + fmt.Sprint(strict.port()), "AllowTcpForwarding"},
		"jump host is down":                    {all, "target", "127.0.0.1:1", "jump host 127.0.0.1:1: connection refused"},
		"in a circle":                          {all, "circle", "", "circle"},
		"ProxyCommand":                         {all, "command", "", "ProxyCommand is not supported; use ProxyJump"},
		"Match exec":                           {write(t, "config", "Match exec \"true\"\n  User x\n"), "x", "", "Match"},
		"no such file":                         {"/nonexistent/config", "x", "", "/nonexistent/config"},
	} {
		t.Run(name, func(t *testing.T) {
			d := &Dialer{ConfigFile: c.config, AgentSocket: "none"}
			defer d.Close()
			_, err := d.Dial(t.Context(), Settings{Name: "n1", Host: c.host, ProxyJump: c.jump, ConnectTimeout: 2 * time.Second})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v\nwant %s", err, c.want)
			}
		})
	}
	t.Run("the password stays with the target", func(t *testing.T) {
		d := &Dialer{ConfigFile: all, AgentSocket: "none"}
		defer d.Close()
		refuse := startServer(t, nil, nil)
		_, err := d.Dial(t.Context(), Settings{Name: "n1", Host: "target", User: "root", Password: secretOf("right"), ProxyJump: "127.0.0.1:" + fmt.Sprint(refuse.port()), KnownHosts: []string{pin(t, line(refuse.addr, refuse.keys[0]))}})
		var auth *AuthError
		if !errors.As(err, &auth) || len(refuse.seen()) != 0 {
			t.Errorf("got %v; the jump host saw %q", err, refuse.seen())
		}
	})
}

func TestResolve(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	config := write(t, "config", `Host alias
  HostName %h.example.org
  User someone
  Port 2222
  IdentityFile "~/.ssh/%r-key"
  IdentitiesOnly yes
  HostKeyAlias pinned-name
  ProxyJump a@j1:1022,[2001:db8::1]:2200
Host *.bad
  Port http
Host *
  User fallback
`)
	d := &Dialer{ConfigFile: config}
	got, err := d.resolve(Settings{Name: "n1", Host: "alias"})
	if err != nil {
		t.Fatal(err)
	}
	if got.addr != "alias.example.org:2222" || got.user != "someone" || got.pinName != "pinned-name:22" || !got.onlyThese ||
		fmt.Sprint(got.identities) != "["+home+"/.ssh/someone-key]" || fmt.Sprint(got.hops) != "[{a j1 1022} { 2001:db8::1 2200}]" ||
		fmt.Sprint(got.knownHosts) != "["+home+"/.ssh/known_hosts /etc/ssh/ssh_known_hosts]" || got.mustExist {
		t.Errorf("got %+v", got)
	}
	// What the inventory says goes first.
	got, err = d.resolve(Settings{Name: "n1", Host: "alias", User: "root", Port: 22, IdentityFiles: []string{"/k"}, KnownHosts: []string{"/kh"}, ProxyJump: "none"})
	if err != nil {
		t.Fatal(err)
	}
	if got.addr != "alias.example.org:22" || got.user != "root" || fmt.Sprint(got.identities, got.knownHosts, len(got.hops)) != "[/k] [/kh] 0" {
		t.Errorf("got %+v", got)
	}
	got, err = d.resolve(Settings{Host: "fe80::1"})
	if err != nil || got.addr != "[fe80::1]:22" || got.user != "fallback" || len(got.identities) != 3 || got.node != "fe80::1" {
		t.Errorf("got %+v, %v", got, err)
	}
	for _, s := range []Settings{{Host: "x.bad"}, {Host: "-oProxyCommand=x"}, {Host: "a b"}, {Host: ""}, {Host: "h", ProxyJump: "a,,b"}, {Host: "h", ProxyJump: "a:99999"}} {
		if got, err := d.resolve(s); err == nil {
			t.Errorf("%+v is taken: %+v", s, got)
		}
	}
}
