package remote

// Tests against real sshd, sudo, PAM and login shells, on the nodes of a lab:
//
//	hadeploy lab up --nodes 2 --dir DIR
//	HADEPLOY_TEST_INVENTORY_DIR=DIR go test ./internal/remote -run TestLab

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/crypto/ssh"

	"github.com/hadeploy/hadeploy/internal/lab"
	"github.com/hadeploy/hadeploy/internal/secret"
)

type labEnv struct {
	*testing.T
	lab   *lab.Lab
	dir   string
	nodes []lab.NodeState
}

// openLab skips where there is no lab.
func openLab(t *testing.T) *labEnv {
	t.Helper()
	dir := os.Getenv("HADEPLOY_TEST_INVENTORY_DIR")
	if dir == "" {
		t.Skip("HADEPLOY_TEST_INVENTORY_DIR is not set: no lab nodes to test against (hadeploy lab up --nodes 2 --dir DIR)")
	}
	l, err := lab.Open("", dir)
	if err != nil {
		t.Fatal(err)
	}
	nodes := l.State().Nodes
	if len(nodes) < 2 {
		t.Fatalf("the lab in %s has %d nodes, this test needs 2", dir, len(nodes))
	}
	leaks := goleak.IgnoreCurrent()
	// A node that is switched on stays this process's child.
	child := goleak.IgnoreAnyFunction("os/exec.(*Cmd).Wait")
	t.Cleanup(func() { goleak.VerifyNone(t, leaks, child) })
	return &labEnv{t, l, dir, nodes}
}

// on runs a script as root on node i, not by our own connection.
func (e *labEnv) on(i int, script string) string {
	e.Helper()
	out, err := e.lab.Run(e.Context(), e.nodes[i].Name, script)
	if err != nil {
		e.Fatalf("%s: %v", script, err)
	}
	return strings.TrimSpace(out)
}

func (e *labEnv) dialer() *Dialer {
	d := &Dialer{ConfigFile: "none", AgentSocket: "none"}
	e.Cleanup(func() { d.Close() })
	return d
}

// login are settings for node i as a user, with nothing to log in with.
func (e *labEnv) login(i int, user string) Settings {
	return Settings{
		Name: e.nodes[i].Name, Host: e.nodes[i].Address, User: user,
		IdentityFiles: []string{"/nonexistent/key"},
		KnownHosts:    []string{filepath.Join(e.dir, "known_hosts")},
		KeepAlive:     2 * time.Second,
	}
}

func (e *labEnv) withKey(i int, user string) Settings {
	s := e.login(i, user)
	s.IdentityFiles = []string{filepath.Join(e.dir, "id_ed25519")}
	return s
}

func (e *labEnv) dial(d *Dialer, s Settings) Conn {
	e.Helper()
	c, err := d.Dial(e.Context(), s)
	if err != nil {
		e.Fatal(err)
	}
	e.Cleanup(func() { c.Close() })
	return c
}

