package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/melbahja/goph"
	"golang.org/x/crypto/ssh"

	"github.com/hadeploy/hadeploy/internal/excerpt"
)

// transport is what a connection goes over: a *net.Dialer, or the *ssh.Client
// of a jump host.
type transport interface {
	DialContext(ctx context.Context, network, addr string) (net.Conn, error)
}

// Dial connects to a host, logs in and finds out how to become root. Errors
// about the way are *UnreachableError, *HostKeyError and *AuthError, others
// about the settings.
func (d *Dialer) Dial(ctx context.Context, s Settings) (Conn, error) {
	t, err := d.resolve(s)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	client, err := d.connect(ctx, t)
	if err != nil {
		return nil, err
	}
	c := newConn(client, t, d.Log)
	c.mask = d.Mask
	if err := c.becomeRoot(ctx); err != nil {
		_ = c.Close()
		return nil, unusable(err, t)
	}
	if d.Log != nil {
		d.Log.Info("connected", "node", t.node, "addr", t.addr, "user", t.user, "took", time.Since(began).Round(time.Millisecond))
	}
	return c, nil
}

// unusable makes an *UnreachableError of a connection that did not last until
// it was ready.
func unusable(err error, t target) error {
	var lost *LostError
	var late *TimeoutError
	if errors.As(err, &lost) || errors.As(err, &late) {
		return &UnreachableError{Node: t.node, Addr: t.addr, Err: fmt.Errorf("logged in, then: %w", err)}
	}
	return err
}

// connect reaches a target, through its jump hosts where it has them.
func (d *Dialer) connect(ctx context.Context, t target) (*goph.Client, error) {
	var via transport = &net.Dialer{}
	if len(t.hops) > 0 {
		j, err := d.jump(ctx, t)
		if err != nil {
			return nil, err
		}
		via = j
	}
	const tries = 3
	asked := 0
	for try := 1; ; try++ {
		client, wanted, err := d.attempt(ctx, via, t)
		switch {
		case err == nil:
			return client, nil
		case ctx.Err() != nil:
			return nil, &InterruptedError{Node: t.node, Label: "connect to " + t.addr, Err: context.Cause(ctx)}
		case wanted != nil && asked <= len(t.identities):
			wanted.open(ctx, t.passphrase)
			asked++
			try = 0
		case try < tries && droppedEarly(err):
			// sshd drops connections at random when many come at once
			// (MaxStartups).
			select {
			case <-time.After(time.Duration(try) * 300 * time.Millisecond):
			case <-ctx.Done():
			}
		default:
			return nil, err
		}
	}
}

// earlyError marks a connection that ended before login began.
type earlyError struct{ error }

func (e earlyError) Unwrap() error { return e.error }

func droppedEarly(err error) bool {
	var e earlyError
	return errors.As(err, &e)
}

var errConnectTimeout = errors.New("no answer in time")

