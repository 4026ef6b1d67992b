package report_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/report/progress"
	"github.com/hadeploy/hadeploy/internal/report/recap"
	"github.com/hadeploy/hadeploy/internal/report/reporttest"
	"github.com/hadeploy/hadeploy/internal/report/term"
	"github.com/hadeploy/hadeploy/steps"
)

// mixedRun is an apply whose cluster-wide steps change nodes (auth), nodes and
// the cluster (corosync), and the cluster alone (cib).
func mixedRun() []steps.Event {
	on := func(step string, nodes ...string) (out []plan.Change) {
		for i, n := range nodes {
			out = append(out, plan.Change{Step: step, Node: n, Action: plan.Create, Kind: "key", ID: fmt.Sprint(i)})
		}
		return out
	}
	files := on("files", "n1", "n1")
	auth := on("auth", "n3", "n1", "n2")
	conf := on("corosync", "n1", "n2", "n2", "", "n3")
	cib := on("cib", "", "", "", "")
	wide := func(step string, changes []plan.Change) []steps.Event {
		return []steps.Event{steps.StepStarted{Step: step, Index: 3, Total: 5, Changes: len(changes)},
			steps.NodeChanged{Step: step, Changes: changes, Took: time.Second}, steps.StepDone{Step: step, Changes: len(changes), Took: time.Second}}
	}
	events := []steps.Event{steps.RunStarted{Command: "apply", Cluster: "c", Nodes: reporttest.ThreeNodes},
		steps.StepStarted{Step: "files", Index: 1, Total: 5, Nodes: []string{"n1"}, Changes: 2},
		steps.NodeChanged{Step: "files", Node: "n1", Changes: files, Took: time.Second},
		steps.StepDone{Step: "files", Changes: 2, Took: time.Second}}
	events = append(events, wide("auth", auth)...)
	events = append(events, wide("corosync", conf)...)
	events = append(events, wide("cib", cib)...)
	return append(events, steps.RunDone{Summary: steps.Summary{Command: "apply", Cluster: "c", Changes: 14, Verified: true,
		Nodes: []steps.NodeSummary{{Node: "n1", Changes: 4}, {Node: "n2", Changes: 3}, {Node: "n3", Changes: 2}}}})
}

// TestCountsAddUp: whoever adds up the lines of a run, in any form, comes to
// what the recap says.
func TestCountsAddUp(t *testing.T) {
	events := mixedRun()
	want := events[len(events)-1].(steps.RunDone).Summary
	play := func(mode string) string {
		var out bytes.Buffer
		p, err := progress.New(mode, progress.Options{W: &out, Now: func() time.Time { return testStart }, Tick: make(chan time.Time), Size: func() (int, int) { return 100, 30 }})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			p.Event(e)
		}
		p.Close()
		return out.String()
	}
	sum := func(text string, line *regexp.Regexp) (n int) {
		for _, m := range line.FindAllStringSubmatch(text, -1) {
			i, _ := strconv.Atoi(m[1])
			n += i
		}
		return n
	}

	plain := play("plain")
	if got := sum(plain, regexp.MustCompile(`(\d+) changes? made`)); got != want.Changes {
		t.Errorf("plain adds up to %d, and %d were made:\n%s", got, want.Changes, plain)
	}
	for _, line := range []string{"auth: 3 changes made on n1, n2, n3 in 1.0s", "corosync: 5 changes made on n1, n2, n3, 1 of them in the cluster in 1.0s", "cib: 4 changes made in the cluster in 1.0s"} {
		if !strings.Contains(plain, line) {
			t.Errorf("no line %q in\n%s", line, plain)
		}
	}

	tty := play("tty")
	if got := sum(tty, regexp.MustCompile(`(\d+) changes? +1\.0s\n`)); got != want.Changes {
		t.Errorf("tty adds up to %d, and %d were made:\n%q", got, want.Changes, tty)
	}

	byNode := map[string]int{}
	for l := range strings.Lines(play("json")) {
		var e struct {
			Type, Node string
			Count      *int
			ByNode     map[string]int `json:"by_node"`
		}
		if err := json.Unmarshal([]byte(l), &e); err != nil {
			t.Fatal(err)
		}
		if e.Type != "node_changed" {
			continue
		}
		if e.ByNode == nil {
			e.ByNode = map[string]int{e.Node: *e.Count}
		}
		for node, n := range e.ByNode {
			byNode[node] += n
		}
	}
	inCluster := want.Changes
	for _, n := range want.Nodes {
		if byNode[n.Node] != n.Changes {
			t.Errorf("json has %d changes on %s, and the recap %d", byNode[n.Node], n.Node, n.Changes)
		}
		inCluster -= n.Changes
	}
	if byNode[""] != inCluster {
		t.Errorf("json has %d changes in the cluster, and the recap %d", byNode[""], inCluster)
	}
	var end strings.Builder
	if err := recap.Text(&end, term.Style{Width: 80}, want); err != nil || !strings.Contains(end.String(), "9 changes on 3 nodes and 5 in the cluster") {
		t.Errorf("%v:\n%s", err, end.String())
	}
}
