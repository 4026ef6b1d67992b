package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/hadeploy/hadeploy/internal/excerpt"
)

// What sessions wait for, beside the command itself.
const (
	openTimeout  = 20 * time.Second // a session that opens
	startTimeout = 20 * time.Second // the login shell, or sudo, that runs a command
	refusedSpan  = 5 * time.Second  // sshd refuses sessions while none of ours is busy
	lingerSpan   = 1 * time.Second  // silence after the exit status: children that stay
	lingerMost   = 10 * time.Second // output after the exit status, in all
	stopTimeout  = 8 * time.Second  // stopping a command on the node
	maxSessions  = 8                // sshd's MaxSessions is 10; two stay for the lock and for stopping
	closeTimeout = 3 * time.Second  // Close waits for commands being stopped
)

// process is a command that runs on the node.
type process struct {
	ch     ssh.Channel
	out    *stream
	err    *stream
	marker token
	gave   chan struct{} // closed when sudo got its password
	sent   chan struct{} // closed when the program has been handed over
	again  chan struct{} // closed when sudo asked a second time
	broken chan error    // the caller's stdin failed
	exited chan struct{} // closed when status is set
	ended  chan struct{} // closed when both streams and the channel ended
	status int           // read after exited
}

// spec is what start needs to know.
type spec struct {
	label   string
	program string
	stdin   io.Reader
	timeout time.Duration // 0: unbounded on the node
	limit   int
	onLine  func(string)
	mode    sudoMode
	free    bool // takes no place among the sessions (lock, stop)
}

// openChannel opens a session. Where sshd refuses because of MaxSessions it
// waits as long as other commands of ours run, as their end makes room.
func (c *conn) openChannel(ctx context.Context) (ssh.Channel, <-chan *ssh.Request, error) {
	type opened struct {
		ch   ssh.Channel
		reqs <-chan *ssh.Request
		err  error
	}
	var refusedSince time.Time
	for {
		res := make(chan opened, 1)
		go func() {
			ch, reqs, err := c.client.OpenChannel("session", nil)
			res <- opened{ch, reqs, err}
		}()
		var o opened
		select {
		case o = <-res:
		case <-ctx.Done():
			go func() {
				if o := <-res; o.err == nil {
					go ssh.DiscardRequests(o.reqs)
					_ = o.ch.Close()
				}
			}()
			return nil, nil, context.Cause(ctx)
		}
		var refused *ssh.OpenChannelError
		if !errors.As(o.err, &refused) {
			return o.ch, o.reqs, harmless(o.err)
		}
		switch {
		case c.running.Load() > 0 || refusedSince.IsZero():
			refusedSince = time.Now()
		case time.Since(refusedSince) > refusedSpan:
			return nil, nil, fmt.Errorf("sshd refuses another session (%s); set MaxSessions to 10, its default, in the node's sshd_config", excerpt.Printable(refused.Message, 100))
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return nil, nil, context.Cause(ctx)
		}
	}
}

// start hands a command to the node. The caller owns the process and must
// call release.
func (c *conn) start(ctx context.Context, s spec) (*process, error) {
	ch, reqs, err := c.openChannel(ctx)
	if err != nil {
		return nil, err
	}
	if !s.free {
		c.running.Add(1)
	}
	prompt := newToken()
	p := &process{
		ch: ch, marker: newToken(),
		gave: make(chan struct{}), sent: make(chan struct{}), again: make(chan struct{}), broken: make(chan error, 1),
		exited: make(chan struct{}), ended: make(chan struct{}),
	}
	p.out = newStream("stdout", p.marker, s.limit)
	p.err = newStream("stderr", p.marker, min(s.limit, maxStderr))
	p.out.onLine = s.onLine
	if s.mode == sudoPassword {
		p.err.prompt = prompt.String()
	}

	closed := make(chan struct{})
	go func() {
		defer close(closed)
		p.await(reqs)
	}()
	outDone, errDone := make(chan struct{}), make(chan struct{})
	go func() { defer close(outDone); p.out.drain(ch) }()
	go func() { defer close(errDone); p.err.drain(ch.Stderr()) }()
	go func() {
		<-outDone
		<-errDone
		<-closed
		if !s.free {
			c.running.Add(-1)
		}
		close(p.ended)
	}()

	line := loginLine(s.mode, p.marker, prompt, s.timeout, s.label)
	accepted := make(chan error, 1)
	go func() {
		ok, err := ch.SendRequest("exec", true, ssh.Marshal(struct{ Command string }{line}))
		if err == nil && !ok {
			err = errExecRefused
		}
		accepted <- err
	}()
	select {
	case err = <-accepted:
	case <-ctx.Done():
		err = context.Cause(ctx)
	case <-c.lost:
		err = c.lostCause()
	}
	if err != nil {
		c.background(func() { _ = ch.Close() })
		return nil, err
	}
	go p.feed(s, c.becomePassword.Reveal)
	return p, nil
}