// attempt makes one connection; the context and the target's timeout bound
// all of it, name lookup to login. wanted is a key that the host would take
// and that must be opened first.
func (d *Dialer) attempt(ctx context.Context, via transport, t target) (client *goph.Client, wanted *keyFile, err error) {
	pins, err := d.pinsOf(t)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", t.node, err)
	}
	l := d.newLogin(ctx, t)
	ctx, cancel := context.WithTimeoutCause(ctx, t.timeout, errConnectTimeout)
	defer cancel()
	unreachable := func(err error, hint string) error {
		return &UnreachableError{Node: t.node, Addr: t.addr, Err: err, Hint: hint}
	}
	nc, err := via.DialContext(ctx, "tcp", t.addr)
	if err != nil {
		var slow net.Error
		if errors.As(err, &slow) && slow.Timeout() || errors.Is(context.Cause(ctx), errConnectTimeout) {
			err = fmt.Errorf("%w (%s)", errConnectTimeout, t.timeout)
		}
		return nil, nil, unreachable(plainDial(err), dialHint(err))
	}

	var proof hostProof
	cfg := &ssh.ClientConfig{
		User:              t.user,
		AuthCallback:      l.pick,
		HostKeyAlgorithms: pins.algorithms(t.pinName),
		HostKeyCallback: func(_ string, remote net.Addr, key ssh.PublicKey) error {
			return proof.is(pins.check(t, remote, key)) // at every change of keys too
		},
		BannerCallback: l.banner,
	}
	type result struct {
		c     ssh.Conn
		chans <-chan ssh.NewChannel
		reqs  <-chan *ssh.Request
		err   error
	}
	done := make(chan result, 1)
	go func() {
		c, chans, reqs, err := ssh.NewClientConn(nc, t.pinName, cfg)
		done <- result{c, chans, reqs, err}
	}()
	var r result
	select {
	case r = <-done:
	case <-ctx.Done():
		_ = nc.Close()
		go func() {
			if r := <-done; r.err == nil {
				_ = r.c.Close()
			}
		}()
		cause := context.Cause(ctx)
		if errors.Is(cause, errConnectTimeout) {
			cause = fmt.Errorf("no answer in %s", t.timeout)
		}
		switch spoke, keyErr := proof.get(); {
		case spoke && keyErr == nil:
			return nil, nil, unreachable(fmt.Errorf("the login did not end: %w", cause), "is the node overloaded, or does its login wait for a directory service (LDAP, DNS); or does the agent wait for you")
		case spoke:
			return nil, nil, unreachable(cause, "")
		}
		return nil, nil, unreachable(fmt.Errorf("it takes the connection and then says nothing: %w", cause), "is that port sshd's, and is the node overloaded or half dead")
	}
	if r.err == nil {
		return &goph.Client{Client: ssh.NewClient(r.c, r.chans, r.reqs)}, nil, nil
	}
	_ = nc.Close()
	_, keyErr := proof.get()
	switch {
	case keyErr != nil:
		return nil, nil, keyErr
	case l.flooded:
		return nil, nil, unreachable(errBanner, "look at Banner in the node's sshd_config")
	case l.locked != nil:
		return nil, l.locked, l.refused(r.err)
	case errors.Is(r.err, errNothingLeft), l.begun && !closedEarly(r.err):
		return nil, nil, l.refused(r.err)
	case closedEarly(r.err):
		return nil, nil, unreachable(earlyError{errors.New("it closed the connection before the login was complete")}, "is that port sshd's; sshd may be out of connections (MaxStartups), or forbid our address")
	}
	return nil, nil, unreachable(harmless(plainDial(r.err)), "is that port sshd's")
}

// hostProof is what the host key's check said last. ssh calls it from a
// goroutine of its own, again at every change of keys.
type hostProof struct {
	mu    sync.Mutex
	spoke bool
	err   error
}

func (p *hostProof) is(err error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.spoke, p.err = true, err
	return err
}

func (p *hostProof) get() (spoke bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.spoke, p.err
}

func closedEarly(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) ||
		errors.Is(err, syscall.EPIPE) || errors.Is(err, net.ErrClosed) || strings.HasSuffix(err.Error(), "EOF")
}

// plainDial takes Go's repetitions of the address out of a network error.
func plainDial(err error) error {
	var op *net.OpError
	var dns *net.DNSError
	var open *ssh.OpenChannelError
	switch {
	case errors.As(err, &dns):
		return fmt.Errorf("the name %s cannot be looked up: %s", dns.Name, dns.Err)
	case errors.As(err, &open):
		return fmt.Errorf("the jump host cannot or must not connect to it: %s", excerpt.Printable(open.Error(), 200))
	case errors.As(err, &op):
		if errno, ok := errors.AsType[syscall.Errno](err); ok {
			return errno
		}
		return op.Err
	}
	return err
}

func dialHint(err error) string {
	var dns *net.DNSError
	var open *ssh.OpenChannelError
	switch {
	case errors.As(err, &open) && open.Reason == ssh.Prohibited:
		return "the jump host's sshd forbids forwarding (AllowTcpForwarding, PermitOpen)"
	case errors.As(err, &open):
		return "is the node up, and can the jump host reach it"
	case errors.As(err, &dns):
		return "set ansible_host to an address, or HostName in ~/.ssh/config"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "is sshd running there, on this port"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH), errors.Is(err, errConnectTimeout):
		return "is the node switched on, and is the address right; a firewall may drop the connection"
	}
	return ""
}

