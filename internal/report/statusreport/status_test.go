package statusreport

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/report/reporttest"
	"github.com/hadeploy/hadeploy/internal/report/term"
	"github.com/hadeploy/hadeploy/internal/verify"
)

// fixture reads a part of what a real node printed, from the fixtures of the
// readers. "text/seed" and "states/debian12/fresh:pcs status xml" name one.
func fixture(t *testing.T, name string) *pcs.Status {
	t.Helper()
	file, part, _ := strings.Cut(name, ":")
	ar, err := txtar.ParseFile("../../pcs/testdata/" + file + ".txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range ar.Files {
		if part != "" && f.Name != part {
			continue
		}
		parse := pcs.ParseStatus
		if strings.HasSuffix(f.Name, "xml") {
			parse = pcs.ParseStatusXML
		}
		st, err := parse(f.Data)
		if err != nil {
			t.Fatal(err)
		}
		return st
	}
	t.Fatalf("%s has no part %q", file, part)
	return nil
}

func saved(t *testing.T, name string) Report {
	return judged(Report{Saved: "saved.txt", Views: []View{{Status: fixture(t, name)}}})
}

// statusSamples are reports by name.
func statusSamples(t *testing.T) map[string]Report {
	all := map[string]Report{}
	for _, state := range []string{"banned", "blocked", "clone-failed", "description", "disabled", "fencing-failed", "fresh", "health", "maintenance",
		"no-quorum", "node-maintenance", "one-lost", "one-stopped", "orphaned", "running", "standby-onfail", "start-failed",
		"stop-all", "ticket-revoked", "unmanaged"} {
		all[state] = saved(t, "states/debian12/"+state+":pcs status")
	}
	for _, state := range []string{"banned", "blocked", "standby", "fencing-failed", "fencing-confirmed", "ticket-granted"} {
		all[state+"-full"] = saved(t, "states/debian12/"+state+":pcs status --full")
		all[state+"-xml"] = saved(t, "states/debian12/"+state+":pcs status xml")
	}
	for _, state := range []string{"pending-start", "pending-stop"} {
		all[state] = saved(t, "states/debian12/"+state+":crm_mon -1 -r")
	}
	for _, text := range []string{"seed", "active-only", "nodes", "cut-daemons", "pacemaker-3.0", "pacemaker-2.1.5-full", "pacemaker-1.1.10", "pacemaker-1.1.23-full",
		"no-resources-1.1", "cluster-status-0.9", "xml-result", "xml-legacy"} {
		all[text] = saved(t, "text/"+text)
	}
	all["live"] = liveStatus(t)
	all["link-down"] = linkDown(t)
	all["partitioned"] = partitioned(t)
	all["silent"] = Report{Views: []View{
		{Node: "n1", Err: &pcs.NotRunningError{Line: 1, Text: "error: Could not connect to the CIB"}},
		{Node: "n2", Err: errors.New("n2: cannot reach 10.0.0.2:22: connect: connection refused")}}}
	all["hostile"] = Report{Views: []View{{Node: "n1\x1b[2J", Status: hostileStatus(), Links: []facts.Link{{Address: "\x1b", Fault: "\x1b"}, {Peers: []facts.LinkPeer{{NodeID: "\x1b", State: "\x1b"}}}}, Note: "a\nb\x07"},
		{Node: "n2", Err: errors.New("cannot reach \x1b]0;owned\x07n2\n::set-output name=x::y")}}, File: "c\x1b.yaml",
		Findings: []plan.Finding{{Code: "X", Severity: plan.Error, Message: "bad \x1b[31m"}}}
	for name := range all {
		all[name] = judged(all[name])
	}
	return all
}

// liveStatus is three nodes of one mind, and what differs from the file.
func liveStatus(t *testing.T) Report {
	st := fixture(t, "states/debian12/failed-recovered:pcs status")
	r := Report{File: "cluster.yaml", Findings: []plan.Finding{
		{Code: "RESOURCE_MISSING", Severity: plan.Error, Object: "web3", Expected: "Started", Seen: "absent", Message: "the resource is not in the cluster", Fix: "hadeploy apply"}}}
	for _, n := range []string{"n1", "n2", "n3"} {
		r.Views = append(r.Views, View{Node: n, Status: st, Links: []facts.Link{link(0, "2", true), link(1, "2", true)}, Now: time.Date(2026, 11, 23, 6, 0, 0, 0, time.UTC)})
	}
	return r
}

