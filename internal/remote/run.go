package remote

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"
)

// Run implements Conn.
func (c *conn) Run(ctx context.Context, cmd Cmd) (Result, error) {
	label := labelOf(cmd)
	text, err := program(cmd)
	if err != nil {
		return Result{}, fmt.Errorf("%s: %s: %w", c.node, label, err)
	}
	if cmd.Timeout <= 0 {
		cmd.Timeout = DefaultTimeout
	}
	if cmd.Limit <= 0 {
		cmd.Limit = DefaultLimit
	}
	select {
	case c.places <- struct{}{}:
		defer func() { <-c.places }()
	case <-ctx.Done():
		return Result{}, &InterruptedError{Node: c.node, Label: label, Err: context.Cause(ctx)}
	case <-c.lost:
		return Result{}, &LostError{Node: c.node, Label: label, Err: c.lostCause()}
	}
	s := spec{label: label, program: text, stdin: cmd.Stdin, timeout: cmd.Timeout, limit: cmd.Limit, onLine: cmd.OnLine, mode: c.sudoMode()}
	began := time.Now()
	res, err := c.execute(ctx, s, !cmd.Reads)
	if c.sudoNowAsks(s.mode, err) {
		s.mode = sudoPassword // nothing was handed over, stdin included
		res, err = c.execute(ctx, s, !cmd.Reads)
	}
	res.Took = time.Since(began)
	res.sensitive = cmd.Sensitive
	c.logRun(label, res, err, cmd.Sensitive)
	return res, err
}

// labelOf is what messages call the command.
func labelOf(cmd Cmd) string {
	if cmd.Label != "" {
		return cmd.Label
	}
	if len(cmd.Argv) > 0 {
		return printable(strings.Join(cmd.Argv[:min(2, len(cmd.Argv))], " "), 60)
	}
	return "script"
}

// execute runs one command to its end, whichever that is.
func (c *conn) execute(ctx context.Context, s spec, mutates bool) (Result, error) {
	opening, cancel := context.WithTimeoutCause(ctx, c.openWait(s), errSlowOpen)
	defer cancel()
	p, err := c.start(opening, s)
	if err != nil {
		return Result{}, c.startError(ctx, s, err)
	}
	clock := time.NewTimer(s.timeout)
	defer clock.Stop()
	began := time.Now()

	fail := func(err error) (Result, error) {
		c.stopProcess(p, s)
		p.out.stop()
		p.err.stop()
		return Result{}, err
	}
	doubt := func() bool { return mutates && p.handedOver() }
	var linger <-chan time.Time
	exited := p.exited
	for {
		select {
		case <-p.ended:
			return c.finish(p, s, mutates)
		case <-exited:
			exited = nil
			linger = time.After(lingerSpan)
		case <-linger:
			// The command is done; a child of it keeps its output open.
			c.background(func() { _ = p.ch.Close() })
			return c.finish(p, s, mutates)
		case <-p.out.over:
			return fail(c.tooMuch(p.out, s, doubt()))
		case <-p.err.over:
			return fail(c.tooMuch(p.err, s, doubt()))
		case <-p.again:
			return fail(c.sudoError("sudo refused the password", "check ansible_become_password; it was tried once only, so that the account is not locked"))
		case err := <-p.broken:
			return fail(fmt.Errorf("%s: %s: reading its input: %w%s", c.node, s.label, err, unknown(doubt())))
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.DeadlineExceeded) {
				return fail(&TimeoutError{Node: c.node, Label: s.label, After: time.Since(began), Unknown: doubt()})
			}
			return fail(&InterruptedError{Node: c.node, Label: s.label, Unknown: doubt(), Err: context.Cause(ctx)})
		case <-clock.C:
			return fail(&TimeoutError{Node: c.node, Label: s.label, After: time.Since(began), Unknown: doubt()})
		case <-c.lost:
			if p.hasExited() {
				return c.finish(p, s, mutates)
			}
			return fail(&LostError{Node: c.node, Label: s.label, Unknown: doubt(), Err: c.lostCause()})
		}
	}
}

// tooMuch explains an output that had to be cut off.
func (c *conn) tooMuch(out *stream, s spec, doubt bool) error {
	select {
	case <-out.begun:
		return &LimitError{Node: c.node, Label: s.label, Stream: out.name, Limit: s.limit, Unknown: doubt}
	default:
	}
	return &UnreachableError{Node: c.node, Addr: c.addr,
		Err:  fmt.Errorf("the login shell of user %s printed more than %d bytes to %s before it ran the command", c.user, maxNoise, out.name),
		Hint: "look at its profile on the node (~/.bashrc, /etc/profile.d)",
	}
}

var errSlowOpen = errors.New("the node did not open a session in time")

