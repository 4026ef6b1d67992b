package editor

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hadeploy/hadeploy/playbook"
)

// oddValues are tried at each place. Numbers that only YAML can tell from others
// (1e3, 0x10) are not among them: a schema sees the number alone.
const oddValues = `0|1|-1|5|'5'|1.5|yes|off|true|'true'|y|' 5'|'5 '|5s|5 min|5H|1d|-5s|PT5M|P1D|PT|INFINITY|-INFINITY|infinity|101%|-5%|'+5'|stop|Stop|Promoted|'${v}'|` +
	`[]|{}|[1]|~|99999999999|644|'0644'|rw-r--r--|root:root|root|a b|/x|/x/|g++|nginx=1|nginx-|http://10.0.0.1/|ftp://x|10.0.0.1:22|10.0.0.1|$X|X-Y|` +
	`ocf:heartbeat:Dummy|ocf::heartbeat:Dummy|ocf:Dummy|Dummy|systemd:nginx|foo:bar|fence_xvm|stonith:external/ssh|options.state|fencing|always|knet`

// valuePlaces are playbooks in which @ is such a value. missed are those that
// validate refuses and a schema cannot.
var valuePlaces = []struct{ place, playbook, missed string }{
	{"switch", "cluster: {start: @}", ""},
	{"word", "cluster: {transport: {type: @}}", ""},
	{"totem", "cluster: {totem: {token: @}}", ""},
	{"totem, yes or no", "cluster: {totem: {block_unlisted_ips: @}}", ""},
	{"quorum", "cluster: {quorum: {options: {wait_for_all: @}}}", ""},
	{"link", "cluster: {transport: {links: [{link_priority: @}]}}", "'0644'"},
	{"port of a link", "cluster: {transport: {links: [{mcastport: @}]}}", ""},
	{"name", "name: @", "1.5"},
	{"host pattern", "hosts: @", ""},
	{"variable", "vars: {w: @}", ""},
	{"package", "packages: {install: [@]}", "-1"},
	{"path of a file", "files: [{path: @, content: x}]", ""},
	{"content", "files: [{path: /x, content: @}]", ""},
	{"mode", "files: [{path: /x, content: x, mode: @}]", "0|1|5|99999999999"},
	{"owner", "files: [{path: /x, content: x, owner: @}]", "-1"},
	{"environment", "stonith: {devices: [{id: f, agent: fence_xvm, options: {key_file: {env: @}}}]}", ""},
	{"capacity", "nodes: {n1: {utilization: {cpu: @}}}", ""},
	{"node attribute", "nodes: {n1: {attributes: {site: @}}}", ""},
	{"Boolean property", "properties: {stonith-enabled: false, maintenance-mode: @}", ""},
	{"whole property", "properties: {stonith-enabled: false, batch-limit: @}", ""},
	{"time property", "properties: {stonith-enabled: false, cluster-delay: @}", ""},
	{"percentage", "properties: {stonith-enabled: false, load-threshold: @}", ""},
	{"score property", "properties: {stonith-enabled: false, node-health-red: @}", ""},
	{"word property", "properties: {stonith-enabled: false, no-quorum-policy: @}", ""},
	{"score meta", "resources: [{id: a, agent: 'ocf:acme:a', meta: {migration-threshold: @}}]", ""},
	{"role meta", "resources: [{id: a, agent: 'ocf:acme:a', meta: {target-role: @}}]", "Promoted"}, // of a primitive
	{"own meta", "resources: [{id: a, agent: 'ocf:acme:a', meta: {ours: @}}]", ""},
	{"default", "resource_defaults: [{meta: {failure-timeout: @}}]", ""},
	{"interval", "resources: [{id: a, agent: 'ocf:acme:a', op: {monitor: {interval: @}}}]", ""},
	{"timeout", "resources: [{id: a, agent: 'ocf:acme:a', op: {start: {timeout: @}}}]", ""},
	{"on-fail", "resources: [{id: a, agent: 'ocf:acme:a', op: {monitor: {on-fail: @}}}]", ""},
	{"default of operations", "operation_defaults: [{meta: {timeout: @}}]", ""},
	{"option", "resources: [{id: a, agent: 'ocf:heartbeat:Dummy', options: {state: @}}]", ""},
	{"resource agent", "resources: [{id: a, agent: @}]", ""},
	{"fencing agent", "stonith: {devices: [{id: a, agent: @}]}", "-1"},
	{"id", "resources: [{id: @, agent: 'ocf:acme:a'}]", ""},
	{"ignored", "resources: [{id: a, agent: 'ocf:acme:a', options: {state: x}, ignore_changes: [@]}]", ""},
	{"alert", "alerts: [{id: a, path: @}]", ""},
	{"events", "alerts: [{id: a, path: /x, select: [@]}]", ""},
	{"recipient", "alerts: [{id: a, path: /x, recipients: [{value: @}]}]", ""},
	{"time of an alert", "alerts: [{id: a, path: /x, meta: {timeout: @}}]", ""},
	{"score", "resources: [{id: a, agent: 'ocf:acme:a'}]\nconstraints: {location: [{resource: a, node: n1, score: @}]}", ""},
	{"discovery", "resources: [{id: a, agent: 'ocf:acme:a'}]\nconstraints: {location: [{resource: a, node: n1, options: {resource-discovery: @}}]}", ""},
	{"influence", "resources: [{id: a, agent: 'ocf:acme:a'}, {id: b, agent: 'ocf:acme:a'}]\nconstraints: {colocation: [{resource: a, with: b, options: {influence: @}}]}", ""},
	{"within", "verify: {within: @}", ""},
	{"http", "verify: {probes: [{http: @}]}", ""},
	{"tcp", "verify: {probes: [{tcp: @}]}", ""},
	{"status", "verify: {probes: [{http: 'http://10.0.0.1/', expect_status: @}]}", ""},
}

// TestValuesAgree: at each place an editor and hadeploy validate take the same.
func TestValuesAgree(t *testing.T) {
	s := compiled(t)
	path := filepath.Join(t.TempDir(), "cluster.yaml")
	for _, p := range valuePlaces {
		var missed []string
		for _, v := range strings.Split(oddValues, "|") {
			text := strings.Replace(p.playbook, "@", v, 1) + "\nhacluster: {password: {env: PW}}\n"
			for key, line := range map[string]string{"name:": "name: web\n", "vars:": "vars: {v: 5}\n", "properties:": "properties: {stonith-enabled: false}\n"} {
				if !strings.HasPrefix(text, key) && (key != "vars:" || strings.Contains(v, "${v}")) {
					text += line
				}
			}
			doc, err := asEditors([]byte(text))
			if err != nil {
				continue // no YAML
			}
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			_, list := playbook.Load(path, playbook.LoadOptions{})
			valid, err := list.Err() == nil, s.Validate(doc)
			switch {
			case valid && err != nil:
				t.Errorf("%s: %s has a false error: %#v", p.place, v, err)
			case !valid && err == nil && !strings.Contains(v, "${"): // of a variable only hadeploy knows the value
				missed = append(missed, v)
			}
		}
		if want := strings.FieldsFunc(p.missed, func(r rune) bool { return r == '|' }); !slices.Equal(missed, want) {
			t.Errorf("%s: validate refuses %q and the schema takes them; known of %q", p.place, missed, want)
		}
	}
}
