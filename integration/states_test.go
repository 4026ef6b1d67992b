package integration

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var capture = flag.Bool("capture", false, "write what the nodes print in each state as fixtures of internal/pcs")

// trip leads a running cluster through some states, and back.
type trip struct {
	name   string // of the only state, where it has no other name
	states []state
	back   []act
	// anew: the cluster is not running before the trip.
	anew bool
	// once: one release is led there, in turn, and the others only for their
	// fixtures, which say what differs in their text.
	once bool
}

// state is a state of the cluster: how to get there from the one before, and
// what status and verify say of it.
type state struct {
	name  string
	how   []act
	until cond // in the eyes of node
	node  string
	busy  bool // no DC is at rest: something is under way, or there is no DC
	moves bool // as busy, and captured as one snapshot of the CIB
	// apart: this node sees another cluster. Both are captured.
	apart string
	// verify is what verify finds: "severity CODE object on node". With an
	// error among it verify ends with exit status 5.
	verify []string
	// differs is the same, where a release has another.
	differs map[string][]string
	// status is what `hadeploy status` says when it ends with exit status 1.
	status string
	// wide: status is asked of every node, and not only of n1. What each node
	// prints, as text and as XML, is in any case read by verify.
	wide bool
	// plain: what is printed is not worth a fixture.
	plain bool
	// passes: what pcs says is that of another state; only verify is asked.
	passes bool
}

// walk is a lab on its way through the states.
type walk struct {
	*lab
	release string
	running bool // the playbook was applied
	lost    bool // the cluster could not be led back
}

// turns says which release is led where. The usual release is led everywhere, but
// for what one of the three sees in turn; of the rest, each of the others sees the
// half that the seed gives it, and what the trips after it rest on. What their
// status says of all states stands in the fixtures of internal/pcs.
type turns struct {
	all         bool
	seed        int
	once, other int
}

// statesTurns reads HADEPLOY_STATES: all, or a seed. Without it the day is one.
func statesTurns(t *testing.T) turns {
	t.Helper()
	given := os.Getenv("HADEPLOY_STATES")
	if given == "all" || *capture {
		return turns{all: true}
	}
	seed := time.Now().YearDay()
	if given != "" {
		n, err := strconv.Atoi(given)
		if err != nil {
			t.Fatalf("HADEPLOY_STATES is all or a number, not %q", given)
		}
		seed = n
	}
	return turns{seed: seed % 2}
}

// has reports whether a release sees the next trip.
func (u *turns) has(releases []string, release string, trip trip) bool {
	i := slices.Index(releases, release)
	differs := slices.ContainsFunc(trip.states, func(s state) bool { return s.differs != nil })
	switch {
	case u.all:
		return true
	case trip.once:
		u.once++
		return u.once%len(releases) == i
	case trip.anew || differs || trip.name == "running":
		return true
	}
	u.other++
	return release == "debian12" || (u.other+u.seed)%2 == i/2
}

// TestTurns: the usual release sees all that is not seen by one of them only, and
// what one sees of the rest on one day the other sees on the next.
func TestTurns(t *testing.T) {
	seen := map[string]map[string]int{}
	releases := []string{"debian11", "debian12", "debian13"}
	for _, seed := range []int{0, 1} {
		for _, release := range releases {
			u := turns{seed: seed}
			for _, trip := range trips() {
				if seen[trip.name] == nil {
					seen[trip.name] = map[string]int{}
				}
				if u.has(releases, release, trip) {
					seen[trip.name][release]++
				}
			}
		}
	}
	for _, trip := range trips() {
		n := seen[trip.name]
		if all := n["debian11"] + n["debian12"] + n["debian13"]; trip.once && all != 2 || !trip.once && (n["debian12"] != 2 || n["debian11"] < 1 || n["debian13"] < 1) {
			t.Errorf("%s in two days: %v", trip.name, n)
		}
	}
}

// TestStates leads real clusters through the states that their status can
// show. In each, text and XML of every node must say the same, and verify must
// find exactly what the table says. HADEPLOY_STATES=all leads all releases through
// all states.
func TestStates(t *testing.T) {
	t.Parallel()
	releases, drawn := []string{"debian11", "debian12", "debian13"}, statesTurns(t)
	t.Logf("HADEPLOY_STATES=%d repeats this, HADEPLOY_STATES=all leads each release through all states", drawn.seed)
	for _, release := range releases {
		t.Run(release, func(t *testing.T) {
			t.Parallel()
			w := &walk{lab: newLab(t, release, "--preinstalled"), release: release}
			if err := os.CopyFS(w.work, os.DirFS("testdata/states")); err != nil {
				t.Fatal(err)
			}
			w.derive(t)
			w.do(t, []act{onAll("mkdir -p /run/puppet"), install("fence_lab", "/usr/sbin/fence_lab")}) // in the place of a package
			began, count, turn := time.Now(), 0, drawn
			var others []string
			for _, trip := range trips() {
				if !turn.has(releases, release, trip) {
					others = append(others, trip.name)
					continue
				}
				t.Run(trip.name, func(t *testing.T) { w.walk(t, trip); count += len(trip.states) })
				if w.lost {
					t.Fatal("the cluster does not run as before: no further states")
				}
			}
			t.Logf("%d states in %s; left to other releases: %s", count, time.Since(began).Round(time.Second), strings.Join(others, ", "))
		})
	}
}

