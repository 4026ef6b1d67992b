package remote

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	gssh "github.com/gliderlabs/ssh"

	"github.com/hadeploy/hadeploy/internal/secret"
)

func secretOf(s string) secret.Value { return secret.New(s) }

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
	key, pub := keyPair(t, "")
	takesKey := func(s *server) {
		s.PublicKeyHandler = func(_ gssh.Context, k gssh.PublicKey) bool { return gssh.KeysEqual(k, pub) }
	}
	target := startServer(t, nil, takesKey)
	second := startServer(t, nil, takesKey)
	first := startServer(t, nil, takesKey)
	strict := startServer(t, nil, func(s *server) {
		takesKey(s)
		s.LocalPortForwardingCallback = func(gssh.Context, string, uint32) bool { return false }
	})
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
		if a, b, c := first.connections(), second.connections(), target.connections(); a != 1 || b != 1 || c != 6 {
			t.Errorf("connections: %d, %d, %d", a, b, c)
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
