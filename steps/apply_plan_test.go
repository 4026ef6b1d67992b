package steps

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hadeploy/hadeploy/internal/cib"
	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/remote"
	"github.com/hadeploy/hadeploy/inventory"
	"github.com/hadeploy/hadeploy/playbook"
)

// shelf is a step whose state is a map: what it finds is what differs from
// the wish, and what it does is written down.
type shelf struct {
	name string
	wish map[string]string
	have map[string]string
	did  *[]string
}

func (s *shelf) Name() string { return s.name }

func (s *shelf) Check(context.Context, *Target) ([]plan.Change, error) {
	var out []plan.Change
	for _, key := range []string{"a", "b"} {
		if s.wish[key] != "" && s.have[key] != s.wish[key] {
			out = append(out, plan.Change{Action: plan.Update, Kind: "thing", ID: key, Diffs: []plan.Diff{plan.Changes("value", s.have[key], s.wish[key])}})
		}
	}
	return out, nil
}

func (s *shelf) Apply(_ context.Context, _ *Target, changes []plan.Change) error {
	for _, c := range changes {
		s.have[c.ID] = s.wish[c.ID]
		*s.did = append(*s.did, s.name+" "+c.ID)
	}
	return nil
}

// Touches nothing that a node would have to tell.
func (s *shelf) Touches() []facts.Section { return nil }

type wideShelf struct{ *shelf }

func (wideShelf) ClusterWide() {}

// silent is a node that answers every observation with nothing.
type silent struct{ remote.Conn }

func (silent) Run(_ context.Context, cmd remote.Cmd) (remote.Result, error) {
	return remote.Result{Stdout: []byte("\n@" + cmd.Args[0] + " done\n")}, nil
}

// TestApplyTakesThePlan: between the plan and its application, and between two
// of its steps, somebody else is at work.
func TestApplyTakesThePlan(t *testing.T) {
	for _, c := range []struct {
		name  string
		since func(first, second *shelf)   // after the plan
		later func(have map[string]string) // between the steps, to what the second owns
		did   string
		done  string
		err   string
	}{
		{name: "nobody", did: "one a, two a"},
		{name: "the wanted value", since: func(first, _ *shelf) { first.have["a"] = "new" }, did: "two a", done: "one a"},
		{name: "all of it", since: func(first, second *shelf) { first.have["a"], second.have["a"] = "new", "new" }, done: "one a, two a"},
		{name: "a third value, of the first step", since: func(first, _ *shelf) { first.have["a"] = "third" },
			err: "value\n      planned  old -> new\n      now      third -> new"},
		{name: "a third value, of the last step", since: func(_, second *shelf) { second.have["a"] = "third" },
			err: "nothing of step two was changed"},
		{name: "something else that is declared", since: func(_, second *shelf) { second.wish["b"] = "new" },
			err: ": not in the plan\n    value  \"\" -> new"},
		{name: "between the steps", later: func(have map[string]string) { have["a"] = "third" }, did: "one a",
			err: "nothing of step two was changed"},
		{name: "between the steps, as wanted", later: func(have map[string]string) { have["a"] = "new" }, did: "one a"},
	} {
		for _, wide := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, cluster-wide %v", c.name, wide), func(t *testing.T) {
				var did []string
				first := &shelf{name: "one", wish: map[string]string{"a": "new"}, have: map[string]string{"a": "old"}, did: &did}
				second := &shelf{name: "two", wish: map[string]string{"a": "new"}, have: map[string]string{"a": "old"}, did: &did}
				steps := []Step{first, second}
				if wide {
					steps = []Step{wideShelf{first}, wideShelf{second}}
				}
				r := &Run{op: Operation{Steps: steps}, observed: time.Now().Add(time.Hour), Cluster: &Cluster{forks: 1, emit: func(Event) {}, Playbook: &playbook.Playbook{},
					Nodes: []*Node{{Node: inventory.Node{Name: "n1"}, Facts: &facts.Facts{}, Conn: silent{}}}}}
				p, err := r.Plan(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if c.since != nil {
					c.since(first, second)
				}
				if c.later != nil {
					r.emit = func(e Event) {
						if d, ok := e.(StepDone); ok && d.Step == "one" {
							c.later(second.have)
						}
					}
				}
				sum, err := r.Apply(t.Context(), p)
				if got := strings.Join(did, ", "); got != c.did {
					t.Errorf("did %q, want %q", got, c.did)
				}
				var done []string
				for _, d := range sum.Done {
					done = append(done, d.Step+" "+d.ID)
				}
				if got := strings.Join(done, ", "); got != c.done {
					t.Errorf("done already: %q, want %q", got, c.done)
				}
				var moved *MovedOnError
				switch {
				case c.err == "" && err != nil:
					t.Errorf("got %v", err)
				case c.err != "" && (!errors.As(err, &moved) || !strings.Contains(err.Error(), c.err)):
					t.Errorf("got %v, want %q", err, c.err)
				case c.err != "" && sum.Stopped == "":
					t.Error("the summary does not say that it stopped")
				}
			})
		}
	}
}

// TestOwnTracesNeedNoPlan: what hadeploy itself has put into the CIB for a while
// is taken away without being planned; anything like it is not.
func TestOwnTracesNeedNoPlan(t *testing.T) {
	gone := func(kind, id string) plan.Change {
		return plan.Change{Step: "cib", Action: plan.Delete, Kind: kind, ID: id, Diffs: []plan.Diff{plan.Was("x", "y")}}
	}
	r := &Run{Cluster: &Cluster{approved: &plan.Plan{}}}
	for _, c := range []struct {
		found plan.Change
		due   bool
	}{
		{gone("property", cib.SeedID), true},
		{gone("property set", "hadeploy-rename"), true},
		{gone("property", "stonith-enabled"), false},
		{gone("primitive", cib.SeedID), false},
		{plan.Change{Step: "cib", Action: plan.Update, Kind: "property", ID: cib.SeedID}, false},
	} {
		got := r.cover(cibConf{}, &Target{Cluster: r.Cluster}, []plan.Change{c.found})
		if due := len(got.Due) == 1 && got.Moved == nil; due != c.due {
			t.Errorf("%v: %+v", c.found, got)
		}
	}
}