// linkDown is a cluster that is as declared, and where one of two links is cut.
func linkDown(t *testing.T) Report {
	r := liveStatus(t)
	r.Findings = nil
	st := *r.Views[0].Status
	st.Nodes = fixture(t, "states/debian12/running:pcs status xml").Nodes // with ids
	r.Views[0].Status = &st
	r.Views[0].Links = []facts.Link{link(0, "2", true), link(1, "2", false)}
	r.Views[1].Links = []facts.Link{{ID: 0, Address: "10.0.0.2", Fault: "FAULTY"}}
	return r
}

func link(id int, peer string, up bool) facts.Link {
	return facts.Link{ID: id, Address: "10.0.0.1", Peers: []facts.LinkPeer{{NodeID: peer, Node: "n" + peer, Connected: up, State: map[bool]string{true: "connected", false: "disconnected"}[up]}}}
}

// partitioned is a cluster whose nodes see two, one that does not answer, and
// daemons that differ.
func partitioned(t *testing.T) Report {
	most, one := fixture(t, "states/debian12/one-lost:pcs status"), fixture(t, "states/debian12/no-quorum:pcs status")
	one.Daemons["pcsd"] = "inactive/enabled"
	return Report{Views: []View{
		{Node: "n3", Status: one}, {Node: "n1", Status: most, Links: []facts.Link{link(0, "3", false), link(1, "3", false)}}, {Node: "n2", Status: most},
		{Node: "n4", Err: errors.New("n4: cannot reach 10.0.0.4:22: i/o timeout")}}}
}

// hostileStatus has a terminal's commands in every text that a node can set.
func hostileStatus() *pcs.Status {
	const evil = "e\x1b[2J\r\n::error::v\u202eil\x00"
	s := &pcs.Status{Cluster: evil, Stack: evil, DC: evil, DCVersion: evil, Quorum: true, LastUpdated: evil, LastChange: evil, Pacemakerd: evil,
		Nodes: []pcs.Node{{Name: evil, Online: true, Health: evil, Kind: pcs.Guest, Host: evil, Container: evil}},
		Resources: []pcs.Resource{
			{ID: evil, Agent: evil, Role: evil, Nodes: []string{evil}, Description: evil, Pending: evil, LockedTo: evil, Probe: evil, TargetRole: evil, Address: evil},
			{ID: evil, Clone: evil + "c", Role: evil, Nodes: []string{evil}, Instances: []string{evil}},
			{ID: evil, Clone: evil + "c", Role: pcs.Stopped, StoppedOn: []string{evil}},
			{ID: evil, Bundle: evil + "b", Role: pcs.Started, Nodes: []string{evil}}},
		Sets: []pcs.Set{{Kind: "bundle", ID: evil + "b", Image: evil, Description: evil}, {Kind: "clone", ID: evil + "c", Unique: true},
			{Kind: "group", ID: evil + "g", Clone: evil + "c"}, {Kind: "group", ID: evil + "h"}},
		FailedActions: []pcs.FailedAction{{Resource: evil, Operation: evil, Node: evil, RCText: evil, Status: evil, ExitReason: evil, LastChange: evil}},
		Fencing:       []pcs.FencingEvent{{Action: evil, Target: evil, Status: evil, Delegate: evil, ExitReason: evil, Completed: evil}},
		Daemons:       map[string]string{evil: evil}, PCSD: map[string]string{evil: evil}, Warnings: []string{evil},
		Unparsed: []pcs.Line{{Line: 3, Text: evil}}, Incomplete: []string{evil},
		Tickets: []pcs.Ticket{{ID: evil, LastGranted: evil}}, Bans: []pcs.Ban{{ID: "cli-" + evil, Resource: evil, Node: evil}},
		FailCounts: []pcs.Failures{{Resource: evil, Node: evil, Count: evil, Threshold: evil, LastFailure: evil}}}
	return s
}

