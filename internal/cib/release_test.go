package cib

import (
	"strings"
	"testing"

	"github.com/hadeploy/hadeploy/internal/pacemaker"
)

func TestCheckReleaseOfRules(t *testing.T) {
	p := load(t, `
properties: {stonith-enabled: false}
resource_defaults: [{rule: "date-spec moon=4 or resource ::Dummy", meta: {priority: 1}}]
resources: [{id: a, agent: "ocf:pacemaker:Dummy"}]
constraints:
  location: [{resource: a, rule: "defined x or (date-spec moon=1-2 and defined y)"}]
`)
	for release, want := range map[pacemaker.Release]string{
		{2, 0, 5}: "",
		{2, 1, 9}: "",
		{2, 0, 4}: "a rule about resources and operations came with Pacemaker 2.0.5, and the release is 2.0.4",
		{3, 0, 0}: "moon in a date-spec went with Pacemaker 3.0.0, and the release is 3.0.0\nmoon in a date-spec went with Pacemaker 3.0.0, and the release is 3.0.0",
	} {
		var got []string
		for _, d := range CheckRelease(p, release) {
			got = append(got, d.Message)
		}
		if strings.Join(got, "\n") != want {
			t.Errorf("%v: %q", release, got)
		}
	}
}
