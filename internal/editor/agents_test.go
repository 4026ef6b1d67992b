package editor

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

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
