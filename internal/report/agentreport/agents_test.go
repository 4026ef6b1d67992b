package agentreport

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hadeploy/hadeploy/internal/agent"
	"github.com/hadeploy/hadeploy/internal/report/reporttest"
	"github.com/hadeploy/hadeploy/internal/report/term"
	"github.com/hadeploy/hadeploy/steps"
)

// onNode is a node of a real Debian release, less some agents and with others.
func onNode(t *testing.T, name, release string, less func(string) bool, more ...string) agent.OnNode {
	t.Helper()
	b, err := os.ReadFile("../../agent/testdata/list/" + release + ".pacemaker")
	if err != nil {
		t.Fatal(err)
	}
	all := append(strings.Split(strings.TrimSpace(string(b)), "\n"), more...)
	if less != nil {
		all = slices.DeleteFunc(all, less)
	}
	slices.Sort(all)
	return agent.OnNode{Node: name, Pacemaker: map[string]string{"debian11": "2.0.5", "debian12": "2.1.5", "debian13": "3.0.0"}[release], Agents: all}
}

func agentList(filter string, nodes ...agent.OnNode) List {
	f := agent.NewFilter(filter)
	return List{Filter: filter, Nodes: nodes,
		Agents: slices.DeleteFunc(agent.All(nodes), func(a string) bool { return !f.Match(a) })}
}

func agentSamples(t *testing.T) map[string]List {
	prefix := func(p string) func(string) bool { return func(a string) bool { return strings.HasPrefix(a, p) } }
	n1, n2 := onNode(t, "n1", "debian12", nil), onNode(t, "n2", "debian12", nil)
	n3 := onNode(t, "n3", "debian12", func(a string) bool { return a == "ocf:heartbeat:nginx" }, "systemd:nginx", "service:nginx")
	gone := agent.OnNode{Node: "n4", Err: errors.New("n4: cannot reach 192.0.2.4:22: no answer in time (15s); is the node switched on, and is the address right")}
	odd := agent.OnNode{Node: "n5", Err: errors.New("list agents: the answer ends early (12 bytes)")}
	bare := onNode(t, "bare", "debian12", func(a string) bool { return !strings.HasPrefix(a, "systemd:") && !strings.HasPrefix(a, "ocf:") })
	bare.Pacemaker = ""
	var many []agent.OnNode
	for i := range 12 {
		n := onNode(t, fmt.Sprintf("database-%d", i+1), "debian12", nil)
		if i == 7 {
			n.Agents = slices.DeleteFunc(n.Agents, prefix("ocf:heartbeat:IPaddr2"))
		}
		if i != 3 {
			n.Agents = slices.DeleteFunc(n.Agents, prefix("ocf:heartbeat:nginx"))
		}
		many = append(many, n)
	}
	const evil = "e\x1b[2J\r\n::error::v\u202eil\x00"
	hostile := agent.OnNode{Node: "n\x1b", Pacemaker: evil, Agents: []string{"ocf:" + evil + ":" + evil, "stonith:" + evil, "zz:" + strings.Repeat("x", 600)}}
	return map[string]List{
		"same":              agentList("", n1, n2),
		"one-node":          agentList("", n1),
		"differ":            agentList("", n1, n2, n3, gone, odd),
		"releases":          agentList("", onNode(t, "d11", "debian11", nil), onNode(t, "d12", "debian12", nil), onNode(t, "d13", "debian13", nil)),
		"no-pacemaker":      agentList("", n1, bare),
		"filter":            agentList("nginx", n1, n2, n3),
		"filter-same":       agentList("ip*", n1, n2, n3),
		"filter-many":       agentList("systemd:", n1, n2, n3),
		"filter-unreached":  agentList("IPaddr2", n1, gone),
		"filter-of-service": agentList("service:s*", n1, n3),
		"many-nodes":        agentList("", many...),
		"hostile":           agentList("", hostile, agent.OnNode{Node: "n2", Agents: []string{"ocf:a:b\x1b"}}, agent.OnNode{Node: "n3\x1b", Err: errors.New(evil)}),
	}
}

