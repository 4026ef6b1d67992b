package plan

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func change(action Action, id string, diffs ...Diff) Change {
	return Change{Step: "cib", Action: action, Kind: "primitive", ID: id, Diffs: diffs}
}

func with(c Change, set func(*Change)) Change {
	set(&c)
	return c
}

func secretDiff(before, after string) Diff {
	return Diff{Name: "options.password", HasBefore: true, HasAfter: true, Secret: true}.Sealed([]byte(before), []byte(after))
}

// TestCover says, for what was planned and what is found, what is due, done
// already, and moved.
func TestCover(t *testing.T) {
	nic := Was("options.nic", "eth0")
	interval := Changes("op.monitor.interval", "33s", "10s")
	restart := func(c *Change) { c.Disruption = Restart }
	open := func(names ...string) func(*Change) { return func(c *Change) { c.Open = names } }
	stops := func(what string) func(*Change) {
		return func(c *Change) { c.Interrupts = append(c.Interrupts, Interruption{What: what, Node: "n1", How: Stops}) }
	}
	for _, c := range []struct {
		name           string
		planned, found []Change
		want           string
	}{
		{"nothing at all", nil, nil, ""},
		{"the same", []Change{change(Update, "vip", interval)}, []Change{change(Update, "vip", interval)}, "due vip"},
		{"done by somebody else", []Change{change(Update, "vip", interval)}, nil, "done vip"},
		{"half of it done", []Change{change(Update, "vip", interval, nic)}, []Change{change(Update, "vip", nic)}, "due vip, done vip op.monitor.interval"},
		{"a third value", []Change{change(Update, "vip", interval)}, []Change{change(Update, "vip", Changes("op.monitor.interval", "20s", "10s"))}, "moved vip"},
		{"another goal", []Change{change(Update, "vip", interval)}, []Change{change(Update, "vip", Changes("op.monitor.interval", "33s", "11s"))}, "moved vip"},
		{"another option too", []Change{change(Update, "vip", interval)}, []Change{change(Update, "vip", interval, nic)}, "moved vip"},
		{"another object", []Change{change(Update, "vip", interval)}, []Change{change(Update, "vip", interval), change(Update, "web", nic)}, "due vip, moved web"},
		{"gone: created, not changed", []Change{change(Update, "vip", interval)}, []Change{change(Create, "vip", Becomes("op.monitor.interval", "10s"))}, "moved vip"},
		{"to be deleted", []Change{change(Update, "vip", interval)}, []Change{change(Delete, "vip", interval)}, "moved vip"},
		{"on another node", []Change{with(change(Create, "pcs"), func(c *Change) { c.Node = "n1" })},
			[]Change{with(change(Create, "pcs"), func(c *Change) { c.Node = "n2" })}, "moved pcs, done pcs"},
		{"of another kind", []Change{change(Create, "x")}, []Change{with(change(Create, "x"), func(c *Change) { c.Kind = "group" })}, "moved x, done x"},
		{"costs more", []Change{change(Update, "vip", nic)}, []Change{with(change(Update, "vip", nic), restart)}, "moved vip"},
		{"costs less", []Change{with(change(Update, "vip", nic), restart)}, []Change{change(Update, "vip", nic)}, "due vip"},
		{"stops something", []Change{change(Update, "nginx", nic)}, []Change{with(change(Update, "nginx", nic), stops("nginx.service"))}, "moved nginx"},
		{"stops what was planned", []Change{with(change(Update, "nginx", nic), stops("nginx.service"))}, []Change{with(change(Update, "nginx", nic), stops("nginx.service"))}, "due nginx"},
		{"only a note and a place differ", []Change{change(Update, "vip", nic)}, []Change{with(change(Update, "vip", nic), func(c *Change) { c.Note, c.At, c.Pcs = "x", "y:1", "z" })}, "due vip"},

		{"open: what is there by then", []Change{with(change(Create, "/etc/x", Becomes("content", "a")), open("content", "mode"))},
			[]Change{change(Update, "/etc/x", Changes("content", "b", "a"), Changes("mode", "0600", "0644"))}, "due /etc/x"},
		{"open, and another goal", []Change{with(change(Create, "/etc/x", Becomes("content", "a")), open("content"))},
			[]Change{change(Update, "/etc/x", Changes("content", "b", "c"))}, "moved /etc/x"},
		{"open, and something that is not", []Change{with(change(Create, "/etc/x", Becomes("content", "a")), open("content"))},
			[]Change{change(Update, "/etc/x", Changes("content", "b", "a"), Changes("owner", "a", "b"))}, "moved /etc/x"},
		{"open, and to be deleted", []Change{with(change(Create, "/etc/x", Becomes("content", "a")), open("content"))}, []Change{change(Delete, "/etc/x")}, "moved /etc/x"},
		{"open: default operations turn up", []Change{with(change(Create, "vip", Becomes("options.ip", "a"), Becomes("op.monitor", "interval=10s")), open("op.*"))},
			[]Change{change(Create, "vip", Becomes("options.ip", "a"), Becomes("op.monitor", "interval=10s timeout=20s"), Becomes("op.start", "interval=0s"))}, "due vip"},
		{"open: a declared operation becomes another", []Change{with(change(Create, "vip", Becomes("op.monitor", "interval=10s")), open("op.*"))},
			[]Change{change(Create, "vip", Becomes("op.monitor", "interval=20s"))}, "moved vip"},
		{"open: an option is not an operation", []Change{with(change(Create, "vip", Becomes("options.ip", "a")), open("op.*"))},
			[]Change{change(Create, "vip", Becomes("options.ip", "a"), Becomes("options.nic", "b"))}, "moved vip"},
		{"open, and nothing to be done", []Change{with(change(Delete, "debian", Was("origin", "x")), func(c *Change) { c.Open, c.Unknown = []string{"*"}, "until" })}, nil, "done debian"},

		{"a secret that is still the same", []Change{change(Update, "fence", secretDiff("a", "b"))}, []Change{change(Update, "fence", secretDiff("a", "b"))}, "due fence"},
		{"a secret that somebody has changed", []Change{change(Update, "fence", secretDiff("a", "b"))}, []Change{change(Update, "fence", secretDiff("c", "b"))}, "moved fence"},
		{"a secret of a saved plan", []Change{change(Update, "fence", Diff{Name: "options.password", HasBefore: true, HasAfter: true, Secret: true})},
			[]Change{change(Update, "fence", secretDiff("c", "b"))}, "due fence"},
		{"a secret where there was none", []Change{change(Update, "fence", Changes("options.password", "a", "b"))}, []Change{change(Update, "fence", secretDiff("a", "b"))}, "moved fence"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Cover(c.planned, c.found)
			var words []string
			for _, d := range got.Due {
				words = append(words, "due "+d.ID)
			}
			for _, m := range got.Moved {
				words = append(words, "moved "+m.Now.ID)
			}
			for _, d := range got.Done {
				text := "done " + d.ID
				for _, planned := range c.planned {
					if planned.ID == d.ID && len(planned.Diffs) != len(d.Diffs) {
						text = fmt.Sprintf("done %s %s", d.ID, d.Diffs[0].Name)
					}
				}
				words = append(words, text)
			}
			if text := strings.Join(words, ", "); text != c.want {
				t.Errorf("got %q, want %q", text, c.want)
			}
		})
	}
}