// openWait bounds the opening of a session. While other commands run, sshd
// may refuse one more; then the wait may be as long as a command.
func (c *conn) openWait(s spec) time.Duration {
	return max(openTimeout, s.timeout)
}

// startError explains why a command was never handed over.
func (c *conn) startError(ctx context.Context, s spec, err error) error {
	switch {
	case c.isLost():
		return &LostError{Node: c.node, Label: s.label, Err: c.lostCause()}
	case ctx.Err() != nil && !errors.Is(ctx.Err(), context.DeadlineExceeded):
		return &InterruptedError{Node: c.node, Label: s.label, Err: context.Cause(ctx)}
	case ctx.Err() != nil, errors.Is(err, errSlowOpen):
		return &TimeoutError{Node: c.node, Label: s.label, After: c.openWait(s)}
	}
	return &UnreachableError{Node: c.node, Addr: c.addr, Err: fmt.Errorf("%s: %w", s.label, err)}
}

// finish makes the result of a process that ended, or explains its end.
func (c *conn) finish(p *process, s spec, mutates bool) (Result, error) {
	out, outNoise := p.out.stop()
	errs, errNoise := p.err.stop()
	started := false
	select {
	case <-p.out.begun:
		started = true
	default:
	}
	if !p.hasExited() {
		err := errors.New("the command ended without an exit status")
		select {
		case <-c.lost: // the end of the connection is told a moment later
			err = c.lostWhy
		case <-time.After(500 * time.Millisecond):
		}
		return Result{}, &LostError{Node: c.node, Label: s.label, Unknown: mutates && p.handedOver(), Err: err}
	}
	if !started {
		return Result{}, c.notStarted(s.mode, p.status, outNoise, errNoise)
	}
	return Result{Node: c.node, Stdout: out, Stderr: errs, Status: p.status}, nil
}

// notStarted explains an exit before the marker: sudo, or the login shell,
// did not run what it was given.
func (c *conn) notStarted(mode sudoMode, status int, out, errs []byte) error {
	said := Tail(append(bytes.Clone(out), errs...), 3)
	if said == "" {
		said = "nothing"
	}
	if mode != sudoNone {
		return c.explainSudo(mode, status, errs, said)
	}
	return &UnreachableError{Node: c.node, Addr: c.addr,
		Err:  fmt.Errorf("the login shell of user %s does not run commands: exit status %d, it said: %s", c.user, status, said),
		Hint: "give the user an ordinary shell, and remove ForceCommand or command= restrictions for it",
	}
}

// stopProcess ends a command that nobody waits for any more, here at once and
// on the node in the background: a signal from sshd alone does not reach what
// sudo started.
func (c *conn) stopProcess(p *process, s spec) {
	if c.isLost() {
		return
	}
	c.background(func() {
		_ = p.ch.Close()
		if s.free || !p.handedOver() || p.hasExited() {
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
		defer cancel()
		_, err := c.execute(ctx, spec{
			label: "stop " + s.label, mode: s.mode, free: true, timeout: stopTimeout, limit: 64 << 10,
			program: "unset l; set -- " + Quote(p.marker.left[1:]) + "\n" + stopScript,
		}, false)
		c.debug("stopped", slog.String("label", s.label), slog.Any("error", err))
	})
}

// stopScript ends every process that carries the marker, and its process
// group: timeout makes one for the command. The pattern does not match the
// grep that looks for it.
const stopScript = `
for d in $(grep -l "[h]$1" /proc/[0-9]*/cmdline 2>/dev/null); do
	p=${d#/proc/}; p=${p%/cmdline}
	kill -TERM -- "-$p" 2>/dev/null || kill -TERM "$p" 2>/dev/null
done
:`

func (c *conn) logRun(label string, res Result, err error, sensitive bool) {
	if c.log == nil {
		return
	}
	attrs := []any{"node", c.node, "label", label, "took", res.Took.Round(time.Millisecond)}
	if err != nil {
		c.log.Warn("command did not finish", append(attrs, "error", err)...)
		return
	}
	c.log.Info("command", append(attrs, "status", res.Status)...)
	if !sensitive {
		c.log.Debug("output", "node", c.node, "label", label, "stdout", head(res.Stdout), "stderr", head(res.Stderr))
	}
}

// head is as much of an output as a log line can bear.
func head(b []byte) string {
	const most = 2000
	if len(b) > most {
		return string(b[:most]) + fmt.Sprintf("... (%d bytes)", len(b))
	}
	return string(b)
}

func (c *conn) debug(msg string, attrs ...any) {
	if c.log != nil {
		c.log.Debug(msg, append([]any{"node", c.node}, attrs...)...)
	}
}
