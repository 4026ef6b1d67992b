package agent

import (
	"fmt"
	"strings"
	"testing"
)

// TestTakeList: a node may answer anything: it is an error of that node, or is
// left out.
func TestTakeList(t *testing.T) {
	many := strings.Builder{}
	for i := range maxAgents + 1 {
		fmt.Fprintf(&many, "ocf:x:%d\n", i)
	}
	for name, c := range map[string]struct {
		agents, units string
		want, err     string
	}{
		"nothing": {},
		"odd lines": {agents: "ocf:\nocf::b\nocf:a:\n:x\nlsb\nlsb:\n\nlsb:s\r\nocf:a:b:c\nocf:a:\xff\nocf:a:" + strings.Repeat("x", 256) + "\nstonith:external/ssh",
			units: "systemd:s\nsystemd:s", want: "lsb:s ocf:a:b:c service:s stonith:external/ssh systemd:s"},
		"long":       {agents: strings.Repeat("x", maxAgentList+1), err: "longer than the 4 MiB"},
		"long units": {units: strings.Repeat("x", maxAgentList+1), err: "longer than the 4 MiB"},
		"many":       {agents: many.String(), err: "50001 agents, more than the 50000"},
	} {
		got := TakeList("n1", map[string][]byte{"pacemaker": []byte("Pacemaker 2.1.5\n"), "agents": []byte(c.agents), "units": []byte(c.units)})
		if text := fmt.Sprint(got.Err); (got.Err != nil) != (c.err != "") || !strings.Contains(text, c.err) && c.err != "" {
			t.Errorf("%s: error %v, want %q", name, got.Err, c.err)
		}
		if s := strings.Join(got.Agents, " "); s != c.want || got.Node != "n1" || got.Err == nil && got.Pacemaker != "2.1.5" {
			t.Errorf("%s: got %+v", name, got)
		}
	}
	if got := TakeList("n1", map[string][]byte{"pacemaker": []byte("\xff")}); got.Pacemaker != "of an unknown version" {
		t.Errorf("got %q", got.Pacemaker)
	}
}
