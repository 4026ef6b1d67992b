package steps

import (
	"slices"

	"github.com/hadeploy/hadeploy/internal/corosync"
	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/verify"
)

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
		r := n.Facts.Corosync.Runtime.Unread(want)
		ch := plan.Change{Node: n.Name, Action: plan.Update, Kind: "corosync", ID: "runtime", Disruption: plan.Reload,
			Note: "it runs with what it read before its files changed", Pcs: "pcs cluster reload corosync"}
		for _, d := range r.Reload {
			if !toCome(d) {
				ch.Diffs = append(ch.Diffs, d.Diff())
			}
		}
		if n.Facts.Corosync.KeyNotRead() && of(facts.CorosyncKey) == nil {
			ch.Diffs = append(ch.Diffs, plan.Changes("authkey", "older than the file", "as in the file"))
		}
		if ch.Diffs != nil {
			changes = append(changes, ch)
		}
		if r.Stop = slices.DeleteFunc(r.Stop, toCome); len(r.Stop) > 0 {
			c.report(verify.NeedsStop(n.Name, r.Stop, plan.Warning))
		}
	}
	return changes
}
