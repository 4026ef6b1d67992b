package steps

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hadeploy/hadeploy/internal/excerpt"
	pkgs "github.com/hadeploy/hadeploy/internal/packages"
	"github.com/hadeploy/hadeploy/internal/remote"
)

const (
	// packageLockLimit is how long somebody else may keep the package manager.
	packageLockLimit = 10 * time.Minute
	packageLockEvery = time.Second
	// packageQuiet is how long an installation may show no progress: the
	// longest postinst scripts (kernels, large databases) take some minutes.
	packageQuiet = 15 * time.Minute
	// packageTotal bounds one installation as a whole.
	packageTotal = 2 * time.Hour
)

// installation installs packages on one node. The package manager runs there
// as a job of its own, which survives us: see job.sh in internal/packages.
type installation struct {
	t       *Target
	manager pkgs.Manager
	names   []string
	units   []string // of resources, which are not to be started
	// free says that what runs on the node is nobody's: Debian's default
	// cluster may be restarted at will.
	free bool

	lockLimit, lockEvery, quiet time.Duration
}

// run waits until nobody else uses the package manager, starts the job and
// follows it to its end. A job of an earlier run is followed first.
func (in *installation) run(ctx context.Context) error {
	waitUntil := time.Now().Add(in.lockLimit)
	for {
		if in.t.stopped() {
			return ErrInterrupted // no job of ours has been started
		}
		earlier, err := in.waitFree(ctx, time.Until(waitUntil))
		if err != nil {
			return err
		}
		if !earlier {
			if earlier, err = in.start(ctx); err != nil {
				return err
			}
		}
		end, err := in.follow(ctx, earlier)
		switch {
		case err != nil:
			return err
		case earlier: // however it ended; what is left to do, the next job finds out
			continue
		case end.Class == pkgs.Installed:
			return nil
		case end.Class == pkgs.Locked && time.Now().Before(waitUntil):
			continue // somebody was quicker
		}
		return end.Failure(in.manager)
	}
}

// script is one verb of the job's script with its arguments.
func (in *installation) script(verb string, args ...string) remote.Cmd {
	return remote.Cmd{
		Script:  pkgs.Script(in.manager),
		Args:    append([]string{verb}, args...),
		Timeout: 30 * time.Second,
		Label:   in.manager.Name() + " " + verb,
	}
}

// waitFree waits until nobody uses the package manager. It returns early, and
// says so, when a job of an earlier run is still at work.
func (in *installation) waitFree(ctx context.Context, limit time.Duration) (earlier bool, err error) {
	holder := ""
	look := func(ctx context.Context) error {
		cmd := in.script("look")
		cmd.Reads = true
		res, err := in.t.Node.Conn.Run(ctx, cmd)
		if err == nil {
			err = res.Err(cmd.Label)
		}
		if err != nil {
			return err
		}
		earlier, holder = pkgs.Busy(res.Stdout)
		return nil
	}
	if err := look(ctx); err != nil || earlier || holder == "" {
		return earlier, err
	}
	w := Waiting{Step: "packages", Node: in.t.Node.Name, For: "the package lock", Detail: holder, Limit: max(limit, time.Second)}
	ctx, done := in.t.looking(ctx) // to wait changes nothing
	defer done()
	err = in.t.wait(ctx, w, in.lockEvery, func(ctx context.Context) (bool, string, error) {
		if err := look(ctx); err != nil {
			return false, "", err
		}
		return earlier || holder == "", holder, nil
	})
	if _, ok := errors.AsType[*WaitError](err); ok {
		return false, &pkgs.Error{Class: pkgs.Locked, Err: err,
			Message: err.Error(),
			Fix:     "let it finish, or find out why it hangs, then run again; hadeploy ends nobody else's package manager and removes no lock"}
	}
	return earlier, err
}

// start starts the job. When an earlier one is still at work it is left alone.
func (in *installation) start(ctx context.Context) (earlier bool, err error) {
	mode := "careful"
	if in.free {
		mode = "free"
	}
	args := []string{mode}
	if pkgs.HoldsUnits(in.manager) && len(in.names) > 0 {
		for _, u := range in.units {
			args = append(args, "--hold="+u)
		}
	}
	cmd := in.script("start", append(args, in.names...)...)
	cmd.Stdin = strings.NewReader(pkgs.Script(in.manager))
	res, err := in.t.Node.Conn.Run(ctx, cmd)
	if err == nil {
		err = res.Err(cmd.Label)
	}
	if err != nil {
		return false, err
	}
	switch answer := string(bytes.TrimSpace(res.Stdout)); answer {
	case "started":
		return false, nil
	case "running":
		return true, nil
	default:
		return false, fmt.Errorf("%s: unexpected answer %q", cmd.Label, excerpt.Tail([]byte(answer), 1))
	}
}

var errQuiet = errors.New("no progress")

// follow shows the progress of the job that is at work and returns its end.
func (in *installation) follow(ctx context.Context, earlier bool) (*pkgs.End, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	quiet := time.AfterFunc(in.quiet, func() { cancel(errQuiet) })
	defer quiet.Stop()

	end := pkgs.NewEnd()
	show := pkgs.Progress{Earlier: earlier}
	cmd := in.script("follow")
	cmd.Timeout = packageTotal
	cmd.Limit = 4 << 20 // five lines a second, for as long
	cmd.OnLine = func(line string) {
		quiet.Reset(in.quiet)
		if end.Take(line) {
			return
		}
		if text := show.Take(line); text != "" {
			in.t.emit(Working{Step: "packages", Node: in.t.Node.Name, Text: text})
		}
	}
	res, err := in.t.Node.Conn.Run(ctx, cmd)
	if err == nil {
		err = res.Err(cmd.Label)
	}
	var timeout *remote.TimeoutError
	switch {
	case err != nil && errors.Is(context.Cause(ctx), errQuiet), errors.As(err, &timeout):
		what := "the installation has shown no progress for " + in.quiet.String()
		if timeout != nil {
			what = "the installation is not finished after " + packageTotal.String()
		}
		return nil, &pkgs.Error{Class: pkgs.Slow, Message: what + "; it was last at: " + show.Last,
			Fix: "it is still at work on the node as hadeploy-packages.service, with its output in /run/hadeploy/packages/log; see what it waits for, then run again"}
	case err != nil:
		return nil, err
	}
	return end, nil
}
