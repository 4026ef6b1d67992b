package steps

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/hadeploy/hadeploy/internal/cib"
	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/inventory"
	"github.com/hadeploy/hadeploy/playbook"
)

// TestCheckFile: what the cluster has beside the file counts for what the file is
// said to lack.
func TestCheckFile(t *testing.T) {
	const file = `name: web
hacluster: {password: {env: PW}}
stonith: {devices: [{id: f1, agent: fence_xvm, options: {pcmk_host_list: "n1 r1 g1"}}]}
`
	const unfenced = "NODE_UNFENCED no declared device fences n2: when it is lost it stays UNCLEAN, and what ran there starts nowhere"
	property := func(value string) string {
		return `<crm_config><cluster_property_set id="o"><nvpair id="o-1" name="stonith-watchdog-timeout" value="` + value + `"/></cluster_property_set></crm_config><nodes/><resources/>`
	}
	const remotes = `<primitive id="r1" class="ocf" provider="pacemaker" type="remote"/><primitive id="vm" class="ocf" provider="heartbeat" type="VirtualDomain"><meta_attributes id="m"><nvpair id="n" name="remote-node" value="g1"/></meta_attributes></primitive>`
	const stranger = `FENCE_TARGET_UNKNOWN f1 is to fence "%s", and the cluster has no such node`
	both := []string{fmt.Sprintf(stranger, "r1"), fmt.Sprintf(stranger, "g1"), unfenced}
	for _, c := range []struct {
		name, live string // configuration of the cluster, "" for none
		want       []string
	}{
		{"no cluster yet", "", both},
		{"nothing beside it", `<crm_config/><nodes/><resources/>`, both},
		{"its remote and guest nodes", `<crm_config/><nodes/><resources>` + remotes + `</resources>`, []string{unfenced}},
		{"a device of its own", `<crm_config/><nodes/><resources>` + remotes + `<primitive id="f2" class="stonith" type="fence_ipmilan"/></resources>`,
			[]string{unfenced + "; whether f2, which the file does not declare, does was not looked at"}},
		{"its watchdog", property("10"), both[:2]},
		{"no watchdog", property("0"), both},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "cluster.yaml")
			if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
				t.Fatal(err)
			}
			p, list := playbook.Load(path, playbook.LoadOptions{})
			if p == nil {
				t.Fatal(list)
			}
			cluster := &Cluster{Playbook: p}
			for _, name := range []string{"n1", "n2"} {
				cluster.Nodes = append(cluster.Nodes, &Node{Node: inventory.Node{Name: name, NodeName: name}, Facts: &facts.Facts{}})
			}
			if c.live != "" {
				live, err := cib.Parse([]byte(`<cib epoch="1" num_updates="0" admin_epoch="0" crm_feature_set="3.19.0" validate-with="pacemaker-3.9"><configuration>` + c.live + `<constraints/></configuration><status/></cib>`))
				if err != nil {
					t.Fatal(err)
				}
				cluster.Nodes[0].Facts.CIB.Live = live
			}
			var got []string
			for _, f := range checkFile(&Target{Cluster: cluster}) {
				got = append(got, f.Code+" "+f.Message)
			}
			if fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}
