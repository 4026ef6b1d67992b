package steps

import (
	"strings"
	"testing"
)

// TestMissingAgentHint: of a slip the agent that was meant is named; of one that
// is well known, or far from all, how it is had.
func TestMissingAgentHint(t *testing.T) {
	for name, want := range map[string]string{
		"ocf:heartbeat:IPaddr22":   "did you mean ocf:heartbeat:IPaddr2 or ",
		"ocf:heartbeat:ipaddr2":    "did you mean ocf:heartbeat:IPaddr2 or ",
		"stonith:fence_ipmilna":    "did you mean stonith:fence_ipmilan",
		"ocf:pacemaker:Stateful":   "install its package there",
		"ocf:acme:quite-different": "install its package there",
	} {
		if got := missingAgentHint(name); !strings.HasPrefix(got, want) || !strings.Contains(got, "packages.install") {
			t.Errorf("%s: %s", name, got)
		}
	}
}