func TestAgentsGolden(t *testing.T) {
	for name, l := range agentSamples(t) {
		reporttest.Golden(t, name+".txt", func(w io.Writer) error {
			for _, width := range []int{80, 120} {
				if width > 80 && len(l.Agents) > 200 && name != "differ" {
					break // the same once more
				}
				fmt.Fprintf(w, "-- %d columns --\n", width)
				if err := ListText(w, term.Style{Width: width}, l); err != nil {
					return err
				}
			}
			return nil
		})
	}
	reporttest.Golden(t, "color.txt", func(w io.Writer) error {
		return ListText(w, term.Style{Width: 80, Color: true}, agentSamples(t)["filter"])
	})
	reporttest.Golden(t, "filter.json", func(w io.Writer) error { return ListJSON(w, term.Style{}, agentSamples(t)["filter"]) })
	reporttest.Golden(t, "unreached.json", func(w io.Writer) error { return ListJSON(w, term.Style{}, agentSamples(t)["filter-unreached"]) })
}

// described is a description of a captured agent.
func described(t *testing.T, release, name string) Description {
	t.Helper()
	b, err := os.ReadFile("../../agent/testdata/captured/" + release + "/" + strings.ReplaceAll(name, ":", "_") + ".xml")
	if err != nil {
		t.Fatal(err)
	}
	a, err := agent.Parse(name, b)
	if err != nil {
		t.Fatal(err)
	}
	return Description{Agent: a, Nodes: []string{"n1", "n2"}}
}

func descriptions(t *testing.T) map[string]Description {
	const evil = "e\x1b[2J\r\n::error::v\u202eil\x00"
	all := map[string]Description{
		"ipaddr2":  described(t, "debian12", "ocf:heartbeat:IPaddr2"),
		"ipmilan":  described(t, "debian13", "stonith:fence_ipmilan"),
		"stateful": described(t, "debian13", "ocf:pacemaker:Stateful"),
		"ping":     described(t, "debian11", "ocf:pacemaker:ping"),
		"unit":     described(t, "debian12", "systemd:cron"),
		"marks": {Nodes: []string{"n1"}, Agent: &agent.Agent{Name: "ocf:acme:marks", OCF: "1.1", ShortDesc: "every mark", LongDesc: "Text.\n\n  - kept as it is\n  - this too\n\nA list:\n* one\n* two\n", Parameters: []agent.Parameter{
			{Name: "plain"}, {Name: "new", Type: "string", Required: true, Unique: true, ShortDesc: "The one."},
			{Name: "old", Type: "string", Required: true, Deprecated: true, DeprecatedBy: []string{"new"}}, {Name: "older", Deprecated: true},
			{Name: "expert", Type: "boolean", Default: "no", Advanced: true, Reloadable: true, LongDesc: "Only a long one."},
			{Name: "a_name_that_is_longer_than_any_column_is", Type: "select_one_of_many", Enum: []string{"one", "two"}, Default: "one", ShortDesc: "Which?", LongDesc: "First line.\n\n\tindented"}}}},
		"hostile": {Nodes: []string{evil}, Lacking: []string{evil}, Others: []Version{{Nodes: []string{evil}, Differences: []string{evil}}},
			Unread: []steps.NodeError{{Node: evil, Err: errors.New(evil)}}, Agent: &agent.Agent{Name: "ocf:" + evil + ":" + evil, OCF: evil, ShortDesc: evil, LongDesc: evil + "\n  " + evil, Warnings: []string{evil},
				Parameters: []agent.Parameter{{Name: evil, Type: evil, Default: evil, Required: true, Enum: []string{evil}, DeprecatedBy: []string{evil}, ShortDesc: evil, LongDesc: evil}},
				Actions:    []agent.Action{{Name: evil, Timeout: evil, Interval: evil, Role: evil, StartDelay: evil, Depth: evil}}}},
		"huge": {Nodes: []string{"n1"}, Agent: &agent.Agent{Name: "ocf:acme:huge", LongDesc: strings.Repeat("word ", 50000), Parameters: []agent.Parameter{
			{Name: strings.Repeat("n", 1000), Default: strings.Repeat("d", 5000), ShortDesc: strings.Repeat("word ", 5000)}}}},
	}
	versions := described(t, "debian11", "ocf:heartbeat:IPaddr2")
	for _, release := range []string{"debian12", "debian13"} {
		versions.Others = append(versions.Others, Version{Nodes: []string{release}, Differences: versions.Differences(described(t, release, "ocf:heartbeat:IPaddr2").Agent)})
	}
	versions.Lacking = []string{"n7", "n8"}
	versions.Unread = []steps.NodeError{{Node: "n9", Err: errors.New("n9: cannot reach 192.0.2.9:22: no route to host")}}
	all["versions"] = versions
	return all
}

