package steps

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/hadeploy/hadeploy/internal/plural"
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
// as a job of its own, which survives us: see packages_job.sh.
type installation struct {
	t       *Target
	manager manager
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
		case end.class == "ok":
			return nil
		case end.class == "locked" && time.Now().Before(waitUntil):
			continue // somebody was quicker
		}
		return end.failure(in)
	}
}

// script is one verb of the job's script with its arguments.
func (in *installation) script(verb string, args ...string) remote.Cmd {
	return remote.Cmd{
		Script:  in.text() + "main \"$@\"\n",
		Args:    append([]string{verb}, args...),
		Timeout: 30 * time.Second,
		Label:   in.manager.Name() + " " + verb,
	}
}

func (in *installation) text() string { return jobScript + "\n" + in.manager.script() + "\n" }

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
		earlier, holder = lockState(res.Stdout)
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
	var waited *WaitError
	if errors.As(err, &waited) {
		return false, &PackageError{Class: "locked", err: err,
			Message: err.Error(),
			Fix:     "let it finish, or find out why it hangs, then run again; hadeploy ends nobody else's package manager and removes no lock"}
	}
	return earlier, err
}

// lockState reads the answer of look.
func lockState(out []byte) (earlier bool, holder string) {
	var holders []string
	for line := range strings.Lines(string(out)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch key {
		case "job":
			return true, ""
		case "holder":
			pid, command, _ := strings.Cut(value, " ")
			holders = append(holders, fmt.Sprintf("%s (pid %s)", remote.Tail([]byte(command), 1), remote.Tail([]byte(pid), 1)))
		}
	}
	if holders == nil {
		return false, ""
	}
	return false, "held by " + listed(holders)
}

// start starts the job. When an earlier one is still at work it is left alone.
func (in *installation) start(ctx context.Context) (earlier bool, err error) {
	mode := "careful"
	if in.free {
		mode = "free"
	}
	args := []string{mode}
	if in.manager.Name() == "apt" && len(in.names) > 0 { // the others start nothing
		for _, u := range in.units {
			args = append(args, "--hold="+u)
		}
	}
	cmd := in.script("start", append(args, in.names...)...)
	cmd.Stdin = strings.NewReader(in.text() + "main \"$@\"\n")
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
		return false, fmt.Errorf("%s: unexpected answer %q", cmd.Label, remote.Tail([]byte(answer), 1))
	}
}

var errQuiet = errors.New("no progress")

// follow shows the progress of the job that is at work and returns its end.
func (in *installation) follow(ctx context.Context, earlier bool) (*jobEnd, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	quiet := time.AfterFunc(in.quiet, func() { cancel(errQuiet) })
	defer quiet.Stop()

	end := &jobEnd{class: "vanished"}
	show := progress{earlier: earlier}
	cmd := in.script("follow")
	cmd.Timeout = packageTotal
	cmd.Limit = 4 << 20 // five lines a second, for as long
	cmd.OnLine = func(line string) {
		quiet.Reset(in.quiet)
		if end.take(line) {
			return
		}
		if text := show.take(line); text != "" {
			in.t.emit(Working{Step: "packages", Node: in.t.Node.Name, Text: text})
		}
	}
	res, err := in.t.Node.Conn.Run(ctx, cmd)
	if err == nil {
		err = res.Err(cmd.Label)
	}
	var timeout *remote.TimeoutError
	switch {
	case err != nil && context.Cause(ctx) == errQuiet, errors.As(err, &timeout):
		what := "the installation has shown no progress for " + in.quiet.String()
		if timeout != nil {
			what = "the installation is not finished after " + packageTotal.String()
		}
		return nil, &PackageError{Class: "slow", Message: what + "; it was last at: " + show.last,
			Fix: "it is still at work on the node as hadeploy-packages.service, with its output in /run/hadeploy/packages/log; see what it waits for, then run again"}
	case err != nil:
		return nil, err
	}
	return end, nil
}

// progress turns the lines of a job into words.
type progress struct {
	earlier bool
	count   int
	last    string
}

// take reads one line: "step WORDS", "count N", or a status line of apt:
// dlstatus:FILE:PERCENT:TEXT, pmstatus:PACKAGE:PERCENT:TEXT. The text to be
// shown is empty when there is nothing new.
func (p *progress) take(line string) string {
	text := ""
	key, rest, _ := strings.Cut(line, " ")
	switch {
	case key == "step":
		text = remote.Tail([]byte(rest), 1)
	case key == "count":
		p.count, _ = strconv.Atoi(strings.TrimSpace(rest))
	case strings.HasPrefix(line, "dlstatus:"), strings.HasPrefix(line, "pmstatus:"):
		w := strings.SplitN(line, ":", 4)
		if len(w) < 4 {
			return ""
		}
		text = lowerFirst(remote.Tail([]byte(w[3]), 1))
		// "Unpacking corosync (amd64)": every package of a node is of its own architecture.
		if i := strings.LastIndex(text, " ("); i > 0 && strings.HasPrefix(line, "pm") {
			text = text[:i]
		}
		if percent, err := strconv.ParseFloat(w[2], 64); err == nil && percent >= 0 && percent <= 100 && w[0] == "pmstatus" {
			text = fmt.Sprintf("%d %%, %s", int(percent), text)
		}
	}
	if text == "" {
		return ""
	}
	if p.count > 0 {
		text = fmt.Sprintf("%s, %s", plural.Of(p.count, "package"), text)
	}
	if p.earlier {
		text = "an earlier run's installation still goes on: " + text
	}
	if text == p.last {
		return ""
	}
	p.last = text
	return text
}

func lowerFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}