// jumpHost is a jump host's connection, shared by all nodes behind it: one
// login for many nodes, as sshd refuses many at once.
type jumpHost struct {
	ready  chan struct{} // closed when client or err is set
	client *goph.Client
	err    error
	once   sync.Once
	stop   chan struct{}
	ended  sync.WaitGroup
}

func (j *jumpHost) close() {
	<-j.ready
	if j.client == nil {
		return
	}
	j.once.Do(func() { close(j.stop) })
	_ = j.client.Close()
	j.ended.Wait()
}

// jump gives the connection of the last of t's jump hosts.
func (d *Dialer) jump(ctx context.Context, t target) (*goph.Client, error) {
	last := t.hops[len(t.hops)-1]
	key := fmt.Sprint(t.hops, t.knownHosts, t.identities)
	for {
		d.mu.Lock()
		if d.closed {
			d.mu.Unlock()
			return nil, fmt.Errorf("%s: %w", t.node, errClosed)
		}
		j, found := d.jumps[key]
		if !found {
			j = &jumpHost{ready: make(chan struct{}), stop: make(chan struct{})}
			if d.jumps == nil {
				d.jumps = map[string]*jumpHost{}
			}
			d.jumps[key] = j
		}
		d.mu.Unlock()
		if !found {
			j.client, j.err = d.dialJump(ctx, t, last)
			if j.err != nil {
				d.forget(key, j)
			} else {
				d.watch(key, j, t)
			}
			close(j.ready)
			return j.client, j.err
		}
		select {
		case <-j.ready:
		case <-ctx.Done():
			return nil, &InterruptedError{Node: t.node, Label: "connect through " + last.host, Err: context.Cause(ctx)}
		}
		var other *InterruptedError
		switch {
		case j.err == nil:
			return j.client, nil
		case errors.As(j.err, &other): // whoever dialled gave up; we did not
			continue
		}
		return nil, renamed(j.err, t.node)
	}
}

// dialJump logs in to a jump host, which has its own entry in the ssh
// configuration and is checked by its own name and host key. It is offered
// our keys, never our password.
func (d *Dialer) dialJump(ctx context.Context, t target, h hop) (*goph.Client, error) {
	s := Settings{Name: t.node, Host: h.host, Port: h.port, User: h.user, Passphrase: t.passphrase, ProxyJump: "none", ConnectTimeout: t.timeout, KeepAlive: t.keepAlive}
	if t.mustExist {
		s.KnownHosts = t.knownHosts
	}
	jt, err := d.resolve(s)
	if err != nil {
		return nil, err
	}
	if t.explicit && !jt.explicit {
		jt.identities, jt.explicit = t.identities, true
	}
	jt.hops = t.hops[:len(t.hops)-1]
	client, err := d.connect(ctx, jt)
	if u, ok := errors.AsType[*UnreachableError](err); ok {
		u.Addr = "jump host " + net.JoinHostPort(h.host, strconv.Itoa(max(h.port, 22)))
		if _, port, splitErr := net.SplitHostPort(jt.addr); splitErr == nil {
			u.Addr = "jump host " + net.JoinHostPort(h.host, port)
		}
	}
	return client, err
}

// renamed gives the error of a shared jump host to another node.
func renamed(err error, node string) error {
	var u *UnreachableError
	var a *AuthError
	var k *HostKeyError
	switch {
	case errors.As(err, &u):
		e := *u
		e.Node = node
		return &e
	case errors.As(err, &a):
		e := *a
		e.Node = node
		return &e
	case errors.As(err, &k):
		e := *k
		e.Node = node
		return &e
	}
	return err
}

// watch forgets a jump host that died, so that a later Dial makes a new one.
func (d *Dialer) watch(key string, j *jumpHost, t target) {
	j.ended.Go(func() {
		_ = j.client.Wait()
		d.forget(key, j)
		j.once.Do(func() { close(j.stop) })
	})
	j.ended.Go(func() {
		if err := keepAlive(j.client, t.keepAlive, j.stop); err != nil {
			_ = j.client.Close()
		}
	})
}

func (d *Dialer) forget(key string, j *jumpHost) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.jumps[key] == j {
		delete(d.jumps, key)
	}
}