var errExecRefused = errors.New("the node does not run commands for this user")

// await takes the exit status; it returns when the channel is closed.
func (p *process) await(reqs <-chan *ssh.Request) {
	set := false
	for r := range reqs {
		status, ok := exitStatus(r)
		if ok && !set {
			set = true
			p.status = status
			close(p.exited)
		}
		if r.WantReply {
			_ = r.Reply(false, nil)
		}
	}
}

// exitStatus reads an exit message (RFC 4254, 6.10). A command that a signal
// ended has the status that a shell would give it.
func exitStatus(r *ssh.Request) (status int, ok bool) {
	switch r.Type {
	case "exit-status":
		var m struct{ Status uint32 }
		if ssh.Unmarshal(r.Payload, &m) != nil {
			return 0, false
		}
		return int(m.Status), true
	case "exit-signal":
		var m struct {
			Signal     string
			CoreDumped bool
			Error      string
			Lang       string
		}
		if ssh.Unmarshal(r.Payload, &m) != nil {
			return 0, false
		}
		numbers := map[string]int{"HUP": 1, "INT": 2, "QUIT": 3, "ILL": 4, "ABRT": 6, "FPE": 8, "KILL": 9, "USR1": 10, "SEGV": 11, "USR2": 12, "PIPE": 13, "ALRM": 14, "TERM": 15}
		return 128 + numbers[m.Signal], true
	}
	return 0, false
}

// feed writes what the node waits for: sudo's password when, and only when,
// its prompt has come, then, when the marker says that our own shell is there
// to read it, the program and the command's input. A profile that reads, or a
// shell that was started in place of ours, gets nothing.
func (p *process) feed(s spec, password func() string) {
	if s.mode == sudoPassword {
		select {
		case <-p.err.begun: // sudo did not ask
		case <-p.ended:
			return
		case <-p.err.asked:
			if _, err := io.WriteString(p.ch, password()+"\n"); err != nil {
				return
			}
			close(p.gave)
			select {
			case <-p.err.begun:
			case <-p.ended:
				return
			case <-p.err.asked: // wrong; a second try could lock the account
				close(p.again)
				return
			}
		}
	}
	select {
	case <-p.out.begun:
	case <-p.ended:
		return
	}
	close(p.sent)
	if _, err := p.ch.Write(encode(s.program)); err != nil {
		return
	}
	if s.stdin != nil {
		in := &input{r: s.stdin}
		if _, err := io.Copy(p.ch, in); err != nil {
			if in.err != nil { // cut input must not look like the end of it
				p.broken <- in.err
			}
			return // else the command ended without reading all of it
		}
	}
	_ = p.ch.CloseWrite()
}

func (p *process) handedOver() bool {
	select {
	case <-p.sent:
		return true
	default:
		return false
	}
}

// begun reports whether our own shell has said so.
func (p *process) begun() bool {
	select {
	case <-p.out.begun:
		return true
	default:
		return false
	}
}

func (p *process) hasExited() bool {
	select {
	case <-p.exited:
		return true
	default:
		return false
	}
}

// input remembers why reading failed, which io.Copy does not tell apart from
// a failure of writing.
type input struct {
	r   io.Reader
	err error
}

func (i *input) Read(p []byte) (int, error) {
	n, err := i.r.Read(p)
	if err != nil && err != io.EOF {
		i.err = err
	}
	return n, err
}
