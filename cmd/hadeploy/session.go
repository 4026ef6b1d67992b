package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	xterm "golang.org/x/term"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/remote"
	"github.com/hadeploy/hadeploy/internal/report/progress"
	"github.com/hadeploy/hadeploy/internal/report/term"
	"github.com/hadeploy/hadeploy/internal/secret"
	"github.com/hadeploy/hadeploy/inventory"
	"github.com/hadeploy/hadeploy/steps"
)

// session is one run against nodes: its context, progress, log and
// connections.
type session struct {
	*declared
	ctx      context.Context
	run      *steps.Run
	stop     <-chan struct{} // closed by the first Ctrl-C
	mask     *secret.Masker  // of the nodes' words
	op       steps.Operation
	recapped bool // the run has been summed up
	progress progress.Display
	dialer   *remote.Dialer
	log      *slog.Logger
	logPath  string
	closers  []func()
}

// open loads the files, shows their warnings and connects to every node.
// Whatever it returns, close must be called.
func (a *app) open(ctx context.Context, op steps.Operation, args []string, display progress.Display) (*session, error) {
	s := &session{op: op, progress: display, mask: a.mask}
	d, err := a.load(args)
	if err != nil {
		return s, err
	}
	s.declared = d
	if rest := d.untold(op); len(rest) > 0 {
		_ = diag.Render(a.err, rest, diag.RenderOptions{Color: a.errStyle.Color})
	}
	if err := a.begin(s, d); err != nil {
		return s, err
	}
	s.signals(ctx, a.timeout)
	cfg, err := a.config(s)
	if err != nil {
		return s, err
	}
	cfg.Stop, cfg.Holder = s.stop, remote.Holder(op.Name)
	cfg.Version, cfg.Commit, cfg.Vars, cfg.Inventory = hadeployVersion(), commitOf(s.ctx, d.playbook.Dir), d.vars, a.inventory
	if s.run, err = steps.Open(s.ctx, op, cfg); err != nil {
		return s, err
	}
	s.closers = append(s.closers, s.run.Close)
	return s, nil
}

// begin makes the progress and the log of a run with what is declared.
func (a *app) begin(s *session, d *declared) (err error) {
	s.declared = d
	if a.forks < 1 {
		return usageError{fmt.Errorf("--forks must be at least 1, not %d", a.forks)}
	}
	if s.progress == nil {
		if s.progress, err = progress.New(a.progress, progress.Options{W: a.err, Style: a.errStyle}); err != nil {
			return usageError{err}
		}
	}
	s.closers = append(s.closers, s.progress.Close)
	s.log, err = a.openLog(s, s.op.Name)
	return err
}

// config is what every run needs; the passwords of the inventory are fetched
// for it.
func (a *app) config(s *session) (steps.Config, error) {
	if err := s.resolve(); err != nil {
		return steps.Config{}, err
	}
	s.dialer = &remote.Dialer{Log: s.log, Mask: s.mask}
	s.closers = append(s.closers, func() { _ = s.dialer.Close() })
	return steps.Config{
		Playbook: s.playbook, Nodes: s.nodes, Forks: a.forks, Mask: s.mask,
		Dial: func(ctx context.Context, n inventory.Node) (remote.Conn, error) {
			return s.dialer.Dial(ctx, a.settings(s, n))
		},
		Events: func(e steps.Event) {
			logEvent(s.log, e)
			s.progress.Event(e)
		},
	}, nil
}

// resolve fetches the passwords of the inventory.
func (s *session) resolve() error {
	ctx, done := steps.UntilStopped(s.ctx, s.stop)
	defer done()
	err := s.inventory.Resolve(ctx, s.nodes)
	if err != nil && (ctx.Err() != nil || errors.Is(err, context.Canceled)) {
		return &steps.InterruptedError{While: "fetching the passwords of the inventory"}
	}
	return err
}

// close ends the run, last opened first.
func (s *session) close() {
	for i := len(s.closers) - 1; i >= 0; i-- {
		s.closers[i]()
	}
	s.closers = nil
}

// oneSignal is how close signals are that are one: timeout(1) and service
// managers send theirs to the program and to its group.
const oneSignal = 250 * time.Millisecond

