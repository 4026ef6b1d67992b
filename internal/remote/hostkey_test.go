package remote

import (
	"errors"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
	xknownhosts "golang.org/x/crypto/ssh/knownhosts"
)

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
		"nothing pinned":               {s, []string{line("10.0.0.1:22", ed)}, HostKeyUnknown, []string{"not known", "offered ssh-ed25519 SHA256:", "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub", "echo '[127.0.0.1]:"}},
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
