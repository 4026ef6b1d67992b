package playbook

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hadeploy/hadeploy/schema"
)

// TestSections: every key that the schema allows is read, and no other. The
// variables are in the values by then.
func TestSections(t *testing.T) {
	var s struct {
		Properties map[string]any `json:"properties"`
	}
	if err := json.Unmarshal(schema.Playbook(), &s); err != nil {
		t.Fatal(err)
	}
	var read []string
	for _, x := range sections {
		read = append(read, x.key)
	}
	want := []string{}
	for key := range s.Properties {
		if key != "vars" {
			want = append(want, key)
		}
	}
	slices.Sort(read)
	slices.Sort(want)
	if d := cmp.Diff(want, read); d != "" {
		t.Errorf("keys of the schema (-) and of the table (+):\n%s", d)
	}
}

func TestPrimitives(t *testing.T) {
	p := load(t, `
name: x
hacluster: {password: {env: PW}}
stonith: {devices: [{id: f, agent: fence_xvm, options: {passwd: {env: FENCE}}}]}
resources:
  - {id: a, agent: "ocf:pacemaker:Dummy", options: {fake: plain}}
  - {id: g, group: [{id: b, agent: "ocf:pacemaker:Dummy"}, {id: c, agent: "systemd:cron"}]}
  - {id: c1, clone: {id: d, agent: "ocf:pacemaker:Dummy", options: {fake: {command: [x]}}}}
  - {id: c2, promotable: {id: h, group: [{id: e, agent: "ocf:pacemaker:Stateful"}]}}
`)
	all := []string{
		"stonith.devices[0] f stonith:fence_xvm", "resources[0] a ocf:pacemaker:Dummy", "resources[1].group[0] b ocf:pacemaker:Dummy",
		"resources[1].group[1] c systemd:cron", "resources[2].clone d ocf:pacemaker:Dummy", "resources[3].promotable.group[0] e ocf:pacemaker:Stateful",
	}
	for stop := range all {
		var got []string
		for path, r := range p.Primitives() {
			if got = append(got, string(path)+" "+r.ID+" "+r.Ref().String()); len(got) > stop {
				break
			}
		}
		if d := cmp.Diff(all[:stop+1], got); d != "" {
			t.Error(d)
		}
	}
	var secrets []string
	for o := range p.Secrets() {
		secrets = append(secrets, o.Name)
	}
	if got := strings.Join(secrets, " "); got != "passwd fake" {
		t.Errorf("secrets: %s", got)
	}
}