// signals makes the first Ctrl-C start nothing new and the second one leave; a
// third one ends the program as if it knew nothing of signals.
func (s *session) signals(parent context.Context, timeout time.Duration) {
	parent, leave := context.WithCancelCause(parent)
	ctx, cancel := context.WithTimeoutCause(parent, timeout, errTimedOut)
	s.ctx = ctx
	stop := make(chan struct{})
	s.stop = stop
	ch := make(chan os.Signal, 4)
	signal.Notify(ch, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	done := make(chan struct{})
	go func() {
		var first time.Time
		for {
			select {
			case <-done:
				return
			case <-ch:
				if !first.IsZero() && time.Since(first) < oneSignal {
					continue
				}
				if !first.IsZero() {
					signal.Stop(ch)
					s.progress.Note("interrupted again: leaving now")
					leave(errLeave)
					return
				}
				first = time.Now()
				s.progress.Note("interrupted: changes that are under way are finished, nothing new is started; once more to leave at once")
				close(stop)
			}
		}
	}()
	s.closers = append(s.closers, func() {
		signal.Stop(ch)
		close(done)
		cancel()
		leave(nil)
	})
}

// endsAtOnce makes the first Ctrl-C end a run that only looks, and the second
// one the program. A timeout of 0 is none.
func (s *session) endsAtOnce(parent context.Context, timeout time.Duration) {
	ctx, release := signal.NotifyContext(parent, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	cancel := context.CancelFunc(func() {})
	if timeout > 0 {
		ctx, cancel = context.WithTimeoutCause(ctx, timeout, errTimedOut)
	}
	s.ctx = ctx
	defuse := context.AfterFunc(ctx, release)
	s.closers = append(s.closers, func() { defuse(); cancel(); release() })
}

// settings turns the inventory's words into the connection's.
func (a *app) settings(s *session, n inventory.Node) remote.Settings {
	set := remote.Settings{
		Name: n.Name, Host: n.Host, Port: n.Port, User: n.User, KnownHosts: n.KnownHosts,
		Password: n.Password, Become: n.Become, BecomePassword: n.BecomePassword,
		ConnectTimeout: a.connectTimeout,
		Passphrase: func(path string) (v secret.Value, err error) {
			s.progress.Suspend(func() { v, err = passphrase(s, path) })
			return v, err
		},
	}
	if n.KeyFile != "" {
		set.IdentityFiles = []string{n.KeyFile}
	}
	return set
}

// passphrase asks the person at the terminal, and leaves the terminal as it was
// when that person presses Ctrl-C instead.
func passphrase(s *session, path string) (secret.Value, error) {
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		return secret.Value{}, fmt.Errorf("the key %s has a passphrase and there is no terminal to ask for it; use an ssh agent", path)
	}
	fd := int(tty.Fd())
	before, err := xterm.GetState(fd)
	if err != nil {
		_ = tty.Close()
		return secret.Value{}, err
	}
	type answer struct {
		text []byte
		err  error
	}
	typed := make(chan answer, 1)
	fmt.Fprintf(tty, "Passphrase for %s: ", term.Clean(path))
	go func() { // ends with the line, or with the program, which then has the terminal open still
		b, err := xterm.ReadPassword(fd)
		typed <- answer{b, err}
	}()
	ctx, done := steps.UntilStopped(s.ctx, s.stop)
	defer done()
	select {
	case a := <-typed:
		fmt.Fprintln(tty)
		_ = tty.Close()
		if a.err != nil {
			return secret.Value{}, a.err
		}
		return secret.New(string(a.text)), nil
	case <-ctx.Done():
		_ = xterm.Restore(fd, before)
		fmt.Fprintln(tty)
		return secret.Value{}, steps.ErrInterrupted
	}
}

// openLog makes the run's log file, and shows commands with -v.
func (a *app) openLog(s *session, command string) (*slog.Logger, error) {
	var handlers []slog.Handler
	if a.verbose > 0 {
		level := slog.LevelInfo
		if a.verbose > 1 {
			level = slog.LevelDebug
		}
		handlers = append(handlers, slog.NewTextHandler(noteWriter{s.progress}, &slog.HandlerOptions{Level: level, ReplaceAttr: func(groups []string, at slog.Attr) slog.Attr {
			return maskAttr(s.mask, dropTime(groups, at))
		}}))
	}
	path := a.logFile
	if path == "" {
		dir := os.Getenv("XDG_STATE_HOME")
		if dir == "" {
			home, err := os.UserHomeDir()
			if err != nil {
				return nil, fmt.Errorf("no place for the log file (use --log-file): %w", err)
			}
			dir = filepath.Join(home, ".local", "state")
		}
		path = filepath.Join(dir, "hadeploy", fmt.Sprintf("%s-%s-%s-%d.log", s.playbook.Name, command, time.Now().Format("20060102-150405"), os.Getpid()))
	}
	if path != "none" {
		f, err := openLogFile(path)
		if err != nil {
			return nil, err
		}
		s.logPath = path
		log := &logWriter{to: f}
		s.closers = append(s.closers, func() {
			if err := errors.Join(log.failed, f.Close()); err != nil {
				fmt.Fprintf(a.err, "warning: the log %s is not whole: %v\n", path, err)
			}
		})
		handlers = append(handlers, titled(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: func(_ []string, at slog.Attr) slog.Attr {
			return maskAttr(s.mask, at)
		}}), command))
	}
	return slog.New(slog.NewMultiHandler(handlers...)), nil
}

