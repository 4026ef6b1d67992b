package remote

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/melbahja/goph"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"

	"github.com/hadeploy/hadeploy/internal/excerpt"
	"github.com/hadeploy/hadeploy/internal/secret"
)

// agentConn is the one connection to ssh-agent of a run.
type agentConn struct {
	conn   net.Conn
	client agent.ExtendedAgent
}

func (a *agentConn) close() { _ = a.conn.Close() }

// agentSigners lists the agent's keys; none when there is no agent. An agent
// that does not answer costs its keys, not the login.
func (d *Dialer) agentSigners(ctx context.Context) ([]ssh.Signer, error) {
	socket := d.AgentSocket
	if socket == "" && goph.HasAgent() {
		socket = os.Getenv("SSH_AUTH_SOCK")
	}
	if socket == "" || socket == "none" {
		return nil, nil
	}
	d.mu.Lock()
	a := d.agent
	d.mu.Unlock()
	if a == nil {
		c, err := (&net.Dialer{}).DialContext(ctx, "unix", socket)
		if err != nil {
			return nil, err
		}
		a = &agentConn{c, agent.NewClient(c)}
		d.mu.Lock()
		switch {
		case d.closed:
			d.mu.Unlock()
			a.close()
			return nil, errClosed
		case d.agent != nil: // another was quicker
			a.close()
			a = d.agent
		default:
			d.agent = a
		}
		d.mu.Unlock()
	}
	type answer struct {
		signers []ssh.Signer
		err     error
	}
	ch := make(chan answer, 1)
	go func() {
		s, err := a.client.Signers()
		ch <- answer{s, err}
	}()
	select {
	case r := <-ch:
		return r.signers, r.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// keyFile is a private key file, opened at most once in a run.
type keyFile struct {
	path string

	asking sync.Mutex // one question at a time; mu is free meanwhile

	mu     sync.Mutex
	signer ssh.Signer    // nil: encrypted, and not opened yet
	public ssh.PublicKey // of an encrypted key, where it can be known
	err    error         // it cannot be used
}

// keyAt reads a key file once.
func (d *Dialer) keyAt(path string) *keyFile {
	d.mu.Lock()
	defer d.mu.Unlock()
	if k, ok := d.keys[path]; ok {
		return k
	}
	k := &keyFile{path: path}
	k.signer, k.err = readKey(path, "")
	if locked, ok := errors.AsType[*ssh.PassphraseMissingError](k.err); ok {
		k.err = nil
		if k.public = locked.PublicKey; k.public == nil { // an old format
			if b, err := readSmall(path + ".pub"); err == nil {
				k.public, _, _, _, _ = ssh.ParseAuthorizedKey(b)
			}
		}
		if k.public == nil {
			k.err = errors.New("it is encrypted and its public key is not known; make " + path + ".pub with ssh-keygen -y")
		}
	}
	if d.keys == nil {
		d.keys = map[string]*keyFile{}
	}
	d.keys[path] = k
	return k
}

// open asks for the passphrase, once in a run. It returns early when ctx ends.
func (k *keyFile) open(ctx context.Context, ask func(string) (secret.Value, error)) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		k.asking.Lock()
		defer k.asking.Unlock()
		if signer, _, err := k.state(); signer != nil || err != nil {
			return
		}
		signer, err := unlockKey(k.path, ask)
		k.mu.Lock()
		defer k.mu.Unlock()
		k.signer, k.err = signer, err
	}()
	select {
	case <-done:
	case <-ctx.Done():
	}
}

// readKey reads a private key, with its passphrase when it is encrypted.
func readKey(path, passphrase string) (ssh.Signer, error) {
	text, err := readSmall(path)
	if err != nil {
		return nil, err
	}
	return goph.GetSignerForRawKey(text, passphrase)
}

func unlockKey(path string, ask func(string) (secret.Value, error)) (ssh.Signer, error) {
	if ask == nil {
		return nil, errors.New("it is encrypted, and there is nobody to ask for the passphrase; load it into ssh-agent")
	}
	pass, err := ask(path)
	if err != nil {
		return nil, fmt.Errorf("its passphrase: %w", err)
	}
	signer, err := readKey(path, pass.Reveal())
	if err != nil {
		return nil, errors.New("the passphrase does not open it")
	}
	return signer, nil
}

