package steps

import (
	"context"
	"fmt"
	"time"

	"github.com/hadeploy/hadeploy/internal/corosync"
	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/plan"
)

// checkRuntime asks every node that tells its state whether its daemons run with
// what is in their files: a reload may have been lost, or a key changed since.
func (r *Run) checkRuntime(ctx context.Context, j *judge) plan.Check {
	const name = "runtime"
	var nodes []*Node
	for _, n := range r.Nodes {
		if n.Conn != nil && !n.deaf {
			nodes = append(nodes, n)
		}
	}
	if nodes == nil {
		return skipped(name, untold)
	}
	var found []plan.Finding
	running := 0
	errs := r.each(nodes, func(n *Node) error {
		ctx, cancel := context.WithTimeout(ctx, patience(ctx, runtimePatience))
		defer cancel()
		return r.read(ctx, n, []facts.Section{facts.SectionCorosync})
	})
	want := declaredCorosync(r.Cluster, nodes, errs)
	for i, err := range errs {
		n := nodes[i]
		switch {
		case err != nil:
			found = append(found, plan.Finding{Code: "STATUS_UNKNOWN", Severity: plan.Error, Node: n.Name,
				Message: "what its daemons run with cannot be read: " + err.Error(), Fix: "look at the command on the node"})
		case n.Facts.Corosync.Runtime != nil:
			running++
			found = append(found, checkCorosync(n, want)...)
		}
	}
	for _, n := range nodes {
		if n.Facts != nil {
			found = append(found, checkOlder(n, j)...)
		}
	}
	if running == 0 && found == nil {
		return skipped(name, "Corosync runs on no node")
	}
	return asked(name, fmt.Sprintf("Corosync as its files say on %s", counted(running, "node", "nodes")), found)
}

// runtimePatience is how long one node may take to say what Corosync runs with.
const runtimePatience = 20 * time.Second

// declaredCorosync is the corosync.conf that the nodes that answered should
// have, nil where plan would have to say why there is none.
func declaredCorosync(c *Cluster, nodes []*Node, errs []error) *corosync.Config {
	heard := &Cluster{Playbook: c.Playbook}
	for i, n := range nodes {
		if errs[i] == nil {
			heard.Nodes = append(heard.Nodes, n)
		}
	}
	w, err := wantedCorosync(heard)
	if err != nil {
		return nil
	}
	return w.next
}

// checkCorosync holds what a node's Corosync runs with against its file, and
// against what is declared.
func checkCorosync(n *Node, want *corosync.Config) (found []plan.Finding) {
	c := n.Facts.Corosync
	f := plan.Finding{Code: "COROSYNC_NOT_READ", Severity: plan.Error, Node: n.Name, Object: facts.CorosyncConf}
	if c.Config == nil {
		f.Message = "Corosync runs, and there is no corosync.conf any more: it would not start again"
		if c.Err != nil {
			f.Message = "Corosync runs, and would not start again: " + c.Err.Error()
		}
		f.Fix = "put corosync.conf back, as it is on the other members"
		return []plan.Finding{f}
	}
	r := runsOther(n, c.Config)
	if len(r.reload) > 0 {
		f.Message = "Corosync runs with other settings than its file has, a reload was lost or refused: " + runningWords(r.reload, "in the file")
		if err := c.Runtime.Reloaded(); err != nil {
			f.Message += "; its last reload: " + err.Error()
		}
		f.Fix = "hadeploy apply, or pcs cluster reload corosync"
		found = append(found, f)
	}
	if len(r.stop) > 0 {
		found = append(found, needsStop(n, r.stop, plan.Error))
	}
	if other := runsOther(n, want); want != nil && found == nil && len(other.reload)+len(other.stop) > 0 {
		f.Code = "COROSYNC_DIFFERS"
		f.Message = "Corosync runs, and its file is, with other settings than are declared, or than another member has: " +
			runningWords(append(other.reload, other.stop...), "declared")
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
func checkOlder(n *Node, j *judge) (found []plan.Finding) {
	older := func(severity plan.Severity, daemon, file, why, fix string) {
		found = append(found, plan.Finding{Code: "KEY_NOT_READ", Severity: severity, Node: n.Name, Object: file,
			Message: fmt.Sprintf("%s runs since before %s was changed: %s", daemon, file, why), Fix: fix})
	}
	c := n.Facts.Corosync
	if runsOther(n, fileOf(c)).key {
		older(plan.Error, "Corosync", facts.CorosyncKey, "the key that it has in memory may be another, and a node that starts again would be alone",
			"hadeploy apply, once all members have the same key; after another reload verify cannot tell, and says it still")
	}
	if pcsdOlder(n) {
		older(plan.Warning, "pcsd", facts.PcsdCertificate, "it shows another certificate than is there", "hadeploy apply, or systemctl restart pcsd")
	}
	if j != nil && j.live != nil && j.live.Remotes() != nil && c.Older(facts.Pacemakerd, facts.PacemakerKey) {
		older(plan.Warning, "Pacemaker", facts.PacemakerKey, "remote nodes that have the new key may be refused", "on one node after the other: pcs cluster stop, pcs cluster start")
	}
	return found
}

// fileOf is corosync.conf, or one that says nothing where there is none.
func fileOf(c facts.Corosync) *corosync.Config {
	if c.Config != nil {
		return c.Config
	}
	return &corosync.Config{}
}