func dropTime(groups []string, at slog.Attr) slog.Attr {
	if len(groups) == 0 && (at.Key == slog.TimeKey || at.Key == slog.LevelKey) {
		return slog.Attr{}
	}
	return at
}

// maskAttr takes the known secrets out of what is logged, the message too.
func maskAttr(m *secret.Masker, at slog.Attr) slog.Attr {
	switch v := at.Value.Resolve(); v.Kind() {
	case slog.KindString:
		at.Value = slog.StringValue(m.Text(v.String()))
	case slog.KindAny:
		if err, ok := v.Any().(error); ok {
			at.Value = slog.StringValue(m.Text(err.Error()))
		} else if x := v.Any(); x != nil {
			at.Value = slog.AnyValue(secret.Words(m, x))
		}
	}
	return at
}

// noteWriter shows log lines beside the progress.
type noteWriter struct{ progress progress.Display }

func (w noteWriter) Write(b []byte) (int, error) {
	w.progress.Note(strings.TrimRight(string(b), "\n"))
	return len(b), nil
}

func logEvent(log *slog.Logger, e steps.Event) {
	switch e := e.(type) {
	case steps.NodeConnected:
		log.Debug("connected", "node", e.Node, "took", e.Took)
	case steps.StepStarted:
		log.Debug("step", "step", e.Step, "nodes", e.Nodes, "changes", e.Changes)
	case steps.Waiting:
		log.Debug("waiting", "step", e.Step, "node", e.Node, "for", e.For, "detail", e.Detail, "done", e.Done)
	case steps.NodeFailed:
		log.Error("failed", "step", e.Step, "node", e.Node, "error", e.Err)
	case steps.StepDone:
		log.Debug("step done", "step", e.Step, "changes", e.Changes, "took", e.Took)
	case steps.FindingSeen:
		log.Warn(e.Finding.Message, "code", e.Finding.Code, "node", e.Finding.Node, "object", e.Finding.Object)
	}
}

// errLeave is why a run ends that was interrupted twice.
var errLeave = errors.New("the run was told to leave at once")

// errTimedOut is why a run ends that takes longer than --timeout.
var errTimedOut = errors.New("the run took longer than --timeout allows")

// interrupted reports whether the user has asked to stop.
func (s *session) interrupted() bool {
	select {
	case <-s.stop: // nil blocks
		return true
	default:
		return false
	}
}

// interruptedError is what a run ended with that the user had asked to stop:
// that comes first, whatever else went wrong on the way out.
type interruptedError struct{ error }

func (e interruptedError) Error() string        { return "interrupted: " + e.error.Error() }
func (e interruptedError) Unwrap() error        { return e.error }
func (e interruptedError) Is(target error) bool { return target == steps.ErrInterrupted }

// logHint logs how the run ended, and adds where the log is to an error.
func (s *session) logHint(err error) error {
	if err == nil || errors.Is(err, errChanges) {
		return err
	}
	if err == steps.ErrInterrupted {
		err = &steps.InterruptedError{While: "reading the nodes"}
	}
	if s.interrupted() && !errors.Is(err, steps.ErrInterrupted) {
		err = interruptedError{err}
	}
	if s.ctx != nil && context.Cause(s.ctx) == errTimedOut {
		err = hinted{errTimedOut, "run the same command again, it goes on where this one stopped"}
	}
	err = s.mask.Error(s.withSource(err))
	if s.logPath == "" {
		return err
	}
	s.log.Error("ended", "exit", exitCode(err), "error", err)
	return hinted{err, "the log is " + s.logPath}
}

// withSource gives diagnostics that came up on the nodes the line that they
// point at.
func (s *session) withSource(err error) error {
	var list diag.List
	if s.declared == nil || !errors.As(err, &list) {
		return err
	}
	for i, d := range list {
		if d.Source == "" && d.File == s.playbook.File {
			list[i].Source = s.playbook.Line(d.Line)
		}
	}
	return list
}
