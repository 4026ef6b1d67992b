package integration

import (
	"strings"
	"testing"
	"time"
)

// TestReleases applies the same playbook to bare Debian 11 and 13. The first
// apply is killed while packages are being installed, once in the middle and
// once near the end; the second one finishes.
func TestReleases(t *testing.T) {
	t.Parallel()
	for _, r := range []struct {
		image string
		at    string // what the installation has come to when it is killed
	}{{"debian11", "unpacking"}, {"debian13", "configuring"}} {
		t.Run(r.image, func(t *testing.T) {
			t.Parallel()
			l := newLab(t, r.image)
			p := l.start("apply", "--yes", "--progress", "plain")
			l.until("the installation is "+r.at, func() bool {
				select {
				case <-p.done:
					return true
				default:
				}
				state := l.ssh("n1", `dpkg -l pcs corosync pacemaker 2>/dev/null | tail -n 3; ls /run/systemd/system`)
				if r.at == "unpacking" {
					return strings.Contains(state, "iU")
				}
				return strings.Contains(state, "ii  corosync")
			})
			if !p.kill() {
				t.Fatalf("it ended before it could be killed: %s", p.out.String())
			}
			t.Logf("killed at %q", p.lastLine())
			began := time.Now()
			contains(t, l.must(0, "apply", "--yes"), "verified")
			t.Logf("finished by a second apply in %s", time.Since(began).Round(time.Second))
			for _, n := range nodes {
				status := l.ssh(n, "pcs status")
				if !strings.Contains(status, "Online: [ n1 n2 n3 ]") || strings.Contains(status, "Stopped") {
					t.Errorf("pcs status on %s:\n%s", n, status)
				}
			}
			if body := page(t, l.vip); body != "hello from n1\n" {
				t.Errorf("the page says %q", body)
			}
			contains(t, l.must(0, "plan", "--detailed-exitcode"), "No changes")
			before := l.restarts()
			contains(t, l.must(0, "apply", "--yes"), "nothing had to be changed")
			if after := l.restarts(); after != before {
				t.Errorf("something was restarted:\n%s", diffLines(before, after))
			}
			l.must(0, "destroy", "--confirm", "quickstart")
			contains(t, l.must(0, "apply", "--yes"), "verified")
		})
	}
}
