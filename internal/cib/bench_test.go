package cib

import (
	"fmt"
	"strings"
	"testing"
)

// BenchmarkNothingToDo is the price of a plan of a cluster with 300 resources
// and 300 constraints, reading included.
func BenchmarkNothingToDo(b *testing.B) {
	var y strings.Builder
	y.WriteString("properties: {stonith-enabled: false}\nresources:\n")
	for i := range 300 {
		fmt.Fprintf(&y, "  - {id: r%d, agent: \"ocf:pacemaker:Dummy\", options: {fake: x%d}}\n", i, i)
	}
	y.WriteString("constraints:\n  location:\n")
	for i := range 300 {
		fmt.Fprintf(&y, "    - {resource: r%d, node: n1, score: %d}\n", i, i+1)
	}
	want, err := Build(load(b, y.String()), agentsFrom(b, "debian12"), nil, Options{})
	if err != nil {
		b.Fatal(err)
	}
	live, err := Parse([]byte(emptyCIB))
	if err != nil {
		b.Fatal(err)
	}
	d, err := Compare(live, want)
	if err != nil {
		b.Fatal(err)
	}
	text, err := d.Result()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		live, err := Parse([]byte(text.Reveal()))
		if err != nil {
			b.Fatal(err)
		}
		if d, err := Compare(live, want); err != nil || len(d.Changes) > 0 {
			b.Fatal(err, changesText(d.Changes))
		}
	}
}
