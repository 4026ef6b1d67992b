package remote

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	gssh "github.com/gliderlabs/ssh"
	"github.com/skeema/knownhosts"
	"go.uber.org/goleak"
	"golang.org/x/crypto/ssh"
)

// checkLeaks fails the test when goroutines outlive it.
func checkLeaks(t *testing.T) {
	t.Helper()
	before := goleak.IgnoreCurrent()
	t.Cleanup(func() { goleak.VerifyNone(t, before) })
}

// server is an sshd in this process, whose commands run in a real shell.
type server struct {
	*gssh.Server
	t    *testing.T
	addr string
	keys []ssh.Signer

	mu    sync.Mutex
	conns []net.Conn
	auths []string // credentials that were shown
}

// startServer serves with handler; nil runs commands as shellCommand does.
// tune may change the server before it starts.
func startServer(t *testing.T, handler gssh.Handler, tune func(*server)) *server {
	t.Helper()
	if handler == nil {
		handler = shellHandler("")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, addr: l.Addr().String()}
	s.Server = &gssh.Server{
		Handler:                     handler,
		PasswordHandler:             func(_ gssh.Context, p string) bool { s.saw("password " + p); return p == "right" },
		LocalPortForwardingCallback: func(gssh.Context, string, uint32) bool { return true },
		ChannelHandlers:             map[string]gssh.ChannelHandler{"session": gssh.DefaultSessionHandler, "direct-tcpip": gssh.DirectTCPIPHandler},
		ConnCallback: func(_ gssh.Context, c net.Conn) net.Conn {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.conns = append(s.conns, c)
			return c
		},
	}
	if tune != nil {
		tune(s)
	}
	if len(s.keys) == 0 {
		s.keys = []ssh.Signer{newKey(t, "ed25519")}
	}
	for _, k := range s.keys {
		s.AddHostKey(k)
	}
	done := make(chan struct{})
	go func() { defer close(done); _ = s.Serve(l) }()
	t.Cleanup(func() {
		_ = s.Close()
		s.cut()
		<-done
	})
	return s
}

func (s *server) saw(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.auths = append(s.auths, what)
}

func (s *server) seen() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.auths...)
}

// connections counts those that came.
func (s *server) connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.conns)
}

// cut ends every connection without a word.
func (s *server) cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.conns {
		_ = c.Close()
	}
}

func (s *server) port() int {
	_, port, _ := net.SplitHostPort(s.addr)
	n, _ := strconv.Atoi(port)
	return n
}

// pin writes a known_hosts file with these lines.
func pin(t *testing.T, lines ...string) string {
	t.Helper()
	return write(t, "known_hosts", strings.Join(lines, "\n")+"\n")
}

func write(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func line(addr string, key ssh.Signer) string {
	return knownhosts.Line([]string{addr}, key.PublicKey())
}

// settings log in to s as root with its host key pinned.
func (s *server) settings() Settings {
	return Settings{
		Name: "n1", Host: "127.0.0.1", Port: s.port(), User: "root",
		IdentityFiles: []string{"/nonexistent/key"},
		Password:      secretOf("right"),
		KnownHosts:    []string{pin(s.t, line(s.addr, s.keys[0]))},
	}
}

func newKey(t *testing.T, kind string) ssh.Signer {
	t.Helper()
	s, err := ssh.NewSignerFromKey(rawKey(t, kind))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func rawKey(t *testing.T, kind string) any {
	t.Helper()
	if kind == "ecdsa" {
		k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	_, k, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// keyPair writes a private key, encrypted unless passphrase is empty.
func keyPair(t *testing.T, passphrase string) (path string, public ssh.PublicKey) {
	t.Helper()
	k := rawKey(t, "ed25519")
	var block *pem.Block
	var err error
	if passphrase == "" {
		block, err = ssh.MarshalPrivateKey(k, "test")
	} else {
		block, err = ssh.MarshalPrivateKeyWithPassphrase(k, "test", []byte(passphrase))
	}
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(k)
	if err != nil {
		t.Fatal(err)
	}
	return write(t, "id", string(pem.EncodeToMemory(block))), signer.PublicKey()
}

// shellHandler runs commands as sshd does, by the login shell: sh. sudo, when
// given, is the program that stands for it.
func shellHandler(sudo string) gssh.Handler {
	return func(s gssh.Session) {
		line := s.RawCommand()
		if sudo != "" {
			line = strings.Replace(line, " sudo ", " "+sudo+" ", 1)
		}
		cmd := exec.CommandContext(s.Context(), "/bin/sh", "-c", line)
		runIn(s, cmd)
	}
}

// runIn runs cmd with the session's streams and gives its status.
func runIn(s gssh.Session, cmd *exec.Cmd) {
	cmd.Stdout, cmd.Stderr = s, s.Stderr()
	in, err := cmd.StdinPipe()
	if err != nil {
		return
	}
	cmd.WaitDelay = 3 * time.Second
	if err := cmd.Start(); err != nil {
		_, _ = io.WriteString(s.Stderr(), err.Error())
		_ = s.Exit(127)
		return
	}
	go func() {
		_, _ = io.Copy(in, s)
		_ = in.Close()
	}()
	err = cmd.Wait()
	var status *exec.ExitError
	switch {
	case err == nil, errors.Is(err, exec.ErrWaitDelay):
		_ = s.Exit(0)
	case errors.As(err, &status):
		if ws := status.Sys().(syscall.WaitStatus); ws.Signaled() {
			_ = s.Exit(128 + int(ws.Signal()))
			return
		}
		_ = s.Exit(status.ExitCode())
	}
}

// dial wants a connection, with nothing of this user's ssh set-up.
func dial(t *testing.T, s Settings) Conn {
	t.Helper()
	c, err := tryDial(t, s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func tryDial(t *testing.T, s Settings) (Conn, error) {
	t.Helper()
	d := &Dialer{ConfigFile: "none", AgentSocket: "none"}
	c, err := d.Dial(t.Context(), s)
	t.Cleanup(func() {
		if c != nil {
			_ = c.Close()
		}
		_ = d.Close()
	})
	return c, err
}
