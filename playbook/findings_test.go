package playbook

import (
	"fmt"
	"strings"
	"testing"
)

// TestFindings says when a cluster without fencing is warned of, and of what.
func TestFindings(t *testing.T) {
	const address = "{id: vip, agent: ocf:heartbeat:IPaddr2, options: {ip: 192.0.2.9}}"
	const harmless = "{id: ping-clone, clone: {id: ping, agent: 'ocf:pacemaker:ping'}}"
	for name, c := range map[string]struct{ text, want string }{
		"no resources":           {"properties: {stonith-enabled: false}", ""},
		"harmless clones":        {"properties: {stonith-enabled: false}\nresources: [" + harmless + "]", ""},
		"an address":             {"properties: {stonith-enabled: false}\nresources: [" + address + ", " + harmless + "]", "NO_FENCING each side may hold the address vip"},
		"what is to run once":    {"properties: {fencing-enabled: 'no'}\nresources: [{id: web, agent: 'systemd:nginx'}]", "NO_FENCING each side may run web"},
		"shared data in a group": {"properties: {stonith-enabled: false}\nresources: [{id: g, group: [{id: fs, agent: ocf:heartbeat:Filesystem}, " + address + "]}]", "NO_FENCING each side may write to fs, and hold the address vip"},
		"fencing is on":          {"properties: {stonith-enabled: true}\nresources: [" + address + "]\nstonith: {devices: [{id: f, agent: fence_ipmilan}]}", ""},
		"devices that are off":   {"properties: {stonith-enabled: false}\nresources: [" + address + "]\nstonith: {devices: [{id: f, agent: fence_ipmilan}]}", "FENCING_OFF fencing devices are declared"},
	} {
		t.Run(name, func(t *testing.T) {
			p, list := parse("cluster.yaml", ".", []byte("name: x\nhacluster: {password: {env: A}}\n"+c.text+"\n"), nil)
			if list.Err() != nil {
				t.Fatal(list)
			}
			var got string
			for _, f := range p.Findings() {
				got += fmt.Sprintf("%s %s", f.Code, strings.TrimPrefix(f.Message, "fencing is switched off: when nodes lose each other, "))
			}
			if !strings.HasPrefix(got, c.want) || c.want == "" && got != "" {
				t.Errorf("want %q, got %q", c.want, got)
			}
		})
	}
}
