package verify

import (
	"testing"

	"github.com/hadeploy/hadeploy/internal/pcs"
)

// TestCauses: what failed is told in the words of the agent and of the cluster,
// and what to do about it is of that cause. The forms are those of releases
// from 1.1 on.
func TestCauses(t *testing.T) {
	for _, c := range []struct {
		failed         pcs.FailedAction
		what, why, fix string
	}{
		{pcs.FailedAction{Operation: "start", RC: 5, RCText: "not installed", Status: "complete", ExitReason: "nginx binary not found"},
			"start", "not installed: nginx binary not found", "install on n1 what its agent misses; then pcs resource cleanup web"},
		{pcs.FailedAction{Operation: "monitor", RC: 5, RCText: "not installed", Status: "complete", ExitReason: "none"},
			"probe", "not installed", "install on n1 what its agent misses; then pcs resource cleanup web"},
		{pcs.FailedAction{Operation: "start", RC: 6, RCText: "not configured"},
			"start", "not configured", "correct the options of web in the playbook, hadeploy apply; then pcs resource cleanup web"},
		{pcs.FailedAction{Operation: "start", RC: 2, RCText: "invalid parameter", ExitReason: "no such nic"},
			"start", "invalid parameter: no such nic", "correct the options of web in the playbook, hadeploy apply; then pcs resource cleanup web"},
		{pcs.FailedAction{Operation: "start", RC: 4, RCText: "insufficient privileges"},
			"start", "insufficient privileges", "see on n1 what is not permitted: modes and owners of its files, SELinux, AppArmor; then pcs resource cleanup web"},
		{pcs.FailedAction{Operation: "monitor", IntervalMS: 10000, RC: 7, RCText: "not running"},
			"monitor", "not running", "see in the log of the service on n1 why it ended; then pcs resource cleanup web"},
		{pcs.FailedAction{Operation: "stop", RC: 1, RCText: "error", Status: "Timed Out", ExitReason: "did not complete within 30s"},
			"stop", "timed out: did not complete within 30s",
			"see on n1 what it waits for (journalctl -u pacemaker), or give it longer: op: {stop: {timeout: ...}}; then pcs resource cleanup web"},
		{pcs.FailedAction{Operation: "stop", RC: -1, Status: "Timed Out"},
			"stop", "timed out", "see on n1 what it waits for (journalctl -u pacemaker), or give it longer: op: {stop: {timeout: ...}}; then pcs resource cleanup web"},
		{pcs.FailedAction{Operation: "start", RC: 198, RCText: "OCF_TIMEOUT", Status: "Timed Out"},
			"start", "timed out", "see on n1 what it waits for (journalctl -u pacemaker), or give it longer: op: {start: {timeout: ...}}; then pcs resource cleanup web"},
		{pcs.FailedAction{Operation: "start", RC: 1, RCText: "unknown error", Status: "complete"},
			"start", "unknown error", "see why on n1: journalctl -u pacemaker; then pcs resource cleanup web"},
		{pcs.FailedAction{Operation: "start", RC: -1, Status: "Not installed"},
			"start", "Not installed", "install on n1 what its agent misses; then pcs resource cleanup web"},
		{pcs.FailedAction{Operation: "start", RC: 42},
			"start", "exit status 42", "see why on n1: journalctl -u pacemaker; then pcs resource cleanup web"},
		{pcs.FailedAction{Operation: "start", RC: -1},
			"start", "no reason given", "see why on n1: journalctl -u pacemaker; then pcs resource cleanup web"},
	} {
		c.failed.Resource, c.failed.Node = "web:0", "n1"
		if got := action(&c.failed); got != c.what {
			t.Errorf("%+v: tried was %q, want %q", c.failed, got, c.what)
		}
		if got := cause(&c.failed); got != c.why {
			t.Errorf("%+v: the cause is %q, want %q", c.failed, got, c.why)
		}
		if got := remedy(&c.failed, "on n1"); got != c.fix {
			t.Errorf("%+v: the remedy is\n%q, want\n%q", c.failed, got, c.fix)
		}
	}
}
