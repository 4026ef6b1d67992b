package remote

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/skeema/knownhosts"
	"golang.org/x/crypto/ssh"
	xknownhosts "golang.org/x/crypto/ssh/knownhosts"
)

// pinned are the host keys of a set of known_hosts files.
type pinned struct {
	db    *knownhosts.HostKeyDB
	files []string          // that exist
	names map[string]string // cleaned copy -> the file that it stands for
}

// pins reads known_hosts files, once per set.
func (d *Dialer) pinsOf(t target) (*pinned, error) {
	key := strings.Join(t.knownHosts, "\x00")
	d.mu.Lock()
	defer d.mu.Unlock()
	if p, ok := d.pins[key]; ok {
		return p, nil
	}
	p, err := readPins(t.knownHosts, t.mustExist)
	if err != nil {
		return nil, err
	}
	if d.pins == nil {
		d.pins = map[string]*pinned{}
	}
	d.pins[key] = p
	return p, nil
}

func readPins(files []string, mustExist bool) (*pinned, error) {
	p := &pinned{names: map[string]string{}}
	for _, f := range files {
		if _, err := readSmall(f); err != nil {
			if !mustExist && errors.Is(err, fs.ErrNotExist) {
				continue
			}
			return nil, fmt.Errorf("known hosts: %s %w", f, err)
		}
		p.files = append(p.files, f)
	}
	db, err := knownhosts.NewDB(p.files...)
	if err != nil {
		// One line of a kind that this program does not know (a key type
		// of tomorrow) must not make the other lines useless.
		if db, err = p.readCleaned(); err != nil {
			return nil, fmt.Errorf("known hosts: %w", err)
		}
	}
	p.db = db
	return p, nil
}

// readCleaned reads copies of the files in which every line that cannot be
// understood is empty, so that line numbers stay.
func (p *pinned) readCleaned() (*knownhosts.HostKeyDB, error) {
	dir, err := os.MkdirTemp("", "hadeploy-known-hosts-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	var copies []string
	for i, f := range p.files {
		text, err := readSmall(f)
		if err != nil {
			return nil, err
		}
		lines := bytes.Split(text, []byte("\n"))
		for j, line := range lines {
			if !understood(line) {
				lines[j] = nil
			}
		}
		copied := filepath.Join(dir, fmt.Sprint(i))
		if err := os.WriteFile(copied, bytes.Join(lines, []byte("\n")), 0o600); err != nil {
			return nil, err
		}
		p.names[copied] = f
		copies = append(copies, copied)
	}
	return knownhosts.NewDB(copies...)
}

// understood reports whether a known_hosts line (sshd(8), SSH_KNOWN_HOSTS FILE
// FORMAT) is a comment or holds a key that can be read.
func understood(line []byte) bool {
	fields := bytes.Fields(line)
	if len(fields) == 0 || fields[0][0] == '#' {
		return true
	}
	if fields[0][0] == '@' {
		if m := string(fields[0]); m != "@revoked" && m != "@cert-authority" {
			return false
		}
		fields = fields[1:]
	}
	if len(fields) < 3 {
		return false
	}
	blob, err := base64.StdEncoding.DecodeString(string(fields[2]))
	if err != nil {
		return false
	}
	_, err = ssh.ParsePublicKey(blob)
	return err == nil
}

// algorithms puts the key types that are pinned for the host first, so that a
// host with several keys shows the one we can check; the others follow, so
// that a host that has only others is found to have changed. Of those ed25519
// is the first, as in OpenSSH: it is the shortest to compare and to pin.
func (p *pinned) algorithms(name string) []string {
	all := slices.DeleteFunc(p.db.HostKeyAlgorithms(name), func(a string) bool {
		return slices.Contains(ssh.InsecureAlgorithms().HostKeys, a) // ssh-rsa with SHA-1, DSA
	})
	others := slices.Clone(ssh.SupportedAlgorithms().HostKeys)
	slices.SortStableFunc(others, func(a, b string) int { return cmp.Compare(keyRank(a), keyRank(b)) })
	for _, a := range others {
		if !slices.Contains(all, a) && !strings.Contains(a, "-cert-") {
			all = append(all, a)
		}
	}
	return all
}

// keyRank is the place of an algorithm among those of which none is pinned.
func keyRank(algorithm string) int {
	switch {
	case strings.Contains(algorithm, "ed25519"):
		return 0
	case strings.Contains(algorithm, "ecdsa"):
		return 1
	}
	return 2
}

// check returns nil for a pinned key, else a *HostKeyError.
func (p *pinned) check(t target, remote net.Addr, key ssh.PublicKey) error {
	err := p.db.HostKeyCallback()(t.pinName, remote, key)
	if err == nil {
		return nil
	}
	shown := knownhosts.Normalize(t.pinName)
	e := &HostKeyError{
		Node: t.node, Addr: shown,
		Offered: HostKey{Type: key.Type(), Fingerprint: ssh.FingerprintSHA256(key)},
		Line:    knownhosts.Line([]string{t.pinName}, key),
	}
	var bad *xknownhosts.KeyError
	var revoked *xknownhosts.RevokedError
	switch {
	case errors.As(err, &revoked):
		e.Problem = HostKeyRevoked
		e.Pinned = []HostKey{p.known(revoked.Revoked)}
		e.Hint = "do not connect: somebody declared this key stolen"
	case errors.As(err, &bad) && len(bad.Want) > 0:
		e.Problem = HostKeyChanged
		for _, k := range bad.Want {
			e.Pinned = append(e.Pinned, p.known(k))
		}
		e.Hint = "either the node was reinstalled or somebody is in between: compare with `ssh-keygen -lf /etc/ssh/" + keyFileOf(key.Type()) +
			"` on the node's own console; only when they agree, replace the pinned lines"
	case errors.As(err, &bad):
		e.Problem = HostKeyUnknown
		file := "~/.ssh/known_hosts"
		if len(t.knownHosts) > 0 {
			file = t.knownHosts[0]
		}
		e.Hint = "compare with `ssh-keygen -lf /etc/ssh/" + keyFileOf(key.Type()) + "` on the node's own console; when they agree, pin it: echo " +
			Quote(e.Line) + " >> " + file
	default:
		return fmt.Errorf("host key of %s: %w", shown, err)
	}
	return e
}

func (p *pinned) known(k xknownhosts.KnownKey) HostKey {
	file := k.Filename
	if name, ok := p.names[file]; ok {
		file = name
	}
	return HostKey{Type: k.Key.Type(), Fingerprint: ssh.FingerprintSHA256(k.Key), File: file, Line: k.Line}
}

// keyFileOf is the file in which sshd keeps the public key of a type.
func keyFileOf(keyType string) string {
	switch {
	case strings.Contains(keyType, "ecdsa"):
		return "ssh_host_ecdsa_key.pub"
	case strings.Contains(keyType, "rsa"):
		return "ssh_host_rsa_key.pub"
	}
	return "ssh_host_ed25519_key.pub"
}
