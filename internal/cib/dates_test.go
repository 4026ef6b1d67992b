package cib

import (
	"strings"
	"testing"
	"time"
)

// TestDatesNow: a plan says whether rules that change hold at the node's time.
func TestDatesNow(t *testing.T) {
	p := load(t, `
properties: {stonith-enabled: false}
resource_defaults:
  - {rule: date-spec hours=9-16, meta: {priority: 1}}
  - {rule: "resource ::Dummy", meta: {priority: 2}}
resources: [{id: a, agent: "ocf:pacemaker:Dummy"}]
constraints:
  location: [{resource: a, rule: "date lt 2027-01-01 and site eq north"}]
`)
	live, err := Parse([]byte(emptyCIB))
	if err != nil {
		t.Fatal(err)
	}
	for _, now := range []time.Time{time.Date(2026, 12, 31, 10, 0, 0, 0, time.UTC), {}} {
		want, err := Build(p, nil, nil, Options{Now: now})
		if err != nil {
			t.Fatal(err)
		}
		d, err := Compare(live, want)
		if err != nil {
			t.Fatal(err)
		}
		var notes []string
		for _, c := range d.Changes {
			if c.Note != "" {
				notes = append(notes, c.Kind+": "+c.Note)
			}
		}
		expected := "resource default set: the rule holds now\nlocation constraint: whether the rule holds rests on more than the time: date lt 2027-01-01 holds now"
		if now.IsZero() {
			expected = ""
		}
		if got := strings.Join(notes, "\n"); got != expected {
			t.Errorf("at %s: %s", now, got)
		}
	}
}
