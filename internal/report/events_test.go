package report_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/report/reporttest"
	"github.com/hadeploy/hadeploy/internal/report/verifyreport"
	"github.com/hadeploy/hadeploy/steps"
)

// timed is an event and how long after the one before it comes.
type timed struct {
	after time.Duration
	event steps.Event
}

var testStart = time.Date(2026, 3, 1, 2, 59, 0, 0, time.UTC)

func changes(step string, n int) []plan.Change {
	out := make([]plan.Change, n)
	for i := range out {
		out[i] = plan.Change{Step: step, Action: plan.Create, Kind: "package", ID: fmt.Sprintf("p%d", i)}
	}
	return out
}

type hinted struct{ error }

func (hinted) Hint() string { return "free some space on /var and run the same command again" }

// aRun is an apply on three nodes, one of which fails.
func aRun(lock time.Time) []timed {
	return []timed{
		{0, steps.RunStarted{Command: "apply", Cluster: "web_ha", Nodes: reporttest.ThreeNodes}},
		{time.Second / 5, steps.NodeConnected{Node: "n1", Took: time.Second / 5}},
		{time.Second / 10, steps.NodeConnected{Node: "n3", Took: 3 * time.Second / 10}},
		{time.Second / 10, steps.NodeConnected{Node: "n2", Took: 2 * time.Second / 5}},
		{2 * time.Second / 5, steps.Observed{Took: 2 * time.Second / 5}},
		{time.Second / 10, steps.StepStarted{Step: "preflight", Index: 1, Total: 12}},
		{time.Second / 10, steps.FindingSeen{Finding: plan.Finding{Code: "CLOCK_SKEW", Severity: plan.Warning, Node: "n2", Message: "the clock is 41 s behind that of n1"}}},
		{0, steps.StepDone{Step: "preflight"}},
		{0, steps.StepStarted{Step: "packages", Index: 2, Total: 12, Nodes: reporttest.ThreeNodes, Changes: 63}},
		{time.Second / 10, steps.Waiting{Step: "packages", Node: "n2", For: "the package lock", Detail: "held by unattended-upgr (pid 4750)", Since: lock, Limit: 300 * time.Second}},
		{time.Second, steps.Working{Step: "packages", Node: "n1", Text: "unpacking pacemaker (12 of 21)"}},
		{time.Second, steps.NodeChanged{Step: "packages", Node: "n3", Changes: changes("packages", 21), Took: 2 * time.Second}},
		{12 * time.Second, steps.Waiting{Step: "packages", Node: "n2", For: "the package lock", Detail: "held by dpkg (pid 4801)", Since: lock, Limit: 300 * time.Second}},
		{time.Second, steps.Waiting{Step: "packages", Node: "n2", For: "the package lock", Since: lock, Done: true}},
		{time.Second, steps.NodeChanged{Step: "packages", Node: "n1", Changes: changes("packages", 21), Took: 16 * time.Second}},
		{time.Second, steps.NodeFailed{Step: "packages", Node: "n2", Err: fmt.Errorf("apt-get install: %w",
			hinted{errors.New("exit status 100\nE: You don't have enough free space in /var/cache/apt/archives/.")})}},
		{0, steps.StepDone{Step: "packages", Changes: 42, Took: 18 * time.Second}},
		{time.Second / 10, steps.StepStarted{Step: "files", Index: 3, Total: 12, Nodes: []string{"n1", "n3"}, Changes: 2}},
		{time.Second / 10, steps.NodeChanged{Step: "files", Node: "n1", Changes: changes("files", 1), Took: time.Second / 10}},
		{0, steps.NodeChanged{Step: "files", Node: "n3", Changes: changes("files", 1), Took: time.Second / 10}},
		{0, steps.StepDone{Step: "files", Changes: 2, Took: time.Second / 10}},
		{0, steps.Skipped{Step: "auth", Reason: "n2 failed at packages"}},
		{0, steps.Skipped{Step: "corosync", Reason: "n2 failed at packages"}},
		{time.Second / 10, steps.RunDone{Summary: failedSummary()}},
	}
}

