package steps

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/corosync"
	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/plan"
)

// notRead is what a running Corosync has not read of its files.
type notRead struct {
	reload []corosync.Difference // a reload brings it
	stop   []corosync.Difference // it has to stop and start
	key    bool                  // its authkey was changed since
}

// runsOther holds what runs on a node against a corosync.conf.
func runsOther(n *Node, file *corosync.Config) (r notRead) {
	running := n.Facts.Corosync.Runtime
	if running == nil || file == nil {
		return r
	}
	all := running.NotRead(file)
	for _, d := range all {
		if d.Needs == corosync.Reload && !corosync.RefusesReload(all) {
			r.reload = append(r.reload, d)
		} else {
			r.stop = append(r.stop, d)
		}
	}
	r.key = running.UsesAuthkey() && n.Facts.Corosync.Older(facts.Corosyncd, facts.CorosyncKey)
	return r
}

// runtimeChanges make the running members read what is in their files, or will
// be: planned are the changes of files. What only a start would bring blocks
// nothing, and is reported.
func runtimeChanges(c *Cluster, want *corosync.Config, planned []plan.Change) (changes []plan.Change) {
	for _, n := range runningMembers(c) {
		of := func(id string) *plan.Change {
			i := slices.IndexFunc(planned, func(ch plan.Change) bool { return ch.Node == n.Name && ch.ID == id })
			if i < 0 {
				return nil
			}
			return &planned[i]
		}
		conf := of(facts.CorosyncConf)
		toCome := func(d corosync.Difference) bool {
			return conf != nil && slices.ContainsFunc(conf.Diffs, func(x plan.Diff) bool { return x.Name == d.Path })
		}
		r := runsOther(n, want)
		ch := plan.Change{Node: n.Name, Action: plan.Update, Kind: "corosync", ID: "runtime", Disruption: plan.Reload,
			Note: "it runs with what it read before its files changed", Pcs: "pcs cluster reload corosync"}
		for _, d := range r.reload {
			if !toCome(d) {
				ch.Diffs = append(ch.Diffs, d.Diff())
			}
		}
		if r.key && of(facts.CorosyncKey) == nil {
			ch.Diffs = append(ch.Diffs, plan.Changes("authkey", "older than the file", "as in the file"))
		}
		if ch.Diffs != nil {
			changes = append(changes, ch)
		}
		if r.stop = slices.DeleteFunc(r.stop, toCome); len(r.stop) > 0 {
			c.report(needsStop(n, r.stop, plan.Warning))
		}
	}
	return changes
}

// needsStop is the finding about what Corosync takes at a start only.
func needsStop(n *Node, ds []corosync.Difference, severity plan.Severity) plan.Finding {
	return plan.Finding{Code: "COROSYNC_NOT_READ", Severity: severity, Node: n.Name, Object: facts.CorosyncConf,
		Message: "Corosync runs with other settings than its file has, and no reload takes them over: " + runningWords(ds, "in the file"),
		Fix:     "in a maintenance window: pcs cluster stop --all, then pcs cluster start --all; or put the file back to what runs"}
}

// runningWords say what runs, and what is in the file, or declared, instead.
func runningWords(ds []corosync.Difference, instead string) string {
	const most = 6
	var words []string
	for i, d := range ds {
		if i == most {
			words = append(words, fmt.Sprintf("and %d more", len(ds)-most))
			break
		}
		side := func(has bool, text string) string {
			if !has {
				return "nothing"
			}
			return text
		}
		words = append(words, fmt.Sprintf("%s is %s, %s %s", d.Path, side(d.HasBefore, d.Before), instead, side(d.HasAfter, d.After)))
	}
	return strings.Join(words, "; ")
}
