package verify

import (
	"fmt"

	"github.com/hadeploy/hadeploy/internal/cib"
	"github.com/hadeploy/hadeploy/internal/corosync"
	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/plural"
)

// checkRuntime looks whether the daemons run with what is in their files: a
// reload may have been lost, or a key changed since.
func (j *Judge) checkRuntime() (a answer) {
	if len(j.Daemons) == 0 {
		return answer{skipped: untold}
	}
	running := 0
	for _, d := range j.Daemons {
		switch {
		case d.Err != nil:
			a.found = append(a.found, plan.Finding{Code: "STATUS_UNKNOWN", Severity: plan.Error, Node: d.Node,
				Message: "what its daemons run with cannot be read: " + d.Err.Error(), Fix: "look at the command on the node"})
		case d.Corosync.Runtime != nil:
			running++
			a.found = append(a.found, d.checkCorosync(j.Corosync)...)
		}
	}
	for _, d := range j.Daemons {
		if d.Corosync != nil {
			a.found = append(a.found, d.checkOlder(j.live, j.connected())...)
		}
	}
	if running == 0 && a.found == nil {
		return answer{skipped: "Corosync runs on no node"}
	}
	a.seen = "Corosync as its files say on " + plural.Of(running, "node")
	return a
}

// checkCorosync holds what a node's Corosync runs with against its file, and
// against what is declared.
func (d Daemons) checkCorosync(want *corosync.Config) (found []plan.Finding) {
	c := d.Corosync
	f := plan.Finding{Code: "COROSYNC_NOT_READ", Severity: plan.Error, Node: d.Node, Object: facts.CorosyncConf}
	if c.Config == nil {
		f.Message = "Corosync runs, and there is no corosync.conf any more: it would not start again"
		if c.Err != nil {
			f.Message = "Corosync runs, and would not start again: " + c.Err.Error()
		}
		f.Fix = "put corosync.conf back, as it is on the other members"
		return []plan.Finding{f}
	}
	r := c.Runtime.Unread(c.Config)
	if len(r.Reload) > 0 {
		f.Message = "Corosync runs with other settings than its file has, a reload was lost or refused: " + corosync.InWords(r.Reload, "in the file")
		if err := c.Runtime.Reloaded(); err != nil {
			f.Message += "; its last reload: " + err.Error()
		}
		f.Fix = "hadeploy apply, or pcs cluster reload corosync"
		found = append(found, f)
	}
	if len(r.Stop) > 0 {
		found = append(found, NeedsStop(d.Node, r.Stop, plan.Error))
	}
	if other := c.Runtime.Unread(want); found == nil && len(other.Reload)+len(other.Stop) > 0 {
		f.Code = "COROSYNC_DIFFERS"
		f.Message = "Corosync runs, and its file is, with other settings than are declared, or than another member has: " +
			corosync.InWords(append(other.Reload, other.Stop...), "declared")
		f.Fix = "hadeploy plan shows it in full; then hadeploy apply, or change the playbook"
		found = append(found, f)
	}
	if message := c.Runtime.ReloadMessage(); message != "" && found == nil {
		f.Severity = plan.Warning
		f.Message = "a reload was not carried out in full: " + message + " (until Corosync 3.1.7 this stays, though a later one went well)"
		f.Fix = "journalctl -u corosync says what; once that is mended: corosync-cmapctl -d config.reload_error_message on the node"
		found = append(found, f)
	}
	return found
}

// checkOlder finds daemons that have read another key or certificate than is in
// their files.
func (d Daemons) checkOlder(live *cib.CIB, connected bool) (found []plan.Finding) {
	older := func(severity plan.Severity, daemon, file, why, fix string) {
		found = append(found, plan.Finding{Code: "KEY_NOT_READ", Severity: severity, Node: d.Node, Object: file,
			Message: fmt.Sprintf("%s runs since before %s was changed: %s", daemon, file, why), Fix: fix})
	}
	if d.Corosync.KeyNotRead() {
		older(plan.Error, "Corosync", facts.CorosyncKey, "the key that it has in memory may be another, and a node that starts again would be alone",
			"hadeploy apply, once all members have the same key; after another reload verify cannot tell, and says it still")
	}
	if d.Corosync.CertificateNotRead() {
		older(plan.Warning, "pcsd", facts.PcsdCertificate, "it shows another certificate than is there", "hadeploy apply, or systemctl restart pcsd")
	}
	// It reads this key when it connects, not at its start: a connection to each is
	// the proof that it has the right one.
	if live != nil && live.Remotes() != nil && !connected && d.Corosync.Older(facts.Pacemakerd, facts.PacemakerKey) {
		older(plan.Warning, "Pacemaker", facts.PacemakerKey, "remote nodes that have the new key may be refused", "on one node after the other: pcs cluster stop, pcs cluster start")
	}
	return found
}

// NeedsStop is the finding about what Corosync takes at a start only.
func NeedsStop(node string, ds []corosync.Difference, severity plan.Severity) plan.Finding {
	return plan.Finding{Code: "COROSYNC_NOT_READ", Severity: severity, Node: node, Object: facts.CorosyncConf,
		Message: "Corosync runs with other settings than its file has, and no reload takes them over: " + corosync.InWords(ds, "in the file"),
		Fix:     "in a maintenance window: pcs cluster stop --all, then pcs cluster start --all; or put the file back to what runs"}
}
