package cib

import (
	"strings"
	"testing"

	"github.com/hadeploy/hadeploy/internal/pacemaker"
)

// TestCheckKnown: a name that the release does not know is an error at its line
// that names the release which does, or what replaces it.
func TestCheckKnown(t *testing.T) {
	p := load(t, `properties: {stonith-enabled: false, node-pending-timeout: 2h, remove-after-stop: false, crmd-transition-delay: 1s, whatever: x}
resource_defaults:
  - meta: {allow-unhealthy-nodes: true}
resources:
  - id: a
    agent: ocf:heartbeat:Dummy
    meta: {critical: false, priority: 1}
`)
	pending := `1: the property node-pending-timeout came with Pacemaker 2.1.7, and %s is installed, which does nothing with it; leave it out, or upgrade Pacemaker on every node`
	critical := `7: the meta attribute critical came with Pacemaker 2.1.0, and 2.0.5 is installed, which does nothing with it; leave it out, or upgrade Pacemaker on every node`
	health := `3: the meta attribute allow-unhealthy-nodes came with Pacemaker 2.1.3, and 2.0.5 is installed, which does nothing with it; leave it out, or upgrade Pacemaker on every node`
	remove := `1: Pacemaker has no property remove-after-stop any more since 3.0.0, and 3.0.0 is installed, which does nothing with it; leave it out`
	delay := `1: Pacemaker has no property crmd-transition-delay any more since 3.0.0, and 3.0.0 is installed, which does nothing with it; use transition-delay`
	for _, c := range []struct {
		installed pacemaker.Release
		want      []string
	}{
		{pacemaker.Release{2, 0, 5}, []string{strings.ReplaceAll(pending, "%s", "2.0.5"), health, critical}},
		{pacemaker.Release{2, 1, 5}, []string{strings.ReplaceAll(pending, "%s", "2.1.5")}},
		{pacemaker.Release{3, 0, 0}, []string{remove, delay}},
		{pacemaker.Release{}, nil},
	} {
		var got []string
		for _, d := range CheckKnown(p, c.installed) {
			got = append(got, strings.TrimPrefix(d.String(), d.File+":"))
		}
		if len(got) != len(c.want) {
			t.Errorf("%s: got %q", c.installed, got)
			continue
		}
		for i := range got {
			line, text, _ := strings.Cut(got[i], ":")
			_, text, _ = strings.Cut(text, ": ")
			if line+": "+text != c.want[i] {
				t.Errorf("%s: got\n  %s\nwant\n  %s", c.installed, line+": "+text, c.want[i])
			}
		}
	}
}
