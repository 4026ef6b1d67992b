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
	res, err := c.Run(context.Background(), Cmd{Script: script, Args: args, Mutates: true})
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
			var auth *AuthError
			if !errors.As(err, &auth) {
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
			s.ConnectTimeout = 2 * time.Second
			s.Passphrase = func(path string) (secret.Value, error) {
				asked++ // the dialer must not ask twice at once
				time.Sleep(3 * time.Second)
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

func TestLabSessions(t *testing.T) {
	e := openLab(t)
	const conf = "/etc/ssh/sshd_config.d/hadeploy-test.conf"
	restore := func() {
		_, _ = e.lab.Run(context.Background(), e.nodes[0].Name, "rm -f "+conf+"; systemctl reload ssh; sleep 0.5")
	}
	e.Cleanup(restore)
	for _, most := range []int{10, 2} {
		t.Run(fmt.Sprintf("MaxSessions %d", most), func(t *testing.T) {
			e.on(0, fmt.Sprintf("echo MaxSessions %d >%s; systemctl reload ssh; sleep 0.5", most, conf))
			e := &labEnv{t, e.lab, e.dir, e.nodes}
			c := e.dial(e.dialer(), e.withKey(0, "deploy"))
			unlock, err := c.Lock(t.Context(), "the test")
			if err != nil {
				t.Fatal(err)
			}
			defer unlock()
			began := time.Now()
			var wg sync.WaitGroup
			for i := range 24 {
				wg.Go(func() {
					res, err := c.Run(t.Context(), Cmd{Script: "sleep 0.2; echo $1", Args: []string{fmt.Sprint(i)}})
					if err != nil || string(res.Stdout) != fmt.Sprintln(i) {
						t.Errorf("%d: %q, %v", i, res.Stdout, err)
					}
				})
			}
			wg.Wait()
			t.Logf("24 commands of 0.2 s took %s", time.Since(began).Round(time.Millisecond))
		})
	}
	t.Run("MaxSessions 1 and a lock", func(t *testing.T) {
		e.on(0, "echo MaxSessions 1 >"+conf+"; systemctl reload ssh; sleep 0.5")
		e := &labEnv{t, e.lab, e.dir, e.nodes}
		c := e.dial(e.dialer(), e.withKey(0, "root"))
		unlock, err := c.Lock(t.Context(), "the test")
		if err != nil {
			t.Fatal(err)
		}
		defer unlock()
		_, err = c.Run(t.Context(), Cmd{Argv: []string{"true"}})
		if err == nil || !strings.Contains(err.Error(), "MaxSessions") {
			t.Errorf("got %v", err)
		}
		t.Log(err)
	})
}

func TestLabWriteFile(t *testing.T) {
	e := openLab(t)
	ops := e.login(0, "ops")
	ops.Password, ops.BecomePassword = secret.New("ops"), secret.New("ops")
	c := e.dial(e.dialer(), ops)
	run(t, c, "rm -rf /root/wf; mkdir /root/wf")
	content := make([]byte, 3<<20)
	_, _ = rand.Read(content)
	name := `/root/wf/new/de ep/it's "a" $(file) ü`
	if err := c.WriteFile(t.Context(), File{Path: name, Content: content, Mode: "0640", Owner: "ops:deploy"}); err != nil {
		t.Fatal(err)
	}
	res, err := c.Run(t.Context(), Cmd{Script: `stat -c '%a %U:%G %s' "$1" >&2; stat -c %a /root/wf/new >&2; cat "$1"; ls -A "${1%/*}" | wc -l >&2`, Args: []string{name}})
	if err != nil || string(res.Stderr) != fmt.Sprintf("640 ops:deploy %d\n755\n1\n", len(content)) || !bytes.Equal(res.Stdout, content) {
		t.Errorf("stderr %q, %d bytes, %v", res.Stderr, len(res.Stdout), err)
	}

	// What fails leaves the old file and no other.
	if err := c.WriteFile(t.Context(), File{Path: "/root/wf/f", Content: []byte("old\n")}); err != nil {
		t.Fatal(err)
	}
	run(t, c, "mkdir -p /root/wf/full; mountpoint -q /root/wf/full || mount -t tmpfs -o size=64k none /root/wf/full; echo old >/root/wf/full/f; echo x >/root/wf/notadir")
	for name, f := range map[string]File{
		"unknown owner":       {Path: "/root/wf/f", Content: []byte("new"), Owner: "nobody-here"},
		"a directory":         {Path: "/root/wf", Content: []byte("new")},
		"disk full":           {Path: "/root/wf/full/f", Content: content},
		"parent is not one":   {Path: "/root/wf/notadir/f", Content: []byte("new")},
		"read-only directory": {Path: "/proc/sys/hadeploy", Content: []byte("new")},
	} {
		err := c.WriteFile(t.Context(), f)
		var failed *CommandError
		if !errors.As(err, &failed) || failed.Stderr == "" {
			t.Errorf("%s: got %v", name, err)
		}
		t.Log(err)
	}
	if got := run(t, c, "cat /root/wf/f /root/wf/full/f; find /root/wf -name '.hadeploy*'; umount /root/wf/full"); got != "old\nold\n" {
		t.Errorf("after the failures: %q", got)
	}
	// A writer that is interrupted half-way leaves the old file too.
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(30*time.Millisecond, cancel)
	err = c.WriteFile(ctx, File{Path: "/root/wf/f", Content: make([]byte, 64<<20)})
	var interrupted *InterruptedError
	if !errors.As(err, &interrupted) {
		t.Errorf("got %v", err)
	}
	time.Sleep(time.Second)
	if got := run(t, c, "cat /root/wf/f; find /root/wf -name '.hadeploy*'"); got != "old\n" {
		t.Errorf("after the interruption: %q", got)
	}
}

// TestLabStops looks on the node whether commands that were given up are gone.
func TestLabStops(t *testing.T) {
	e := openLab(t)
	for _, user := range []string{"root", "deploy"} {
		t.Run(user, func(t *testing.T) {
			e := &labEnv{t, e.lab, e.dir, e.nodes}
			c := e.dial(e.dialer(), e.withKey(0, user))
			alive := func(seconds string) string {
				return e.on(0, "sleep 0.7; ps -eo args | grep -c '^[s]leep "+seconds+"' || true")
			}
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(300*time.Millisecond, cancel)
			began := time.Now()
			_, err := c.Run(ctx, Cmd{Script: "sleep 1001 & sleep 1001; wait", Mutates: true})
			var interrupted *InterruptedError
			if !errors.As(err, &interrupted) || !interrupted.Unknown || time.Since(began) > 600*time.Millisecond {
				t.Errorf("cancel: %v after %s", err, time.Since(began))
			}
			if n := alive("1001"); n != "0" {
				t.Errorf("after cancel %s processes are left", n)
			}
			_, err = c.Run(t.Context(), Cmd{Script: "sleep 1002", Timeout: 300 * time.Millisecond})
			var late *TimeoutError
			if !errors.As(err, &late) || late.Unknown {
				t.Errorf("timeout: %v", err)
			}
			if n := alive("1002"); n != "0" {
				t.Errorf("after the timeout %s processes are left", n)
			}
			_, err = c.Run(t.Context(), Cmd{Script: "yes & sleep 1003", Limit: 1 << 20})
			var limit *LimitError
			if !errors.As(err, &limit) {
				t.Errorf("limit: %v", err)
			}
			if n := alive("1003"); n != "0" {
				t.Errorf("after the limit %s processes are left", n)
			}
			// A child that keeps the output open does not keep us.
			began = time.Now()
			res, err := c.Run(t.Context(), Cmd{Script: "sleep 4 & echo done"})
			if err != nil || string(res.Stdout) != "done\n" || time.Since(began) > 3*time.Second {
				t.Errorf("child left: %q, %v after %s", res.Stdout, err, time.Since(began))
			}
		})
	}
}

// TestLabShells logs in with the shells that people have.
func TestLabShells(t *testing.T) {
	e := openLab(t)
	// The lab's packages have no csh or fish: where the node has them they
	// are used, else the test says so.
	profile := `echo noise on stdout; echo noise on stderr >&2; printf 'no newline at the end'; umask 077; alias cat='echo'; export LC_ALL=de_DE.UTF-8 http_proxy=http://127.0.0.1:1 PATH=/nowhere ENV=/nowhere; set -e; cd /tmp; hadeploy() { :; }`
	for _, shell := range []string{"bash", "dash", "csh", "tcsh", "fish", "zsh"} {
		t.Run(shell, func(t *testing.T) {
			e := &labEnv{t, e.lab, e.dir, e.nodes}
			path := e.on(0, "command -v "+shell+" || true")
			if path == "" {
				t.Skipf("the node has no %s", shell)
			}
			user := "shell" + shell
			e.on(0, fmt.Sprintf(`id %[1]s >/dev/null 2>&1 || useradd -m -s %[2]s %[1]s
				mkdir -p /home/%[1]s/.ssh /home/%[1]s/.config/fish; cp /root/.ssh/authorized_keys /home/%[1]s/.ssh/
				echo '%[1]s ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/%[1]s
				cat >/home/%[1]s/.bashrc <<'RC'
%[3]s
RC
				cp /home/%[1]s/.bashrc /home/%[1]s/.zshenv
				printf 'echo noise\nset echo\nset verbose\nsetenv http_proxy x\n' >/home/%[1]s/.cshrc
				printf 'echo noise\nset -x http_proxy x\n' >/home/%[1]s/.config/fish/config.fish
				chown -R %[1]s: /home/%[1]s`, user, path, profile))
			c := e.dial(e.dialer(), e.withKey(0, user))
			got := run(t, c, `printf '%s|' "$@" "$(umask)" "$http_proxy" "$LC_ALL" "$(pwd)" "$(id -u)"; false; printf 'cat' | cat`, `a'b"c\d!e`, "x\ny", "$(id)", "")
			if want := "a'b\"c\\d!e|x\ny|$(id)||0022||C|/|0|cat"; got != want {
				t.Errorf("got  %q\nwant %q", got, want)
			}
		})
	}
}

func TestLabLock(t *testing.T) {
	e := openLab(t)
	opsLogin := e.login(0, "ops")
	opsLogin.Password, opsLogin.BecomePassword = secret.New("ops"), secret.New("ops")
	for name, s := range map[string]Settings{"root": e.withKey(0, "root"), "sudo": e.withKey(0, "deploy"), "sudo with a password": opsLogin} {
		t.Run(name, func(t *testing.T) {
			e := &labEnv{t, e.lab, e.dir, e.nodes}
			a, b := e.dial(e.dialer(), s), e.dial(e.dialer(), s)
			unlock, err := a.Lock(t.Context(), "ann@desk pid 1, run r1")
			if err != nil {
				t.Fatal(err)
			}
			_, err = b.Lock(t.Context(), "bob")
			var locked *LockedError
			if !errors.As(err, &locked) || locked.Holder != "ann@desk pid 1, run r1" {
				t.Errorf("got %v", err)
			}
			unlock()
			unlock()
			if _, err = b.Lock(t.Context(), "bob\x1b[31m\nsecond line"); err != nil {
				t.Fatal(err)
			}
			_, err = a.Lock(t.Context(), "ann")
			if !errors.As(err, &locked) || locked.Holder != `bob\x1b[31m\nsecond line` {
				t.Errorf("got %v", err)
			}
			b.Close() // without unlock
			waitLock(t, a, 2*time.Second)
		})
	}
	t.Run("holder killed by SIGKILL", func(t *testing.T) {
		e := &labEnv{t, e.lab, e.dir, e.nodes}
		for _, user := range []string{"root", "deploy"} {
			holder := exec.Command(os.Args[0], "-test.run=^TestLabHelperHoldLock$", "-test.v")
			holder.Env = append(os.Environ(), "HADEPLOY_TEST_HOLD_LOCK_AS="+user)
			out, err := holder.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := holder.Start(); err != nil {
				t.Fatal(err)
			}
			buf := make([]byte, 4096)
			for got := ""; !strings.Contains(got, "lock held"); {
				n, err := out.Read(buf)
				if got += string(buf[:n]); err != nil {
					t.Fatalf("the holder said %q", got)
				}
			}
			c := e.dial(e.dialer(), e.withKey(0, "root"))
			var locked *LockedError
			if _, err := c.Lock(t.Context(), "me"); !errors.As(err, &locked) || !strings.Contains(locked.Holder, fmt.Sprintf("pid %d since", holder.Process.Pid)) {
				t.Errorf("got %v", err)
			} else {
				t.Log(err)
			}
			_ = holder.Process.Kill()
			_ = holder.Wait()
			began := time.Now()
			waitLock(t, c, 3*time.Second)
			t.Logf("%s: free %s after SIGKILL", user, time.Since(began).Round(time.Millisecond))
		}
	})
	t.Run("lock process killed on the node", func(t *testing.T) {
		e := &labEnv{t, e.lab, e.dir, e.nodes}
		c := e.dial(e.dialer(), e.withKey(0, "deploy"))
		unlock, err := c.Lock(t.Context(), "me")
		if err != nil {
			t.Fatal(err)
		}
		defer unlock()
		e.on(0, `for d in /proc/[0-9]*; do if [ "$(readlink $d/fd/9 2>/dev/null)" = /run/lock/hadeploy.lock ]; then kill -9 ${d#/proc/}; fi; done`)
		select {
		case <-c.Lost():
		case <-time.After(5 * time.Second):
			t.Error("the connection lives on without its lock")
		}
	})
}

// waitLock wants the lock to become free in time.
func waitLock(t *testing.T, c Conn, most time.Duration) {
	t.Helper()
	for began := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		unlock, err := c.Lock(t.Context(), "waiting")
		if err == nil {
			unlock()
			return
		}
		if time.Since(began) > most {
			t.Fatalf("still taken after %s: %v", most, err)
		}
	}
}

// TestLabHelperHoldLock is the process that TestLabLock kills.
func TestLabHelperHoldLock(t *testing.T) {
	user := os.Getenv("HADEPLOY_TEST_HOLD_LOCK_AS")
	if user == "" {
		t.Skip("only run by TestLabLock")
	}
	e := openLab(t)
	c := e.dial(e.dialer(), e.withKey(0, user))
	if _, err := c.Lock(t.Context(), Holder("test")); err != nil {
		t.Fatal(err)
	}
	fmt.Println("lock held")
	time.Sleep(time.Minute)
}

func TestLabPowerLoss(t *testing.T) {
	e := openLab(t)
	c := e.dial(e.dialer(), e.withKey(1, "root"))
	t.Cleanup(func() {
		if err := e.lab.PowerOn(context.Background(), e.nodes[1].Name, nil); err != nil {
			t.Error(err)
		}
	})
	off := make(chan error, 1)
	time.AfterFunc(500*time.Millisecond, func() { off <- e.lab.PowerOff(context.Background(), e.nodes[1].Name, nil) })
	began := time.Now()
	_, err := c.Run(t.Context(), Cmd{Script: "sleep 600", Label: "long work", Mutates: true, Timeout: 2 * time.Minute})
	took := time.Since(began)
	var lost *LostError
	if !errors.As(err, &lost) || !lost.Unknown {
		t.Errorf("got %v", err)
	}
	if took > 8*time.Second {
		t.Errorf("noticed after %s, with a keepalive of 2 s", took)
	}
	t.Logf("noticed after %s: %v", took.Round(time.Millisecond), err)
	select {
	case <-c.Lost():
	case <-time.After(time.Second):
		t.Error("Lost is not closed")
	}
	if err := <-off; err != nil {
		t.Fatal(err)
	}
	if _, err := c.Run(t.Context(), Cmd{Argv: []string{"true"}}); !errors.As(err, &lost) || lost.Unknown {
		t.Errorf("a command on a dead connection: %v", err)
	}
	s := e.withKey(1, "root")
	s.ConnectTimeout = 2 * time.Second
	_, err = e.dialer().Dial(t.Context(), s)
	var u *UnreachableError
	if !errors.As(err, &u) {
		t.Errorf("got %v", err)
	}
	t.Log(err)
}
