package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/remote"
	"github.com/hadeploy/hadeploy/internal/report/progress"
	"github.com/hadeploy/hadeploy/internal/secret"
	"github.com/hadeploy/hadeploy/inventory"
	"github.com/hadeploy/hadeploy/steps"
)

// open loads the files, shows their warnings and connects to every node.
// Whatever it returns, close must be called.
func (a *app) open(ctx context.Context, op steps.Operation, args []string, display progress.Display) (*session, error) {
	s := &session{op: op, progress: display, mask: a.mask}
	d, err := a.load(args)
	if err != nil {
		return s, err
	}
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
	cfg.Version, cfg.Commit, cfg.Vars, cfg.Inventories = hadeployVersion(), commitOf(s.ctx, d.playbook.Dir), d.vars, a.inventories
	cfg.Prune = a.prune
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
	s.log, err = a.openLog(s)
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
		Playbook: s.playbook, Nodes: s.nodes, Remotes: s.remotes, Forks: a.forks, Mask: s.mask,
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
	if err == nil && s.op.SetsUpRemotes() {
		err = s.inventory.Resolve(ctx, s.remotes)
	}
	if err != nil && (ctx.Err() != nil || errors.Is(err, context.Canceled)) {
		return &steps.InterruptedError{While: "fetching the passwords of the inventory"}
	}
	return err
}

// settings turns the inventory's words into the connection's.
func (a *app) settings(s *session, n inventory.Node) remote.Settings {
	set := remote.Settings{
		Name: n.Name, Host: n.Host, Port: n.Port, User: n.User, KnownHosts: n.KnownHosts, ProxyJump: n.ProxyJump,
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