// Whatever is found is due or moved, and never both or neither.
func TestCoverLosesNothing(t *testing.T) {
	diffs := []Diff{Becomes("a", "1"), Changes("a", "0", "1"), Was("a", "1"), Becomes("b", "2")}
	var all []Change
	for _, action := range []Action{Create, Update, Delete} {
		for _, d := range diffs {
			for _, o := range [][]string{nil, {"a"}, {"*"}} {
				all = append(all, with(change(action, "x", d), func(c *Change) { c.Open = o }))
			}
		}
	}
	for _, planned := range all {
		for _, found := range all {
			c := Cover([]Change{planned}, []Change{found})
			if len(c.Due)+len(c.Moved) != 1 {
				t.Errorf("planned %+v, found %+v: %+v", planned, found, c)
			}
			if planned.Open == nil && len(c.Due) == 1 && (planned.Action != found.Action || !slices.Equal(planned.Diffs, found.Diffs)) {
				t.Errorf("planned %+v, and %+v counts as that", planned, found)
			}
		}
	}
}

// TestNewImpact: what may stop, move or restart is what the plan says of it.
func TestNewImpact(t *testing.T) {
	moves := Interruption{What: "web", Node: "n1", How: Moves}
	stops := Interruption{What: "web", Node: "n2", How: Stops}
	for _, c := range []struct {
		name    string
		planned []Interruption
		now     Interruption
		news    bool
	}{
		{"as planned", []Interruption{moves}, moves, false},
		{"planned for any node", []Interruption{{What: "web", How: Stops}}, stops, false},
		{"on another node", []Interruption{{What: "web", Node: "n1", How: Stops}}, stops, true},
		{"another resource", []Interruption{moves}, Interruption{What: "db", Node: "n1", How: Moves}, true},
		{"a move where a restart was planned", []Interruption{{What: "web", Node: "n1", How: Restarts}}, moves, false},
		{"a restart where a move was planned", []Interruption{moves}, Interruption{What: "web", Node: "n1", How: Restarts}, true},
		{"a stop where a move was planned", []Interruption{moves}, Interruption{What: "web", Node: "n1", How: Stops}, true},
		{"a stop before the move to where it was to stop", []Interruption{moves, stops}, Interruption{What: "web", Node: "n1", How: Stops}, false},
		{"a stop where it was never to be", []Interruption{moves, stops}, Interruption{What: "web", Node: "n3", How: Stops}, true},
	} {
		if got := NewImpact(c.planned, []Interruption{c.now}); (len(got) > 0) != c.news {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}
