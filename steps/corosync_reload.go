package steps

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hadeploy/hadeploy/internal/corosync"
	"github.com/hadeploy/hadeploy/internal/excerpt"
	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/remote"
)

// stagedConf is the new corosync.conf before it has its name. Nothing reads it,
// and it is in the same folder, so that it takes its name at once.
const stagedConf = "/etc/corosync/.corosync.conf.hadeploy"

// replaceConf gives the nodes a new corosync.conf: it is written beside the old
// one on all of them, each one's own Corosync judges it, and only then it takes
// the old one's place everywhere. With a reload, those that run have to take it;
// else the old files come back, and what they say is what runs.
func replaceConf(ctx context.Context, c *Cluster, nodes []*Node, want *corosync.Config, reload bool) error {
	old := map[*Node]facts.Corosync{}
	for _, n := range nodes {
		old[n] = n.Facts.Corosync
	}
	text := want.Bytes()
	err := c.eachErr(nodes, func(n *Node) error {
		return n.Conn.WriteFile(ctx, remote.File{Path: stagedConf, Content: text, Mode: "0644"})
	})
	if err == nil {
		err = c.eachErr(nodes, func(n *Node) error { return judgeConf(ctx, n) })
	}
	if err != nil {
		unstage(ctx, c, nodes)
		return fmt.Errorf("corosync.conf was left as it is on all nodes: %w", err)
	}
	running := len(runningMembers(c)) > 0
	errs := c.each(nodes, func(n *Node) error { return act(ctx, n, "rename the new corosync.conf", renameConf) })
	if err := joinNodes(nodes, errs); err != nil {
		unstage(ctx, c, nodes)
		var renamed []*Node
		for i, n := range nodes {
			if errs[i] == nil {
				renamed = append(renamed, n)
			}
		}
		if !running { // at rest the next run goes on from here
			return replaced(renamed, err)
		}
		return putBack(ctx, c, renamed, old, err, false)
	}
	if !reload {
		return nil
	}
	if err := reloadCorosync(ctx, c, want); err != nil {
		return putBack(ctx, c, nodes, old, err, true)
	}
	return nil
}

const (
	renameConf = `mv -fT ` + stagedConf + ` ` + facts.CorosyncConf + ` || exit 1
if command -v restorecon >/dev/null 2>&1; then restorecon ` + facts.CorosyncConf + ` || :; fi
sync /etc/corosync || :`
	judgeScript = `timeout -k 2 30 corosync -t -c ` + stagedConf + ` 2>&1`
)

// judgeConf lets a node's own Corosync say whether it would start with the file.
func judgeConf(ctx context.Context, n *Node) error {
	res, err := n.Conn.Run(ctx, remote.Cmd{Script: judgeScript, Reads: true, Timeout: time.Minute, Limit: 64 << 10, Label: "corosync -t"})
	if err != nil {
		return err
	}
	switch res.Status {
	case 0:
		return nil
	case 124, 126, 127, 137: // timeout's and the shell's own
		return &facts.Error{Command: "corosync -t", Status: res.Status, Why: "could not judge the new file", Said: judgement(res.Stdout)}
	default:
		return fmt.Errorf("corosync would not start with the new file (corosync -t, exit status %d): %s", res.Status, judgement(res.Stdout))
	}
}

// judgement are Corosync's own words, without the time and the lines that say
// only that it ends.
func judgement(out []byte) string {
	var words []string
	for line := range strings.Lines(string(out)) {
		if _, after, ok := strings.Cut(line, "] "); ok {
			line = after
		}
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "Corosync Cluster Engine exiting") {
			words = append(words, line)
		}
	}
	return excerpt.Tail([]byte(strings.Join(words, "\n")), 3)
}

// unstage removes the new file again; what keeps it from that is no news.
func unstage(ctx context.Context, c *Cluster, nodes []*Node) {
	ctx = context.WithoutCancel(ctx) // also when the run is cut off
	_ = c.eachErr(nodes, func(n *Node) error { return act(ctx, n, "remove the new corosync.conf", "rm -f "+stagedConf) })
}

// reloadStamp is the time of a reload that is under way, before it has the name
// that says that Corosync took it.
const reloadStamp = facts.CorosyncReloaded + ".new"

