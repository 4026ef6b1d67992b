package verify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/pcs"
)

// failedAction is the failed action of one of these resources on a node that the
// status tells last, nil for none.
func (j *Judge) failedAction(node string, ids ...string) *pcs.FailedAction {
	var last *pcs.FailedAction
	for i := range j.st.FailedActions {
		a := &j.st.FailedActions[i]
		id, _, _ := strings.Cut(a.Resource, ":") // an instance of a clone
		if a.Node == node && (slices.Contains(ids, a.Resource) || slices.Contains(ids, id)) {
			last = a
		}
	}
	return last
}

// cause is why an action failed, in the words of the agent and of the cluster:
// not installed: nginx binary not found.
func cause(a *pcs.FailedAction) string {
	var words []string
	what := a.RCText
	if timedOut(a) {
		what = "timed out"
	}
	if what == "" && a.RC >= 0 {
		what = fmt.Sprintf("exit status %d", a.RC)
	}
	if what != "" {
		words = append(words, what)
	}
	switch status := strings.ToLower(a.Status); status {
	case "", "complete", "done", "error", "timed out", strings.ToLower(a.RCText):
	default:
		words = append(words, a.Status)
	}
	if a.ExitReason != "" && a.ExitReason != "none" {
		words = append(words, a.ExitReason)
	}
	if words == nil {
		return "no reason given"
	}
	return strings.Join(words, ": ")
}

// action is what was tried: a monitor that was not repeated is a probe, or what
// pcs resource refresh asks for.
func action(a *pcs.FailedAction) string {
	if a.Operation == "monitor" && a.IntervalMS == 0 {
		return "probe"
	}
	return a.Operation
}

// timedOut reports whether an action took too long; 198 is OCF_TIMEOUT.
func timedOut(a *pcs.FailedAction) bool {
	return strings.EqualFold(a.Status, "timed out") || a.RC == 198 || strings.EqualFold(a.RCText, "timed out")
}

// remedy is what to do about a failed action of a resource that is in no bundle. The
// exit statuses are those of agents: Pacemaker Explained, "OCF Return Codes".
func remedy(a *pcs.FailedAction, where string) string {
	id, _, _ := strings.Cut(a.Resource, ":")
	is := func(rc int, text string) bool {
		return a.RC == rc || strings.EqualFold(a.RCText, text) || strings.EqualFold(a.Status, text)
	}
	do := "see why " + where + ": journalctl -u pacemaker"
	switch {
	case timedOut(a):
		do = fmt.Sprintf("see %s what it waits for (journalctl -u pacemaker), or give it longer: op: {%s: {timeout: ...}}", where, a.Operation)
	case is(5, "not installed"):
		do = "install " + where + " what its agent misses"
	case is(6, "not configured"), is(2, "invalid parameter"):
		do = "correct the options of " + id + " in the playbook, hadeploy apply"
	case is(4, "insufficient privileges"):
		do = "see " + where + " what is not permitted: modes and owners of its files, SELinux, AppArmor"
	case is(7, "not running"):
		do = "see in the log of the service " + where + " why it ended"
	}
	return do + "; then pcs resource cleanup " + id
}