// run wants status 0 and returns stdout.
func run(t testing.TB, c Conn, script string, args ...string) string {
	t.Helper()
	res, err := c.Run(context.Background(), Cmd{Script: script, Args: args})
	if err == nil {
		err = res.Err("test")
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(res.Stdout)
}

func TestLabLogins(t *testing.T) {
	e := openLab(t)
	d := e.dialer()
	ops := e.login(0, "ops")
	ops.Password, ops.BecomePassword = secret.New("ops"), secret.New("ops")
	opsKey := e.withKey(0, "ops")
	opsKey.BecomePassword = secret.New("ops")

	for name, s := range map[string]Settings{
		"root by key":                                  e.withKey(0, "root"),
		"deploy by key, sudo without a password":       e.withKey(0, "deploy"),
		"ops by password, sudo with a password":        ops,
		"ops by key, sudo with a password":             opsKey,
		"deploy by key, a password that nobody wanted": func() Settings { s := e.withKey(0, "deploy"); s.BecomePassword = secret.New("unused"); return s }(),
	} {
		t.Run(name, func(t *testing.T) {
			e := &labEnv{t, e.lab, e.dir, e.nodes}
			c := e.dial(d, s)
			if got := run(t, c, "id -u; pwd; umask; echo $PATH; echo $LC_ALL"); got != "0\n/\n0022\n"+nodePath+"\nC\n" {
				t.Errorf("got %q", got)
			}
			// Input arrives whole, and nothing of ours is in it.
			input := bytes.Repeat([]byte("0123456789abcdef\x00\xff\r\n"), 50_000)
			res, err := c.Run(t.Context(), Cmd{Argv: []string{"cat"}, Stdin: bytes.NewReader(input)})
			if err != nil || !bytes.Equal(res.Stdout, input) || len(res.Stderr) != 0 {
				t.Errorf("cat: %d of %d bytes, stderr %q, %v", len(res.Stdout), len(input), res.Stderr, err)
			}
			if res, err := c.Run(t.Context(), Cmd{Script: "echo out; echo err >&2; exit 7"}); err != nil || res.Status != 7 || string(res.Stdout) != "out\n" || string(res.Stderr) != "err\n" {
				t.Errorf("got %+v, %v", res, err)
			}
			if res, err := c.Run(t.Context(), Cmd{Script: "kill -9 $$"}); err != nil || res.Status != 137 {
				t.Errorf("a killed command: %+v, %v", res, err)
			}
		})
	}
}

func TestLabRefusals(t *testing.T) {
	e := openLab(t)
	e.on(0, `id plain 2>/dev/null || useradd -m -s /bin/bash plain; echo plain:plain | chpasswd
		printf 'Defaults:tty requiretty\ntty ALL=(ALL) NOPASSWD: ALL\n' >/etc/sudoers.d/tty; chmod 440 /etc/sudoers.d/tty
		id tty 2>/dev/null || useradd -g nogroup -m -s /bin/bash tty; echo tty:tty | chpasswd
		id nologin 2>/dev/null || useradd -m -s /usr/sbin/nologin nologin; echo nologin:nologin | chpasswd`)
	e.Cleanup(func() {
		_, _ = e.lab.Run(context.Background(), e.nodes[0].Name, "rm -f /etc/sudoers.d/tty")
	})
	with := func(s Settings, pass, become string) Settings {
		if pass != "" {
			s.Password = secret.New(pass)
		}
		if become != "" {
			s.BecomePassword = secret.New(become)
		}
		return s
	}
	for name, c := range map[string]struct {
		s    Settings
		want []string
	}{
		"wrong password":        {with(e.login(0, "ops"), "wrong", ""), []string{"login refused", "tried password", "user ops"}},
		"no way to log in":      {e.login(0, "ops"), []string{"no way to log in", "/nonexistent/key"}},
		"wrong sudo password":   {with(e.login(0, "ops"), "ops", "wrong"), []string{"sudo refused the password", "once only"}},
		"no sudo password":      {with(e.login(0, "ops"), "ops", ""), []string{"sudo wants a password", "ansible_become_password"}},
		"not in sudoers":        {with(e.login(0, "plain"), "plain", "plain"), []string{"does not let this user become root"}},
		"requiretty":            {with(e.login(0, "tty"), "tty", ""), []string{"requiretty"}},
		"no such user":          {with(e.login(0, "nobody-here"), "x", ""), []string{"login refused"}},
		"no shell (with a key)": {with(e.login(0, "nologin"), "nologin", ""), []string{"not available"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := e.dialer().Dial(t.Context(), c.s)
			if _, ok := errors.AsType[*AuthError](err); !ok {
				t.Fatalf("not an *AuthError: %v", err)
			}
			for _, w := range c.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("%q is not in: %v", w, err)
				}
			}
			t.Log(err)
		})
	}
	// One wrong sudo password is one failed try for PAM, never more.
	if n := e.on(0, `journalctl -q _COMM=sudo --since -30s | grep -c "ops.*incorrect password attempt" || true`); n != "1" {
		t.Errorf("%s failed tries of ops, want 1", n)
	}
}

