//go:build linux

package integration

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// byHand is what stands in the cluster and in no playbook: an edit must leave it
// byte for byte as it is.
const byHand = `set -e
pcs resource create hand ocf:pacemaker:Dummy
pcs resource create hand-1 ocf:pacemaker:Dummy --group hand-group
pcs constraint location hand prefers n2=7
pcs constraint order hand then hand-group kind=Optional
pcs tag create hand-tag hand web-ip
pcs alert create id=hand-alert path=/bin/true
pcs node attribute n1 hand=made
crm_resource --wait --timeout=60`

var handIDs = []string{"hand", "hand-group", "location-hand-n2-7", "order-hand-hand-group-Optional", "hand-tag", "hand-alert", "nodes-1-hand"}

// editPrune selects what an edit has taken out of the playbook.
const editPrune = "--prune=all,*e-*"

// editsTime is after how long TestRandomEdits begins no further edit.
const editsTime = 4 * time.Minute

// TestRandomEdits makes seeded random edits of a playbook on a cluster that
// serves requests. Each is valid, is planned, applied and planned again: what
// the simulation foretold is what Pacemaker then did, by its own log; nothing
// is left to do; what nobody declares is as it was; and requests fail only
// where the plan said that the address or the web server stops.
// HADEPLOY_EDITS=SEED[,HOW-MANY] makes others, however long they take.
func TestRandomEdits(t *testing.T) {
	t.Parallel()
	seed, many, limit := uint64(11), 30, editsTime
	if given := os.Getenv("HADEPLOY_EDITS"); given != "" {
		limit = 24 * time.Hour
		if n, _ := fmt.Sscanf(given, "%d,%d", &seed, &many); n == 0 {
			t.Fatalf("HADEPLOY_EDITS is SEED or SEED,HOW-MANY, not %q", given)
		}
	}
	t.Logf("HADEPLOY_EDITS=%d,%d repeats this run", seed, many)
	l := newLab(t, "debian12", "--preinstalled")
	m := newEdits()
	l.write("quickstart.yaml", m.playbook(t), 0o644)
	contains(t, l.must(0, "apply", "--yes"), "verified")
	l.ssh("n1", byHand)
	before := l.elements(handIDs...)
	v := visit(t, l.vip)
	v.answers(t)
	r := rand.New(rand.NewPCG(seed, 1))
	operations, made, began := 0, 0, time.Now()
	for i := range many {
		if time.Since(began) > limit {
			t.Logf("the time is up: %d of %d edits were not tried; HADEPLOY_EDITS=%d,%d tries them all", many-i, many, seed, many)
			break
		}
		var names []string
		for range 1 + r.IntN(4) {
			names = append(names, m.edit(r))
		}
		if !l.part(t, fmt.Sprintf("%d: %s", i+1, strings.Join(names, ", ")), func(t *testing.T) {
			l.write("quickstart.yaml", m.playbook(t), 0o644)
			missed := v.rest(t)
			_, foretold := l.edited(t, editPrune)
			if after := l.elements(handIDs...); after != before {
				t.Errorf("what nobody declares was changed:\n%s", diffLines(before, after))
			}
			if !slices.ContainsFunc(foretold, func(op string) bool { return strings.Contains(op, " web-") }) {
				v.none(t, "nothing was to stop", missed)
			}
			v.answers(t)
			operations += len(foretold)
			made++
		}) {
			t.Fatalf("HADEPLOY_EDITS=%d,%d comes so far; the playbook is\n%s", seed, i+1, m.playbook(t))
		}
	}
	if operations < made/5 {
		t.Errorf("%d edits made Pacemaker do no more than %d operations", made, operations)
	}
	// So many changes go in as whole sections: cibpush.sh.
	few := m.location
	for i := range 220 {
		m.location = append(m.location, object{"id": fmt.Sprintf("e-many-%d", i), "resource": "e-clone", "rule": fmt.Sprintf("defined e-many-%d", i), "score": 1})
	}
	for _, p := range []struct {
		name      string
		locations []object
	}{{"hundreds of constraints at once", m.location}, {"and gone again", few}} {
		l.part(t, p.name, func(t *testing.T) {
			m.location = p.locations
			l.write("quickstart.yaml", m.playbook(t), 0o644)
			missed := v.rest(t)
			if _, did := l.edited(t, editPrune); len(did) > 0 {
				t.Errorf("they stop or start nothing: %q", did)
			}
			if after := l.elements(handIDs...); after != before {
				t.Errorf("what nobody declares was changed:\n%s", diffLines(before, after))
			}
			v.none(t, p.name, missed)
		})
	}
	t.Logf("%d edits, %d operations as foretold", made, operations)
}

// editPlan is what these tests read of a plan.
type editPlan struct {
	Changes []change
	Impact  []struct{ Action, Resource, Detail string }
}

type change struct{ Action, Kind, ID, Pcs string }

