package integration

import (
	"strings"
	"testing"
	"time"

	"github.com/hadeploy/hadeploy/internal/labtest"
)

// TestChangesWhileItRuns adds a member to a running cluster and changes a totem
// option: both by a reload, and the web page never misses an answer.
func TestChangesWhileItRuns(t *testing.T) {
	t.Parallel()
	l := newLab(t, "debian12", "--preinstalled")
	l.edit("quickstart.yaml", "inventory: inventory.yaml\n", "inventory: inventory.yaml\nhosts: n1,n2\n")
	contains(t, l.must(0, "apply", "--yes"), "verified")
	if conf := l.ssh("n1", "cat /etc/corosync/corosync.conf"); !strings.Contains(conf, "two_node: 1") {
		t.Errorf("two nodes without two_node:\n%s", conf)
	}
	pids := func() string {
		return l.ssh("n1", "pidof corosync pacemakerd nginx") + l.ssh("n2", "pidof corosync pacemakerd")
	}
	before := pids()
	page := labtest.WatchPage("http://"+l.vip+":8080/", 100*time.Millisecond)
	defer page.End()

	l.edit("quickstart.yaml", "hosts: n1,n2\n", "")
	r := l.must(2, "plan", "--detailed-exitcode")
	contains(t, r, "nodelist.node[n3]", "reload")
	contains(t, l.must(0, "apply", "--yes"), "verified")
	if status := l.ssh("n3", "pcs status"); !strings.Contains(status, "Online: [ n1 n2 n3 ]") {
		t.Errorf("n3 is no member:\n%s", status)
	}
	if conf := l.ssh("n3", "cat /etc/corosync/corosync.conf"); strings.Contains(conf, "two_node") {
		t.Errorf("three nodes with two_node:\n%s", conf)
	}

	l.edit("quickstart.yaml", "  start: true\n", "  start: true\n  totem: {token: 4321}\n")
	contains(t, l.must(0, "apply", "--yes"), "verified")
	for _, n := range nodes { // corosync adds token_coefficient, 650 ms, for each node beyond two
		if token := l.ssh(n, "corosync-cmapctl -g runtime.config.totem.token"); !strings.Contains(token, "= 4971") {
			t.Errorf("corosync on %s did not take the token: %s", n, token)
		}
	}
	contains(t, l.must(0, "plan", "--detailed-exitcode"), "No changes")
	if after := pids(); after != before {
		t.Errorf("something was restarted: %s, then %s", before, after)
	}
	if lost := page.Lost(); len(lost) > 0 || page.Asked() < 20 {
		t.Errorf("%d of %d answers of the page were missed: %s", len(lost), page.Asked(), strings.Join(lost, "; "))
	}

	l.edit("quickstart.yaml", "totem: {token: 4321}", "quorum: {options: {wait_for_all: 1}}")
	r = l.must(1, "apply", "--yes")
	contains(t, r, "cannot change while the cluster runs", "pcs cluster stop --all")
	contains(t, l.must(0, "status"), "Cluster quickstart")
}
