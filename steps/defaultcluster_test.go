package steps

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hadeploy/hadeploy/internal/cib"
	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/remote/remotetest"
)

const packagedConf = `# Please read the corosync.conf.5 manual page
totem {
	version: 2
	cluster_name: debian
	crypto_cipher: none
	crypto_hash: none
}
quorum {
	provider: corosync_votequorum
}
nodelist {
	node {
		name: node1
		nodeid: 1
		ring0_addr: 127.0.0.1
	}
}
`

// cibOf is a CIB with these sections in its configuration.
func cibOf(t *testing.T, sections string) *cib.CIB {
	t.Helper()
	c, err := cib.Parse([]byte(`<cib crm_feature_set="3.16.2" validate-with="pacemaker-3.9" epoch="4" num_updates="0" admin_epoch="0">
<configuration>` + sections + `</configuration><status/></cib>`))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const (
	ownProperties = `<crm_config><cluster_property_set id="cib-bootstrap-options">
<nvpair id="cib-bootstrap-options-dc-version" name="dc-version" value="2.1.5"/>
<nvpair id="cib-bootstrap-options-cluster-name" name="cluster-name" value="debian"/>
</cluster_property_set></crm_config>`
	oneNode = `<nodes><node id="1" uname="node1"/></nodes>`
	empty   = ownProperties + oneNode + `<resources/><constraints/>`
)

func TestIsDefaultCluster(t *testing.T) {
	whole := func() *facts.Facts {
		return &facts.Facts{Corosync: facts.Corosync{Text: []byte(packagedConf), Pristine: true}}
	}
	conf := func(old, new string) func(*testing.T, *facts.Facts) {
		return func(_ *testing.T, f *facts.Facts) {
			f.Corosync.Text = []byte(strings.Replace(packagedConf, old, new, 1))
		}
	}
	live := func(sections string) func(*testing.T, *facts.Facts) {
		return func(t *testing.T, f *facts.Facts) { f.CIB.Live, f.CIB.OnDisk = cibOf(t, sections), true }
	}
	disk := func(sections string) func(*testing.T, *facts.Facts) {
		return func(t *testing.T, f *facts.Facts) { f.CIB.Disk, f.CIB.OnDisk = cibOf(t, sections), true }
	}
	for _, c := range []struct {
		name   string
		change func(*testing.T, *facts.Facts)
		want   bool
	}{
		{"never started", func(*testing.T, *facts.Facts) {}, true},
		{"running", live(empty), true},
		{"stopped again", disk(empty), true},
		{"running, and the file on disk lags behind", func(t *testing.T, f *facts.Facts) { disk(empty)(t, f); live(empty)(t, f) }, true},
		{"Pacemaker has not yet named its node", live(ownProperties + `<nodes/><resources/><constraints/>`), true},
		{"fencing was switched off", live(strings.Replace(empty, "</cluster_property_set>", `<nvpair id="x" name="stonith-enabled" value="false"/></cluster_property_set>`, 1)), true},

		{"no corosync.conf", func(_ *testing.T, f *facts.Facts) { f.Corosync.Text, f.Corosync.Pristine = nil, false }, false},
		{"dpkg says that the file was changed", func(_ *testing.T, f *facts.Facts) { f.Corosync.Pristine = false }, false},
		{"another cluster name", conf("debian", "db"), false},
		{"another node name", conf("name: node1", "name: db1"), false},
		{"another address", conf("127.0.0.1", "10.0.0.1"), false},
		{"a second node", conf("nodelist {", "nodelist {\n node {\n name: db2\n nodeid: 2\n ring0_addr: 10.0.0.2\n }\n"), false},
		{"encryption", conf("crypto_hash: none", "crypto_hash: sha256"), false},
		{"a file that is cut short", conf("}\n", ""), false},

		{"a resource, live", live(ownProperties + oneNode + `<resources><primitive id="ip" class="ocf" provider="heartbeat" type="IPaddr2"/></resources><constraints/>`), false},
		{"a resource, on disk", disk(ownProperties + oneNode + `<resources><primitive id="ip" class="ocf" provider="heartbeat" type="IPaddr2"/></resources><constraints/>`), false},
		{"a template", live(ownProperties + oneNode + `<resources><template id="t" class="ocf" provider="heartbeat" type="IPaddr2"/></resources><constraints/>`), false},
		{"a constraint", live(ownProperties + oneNode + `<resources/><constraints><rsc_location id="l" rsc-pattern="^db" node="node1" score="1"/></constraints>`), false},
		{"a second node in the CIB", live(ownProperties + `<nodes><node id="1" uname="node1"/><node id="2" uname="db2"/></nodes><resources/><constraints/>`), false},
		{"an alert", live(empty + `<alerts><alert id="mail" path="/x"/></alerts>`), false},
		{"access rules", live(empty + `<acls><acl_role id="viewer"/></acls>`), false},
		{"a CIB that cannot be read", func(_ *testing.T, f *facts.Facts) { f.CIB.OnDisk = true }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := whole()
			c.change(t, f)
			if got := isDefaultCluster(f); got != c.want {
				t.Errorf("got %t", got)
			}
			changes, err := defaultCluster{}.Check(context.Background(), nodeWith(with(nil, nil), f, nil, nil))
			if err != nil || (len(changes) == 1) != c.want {
				t.Errorf("got %v, %v", changes, err)
			}
		})
	}
}

