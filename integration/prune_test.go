package integration

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
)

// undeclared makes one object of each kind that can stand in a CIB beside those
// of the quickstart.
const undeclared = `set -e
pcs property set cluster-recheck-interval=7min
pcs resource defaults update migration-threshold=5
pcs resource defaults set create id=ruled meta resource-stickiness=9 rule resource ocf:pacemaker:Dummy
pcs resource op defaults update timeout=77s
pcs resource create old-x ocf:pacemaker:Dummy --group web --after web-ip
pcs resource create old ocf:pacemaker:Dummy
pcs resource create old-1 ocf:pacemaker:Dummy --group old-group
pcs resource create old-2 ocf:pacemaker:Dummy --group old-group
pcs resource create old-c ocf:pacemaker:Dummy clone
pcs resource create old-s ocf:pacemaker:Stateful promotable
pcs constraint location old prefers n1=7
pcs constraint location old rule score=5 '#uname' eq n2
pcs constraint colocation add web-server with old 50
pcs constraint order old then web-server
pcs constraint order set old old-group
pcs tag create old-tag old web-ip
pcs acl role create old-role read xpath /cib write id old
pcs acl user create alice old-role
pcs acl group create ops old-role
pcs alert create id=old-alert path=/bin/true
pcs node attribute n1 rack=r1
pcs node utilization n1 cpu=4
pcs resource utilization web-ip cpu=1
pcs resource ban old n3
cibadmin --create --scope resources --xml-text '<template id="old-template" class="ocf" provider="pacemaker" type="Dummy"/>'`

// TestPrune: what is not declared is removed, some of it and then all, and what
// is declared never stops for that; a run that is killed is finished by another.
// What was there before each change is listed, and comes back.
func TestPrune(t *testing.T) {
	t.Parallel()
	l := newLab(t, "debian12", "--preinstalled")
	l.must(0, "apply", "--yes")
	settle := func() { l.ssh("n1", "crm_resource --wait --timeout=60") }

	t.Run("what is rendered is what Pacemaker takes", func(t *testing.T) {
		l.t = t
		r := l.must(0, "render", "--pacemaker", "2.1.5")
		cib := `<cib crm_feature_set="3.16.1" validate-with="pacemaker-3.9" epoch="1" num_updates="0" admin_epoch="0">` + r.out[strings.Index(r.out, "<configuration>"):] + "<status/></cib>"
		l.ssh("n1", "cat >/root/rendered.xml <<'END'\n"+cib+"\nEND\ncrm_verify --xml-file /root/rendered.xml")
		if strings.Contains(r.out, password) {
			t.Error("the password is in what is rendered")
		}
	})

	l.t = t
	l.ssh("n1", undeclared)
	settle()
	starts := func() string {
		return l.ssh("n1", `cibadmin -Q -o status | grep -o '<lrm_rsc_op id="web-[a-z]*_\(start\|stop\)_0"[^>]*' | grep -o ' id="[^"]*"\| last-rc-change="[^"]*"' | sort`)
	}
	before := starts()

	t.Run("some, by kind and id", func(t *testing.T) {
		l.t = t
		r := l.must(1, "apply", "--yes", "--prune=resource,old-c*")
		contains(t, r, "- clone old-c-clone", "# pcs resource delete old-c-clone", "--allow-disruption=old-c")
		l.must(0, "apply", "--yes", "--prune=resource,old-c*", "--allow-disruption=old-c")
		contains(t, l.must(0, "plan", "--prune=resource,old-c*", "--detailed-exitcode"), "No changes.", "primitive  old = ")
	})

	t.Run("a saved plan, and something new since", func(t *testing.T) {
		l.t = t
		l.must(0, "plan", "--prune=tag", "--out", "tags.json")
		l.ssh("n1", "pcs tag create later web-ip")
		args := []string{"apply", "tags.json", "--yes"}
		if r := l.exec(t, time.Minute, nil, args...); r.code != 1 || !strings.Contains(r.err, "later") {
			t.Errorf("a tag that nobody has seen is removed, or not named: %s", r)
		}
		l.ssh("n1", "pcs tag remove later")
		if r := l.exec(t, time.Minute, nil, args...); r.code != 0 || strings.Contains(l.ssh("n1", "pcs tag || :"), "old-tag") {
			t.Errorf("the saved plan does not remove the tag: %s", r)
		}
	})

	t.Run("all, killed in between", func(t *testing.T) {
		l.t = t
		p := l.start("apply", "--yes", "--prune", "--allow-disruption=all", "--progress", "plain")
		for end := time.Now().Add(time.Minute); !strings.Contains(p.out.String(), "to stop before it is removed"); time.Sleep(10 * time.Millisecond) {
			if time.Now().After(end) {
				break
			}
		}
		killed := p.kill()
		r := l.must(0, "apply", "--yes", "--prune", "--allow-disruption=all")
		t.Logf("killed: %v, at %q", killed, p.lastLine())
		contains(t, r, "verified")
		plan := l.must(0, "plan", "--prune", "--detailed-exitcode")
		contains(t, plan, "No changes.", "node attribute  n1 rack = r1")
		settle()
		if left := l.ssh("n1", "cibadmin -Q | grep -c 'old' || :"); strings.TrimSpace(left) != "0" {
			t.Errorf("%s lines of the CIB name what was pruned: %s", left, l.ssh("n1", "cibadmin -Q | grep old"))
		}
		l.ssh("n1", "crm_verify --live-check")
		if after := starts(); after != before {
			t.Errorf("something that is declared was stopped or started:\n%s", diffLines(before, after))
		}
	})

	t.Run("back to what was there", func(t *testing.T) {
		l.t = t
		var all []struct {
			Node    string
			Backups []struct{ ID, Command string }
		}
		if err := json.Unmarshal([]byte(l.must(0, "history", "-o", "json").out), &all); err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(all, func(n struct {
			Node    string
			Backups []struct{ ID, Command string }
		}) bool {
			return n.Node == "n1"
		})
		if i < 0 || len(all) != 3 || len(all[i].Backups) < 4 {
			t.Fatalf("n1 has no backup of each change: %+v", all)
		}
		if modes := l.ssh("n1", "find /var/lib/hadeploy/backups -type f ! -perm 0600; find /var/lib/hadeploy/backups -type d ! -perm 0700; find /var/lib/hadeploy/backups ! -user root"); modes != "" {
			t.Errorf("others may read: %s", modes)
		}
		id := all[i].Backups[len(all[i].Backups)-1].ID // before anything was pruned
		restore := append([]string{"restore", id}, l.cmdArgs("")[1:]...)
		if r := l.exec(t, time.Minute, nil, append(restore, "--yes", "--allow-disruption=all")...); r.code != 0 {
			t.Fatal(r)
		}
		for _, there := range []string{"old-c-clone", "old-group", "old-tag", "old-role", "old-template", "order_set_"} {
			if !strings.Contains(l.ssh("n1", "cibadmin -Q -o configuration"), there) {
				t.Errorf("%s is not restored", there)
			}
		}
		if r := l.exec(t, time.Minute, nil, append(restore, "--yes")...); r.code != 0 || !strings.Contains(r.out, "nothing had to be changed") {
			t.Errorf("it is not restored: %s", r)
		}
		l.ssh("n1", "crm_verify --live-check")
	})
}