// edited plans and applies an edit, holds what was foretold against what was
// done, and returns the plan and what was done.
func (l *lab) edited(t *testing.T, prune ...string) (plan editPlan, did []string) {
	t.Helper()
	r := l.must(0, "plan", slices.Concat(prune, []string{"-o", "json"})...)
	if err := json.Unmarshal([]byte(r.out), &plan); err != nil {
		t.Fatal(err)
	}
	foretold, moved := map[string]bool{}, map[string]bool{}
	for _, i := range plan.Impact {
		if strings.HasSuffix(i.Detail, "(blocked)") {
			continue // wanted, and not done
		}
		resource, _, _ := strings.Cut(i.Resource, ":")
		moved[resource] = true
		for _, op := range foretoldOperations(t, i.Action, resource, i.Detail) {
			foretold[op] = true
		}
	}
	mark := l.logEnds()
	contains(t, l.must(0, "apply", slices.Concat(prune, []string{"--yes", "--allow-disruption=all"})...), "verified")
	l.ssh("n1", "crm_resource --wait --timeout=60")
	initiated := l.initiated(mark)
	for op := range initiated {
		// An instance of a promotable clone gets its promotion score from its agent,
		// as it starts and is promoted: no simulation knows it before.
		if f := strings.Fields(op); (f[0] == "promote" || f[0] == "demote") && moved[f[1]] && !foretold[op] {
			delete(initiated, op)
		}
	}
	want, got := slices.Sorted(maps.Keys(foretold)), slices.Sorted(maps.Keys(initiated))
	if !slices.Equal(want, got) {
		t.Errorf("foretold: %q\ndone:     %q\nthe plan: %+v\nits changes: %s", want, got, plan.Impact, l.run("plan", prune...))
	}
	contains(t, l.must(0, "plan", slices.Concat(prune, []string{"--detailed-exitcode"})...), "No changes.")
	return plan, got
}

// foretoldOperations are the operations of one line of a simulation:
// start, stop, promote, demote or reload, the resource, the node.
func foretoldOperations(t *testing.T, action, resource, detail string) (ops []string) {
	t.Helper()
	type place struct {
		node string
		role string // Promoted, Unpromoted, Stopped; empty: not told
	}
	detail, _, _ = strings.Cut(detail, " due to")
	var sides []place
	for side := range strings.SplitSeq(detail, "->") {
		p := place{}
		for word := range strings.FieldsSeq(side) {
			switch word {
			case "Promoted", "Unpromoted", "Stopped", "Started":
				p.role = word
			default:
				p.node = word
			}
		}
		sides = append(sides, p)
	}
	from, to := sides[0], sides[len(sides)-1]
	if from.node == "" {
		from.node = to.node
	}
	if to.role == "" {
		to.role = from.role
	}
	add := func(node string, names ...string) {
		for _, name := range names {
			ops = append(ops, name+" "+resource+" "+node)
		}
	}
	leave := func() {
		if from.role == "Promoted" {
			add(from.node, "demote")
		}
		add(from.node, "stop")
	}
	enter := func() {
		add(to.node, "start")
		if to.role == "Promoted" {
			add(to.node, "promote")
		}
	}
	switch action {
	case "Start":
		enter()
	case "Stop":
		leave()
	case "Move", "Restart", "Recover":
		leave()
		enter()
	case "Promote":
		if from.role == "Stopped" {
			add(to.node, "start")
		}
		add(to.node, "promote")
	case "Demote":
		add(from.node, "demote")
		if to.role == "Stopped" {
			add(from.node, "stop")
		}
	case "Reload":
		add(to.node, "reload")
	default:
		t.Errorf("the simulation foretells %s %s (%s), which this test does not know", action, resource, detail)
	}
	return ops
}

// logEnds is how long each node's log of Pacemaker is.
func (l *lab) logEnds() map[string]string {
	l.t.Helper()
	return l.everywhere(nodes, "stat -c %s /var/log/pacemaker/pacemaker.log")
}

var initiating = regexp.MustCompile(`Initiating (\S+) operation (\S+?)(?::[0-9]+)?_[a-z-]+_0 (?:locally )?on (\S+)`)

// initiated are the operations that the cluster's DC had the nodes do since, but
// for those that stop and start nothing.
func (l *lab) initiated(since map[string]string) map[string]bool {
	l.t.Helper()
	did := map[string]bool{}
	for _, n := range nodes {
		from, err := strconv.Atoi(strings.TrimSpace(since[n]))
		if err != nil {
			l.t.Fatal(err)
		}
		log := l.ssh(n, fmt.Sprintf("tail -c +%d /var/log/pacemaker/pacemaker.log | grep 'Initiating ' || :", from+1))
		for _, m := range initiating.FindAllStringSubmatch(log, -1) {
			switch m[1] {
			case "monitor", "notify", "delete": // looks, tells, forgets what was
			case "reload-agent":
				did["reload "+m[2]+" "+m[3]] = true
			default:
				did[m[1]+" "+m[2]+" "+m[3]] = true
			}
		}
	}
	return did
}

// elements are elements of the configuration as they stand there, by their ids.
func (l *lab) elements(ids ...string) string {
	l.t.Helper()
	return l.ssh("n1", "set -e; for id in "+strings.Join(ids, " ")+`; do cibadmin -Q --xpath "//configuration//*[@id='$id']"; done`)
}