// Each sample at two widths; golden files are in testdata.
func TestStatusGolden(t *testing.T) {
	for name, r := range statusSamples(t) {
		reporttest.Golden(t, name+".txt", func(w io.Writer) error {
			for _, width := range []int{80, 120} {
				fmt.Fprintf(w, "-- %d columns --\n", width)
				if err := Text(w, term.Style{Width: width}, r); err != nil {
					return err
				}
			}
			return nil
		})
	}
	reporttest.Golden(t, "color.txt", func(w io.Writer) error { return Text(w, term.Style{Width: 80, Color: true}, judged(partitioned(t))) })
	reporttest.Golden(t, "partitioned.json", func(w io.Writer) error { return JSON(w, term.Style{}, partitioned(t)) })
}

// Lines keep to the width where words allow it, colour adds nothing but
// colour, and what a node says never reaches the terminal as it is.
func TestStatusLines(t *testing.T) {
	for name, r := range statusSamples(t) {
		var plain, colour bytes.Buffer
		if err := errors.Join(Text(&plain, term.Style{Width: 80}, r), Text(&colour, term.Style{Width: 80, Color: true}, r)); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(plain.String()) {
			line = strings.TrimSuffix(line, "\n")
			if term.Cells(line) > 80 && len(strings.Fields(line)) > 3 && name != "hostile" {
				t.Errorf("%s: %d cells: %s", name, term.Cells(line), line)
			}
			if strings.ContainsAny(line, "\x1b\r\x00\a\u202e") || strings.HasPrefix(strings.TrimSpace(line), "::") {
				t.Errorf("%s: not escaped: %q", name, line)
			}
		}
		bare := colour.String()
		for _, sgr := range []string{term.Bold, term.Dim, term.Red, term.Green, term.Yellow, "0"} {
			bare = strings.ReplaceAll(bare, "\x1b["+sgr+"m", "")
		}
		if bare != plain.String() {
			t.Errorf("%s: colour changes the text:\n%s", name, bare)
		}
	}
}

// The keys of the JSON, which programs rely on.
func TestStatusJSONKeys(t *testing.T) {
	keys := func(v any) []string {
		var out []string
		for k := range v.(map[string]any) {
			out = append(out, k)
		}
		return out
	}
	decode := func(r Report) map[string]any {
		var b bytes.Buffer
		r.Compact = true
		if err := JSON(&b, term.Style{}, r); err != nil {
			t.Fatal(err)
		}
		if bytes.Count(b.Bytes(), []byte("\n")) != 1 {
			t.Error("compact JSON is not one line")
		}
		if bytes.Contains(b.Bytes(), []byte(":null")) {
			t.Errorf("a list is null: %s", &b)
		}
		var doc map[string]any
		if err := json.Unmarshal(b.Bytes(), &doc); err != nil {
			t.Fatal(err)
		}
		return doc
	}
	has := func(what string, got []string, want ...string) {
		for _, k := range want {
			if !slices.Contains(got, k) {
				t.Errorf("%s lacks %q, it has %v", what, k, got)
			}
		}
	}
	for _, name := range []string{"text/seed", "states/debian12/running:pcs status", "states/debian12/running:pcs status xml"} {
		doc := decode(saved(t, name))
		has(name, keys(doc), "cluster", "stack", "dc", "quorum", "maintenance", "nodes", "resources", "failed_actions", "fencing", "daemons", "pcsd", "warnings", "unparsed")
		has("a node", keys(doc["nodes"].([]any)[0]), "name", "kind", "online", "standby", "standby_onfail", "maintenance", "pending", "unclean")
		has("a resource", keys(doc["resources"].([]any)[0]), "id", "agent", "role", "nodes", "group", "clone", "bundle", "managed", "failed", "blocked", "disabled", "orphaned")
		if doc["views"] != nil || doc["from"] != nil || doc["differs"] != nil {
			t.Errorf("%s: saved text has no views: %v", name, keys(doc))
		}
	}
	live := decode(liveStatus(t))
	if live["views"] != nil || live["from"] != "n1" || len(live["differs"].([]any)) != 1 {
		t.Errorf("nodes of one mind: %v", live)
	}
	parted := decode(partitioned(t))
	if views := parted["views"].([]any); len(views) != 4 || parted["from"] != "n1" {
		t.Errorf("views: %v", views)
	} else {
		has("a view", keys(views[0]), "node", "quorum", "dc", "nodes")
		has("a silent view", keys(views[3]), "node", "error")
	}
	if silent := decode(statusSamples(t)["silent"]); len(silent["views"].([]any)) != 2 || silent["cluster"] != nil {
		t.Errorf("silent nodes: %v", silent)
	}
}

