package cib

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hadeploy/hadeploy/internal/agent"
)

func TestDefaultOperations(t *testing.T) {
	all := &agent.Agent{Actions: []agent.Action{
		{Name: "start", Timeout: "20s"}, {Name: "monitor", Interval: "10"}, {Name: "monitor", Interval: "10s", Depth: "10"},
		{Name: "monitor", Interval: "11s", Depth: "0"}, {Name: "meta-data"}, {Name: "status"}, {Name: "validate-all"}, {Name: "methods"},
		{Name: "odd", Interval: "whenever", StartDelay: "1s"},
	}}
	for _, c := range []struct {
		name     string
		agent    *agent.Agent
		stonith  bool
		declared map[string]bool
		want     string
	}{
		{"all, equal intervals raised", all, false, nil,
			"start interval=0s timeout=20s, monitor interval=10, monitor interval=11 OCF_CHECK_LEVEL=10, monitor interval=12, " +
				"methods interval=0s, odd interval=whenever start-delay=1s"},
		{"less those that are declared", all, false, map[string]bool{"monitor": true, "odd": true}, "start interval=0s timeout=20s, methods interval=0s"},
		{"only monitor of a fence agent", &agent.Agent{Actions: []agent.Action{{Name: "on"}, {Name: "monitor"}}}, true, nil, "monitor interval=60s"},
		{"monitor in any case", &agent.Agent{}, false, nil, "monitor interval=60s"},
		{"monitor without metadata", nil, false, nil, "monitor interval=60s"},
	} {
		var got []string
		for _, o := range defaultOperations(c.agent, c.stonith, c.declared) {
			got = append(got, strings.TrimSpace(o.get("name")+" "+opText(o)))
		}
		if d := cmp.Diff(c.want, strings.Join(got, ", ")); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
	}
}