// aStart is the part of an apply that forms the cluster.
func aStart() []timed {
	since := testStart.Add(time.Second)
	return []timed{
		{0, steps.RunStarted{Command: "apply", Cluster: "web_ha", Nodes: reporttest.ThreeNodes}},
		{time.Second / 2, steps.Observed{Took: time.Second / 2}},
		{time.Second / 2, steps.StepStarted{Step: "start", Index: 10, Total: 12, Changes: 6}},
		{0, steps.Waiting{Step: "start", For: "the first DC", Detail: "0 of 3 members online", Since: since, Limit: 180 * time.Second}},
		{11 * time.Second, steps.Waiting{Step: "start", For: "the first DC", Detail: "2 of 3 members online", Since: since, Limit: 180 * time.Second}},
		{2 * time.Second, steps.Waiting{Step: "start", For: "the first DC", Since: since, Done: true}},
		{time.Second / 10, steps.NodeChanged{Step: "start", Changes: changes("start", 6), Took: 13 * time.Second}},
		{0, steps.StepDone{Step: "start", Changes: 6, Took: 13 * time.Second}},
		{0, steps.StepStarted{Step: "cib", Index: 12, Total: 12, Changes: 23}},
		{21 * time.Second, steps.NodeChanged{Step: "cib", Changes: changes("cib", 23), Took: 21 * time.Second}},
		{0, steps.StepDone{Step: "cib", Changes: 23, Took: 21 * time.Second}},
		{time.Second, steps.RunDone{Summary: goodSummary()}},
	}
}

func failedSummary() steps.Summary {
	return steps.Summary{Command: "apply", Cluster: "web_ha", Changes: 44, Took: 19 * time.Second, Nodes: []steps.NodeSummary{
		{Node: "n1", Changes: 22},
		{Node: "n2", FailedAt: "packages", Error: "apt-get install: exit status 100\nE: You don't have enough free space in /var/cache/apt/archives/."},
		{Node: "n3", Changes: 22}},
		Skipped: []string{"auth: n2 failed at packages", "corosync: n2 failed at packages", "start: n2 failed at packages", "cib: n2 failed at packages"}}
}

func goodSummary() steps.Summary {
	return steps.Summary{Command: "apply", Cluster: "web_ha", Changes: 80, Took: 71 * time.Second, Verified: true, Nodes: []steps.NodeSummary{
		{Node: "n1", Changes: 19}, {Node: "n2", Changes: 19}, {Node: "n3", Changes: 19}}}
}

func clusterFailure() steps.Summary {
	return steps.Summary{Command: "apply", Cluster: "web_ha", Changes: 57, Took: 140 * time.Second, Nodes: goodSummary().Nodes,
		Failure: "cib: crm_verify on n1 refuses the new configuration: exit status 78\nerror: Resource web-ip has no type", Skipped: []string{"verify: cib failed"}}
}

func cutOff() steps.Summary {
	return steps.Summary{Command: "apply", Cluster: "web_ha", Changes: 1, Took: 4 * time.Second, Nodes: []steps.NodeSummary{{Node: "n1", Changes: 1}, {Node: "n2"}, {Node: "n3"}},
		Unknown: []string{"packages on n2: apt-get install was running", "packages on n3: apt-get install was running"}}
}

func notAsDeclared() steps.Summary {
	sum := goodSummary()
	sum.Verified = false
	sum.Findings = badReport().Findings
	return sum
}

func goodReport() verifyreport.Report {
	return verifyreport.Report{Cluster: "web_ha", OK: true, Took: 900 * time.Millisecond, Checks: []plan.Check{
		well("readable", ""), well("members", "3 nodes online"), well("partition", "quorum, DC n1"), well("links", "2 links connected"),
		well("daemons", "daemons active"), well("fencing", "2 fencing devices started"), well("resources", "9 resources as declared"),
		well("placement", ""), well("failed-actions", "no failed action"), well("addresses", "1 address where pcs says"), well("probes", "2 probes answered")}}
}

