package verify

import (
	"fmt"
	"reflect"
	"runtime"
	"testing"

	"github.com/hadeploy/hadeploy/internal/pcs"
)

// TestIndex: an index gives what a look at all resources gives.
func TestIndex(t *testing.T) {
	st := &pcs.Status{Resources: []pcs.Resource{
		{ID: "vip", Role: pcs.Started, Nodes: []string{"n1"}},
		{ID: "web", Group: "g"},
		{ID: "db", Group: "dbs:0", Clone: "dbs-clone", Role: pcs.Promoted, Nodes: []string{"n1"}},
		{ID: "db", Group: "dbs:1", Clone: "dbs-clone"},
		{ID: "dbs", Clone: "dbs-clone", Members: []pcs.GroupMember{{ID: "db"}, {ID: "log"}}},
		{ID: "box-0", Bundle: "box", Replica: &pcs.Replica{Primitive: "app", Container: "box-podman-0", Remote: "box-0"}},
		{ID: "vip", Group: "g"},
	}}
	j := Saved(st)
	for _, id := range []string{"vip", "web", "g", "db", "dbs", "dbs:0", "dbs-clone", "log", "box", "box-0", "app", "box-podman-0", "none", ""} {
		if got, want := j.find(id), st.Find(id); !reflect.DeepEqual(got, want) {
			t.Errorf("find %q: got %+v, want %+v", id, got, want)
		}
		var want []pcs.Resource
		for _, r := range st.Resources {
			if r.ID == id {
				want = append(want, r)
			}
		}
		if got := j.entries(id); !reflect.DeepEqual(got, want) {
			t.Errorf("entries %q: got %+v, want %+v", id, got, want)
		}
	}
	for id, want := range map[string]string{"vip": "[vip g]", "db": "[db dbs dbs-clone]", "box-0": "[box-0 box]", "none": "[none]"} {
		_ = append(j.chain(id), "another") // which is nobody else's matter
		if got := fmt.Sprint(j.chain(id)); got != want {
			t.Errorf("chain %q: got %s, want %s", id, got, want)
		}
	}
}

// many is a status of n stopped resources, half of them in one group.
func many(n int) *pcs.Status {
	st := &pcs.Status{Nodes: []pcs.Node{{Name: "n1", Kind: pcs.Member, Online: true}}}
	for i := range n {
		r := pcs.Resource{ID: fmt.Sprintf("r%d", i), Role: pcs.Stopped, Managed: true}
		if i%2 == 1 {
			r.Group = "g"
		}
		st.Resources = append(st.Resources, r)
	}
	return st
}

// TestManyStopped: what the reasons cost grows with the number of resources, not
// with its square. Memory is measured, since time is not the program's alone.
func TestManyStopped(t *testing.T) {
	cost := func(n int) float64 {
		st := many(n)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		missed := 0
		for _, r := range Saved(st).Resources() {
			if r.Missed {
				missed++
			}
		}
		runtime.ReadMemStats(&after)
		if want := n/2 + 1; missed != want { // in the group the first only: the others wait for it
			t.Fatalf("of %d stopped resources %d are missed, not %d", n, missed, want)
		}
		return float64(after.TotalAlloc - before.TotalAlloc)
	}
	if few, more := cost(2_000), cost(20_000); more > 20*few {
		t.Errorf("ten times as many resources cost %.0f times as much", more/few)
	}
}

func BenchmarkResources(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			st := many(n)
			for b.Loop() {
				Saved(st).Resources()
			}
		})
	}
}