func TestDefaultClusterCheck(t *testing.T) {
	f := &facts.Facts{Corosync: facts.Corosync{Text: []byte(packagedConf), Pristine: true}, Units: map[string]facts.Unit{facts.Corosyncd: {Active: "active"}}}
	for _, name := range []string{"web", "debian"} { // the playbook's own name does not matter
		p := with(nil, nil)
		p.Name = name
		changes, err := defaultCluster{}.Check(context.Background(), nodeWith(p, f, nil, nil))
		if err != nil {
			t.Fatal(err)
		}
		want := []plan.Change{{Action: plan.Delete, Kind: "cluster", ID: "debian", Pcs: "pcs cluster destroy", Diffs: []plan.Diff{
			plan.Was("origin", "the corosync package's default"), plan.Was("nodes", "node1 at 127.0.0.1"),
			plan.Was("resources", "none"), plan.Was("state", "running")}}}
		if diff := cmp.Diff(want, changes); diff != "" {
			t.Error(diff)
		}
	}
}

func TestDefaultClusterApply(t *testing.T) {
	for _, c := range []struct {
		status int
		stderr string
		want   string
	}{
		{0, "", ""},
		{3, "it holds resources now\n", "the packaged default cluster was changed since it was looked at (it holds resources now), and is left as it is; run again"},
		{4, "pacemaker.service still runs after 60 s\n", "the packaged default cluster does not stop: pacemaker.service still runs after 60 s; see journalctl -u pacemaker -u corosync on the node, then run again"},
		{1, "rm: cannot remove\n", "n1: remove the default cluster: exit status 1: rm: cannot remove"},
	} {
		conn := remotetest.New(t, remotetest.Script{{Label: "remove the default cluster", Script: defaultClusterScript, Status: c.status, Stderr: c.stderr}})
		f := &facts.Facts{Corosync: facts.Corosync{Text: []byte(packagedConf), Pristine: true}}
		err := defaultCluster{}.Apply(context.Background(), nodeWith(with(nil, nil), f, conn, nil), nil)
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("status %d: got %q, want %q", c.status, got, c.want)
		}
		if cmd := conn.Commands()[0]; cmd.Reads || len(cmd.Args) != 2 || len(cmd.Args[0]) != 64 || cmd.Args[1] != "60" {
			t.Errorf("status %d: it ran %s", c.status, fmt.Sprint(cmd.Args))
		}
	}
}