// walk takes one trip.
func (w *walk) walk(t *testing.T, trip trip) {
	if !trip.anew && !w.running {
		w.do(t, []act{apply(false)})
		w.home(t)
	}
	defer func() {
		w.do(t, trip.back)
		if w.running {
			w.home(t)
		}
	}()
	for _, s := range trip.states {
		if s.name == "" {
			s.name = trip.name
		}
		began := time.Now()
		if !w.do(t, s.how) {
			return
		}
		if s.node == "" {
			s.node = "n1"
		}
		if !w.await(t, s.name, s.node, s.until, s.busy || s.moves) {
			return
		}
		reached := time.Since(began)
		if *capture && !s.passes && !s.plain {
			w.capture(t, s)
		}
		w.check(t, s)
		t.Logf("%s: reached in %.1fs, looked at in %.1fs", s.name, reached.Seconds(), (time.Since(began) - reached).Seconds())
	}
}

// check asks status and verify at once, as they do not disturb each other.
// Verify reads text and XML of every node; status, which reads them with the
// same readers, is asked on one release only where there is nothing of its own
// to tell.
func (w *walk) check(t *testing.T, s state) {
	t.Helper()
	var status, verify result
	var both sync.WaitGroup
	asked := !s.passes && (w.release == "debian12" || s.wide || s.status != "" || s.apart != "")
	if asked {
		args := w.args("status")
		if !s.wide && s.apart == "" {
			args[1] = "one.yaml"
		}
		both.Go(func() { status = w.exec(t, 2*time.Minute, nil, args...) })
	}
	both.Go(func() { verify = w.exec(t, 2*time.Minute, nil, w.args("verify")...) })
	both.Wait()
	if asked {
		w.checkStatus(t, s, status)
	}
	w.checkVerify(t, s, verify)
}

func (w *walk) checkStatus(t *testing.T, s state, r result) {
	t.Helper()
	code := 0
	if s.status != "" {
		code = 1
	}
	if r.code != code || !strings.Contains(r.err, s.status) {
		t.Errorf("%s: expected exit %d and %q: %s", s.name, code, s.status, r)
		return
	}
	var told struct {
		Unparsed   []any
		Incomplete []string
		Resources  []struct{ ID string }
		Views      []struct{ Node, Error, DC string }
	}
	if err := json.Unmarshal([]byte(r.out), &told); err != nil {
		t.Errorf("%s: status -o json: %v: %s", s.name, err, r)
		return
	}
	if len(told.Unparsed)+len(told.Incomplete) > 0 {
		t.Errorf("%s: not understood: %v %v", s.name, told.Unparsed, told.Incomplete)
	}
	if s.apart != "" {
		dcs := map[string]bool{}
		for _, v := range told.Views {
			dcs[v.DC] = true
		}
		if len(told.Views) != len(nodes) || len(dcs) < 2 {
			t.Errorf("%s: the views of both sides are not shown: %+v", s.name, told.Views)
		}
	}
}

func (w *walk) checkVerify(t *testing.T, s state, r result) {
	t.Helper()
	var told struct {
		OK       bool
		Findings []struct{ Severity, Code, Object, Node, Message string }
	}
	if err := json.Unmarshal([]byte(r.out), &told); err != nil {
		t.Errorf("%s: verify -o json: %v: %s", s.name, err, r)
		return
	}
	found := []string{}
	for _, f := range told.Findings {
		if f.Code == "VERSION_NOT_STORED" {
			t.Logf("%s: %s", s.name, f.Message) // Pacemaker's own mishap, see home
			continue
		}
		line := f.Severity + " " + f.Code
		if f.Object != "" {
			line += " " + f.Object
		}
		if f.Node != "" {
			line += " on " + f.Node
		}
		found = append(found, line)
	}
	want, ok := s.differs[w.release]
	if !ok {
		want = s.verify
	}
	want = append([]string{}, want...)
	slices.Sort(found)
	slices.Sort(want)
	if diff := cmp.Diff(want, found); diff != "" {
		t.Errorf("%s: verify (-want +got):\n%s%s", s.name, diff, told.Findings)
	}
	code := 0
	if slices.ContainsFunc(want, func(line string) bool { return strings.HasPrefix(line, "error ") }) {
		code = 5
	}
	if r.code != code || told.OK != (code == 0) {
		t.Errorf("%s: verify says ok=%v and ends with %d, expected %d", s.name, told.OK, r.code, code)
	}
}

// args are a command of this cluster.
func (w *walk) args(verb string, more ...string) []string {
	return append([]string{verb, "states.yaml", "-i", filepath.Join(w.dir, "inventory.yaml"), "-e", "vip=" + w.vip, "-o", "json", "--progress", "quiet", "--connect-timeout", "5s"}, more...)
}

// derive makes two other playbooks of states.yaml: without resources, and of n1 only.
func (w *walk) derive(t *testing.T) {
	t.Helper()
	b, err := os.ReadFile(w.path("states.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	head, _, found := strings.Cut(string(b), "\nstonith:\n")
	fresh := strings.Replace(head, "stonith-enabled: true", "stonith-enabled: false", 1) + "\n"
	one := strings.Replace(fresh, "inventory: inventory.yaml\n", "inventory: inventory.yaml\nhosts: n1\n", 1)
	if !found || fresh == head+"\n" || one == fresh {
		t.Fatalf("states.yaml is not as expected:\n%s", b)
	}
	w.write("fresh.yaml", fresh, 0o644)
	w.write("one.yaml", one, 0o644)
}