func TestAgentGolden(t *testing.T) {
	for name, d := range descriptions(t) {
		if name == "huge" {
			continue
		}
		reporttest.Golden(t, "describe-"+name+".txt", func(w io.Writer) error {
			for _, width := range []int{80, 120} {
				fmt.Fprintf(w, "-- %d columns --\n", width)
				if err := DescriptionText(w, term.Style{Width: width}, d); err != nil {
					return err
				}
			}
			fmt.Fprintf(w, "-- full --\n")
			d.Full = true
			return DescriptionText(w, term.Style{Width: 100}, d)
		})
	}
	reporttest.Golden(t, "describe-color.txt", func(w io.Writer) error {
		return DescriptionText(w, term.Style{Width: 80, Color: true}, descriptions(t)["marks"])
	})
	reporttest.Golden(t, "describe-marks.json", func(w io.Writer) error { return DescriptionJSON(w, term.Style{}, descriptions(t)["marks"]) })
	reporttest.Golden(t, "describe-versions.json", func(w io.Writer) error { return DescriptionJSON(w, term.Style{}, descriptions(t)["versions"]) })
}

// Lines keep to the width where words allow it, colour adds nothing but
// colour, and what a node says never reaches the terminal as it is.
func TestAgentsLines(t *testing.T) {
	pages := map[string]func(io.Writer, term.Style) error{}
	for name, l := range agentSamples(t) {
		pages[name] = func(w io.Writer, s term.Style) error { return ListText(w, s, l) }
	}
	for name, d := range descriptions(t) {
		for _, full := range []bool{false, true} {
			d.Full = full
			pages[fmt.Sprintf("describe %s %v", name, full)] = func(w io.Writer, s term.Style) error { return DescriptionText(w, s, d) }
		}
	}
	for name, render := range pages {
		var plain, colour bytes.Buffer
		if err := errors.Join(render(&plain, term.Style{Width: 80}), render(&colour, term.Style{Width: 80, Color: true})); err != nil {
			t.Fatal(err)
		}
		if plain.Len() > 100<<10 {
			t.Errorf("%s: %d bytes", name, plain.Len())
		}
		for line := range strings.Lines(plain.String()) {
			line = strings.TrimSuffix(line, "\n")
			if term.Cells(line) > 80 && len(strings.Fields(line)) > 3 && !strings.Contains(name, "hostile") && !strings.Contains(line, ": CHANGE_ME") {
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
		if d := cmp.Diff(plain.String(), bare); d != "" {
			t.Errorf("%s: colour changes the text:\n%s", name, d)
		}
	}
}

// No list of the JSON is null, and it says the same as the data.
func TestAgentsJSON(t *testing.T) {
	for name, l := range agentSamples(t) {
		var b bytes.Buffer
		if err := ListJSON(&b, term.Style{}, l); err != nil {
			t.Fatal(err)
		}
		var doc struct {
			Nodes  []agentNodeJSON
			Agents []agentJSON
		}
		if err := json.Unmarshal(b.Bytes(), &doc); err != nil {
			t.Fatal(err)
		}
		if len(doc.Agents) != len(l.Agents) || len(doc.Nodes) != len(l.Nodes) || strings.Contains(b.String(), ": null") {
			t.Errorf("%s: %d agents, %d nodes", name, len(doc.Agents), len(doc.Nodes))
		}
		for _, a := range doc.Agents {
			if len(a.Nodes)+len(a.Missing) != len(l.read()) || len(a.Nodes) == 0 {
				t.Errorf("%s: %+v", name, a)
			}
		}
	}
	for name, d := range descriptions(t) {
		var b bytes.Buffer
		if err := DescriptionJSON(&b, term.Style{}, d); err != nil {
			t.Fatal(err)
		}
		var doc agentDocJSON
		if err := json.Unmarshal(b.Bytes(), &doc); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(b.String(), ": null") || len(doc.Options) != len(d.Options()) || doc.Playbook == "" {
			t.Errorf("%s: %s", name, &b)
		}
	}
	var b bytes.Buffer
	if err := ListJSON(&b, term.Style{}, List{}); err != nil || strings.Contains(b.String(), "null") {
		t.Errorf("of nothing: %v: %s", err, &b)
	}
}

func TestProse(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", ""},
		{"one two three four five", "one two three|four five"},
		{"\nline one\nline two\n\n\n\nnext\n\n", "line one line|two||next"},
		{"List:\n  a\n  b c d e f g h", "List:|  a|  b c d e f g|    h"},
		{"    all\n    of it\n      kept", "all of it|  kept"},
		{"First.\n    behind the tag\n    this too", "First. behind|the tag this|too"},
		{"- one\n- two\ttabs", "- one|- two    tabs"},
	} {
		if got := strings.Join(prose(c.text, 13), "|"); got != c.want {
			t.Errorf("%q: %q, want %q", c.text, got, c.want)
		}
	}
}

// What docs/agents.md shows is what the program says, shortened by whole lines;
// and it names every key of the JSON.
func TestAgentsPage(t *testing.T) {
	b, err := os.ReadFile("../../../docs/agents.md")
	if err != nil {
		t.Fatal(err)
	}
	n1, n2 := onNode(t, "n1", "debian12", nil), onNode(t, "n2", "debian12", nil)
	n3 := onNode(t, "n3", "debian12", func(a string) bool { return a == "ocf:heartbeat:nginx" }, "systemd:nginx")
	d := described(t, "debian12", "ocf:heartbeat:IPaddr2")
	d.Others = []Version{{Nodes: []string{"n3"}, Differences: d.Differences(described(t, "debian13", "ocf:heartbeat:IPaddr2").Agent)}}
	seen := 0
	for command, render := range map[string]func(io.Writer) error{
		"hadeploy agents":                  func(w io.Writer) error { return ListText(w, term.Style{Width: 80}, agentList("", n1, n2, n3)) },
		"hadeploy agents nginx":            func(w io.Writer) error { return ListText(w, term.Style{Width: 80}, agentList("nginx", n1, n2, n3)) },
		"hadeploy agents describe IPaddr2": func(w io.Writer) error { return DescriptionText(w, term.Style{Width: 80}, d) },
	} {
		var out bytes.Buffer
		if err := render(&out); err != nil {
			t.Fatal(err)
		}
		said := strings.Split(out.String(), "\n")
		_, shown, ok := strings.Cut(string(b), "$ "+command+"\n")
		if !ok {
			t.Errorf("the page does not show %s", command)
			continue
		}
		shown, _, _ = strings.Cut(shown, "\n```")
		for _, line := range strings.Split(shown, "\n") {
			if seen++; strings.TrimSpace(line) != "..." && !slices.Contains(said, line) {
				t.Errorf("%s: the page shows %q, and the program says\n%s", command, line, &out)
			}
		}
	}
	if seen < 50 {
		t.Errorf("only %d lines are shown", seen)
	}
	for _, typ := range []any{agentJSON{}, agentNodeJSON{}, agentDocJSON{}, nodeErrJSON{}, optionJSON{}, actionJSON{}, Version{}} {
		for f := range reflect.TypeOf(typ).Fields() {
			if key, _, _ := strings.Cut(f.Tag.Get("json"), ","); !strings.Contains(string(b), "`"+key+"`") {
				t.Errorf("the page has nothing about %q of %T", key, typ)
			}
		}
	}
}
