package remote

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	gssh "github.com/gliderlabs/ssh"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"

	"github.com/hadeploy/hadeploy/internal/secret"
)

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
		"the third of three keys":             {tune: accepts(goodPub), set: func(s *Settings) { s.IdentityFiles = []string{bad1, bad2, good} }, shown: -1},
		"a key, then the password":            {tune: accepts(), set: func(s *Settings) { s.IdentityFiles = []string{bad1}; s.Password = secretOf("right") }, shown: -1},
		"encrypted key that is accepted":      {tune: accepts(lockedPub), set: func(s *Settings) { s.IdentityFiles = []string{bad1, badLocked, locked} }, asked: 1, shown: -1},
		"encrypted key that nobody wants":     {tune: accepts(goodPub), set: func(s *Settings) { s.IdentityFiles = []string{badLocked, good} }, asked: 0, shown: -1},
		"full agent, and the key is a file":   {tune: accepts(goodPub), agent: full, set: func(s *Settings) { s.IdentityFiles = []string{good} }, shown: -1},
		"full agent, named by its public key": {tune: accepts(goodPub), agent: full, set: func(s *Settings) { s.IdentityFiles = []string{strings.TrimSuffix(onlyPub, ".pub")} }, shown: -1},
		"full agent, and the named key is wrong": {tune: accepts(goodPub), agent: full, set: func(s *Settings) { s.IdentityFiles = []string{bad1} },
			want: "tried key " + bad1 + "); no other key was offered, as the inventory names one", shown: 1},
		"one try, and the key is named":    {tune: tries(1, accepts(goodPub)), agent: full, set: func(s *Settings) { s.IdentityFiles = []string{good} }, shown: -1},
		"one try, named by its public key": {tune: tries(1, accepts(goodPub)), agent: full, set: func(s *Settings) { s.IdentityFiles = []string{strings.TrimSuffix(onlyPub, ".pub")} }, shown: -1},
		"one try, and the named key is wrong": {tune: tries(1, accepts(goodPub)), agent: full, set: func(s *Settings) { s.IdentityFiles = []string{bad1} },
			want: "tried key " + bad1, shown: 1},
		"two tries, key and password":          {tune: tries(2, accepts(goodPub)), agent: full, set: func(s *Settings) { s.IdentityFiles = []string{bad1}; s.Password = secretOf("right") }, shown: 2},
		"three tries, the third key":           {tune: tries(3, accepts(goodPub)), set: func(s *Settings) { s.IdentityFiles = []string{bad1, bad2, good} }, shown: -1},
		"two tries, the third key":             {tune: tries(2, accepts(goodPub)), set: func(s *Settings) { s.IdentityFiles = []string{bad1, bad2, good} }, want: "too many keys were tried (user root at", shown: 2},
		"full agent, no key is named":          {tune: accepts(goodPub), agent: full, set: func(s *Settings) { s.IdentityFiles = nil }, want: "too many keys", shown: -1},
		"wrong password is shown once":         {set: func(s *Settings) { s.Password = secretOf("wrong") }, want: "login refused", shown: 1},
		"password by keyboard-interactive":     {tune: keyboardOnly, set: func(s *Settings) { s.Password = secretOf("right") }, shown: 1},
		"wrong one by keyboard-interactive":    {tune: keyboardOnly, set: func(s *Settings) { s.Password = secretOf("wrong") }, want: "tried password", shown: 1},
		"only keys taken, only a password had": {tune: func(s *server) { accepts()(s); s.PasswordHandler = nil }, set: func(s *Settings) { s.Password = secretOf("right") }, want: "takes only publickey", shown: 0},
		"nothing to show":                      {set: func(*Settings) {}, want: "no way to log in", shown: 0},
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

// tries is a server whose MaxAuthTries is n.
func tries(n int, more func(*server)) func(*server) {
	return func(s *server) {
		more(s)
		s.ServerConfigCallback = func(gssh.Context) *ssh.ServerConfig { return &ssh.ServerConfig{MaxAuthTries: n} }
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