func (k *keyFile) state() (signer ssh.Signer, public ssh.PublicKey, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.signer != nil {
		return k.signer, k.signer.PublicKey(), nil
	}
	return nil, k.public, k.err
}

// lockedSigner stands for an encrypted key. The host is asked about its
// public half; only when it is accepted, and a signature is wanted, the login
// is broken off to ask for the passphrase outside of every timeout.
type lockedSigner struct {
	key    *keyFile
	public ssh.PublicKey
	wanted **keyFile
}

var errLocked = errors.New("the key's passphrase is needed")

func (l lockedSigner) PublicKey() ssh.PublicKey { return l.public }

func (l lockedSigner) Sign(io.Reader, []byte) (*ssh.Signature, error) {
	*l.wanted = l.key
	return nil, errLocked
}

func (l lockedSigner) SignWithAlgorithm(r io.Reader, data []byte, _ string) (*ssh.Signature, error) {
	return l.Sign(r, data)
}

// credential is one thing to try.
type credential struct {
	what   string // for messages
	kind   string // publickey, password, keyboard-interactive
	method ssh.AuthMethod
}

// login carries one attempt to log in.
type login struct {
	t        target
	all      []credential
	next     int
	tried    []string
	unused   []string // keys that cannot be used, and why
	allowed  []string // what the host last said that it takes
	begun    bool
	locked   *keyFile // its passphrase is needed
	rounds   int      // of keyboard-interactive
	answered bool     // the password was given in one
	banners  int      // bytes of login banners so far
	flooded  bool     // they do not end
}

// newLogin orders what there is: keys of the agent, key files, password. A
// host's patience must not be used up (MaxAuthTries is 6, and may be 1): a key
// that the inventory names is the only one offered, taken from the agent when
// it is there. Where the ssh configuration names files, they come before the
// agent's other keys.
func (d *Dialer) newLogin(ctx context.Context, t target) *login {
	ctx, cancel := context.WithTimeoutCause(ctx, t.timeout, errors.New("no answer"))
	defer cancel()
	l := &login{t: t}
	held, err := d.agentSigners(ctx)
	if err != nil {
		l.unused = append(l.unused, "agent: "+err.Error())
	}
	var named, files []credential
	for _, path := range t.identities {
		k := d.keyAt(path)
		signer, public, err := k.state()
		if errors.Is(err, os.ErrNotExist) && !t.explicit {
			continue
		}
		if public == nil && err != nil {
			// A file that is only a public key names one of the agent's.
			public = publicOnly(path)
		}
		if i := slices.IndexFunc(held, func(s ssh.Signer) bool { return public != nil && sameKey(s.PublicKey(), public) }); i >= 0 {
			named = append(named, keyCredential("agent key "+path, held[i]))
			held = slices.Delete(held, i, i+1)
			continue
		}
		switch {
		case err != nil:
			l.unused = append(l.unused, fmt.Sprintf("key %s: %s", path, plainError(err)))
			continue
		case signer == nil:
			signer = lockedSigner{k, public, &l.locked}
		}
		files = append(files, keyCredential("key "+path, signer))
	}
	var others []credential
	if !t.onlyThese {
		for _, s := range held {
			others = append(others, keyCredential("agent key "+ssh.FingerprintSHA256(s.PublicKey()), s))
		}
	}
	if t.explicit {
		l.all = slices.Concat(named, files, others)
	} else {
		l.all = slices.Concat(named, others, files)
	}
	if t.password.IsSet() {
		// By either way; the host is shown the password once.
		l.all = append(l.all, credential{"password", "password", ssh.Password(t.password.Reveal())},
			credential{"password", "keyboard-interactive", ssh.KeyboardInteractive(l.answer)})
	}
	return l
}

// maxRounds bounds the questions of keyboard-interactive, those that ask
// nothing included.
const maxRounds = 10

// answer is the challenge of keyboard-interactive (RFC 4256): the one hidden
// question about a password gets it, once. Whatever else is asked ends it.
func (l *login) answer(_, _ string, questions []string, echos []bool) ([]string, error) {
	l.rounds++
	var why string
	switch {
	case l.rounds > maxRounds:
		why = "it asks without an end"
	case len(questions) == 0:
		return nil, nil
	case len(questions) > 1 || echos[0] || !strings.Contains(strings.ToLower(questions[0]), "password"):
		why = "it asks " + strconv.Quote(excerpt.Printable(strings.TrimSpace(questions[0]), 60))
	case l.answered:
		why = "it asks for the password again"
	default:
		l.answered = true
		return []string{l.t.password.Reveal()}, nil
	}
	l.unused = append(l.unused, "keyboard-interactive: "+why)
	return nil, errors.New(why)
}