func TestSince(t *testing.T) {
	p := func(updated string, now time.Time) *textPage {
		return &textPage{st: &pcs.Status{LastUpdated: updated}, view: &View{Now: now}}
	}
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		updated string
		now     time.Time
		at      string
		want    string
	}{
		{"Mon Nov 23 06:01:27 2026", time.Time{}, "Mon Nov 23 06:01:17 2026", "10s ago (06:01:17)"},
		{"Mon Nov 23 06:01:27 2026 on alpha", time.Time{}, "Mon Nov 23 06:01:27 2026", "just now"},
		{"Mon Nov 23 06:01:27 2026", time.Time{}, "Fri Nov 20 06:01:27 2026", "3 days ago (2026-11-20 06:01:27)"},
		{"Mon Nov 23 06:01:27 2026", time.Time{}, "Mon Nov  2 06:01:27 2026", "21 days ago (2026-11-02 06:01:27)"},
		{"Mon Nov 23 06:01:27 2026", time.Time{}, "2026-11-23 06:01:17Z", "at 2026-11-23 06:01:17Z"}, // of another zone perhaps
		{"Mon Nov 23 06:01:27 2026", noon, "2026-11-23 11:01:17Z", "58m43s ago (11:01:17Z)"},
		{"2026-11-23 06:01:27Z", time.Time{}, "2026-11-23 07:01:17 +01:00", "10s ago (07:01:17+01:00)"},
		{"Mon Nov 23 06:01:27 2026", time.Time{}, "Mon Nov 23 07:01:17 2026", "at Mon Nov 23 07:01:17 2026"}, // in the future
		{"", time.Time{}, "Mon Nov 23 07:01:17 2026", "at Mon Nov 23 07:01:17 2026"},
		{"Mon Nov 23 06:01:27 2026", time.Time{}, "yesterday", "at yesterday"},
	} {
		if got := p(c.updated, c.now).since(c.at); got != c.want {
			t.Errorf("%s at %s: got %q, want %q", c.at, c.updated, got, c.want)
		}
	}
}

// judged is a report of which nothing but the statuses is known.
func judged(r Report) Report {
	for i := range r.Views {
		if st := r.Views[i].Status; st != nil {
			r.Views[i].Resources = verify.Saved(st).Resources()
		}
	}
	return r
}

// TestMissed: what is stopped is marked where verify misses it, and nowhere else;
// the page has no opinion of its own.
func TestMissed(t *testing.T) {
	stopped := func(id string, set func(*verify.Resource)) verify.Resource {
		r := verify.Resource{Resource: pcs.Resource{ID: id, Agent: "ocf:pacemaker:Dummy", Role: pcs.Stopped, Managed: true}}
		set(&r)
		return r
	}
	runs := stopped("ping", func(r *verify.Resource) { r.Role, r.Nodes, r.Clone = pcs.Started, []string{"n1"}, "ping-clone" })
	for name, all := range map[string][]verify.Resource{
		"alone":       {stopped("web", func(*verify.Resource) {})},
		"in a group":  {stopped("web", func(r *verify.Resource) { r.Group = "g" })},
		"a clone":     {stopped("ping", func(r *verify.Resource) { r.Clone = "ping-clone" })},
		"an instance": {runs, stopped("ping", func(r *verify.Resource) { r.Clone, r.StoppedOn = "ping-clone", []string{"n2"} })},
		"fencing":     {stopped("fence", func(r *verify.Resource) { r.Agent = "stonith:fence_xvm" })},
	} {
		for _, missed := range []bool{false, true} {
			all[len(all)-1].Missed = missed
			st := &pcs.Status{DC: "n1", Quorum: true, Nodes: []pcs.Node{{Name: "n1", Kind: pcs.Member, Online: true}, {Name: "n2", Kind: pcs.Member, Online: true}}}
			for _, r := range all {
				st.Resources = append(st.Resources, r.Resource)
			}
			var b strings.Builder
			if err := Text(&b, term.Style{Width: 80}, Report{Views: []View{{Node: "n1", Status: st, Resources: all}}}); err != nil {
				t.Fatal(err)
			}
			if got := strings.Contains(b.String(), "\n!"); got != missed {
				t.Errorf("%s, missed %v:\n%s", name, missed, b.String())
			}
		}
	}
}