func TestLabKeysAndAgent(t *testing.T) {
	e := openLab(t)
	dir := t.TempDir()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKeyWithPassphrase(key, "test", []byte("open sesame"))
	if err != nil {
		t.Fatal(err)
	}
	locked := filepath.Join(dir, "locked")
	if err := os.WriteFile(locked, pem.EncodeToMemory(block), 0o600); err != nil {
		t.Fatal(err)
	}
	pub, err := ssh.NewPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		e.on(i, "cat >>/root/.ssh/authorized_keys <<'K'\n"+string(ssh.MarshalAuthorizedKey(pub))+"K")
	}

	t.Run("passphrase asked once for two nodes at once", func(t *testing.T) {
		d := e.dialer()
		asked := 0
		var wg sync.WaitGroup
		for i := range 2 {
			s := e.login(i, "root")
			s.IdentityFiles = []string{locked}
			s.ConnectTimeout = 5 * time.Second
			s.Passphrase = func(string) (secret.Value, error) {
				asked++ // the dialer must not ask twice at once
				time.Sleep(6 * time.Second)
				return secret.New("open sesame"), nil
			}
			wg.Go(func() {
				c, err := d.Dial(t.Context(), s)
				if err != nil {
					t.Error(err)
					return
				}
				run(t, c, "true")
				c.Close()
			})
		}
		wg.Wait()
		if asked != 1 {
			t.Errorf("asked %d times", asked)
		}
	})
	t.Run("wrong passphrase", func(t *testing.T) {
		s := e.login(0, "root")
		s.IdentityFiles = []string{locked}
		s.Passphrase = func(string) (secret.Value, error) { return secret.New("wrong"), nil }
		_, err := e.dialer().Dial(t.Context(), s)
		if err == nil || !strings.Contains(err.Error(), "the passphrase does not open it") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("agent", func(t *testing.T) {
		socket := startAgent(t)
		add := exec.Command("ssh-add", "-q", filepath.Join(e.dir, "id_ed25519"))
		add.Env = append(os.Environ(), "SSH_AUTH_SOCK="+socket)
		if out, err := add.CombinedOutput(); err != nil {
			t.Fatalf("ssh-add: %v: %s", err, out)
		}
		d := &Dialer{ConfigFile: "none", AgentSocket: socket}
		defer d.Close()
		for i := range 2 {
			s := e.login(i, "root")
			s.IdentityFiles = nil
			c, err := d.Dial(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			run(t, c, "true")
			c.Close()
		}
	})
}

// startAgent runs a real ssh-agent in the foreground until the test ends.
func startAgent(t *testing.T) (socket string) {
	socket = filepath.Join(t.TempDir(), "agent")
	cmd := exec.Command("ssh-agent", "-D", "-a", socket)
	if err := cmd.Start(); err != nil {
		t.Skipf("no ssh-agent here: %v", err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	for range 100 {
		if _, err := os.Stat(socket); err == nil {
			return socket
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("ssh-agent made no socket")
	return ""
}

func TestLabProxyJump(t *testing.T) {
	e := openLab(t)
	dir := t.TempDir()
	config := filepath.Join(dir, "config")
	text := fmt.Sprintf(`Host inside
  HostName %s
  User deploy
  ProxyJump middle
Host middle
  HostName %s
  User root
Host *
  IdentityFile %s
  UserKnownHostsFile %s
`, e.nodes[1].LinkAddrs[0], e.nodes[0].Address, filepath.Join(e.dir, "id_ed25519"), filepath.Join(e.dir, "known_hosts"))
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	d := &Dialer{ConfigFile: config, AgentSocket: "none"}
	defer d.Close()
	var wg sync.WaitGroup
	for range 12 { // more than sshd lets in at once without sharing
		wg.Go(func() {
			c, err := d.Dial(t.Context(), Settings{Name: "n2", Host: "inside"})
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			if got := strings.TrimSpace(run(t, c, "hostname")); got != e.nodes[1].Name {
				t.Errorf("reached %q", got)
			}
		})
	}
	wg.Wait()
	if n := len(d.jumps); n != 1 {
		t.Errorf("%d connections to the jump host, want 1", n)
	}

	// A jump host that cannot reach the target says so by name.
	_, err := d.Dial(t.Context(), Settings{Name: "n2", Host: e.nodes[1].LinkAddrs[0], Port: 9, ProxyJump: "middle"})
	var u *UnreachableError
	if !errors.As(err, &u) || !strings.Contains(err.Error(), "jump host") {
		t.Errorf("got %v", err)
	}
	t.Log(err)
}