// warnedReport is of a cluster that does what it should, with a word about it.
func warnedReport() verifyreport.Report {
	r := goodReport()
	r.Checks[1] = well("members", "3 nodes online", badReport().Findings[0])
	r.Checks[7] = well("placement", "", plan.Finding{Code: "PLACEMENT_PREFERENCE", Severity: plan.Info, Object: "web", Expected: "preferably on n1", Seen: "on n3",
		Message: "web runs on n3, and the file prefers n1 (50): more speaks for n3: stickiness, or what it has to be with"})
	r.Findings = findingsOf(r.Checks)
	return r
}

func badReport() verifyreport.Report {
	standby := plan.Finding{Code: "NODE_STANDBY", Severity: plan.Warning, Node: "n2", Seen: "standby", Expected: "online", Message: "n2 is in standby, as a person set it: it runs no resources", Fix: "pcs node unstandby n2"}
	stopped := plan.Finding{Code: "RESOURCE_STOPPED", Severity: plan.Error, Object: "web-ip", Message: "the resource does not run", Expected: "Started on n1", Seen: "Stopped (blocked)", Fix: "see why: pcs resource debug-start web-ip"}
	action := plan.Finding{Code: "FAILED_ACTION", Severity: plan.Error, Node: "n1", Object: "web-ip", Message: "start failed at Sun Mar  1 02:58:11 2026: not installed", Fix: "mend the cause, then: pcs resource cleanup web-ip"}
	offline := plan.Finding{Code: "NODE_OFFLINE", Severity: plan.Error, Node: "n3", Message: "n3 is offline in the eyes of n1", Expected: "online", Seen: "offline"}
	r := verifyreport.Report{Cluster: "web_ha", Took: 120 * time.Second, Checks: []plan.Check{
		well("readable", ""), ill("members", standby, offline), well("partition", "quorum, DC n1"), well("links", "2 links connected"), well("daemons", "daemons active"),
		ill("resources", stopped), well("placement", ""), ill("failed-actions", action),
		{Name: "probes", Skipped: "the cluster is not as declared"}}}
	r.Findings = findingsOf(r.Checks)
	return r
}

// unreadReport is of a cluster of which no node told anything.
func unreadReport() verifyreport.Report {
	r := verifyreport.Report{Cluster: "web_ha", Took: time.Second, Checks: []plan.Check{ill("readable",
		plan.Finding{Code: "STATUS_UNKNOWN", Severity: plan.Error, Node: "n1", Message: "pcs status cannot be read: line 7: this is no status", Fix: "run pcs status on the node"},
		plan.Finding{Code: "NODE_UNREACHABLE", Severity: plan.Error, Node: "n2", Message: "the node cannot be reached, so it was not asked: refused", Fix: "is it switched on? can you log in by ssh?"})}}
	for _, name := range []string{"members", "partition", "links", "daemons", "fencing", "resources", "placement", "failed-actions"} {
		r.Checks = append(r.Checks, plan.Check{Name: name, Skipped: "no node tells the cluster's state"})
	}
	r.Checks = append(r.Checks, plan.Check{Name: "probes", Skipped: "the cluster is not as declared"})
	r.Findings = findingsOf(r.Checks)
	return r
}

// well is a check that passed, ill one that did not.
func well(name, seen string, found ...plan.Finding) plan.Check {
	return plan.Check{Name: name, Passed: true, Seen: seen, Findings: append([]plan.Finding{}, found...)}
}

func ill(name string, found ...plan.Finding) plan.Check {
	return plan.Check{Name: name, Findings: found}
}

func findingsOf(checks []plan.Check) (out []plan.Finding) {
	for _, c := range checks {
		out = append(out, c.Findings...)
	}
	return out
}