// maxBanner bounds the banners of a login, in bytes. None is shown.
const maxBanner = 256 << 10

func (l *login) banner(text string) error {
	if l.banners += len(text) + 1; l.banners > maxBanner {
		l.flooded = true
		return errBanner
	}
	return nil
}

var errBanner = errors.New("its login banner does not end")

func keyCredential(what string, s ssh.Signer) credential {
	return credential{what, "publickey", ssh.PublicKeys(s)}
}

func sameKey(a, b ssh.PublicKey) bool { return bytes.Equal(a.Marshal(), b.Marshal()) }

func publicOnly(path string) ssh.PublicKey {
	for _, p := range []string{path, path + ".pub"} {
		if b, err := readSmall(p); err == nil {
			if k, _, _, _, err := ssh.ParseAuthorizedKey(b); err == nil {
				return k
			}
		}
	}
	return nil
}

// plainError drops the path that os puts before its errors.
func plainError(err error) string {
	if p, ok := errors.AsType[*os.PathError](err); ok {
		return p.Err.Error()
	}
	return strings.TrimPrefix(err.Error(), "ssh: ")
}

// pick is ssh's AuthCallback: it gives the next credential of a kind that the
// host takes. x/crypto by itself would try only the first of each kind.
func (l *login) pick(c *ssh.ClientAuthContext) (ssh.AuthMethod, error) {
	l.begun = true
	l.allowed = c.AllowedMethods
	if l.flooded {
		return nil, errBanner
	}
	if l.locked != nil {
		return nil, errLocked
	}
	for l.next < len(l.all) {
		cred := l.all[l.next]
		l.next++
		if !slices.Contains(c.AllowedMethods, cred.kind) || slices.Contains(l.tried, cred.what) {
			continue
		}
		l.tried = append(l.tried, cred.what)
		return cred.method, nil
	}
	return nil, errNothingLeft
}

var errNothingLeft = errors.New("the node took none of what we have")

// takes are the ways in that the host names.
func (l *login) takes() string { return excerpt.Printable(strings.Join(l.allowed, ", "), 200) }

// refused explains a login that did not succeed.
func (l *login) refused(err error) *AuthError {
	e := &AuthError{Node: l.t.node, User: l.t.user, Addr: l.t.addr, Tried: l.tried, Reason: "login refused"}
	var hints []string
	if l.t.named {
		hints = append(hints, "no other key was offered, as the inventory names one (ansible_ssh_private_key_file)")
	}
	kinds := map[string]bool{}
	for _, c := range l.all {
		kinds[c.kind] = true
	}
	switch {
	case strings.Contains(err.Error(), "oo many authentication"):
		e.Reason = "login refused, too many keys were tried"
		hints = append(hints, "name the right key (ansible_ssh_private_key_file, or IdentityFile with IdentitiesOnly yes)")
	case len(l.tried) == 0 && len(l.all) == 0:
		e.Reason = "no way to log in"
		hints = append(hints, "start ssh-agent, or set ansible_ssh_private_key_file or ansible_password")
	case len(l.tried) == 0:
		hints = append(hints, "the node takes only "+l.takes())
	case kinds["publickey"] && !kinds["password"]:
		hints = append(hints, fmt.Sprintf("is one of these keys in ~%s/.ssh/authorized_keys on the node, and is this the right user", l.t.user))
	case l.t.password.IsSet() && !slices.Contains(l.allowed, "password") && !slices.Contains(l.allowed, "keyboard-interactive"):
		hints = append(hints, "the node takes no passwords (PasswordAuthentication no), only "+l.takes())
	default:
		hints = append(hints, "check user and password; sshd may also forbid this user (PermitRootLogin, AllowUsers)")
	}
	if len(l.unused) > 0 {
		hints = append(hints, "not usable: "+strings.Join(l.unused, ", "))
	}
	e.Hint = strings.Join(hints, "; ")
	return e
}
