package editor

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/hadeploy/hadeploy/internal/agent"
)

// TestCommonAgents: the embedded file is what common reads. It is written anew
// from a folder of metadata, one file an agent and named as it, as
// crm_resource --show-metadata prints it:
//
//	HADEPLOY_METADATA=DIR go test ./internal/editor -run TestCommonAgents
//
// Only names, types, defaults and choices are kept: the texts are the agents' own.
func TestCommonAgents(t *testing.T) {
	if dir := os.Getenv("HADEPLOY_METADATA"); dir != "" {
		write(t, dir)
	}
	known, err := common()
	if err != nil {
		t.Fatal(err)
	}
	if len(known) < 50 {
		t.Errorf("only %d agents", len(known))
	}
	for name, want := range map[string][]string{"ocf:heartbeat:IPaddr2": {"ip", "cidr_netmask", "nic"}, "ocf:pacemaker:ping": {"host_list", "dampen"}, "stonith:fence_ipmilan": {"ip", "username", "password", "lanplus"}} {
		i := slices.IndexFunc(known, func(a *agent.Agent) bool { return a.Name == name })
		if i < 0 {
			t.Errorf("%s is not among them", name)
			continue
		}
		for _, o := range want {
			if _, ok := known[i].Parameter(o); !ok {
				t.Errorf("%s has no option %s", name, o)
			}
		}
	}
}

// TestAgentsOfNodes: of agents that the nodes told of, options are known whole; of
// others, and of those that come only with apply, nothing is.
func TestAgentsOfNodes(t *testing.T) {
	told := &agent.Agent{Name: "ocf:heartbeat:beacon", Parameters: []agent.Parameter{{Name: "port", LongDesc: "Where it\n  listens", Required: true}, {Name: "mode", Enum: []string{"a", "b"}}}}
	fence := &agent.Agent{Name: "stonith:fence_lamp", Parameters: []agent.Parameter{{Name: "ip"}}}
	text, err := Schema([]*agent.Agent{told, fence, {Name: "ocf:heartbeat:silent"}, {Name: "ocf:pacemaker:Dummy"}, {Name: "systemd:nginx"}}, true)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "Where it listens. (string, required)") {
		t.Error("the agent's own words are not in it")
	}
	s, err := jsonschema.CompileString("playbook.schema.json", string(text))
	if err != nil {
		t.Fatal(err)
	}
	for playbook, right := range map[string]bool{
		"resources: [{id: a, agent: 'ocf:heartbeat:beacon', options: {port: 1}}]":                            true,
		"resources: [{id: a, agent: 'ocf::heartbeat:beacon', options: {port: 1, mode: '${m}'}}]":             true,
		"resources: [{id: a, agent: 'ocf:heartbeat:beacon', options: {port: {env: PORT}, trace_ra: 1}}]":     true,
		"resources: [{id: a, agent: 'ocf:heartbeat:beacon', options: {mode: a}}]":                            false,
		"resources: [{id: a, agent: 'ocf:heartbeat:beacon', options: {port: 1, prot: 2}}]":                   false,
		"resources: [{id: a, agent: 'ocf::heartbeat:beacon', options: {port: 1, prot: 2}}]":                  false,
		"resources: [{id: c, clone: {id: a, agent: 'ocf:heartbeat:beacon', options: {port: 1, prot: 2}}}]":   false,
		"resources: [{id: g, group: [{id: a, agent: 'ocf:heartbeat:beacon', options: {port: 1, prot: 2}}]}]": false,
		"resources: [{id: a, agent: 'ocf:heartbeat:silent', options: {any: 1}}]":                             true,
		"resources: [{id: a, agent: 'ocf:heartbeat:IPaddr2', options: {ip: 10.0.0.1}}]":                      false,
		"resources: [{id: a, agent: 'ocf::pacemaker:ping'}]":                                                 false,
		"resources: [{id: a, agent: 'ocf:heartbeat:${kind}'}]":                                               true,
		"resources: [{id: a, agent: '${agent}'}]":                                                            true,
		"resources: [{id: a, agent: 'ocf:acme:ours', options: {any: 1}}]":                                    true, // agents: puts it there
		"resources: [{id: a, agent: 'systemd:postgresql'}]":                                                  true, // packages: brings it
		"stonith: {devices: [{id: f, agent: fence_lamp, options: {ip: 10.0.0.1, pcmk_host_list: n1}}]}":      true,
		"stonith: {devices: [{id: f, agent: 'stonith:fence_lamp'}]}":                                         true,
		"stonith: {devices: [{id: f, agent: fence_lamp, options: {ipaddr: 10.0.0.1}}]}":                      false,
		"stonith: {devices: [{id: f, agent: 'stonith:fence_lamp', options: {ipaddr: 10.0.0.1}}]}":            false,
		"stonith: {devices: [{id: f, agent: fence_xvm}]}":                                                    false,
	} {
		doc, err := asEditors([]byte("name: web\nhacluster: {password: {env: PW}}\n" + playbook))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(doc); (err == nil) != right {
			t.Errorf("%s: %v", playbook, err)
		}
	}
}

// TestAgentsOfBareNodes: a family of which the nodes have nothing comes with the
// packages; until then it is as without nodes.
func TestAgentsOfBareNodes(t *testing.T) {
	text, err := Schema([]*agent.Agent{{Name: "stonith:external/ipmi"}, {Name: "stonith:null"}, {Name: "ocf:pacemaker:Dummy"}}, true)
	if err != nil {
		t.Fatal(err)
	}
	s, err := jsonschema.CompileString("playbook.schema.json", string(text))
	if err != nil {
		t.Fatal(err)
	}
	for playbook, right := range map[string]bool{
		"stonith: {devices: [{id: f, agent: fence_ipmilan, options: {ip: 10.0.0.1}}]}":      true,
		"stonith: {devices: [{id: f, agent: external/ipmi}]}":                               true,
		"resources: [{id: a, agent: 'ocf:heartbeat:IPaddr2', options: {ip: 10.0.0.1}}]":     true,
		"resources: [{id: a, agent: 'ocf:pacemaker:Dummy'}]":                                true,
		"resources: [{id: a, agent: 'ocf:pacemaker:ping', options: {host_list: 10.0.0.1}}]": false,
	} {
		doc, err := asEditors([]byte("name: web\nhacluster: {password: {env: PW}}\n" + playbook))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(doc); (err == nil) != right {
			t.Errorf("%s: %v", playbook, err)
		}
	}
}

func write(t *testing.T, dir string) {
	files, err := filepath.Glob(filepath.Join(dir, "*:*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: no metadata: %v", dir, err)
	}
	var list []string
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		a, err := agent.Parse(filepath.Base(f), b)
		if err != nil {
			t.Fatal(err)
		}
		c := commonAgent{Agent: a.Name, Options: []commonOption{}}
		for _, p := range a.Options() {
			if p.Deprecated || p.Name == "" {
				continue
			}
			o := commonOption{Name: p.Name, Type: p.Type, Default: p.Default, Enum: p.Enum, Required: p.Required}
			if o.Type == "string" {
				o.Type = ""
			}
			c.Options = append(c.Options, o)
		}
		line, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, string(line))
	}
	slices.Sort(list)
	if err := os.WriteFile("agents.json", []byte("[\n"+strings.Join(list, ",\n")+"\n]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
}
