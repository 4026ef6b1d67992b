package remote

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/hadeploy/hadeploy/internal/excerpt"
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
	err = sudoChanged(label, err)
	res.Took = time.Since(began)
	res.sensitive, res.mask = cmd.Sensitive, c.mask
	c.logRun(label, res, err, cmd)
	return res, err
}

// labelOf is what messages call the command.
func labelOf(cmd Cmd) string {
	if cmd.Label != "" {
		return cmd.Label
	}
	if len(cmd.Argv) > 0 {
		return excerpt.Printable(strings.Join(cmd.Argv[:min(2, len(cmd.Argv))], " "), 60)
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
	slow := time.NewTimer(c.startWait)
	defer slow.Stop()
	began := time.Now()

	fail := func(err error) (Result, error) {
		c.stopProcess(p, s)
		p.out.stop()
		p.err.stop()
		return Result{}, err
	}
	doubt := func() bool { return mutates && p.handedOver() }
	var linger <-chan time.Time
	var exitedAt time.Time
	exited, begun, gave := p.exited, p.out.begun, p.gave
	for {
		select {
		case <-p.ended:
			return c.finish(p, s, mutates)
		case <-begun:
			begun = nil
			slow.Stop()
		case <-gave:
			gave = nil
			slow.Reset(c.startWait)
		case <-slow.C:
			if !p.begun() && !p.hasExited() {
				return fail(c.neverBegan(p, s, c.startWait))
			}
		case <-exited:
			exited, exitedAt = nil, time.Now()
			linger = time.After(lingerSpan)
		case <-linger:
			if (!p.out.still(lingerSpan) || !p.err.still(lingerSpan)) && time.Since(exitedAt) < lingerMost {
				linger = time.After(lingerSpan) // what it wrote is still on its way
				continue
			}
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
			if !p.begun() {
				return fail(c.neverBegan(p, s, time.Since(began)))
			}
			return fail(&TimeoutError{Node: c.node, Label: s.label, After: time.Since(began), Unknown: doubt()})
		case <-c.lost:
			// With the status alone it is known what became of a change; of
			// an answer a part may be missing.
			if mutates && p.hasExited() {
				select {
				case <-p.ended: // what had come is read to its end
				case <-time.After(lingerSpan):
				}
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
		return &LimitError{Node: c.node, Label: s.label, Stream: out.name, Limit: out.limit, Unknown: doubt}
	default:
	}
	return &UnreachableError{Node: c.node, Addr: c.addr,
		Err:  fmt.Errorf("the login shell of user %s printed more than %d bytes to %s before it ran the command", c.user, maxNoise, out.name),
		Hint: "look at its profile on the node (~/.bashrc, /etc/profile.d)",
	}
}

// neverBegan explains a login shell, or sudo, that did not come to the command.
// Nothing was handed over.
func (c *conn) neverBegan(p *process, s spec, after time.Duration) error {
	said := excerpt.Tail(append(p.out.said(), p.err.said()...), 3)
	if said == "" {
		said = "nothing"
	}
	who := "the login shell of user " + c.user
	if s.mode != sudoNone {
		who += ", or sudo,"
	}
	return &UnreachableError{Node: c.node, Addr: c.addr,
		Err: fmt.Errorf("%s: %s did not run it within %s; it said: %s", s.label, who, after.Round(100*time.Millisecond), said),
		Hint: "nothing was handed over; does its profile on the node (~/.bashrc, ~/.profile, /etc/profile.d) wait for input, show a menu, or start another program (exec)," +
			" or is the node overloaded",
		begun: true,
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
	if !mutates && c.isLost() { // the end of the answer may be missing
		return Result{}, &LostError{Node: c.node, Label: s.label, Err: c.lostCause()}
	}
	if !started {
		return Result{}, c.notStarted(s.mode, p.status, outNoise, errNoise)
	}
	if p.status == 125 && string(errs) == p.marker.String()+"\n" {
		return Result{}, &UnreachableError{Node: c.node, Addr: c.addr,
			Err:  fmt.Errorf("%s: the command did not reach the login shell of user %s: its standard input is closed, or something else reads it", s.label, c.user),
			Hint: "look at its profile on the node (~/.bashrc, /etc/profile.d: exec <, read)",
		}
	}
	return Result{Node: c.node, Stdout: out, Stderr: errs, Status: p.status}, nil
}

// notStarted explains an exit before the marker: sudo, or the login shell,
// did not run what it was given.
func (c *conn) notStarted(mode sudoMode, status int, out, errs []byte) error {
	said := excerpt.Tail(append(bytes.Clone(out), errs...), 3)
	if said == "" {
		said = "nothing"
	}
	if mode != sudoNone {
		return c.explainSudo(mode, status, errs, said)
	}
	return &UnreachableError{Node: c.node, Addr: c.addr,
		Err:  fmt.Errorf("the login shell of user %s does not run commands: exit status %d, it said: %s", c.user, status, said),
		Hint: "give the user an ordinary shell, and remove ForceCommand or command= restrictions for it; a profile that ends the shell, or makes exec an alias or a function, does it too",
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

func (c *conn) logRun(label string, res Result, err error, cmd Cmd) {
	if c.log == nil {
		return
	}
	attrs := []any{"node", c.node, "label", label, "command", cmd.text(label), "reads", cmd.Reads, "took", res.Took.Round(time.Millisecond)}
	if err != nil {
		c.log.Warn("command did not finish", append(attrs, "error", err)...)
		return
	}
	c.log.Info("command", append(attrs, "status", res.Status)...)
	if cmd.Script != "" && !cmd.Reads && !cmd.Sensitive {
		c.log.Debug("script", "node", c.node, "label", label, "text", c.head([]byte(cmd.Script)))
	}
	if !cmd.Sensitive {
		c.log.Debug("output", "node", c.node, "label", label, "stdout", c.head(res.Stdout), "stderr", c.head(res.Stderr))
	}
}

// text is a command as a person would type it; of a script, what it is for.
// Secrets are in neither: they travel on standard input.
func (cmd Cmd) text(label string) string {
	if cmd.Script != "" {
		return "script: " + label
	}
	words := make([]string, len(cmd.Argv))
	for i, w := range cmd.Argv {
		words[i] = w
		if w == "" || strings.Trim(w, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=:,./@%") != "" {
			words[i] = Quote(w)
		}
	}
	return strings.Join(words, " ")
}

// head is as much of an output as a log line can bear, without the known
// secrets: one that the cut would leave half of is still whole when it is
// looked for.
func (c *conn) head(b []byte) string {
	const most, beyond = 2000, 16 << 10
	text := c.mask.Text(string(b[:min(len(b), most+beyond)]))
	if len(b) > most {
		return text[:min(len(text), most)] + fmt.Sprintf("... (%d bytes)", len(b))
	}
	return text
}

func (c *conn) debug(msg string, attrs ...any) {
	if c.log != nil {
		c.log.Debug(msg, append([]any{"node", c.node}, attrs...)...)
	}
}