// reloadCorosync makes all running members read their files again, and holds
// what runs then against the file. Afterwards the facts are new.
func reloadCorosync(ctx context.Context, c *Cluster, file *corosync.Config) error {
	running := runningMembers(c)
	if len(running) == 0 {
		return nil
	}
	// The message of an earlier reload stays until 3.1.7, so it goes first.
	if err := c.eachErr(running, func(n *Node) error {
		return act(ctx, n, "prepare the reload", "touch "+reloadStamp+" || exit 1; corosync-cmapctl -d config.reload_error_message >/dev/null 2>&1 || :")
	}); err != nil {
		return err
	}
	err := act(ctx, running[0], "corosync-cfgtool -R", "timeout -k 2 50 corosync-cfgtool -R")
	if err == nil {
		err = tookReload(ctx, c, running, file)
	}
	stamp := "mv -fT " + reloadStamp + " " + facts.CorosyncReloaded
	if err != nil {
		stamp = "rm -f " + reloadStamp
	}
	// Without the mark the key counts as not read, and the next run reloads again.
	whole := context.WithoutCancel(ctx)
	_ = c.eachErr(running, func(n *Node) error { return act(whole, n, "mark the reload", stamp) })
	return err
}

// The members take a reload one after the other, as the message reaches them.
const (
	reloadLimit = 15 * time.Second
	reloadEvery = 200 * time.Millisecond
)

// tookReload waits until the running members have what the file says, and says
// which has not.
func tookReload(ctx context.Context, c *Cluster, running []*Node, file *corosync.Config) error {
	began := time.Now()
	for {
		err := joinNodes(running, c.observe(ctx, running, []facts.Section{facts.SectionCorosync}))
		if err == nil {
			if err = joinNodes(running, c.each(running, func(n *Node) error { return tookIt(n, file) })); err == nil {
				return nil
			}
		}
		if time.Since(began) > reloadLimit {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(reloadEvery):
		}
	}
}

// tookIt is the error of a node on which something else runs.
func tookIt(n *Node, file *corosync.Config) error {
	r := n.Facts.Corosync.Runtime
	if r == nil {
		return errors.New("corosync does not run any more after the reload")
	}
	var words []string
	if err := r.Reloaded(); err != nil {
		words = append(words, "corosync refused the reload: "+err.Error())
	}
	if message := r.ReloadMessage(); message != "" && words == nil {
		words = append(words, "corosync could not carry out the reload: "+message)
	}
	if left := n.Facts.Corosync.Runtime.Unread(file).Reload; len(left) > 0 {
		words = append(words, "it still runs with other settings: "+corosync.InWords(left, "in the file"))
	}
	if words == nil {
		return nil
	}
	return errors.New(strings.Join(words, "; "))
}

// putBack gives the nodes their old corosync.conf again, and proves that it is
// what runs. What was done is in the error.
func putBack(ctx context.Context, c *Cluster, nodes []*Node, old map[*Node]facts.Corosync, why error, reloaded bool) error {
	if ctx.Err() != nil { // cut off: the next run finds out what runs
		return replaced(nodes, why)
	}
	if len(nodes) == 0 {
		return why
	}
	err := c.eachErr(nodes, func(n *Node) error {
		if old[n].Config == nil {
			return act(ctx, n, "remove the new corosync.conf", "rm -f "+facts.CorosyncConf)
		}
		return n.Conn.WriteFile(ctx, remote.File{Path: facts.CorosyncConf, Content: old[n].Text, Mode: "0644"})
	})
	if err != nil {
		return replaced(nodes, fmt.Errorf("%w\nputting the old corosync.conf back failed, so the nodes may have different ones: %w", why, err))
	}
	names := excerpt.List(namesOf(nodes))
	if !reloaded {
		return fmt.Errorf("%w\nthe old corosync.conf is in place again on %s", why, names)
	}
	had := slices.IndexFunc(nodes, func(n *Node) bool { return old[n].Config != nil })
	if had < 0 {
		return fmt.Errorf("%w\nthere was none before, and the new corosync.conf was removed again on %s", why, names)
	}
	// Whether it can be reloaded does not matter where it is what still runs.
	before := old[nodes[had]].Config
	if again := reloadCorosync(ctx, c, before); again != nil {
		running := runningMembers(c)
		if err := joinNodes(running, c.each(running, func(n *Node) error { return stillRuns(n, before) })); err != nil {
			return fmt.Errorf("%w\nthe old corosync.conf is in place again on %s, and yet it is not what runs: %w", why, names, err)
		}
	}
	return fmt.Errorf("%w\nthe old corosync.conf is in place again on %s, and it is what runs", why, names)
}

// stillRuns is the error of a node that runs with something else than a file,
// however that came about.
func stillRuns(n *Node, file *corosync.Config) error {
	if n.Facts.Corosync.Runtime == nil {
		return errors.New("corosync does not run any more")
	}
	if left := n.Facts.Corosync.Runtime.Unread(file).Reload; len(left) > 0 {
		return errors.New(corosync.InWords(left, "in the file"))
	}
	return nil
}

// replaced is the error of a run that leaves the new corosync.conf in place.
func replaced(nodes []*Node, err error) error {
	if len(nodes) == 0 {
		return err
	}
	return partly([]string{facts.CorosyncConf + " on " + excerpt.List(namesOf(nodes))}, err)
}
