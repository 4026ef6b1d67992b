package cib

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hadeploy/hadeploy/internal/agent"
	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/internal/pcs"
)

// TestCommands: what is shown beside a change is what the pcs of that dialect
// takes, and nothing where it takes none. (Each found by TestOracle.)
func TestCommands(t *testing.T) {
	agents := agentsFrom(t, "debian12")
	every := []pcs.Dialect{pcs.Pcs010, pcs.Pcs011, pcs.Pcs012}
	const dummies = "resources: [{id: a, agent: \"ocf:pacemaker:Dummy\"}, {id: b, agent: \"ocf:pacemaker:Dummy\"}]\n"
	for _, c := range []struct {
		name, was, is string
		in            []pcs.Dialect
		want          string // one a line
	}{
		{"a property that pcs does not know", "", "own_names: [hook]\nproperties: {hook: a, batch-limit: 3}", every,
			"pcs property set --force hook=a\npcs property set batch-limit=3"},
		{"a time that pcs does not know", "", "properties: {transition-delay: 2000ms}", every, "pcs property set --force transition-delay=2000ms"},
		{"an operation with the default interval only", "", `resources: [{id: a, agent: "ocf:pacemaker:Dummy", op: {monitor: [{interval: 10s}, {interval: 60s}]}}]`, every,
			"pcs resource create a ocf:pacemaker:Dummy op monitor interval=10s monitor interval=60s"},
		{"an interval in milliseconds", "", `resources: [{id: a, agent: "ocf:pacemaker:Dummy", op: {monitor: {interval: 1500ms}}}]`, every[:2],
			"pcs resource create a ocf:pacemaker:Dummy op monitor interval=1500ms"},
		{"an interval in milliseconds, 0.12", "", `resources: [{id: a, agent: "ocf:pacemaker:Dummy", op: {monitor: {interval: 1500ms}}}]`, every[2:], ""},
		{"an interval becomes one in milliseconds, 0.12", dummies, `resources: [{id: a, agent: "ocf:pacemaker:Dummy", op: {monitor: {interval: 1500ms}}}, {id: b, agent: "ocf:pacemaker:Dummy"}]`, every[2:], ""},
		{"an id and no score", dummies, dummies + "constraints: {location: [{id: mine, resource: a, node: n1}]}", every[:2], "pcs constraint location add mine a n1 INFINITY"},
		{"an id and no score, 0.12", dummies, dummies + "constraints: {location: [{id: mine, resource: a, node: n1}]}", every[2:], "pcs constraint location add mine a n1 score=INFINITY"},
		{"a range of dates without a start", dummies, dummies + `constraints: {location: [{resource: a, rule: "date in_range to 2027-02-01"}]}`, every[:2], ""},
		{"a range of dates without a start, 0.12", dummies, dummies + `constraints: {location: [{resource: a, rule: "date in_range to 2027-02-01"}]}`, every[2:],
			"pcs constraint location a rule 'date in_range to 2027-02-01'"},
		{"weekyears", dummies, dummies + `constraints: {location: [{resource: a, rule: "defined x and date-spec weekyears=2027"}]}`, every[:2], ""},
		{"the moon, 0.12", dummies, dummies + `constraints: {location: [{resource: a, rule: "date-spec moon=4"}]}`, every[2:], ""},
		{"a rule with a value with blanks", dummies, dummies + `constraints: {location: [{resource: a, rule: "site eq 'x y'"}]}`, every[:2], "pcs constraint location a rule site eq 'x y'"},
		{"a rule with a value with blanks, 0.12", dummies, dummies + `constraints: {location: [{resource: a, rule: "site eq 'x y'"}]}`, every[2:], ""},
		{"influence", dummies, dummies + "constraints: {colocation: [{resource: a, with: b, options: {influence: false}}]}", every[1:2], "pcs constraint colocation add a with b influence=false"},
		{"influence, 0.12", dummies, dummies + "constraints: {colocation: [{resource: a, with: b, options: {influence: false}}]}", every[2:], ""},
		{"a ticket that is none of booth's", dummies, dummies + "constraints: {ticket: [{ticket: site_1, resource: a}]}", every[:1], "pcs constraint ticket add site_1 a"},
		{"a ticket that is none of booth's, since 0.11", dummies, dummies + "constraints: {ticket: [{ticket: site_1, resource: a}]}", every[1:], ""},
		{"a guest node without an address", dummies, `resources: [{id: a, agent: "ocf:pacemaker:Dummy", meta: {remote-node: g, remote-port: 3122}}]`, every, "pcs --force resource meta a remote-node=g remote-port=3122"},
		{"a guest node with an address", dummies, `resources: [{id: a, agent: "ocf:pacemaker:Dummy", meta: {remote-node: g, remote-addr: 10.0.0.1}}]`, every, "pcs cluster node add-guest g a remote-addr=10.0.0.1"},
		{"a level that goes", "stonith: {devices: [{id: f, agent: fence_x}, {id: g, agent: fence_x}], levels: [{level: 1, target: n1, devices: [f, g]}]}",
			"stonith: {devices: [{id: f, agent: fence_x}, {id: g, agent: fence_x}]}\nprune: [fencing level]", every[:1], "pcs stonith level remove 1 n1 f g"},
		{"a level that goes, since 0.11", "stonith: {devices: [{id: f, agent: fence_x}, {id: g, agent: fence_x}], levels: [{level: 1, target: n1, devices: [f, g]}]}",
			"stonith: {devices: [{id: f, agent: fence_x}, {id: g, agent: fence_x}]}\nprune: [fencing level]", every[1:], "pcs stonith level remove 1 target n1 stonith f g"},
	} {
		for _, d := range c.in {
			changes := changesTo(t, agents, c.was, c.is, d, emptyCIB)
			var got []string
			for _, change := range changes {
				if change != "" {
					got = append(got, change)
				}
			}
			if diff := cmp.Diff(c.want, strings.Join(got, "\n")); diff != "" {
				t.Errorf("%s, pcs %s: want (-), got (+):\n%s", c.name, d, diff)
			}
			if len(changes) == 0 {
				t.Errorf("%s, pcs %s: there is no change", c.name, d)
			}
		}
	}
}

// changesTo are the commands of the changes from one playbook to another.
func changesTo(t *testing.T, agents map[string]*agent.Agent, was, is string, d pcs.Dialect, live string) (commands []string) {
	t.Helper()
	for _, yaml := range []string{was, is} {
		if yaml == "" {
			continue
		}
		if !strings.Contains(yaml, "stonith") && !strings.Contains(yaml, "properties") {
			yaml += "\nproperties: {stonith-enabled: false}\n"
		}
		want, err := Build(load(t, yaml), agents, secretsForTests, Options{Dialect: d, Nodes: []Node{{"n1", "1"}}})
		if err != nil {
			t.Fatal(err)
		}
		c, err := Parse([]byte(live))
		if err != nil {
			t.Fatal(err)
		}
		delta, err := Compare(c, want)
		if err != nil {
			t.Fatal(err)
		}
		result, err := delta.Result()
		if err != nil {
			t.Fatal(err)
		}
		live, commands = result.Reveal(), nil
		for _, change := range delta.Changes {
			if change.Kind != kindProperty || !strings.Contains(change.ID, "stonith-enabled") {
				commands = append(commands, change.Pcs)
			}
		}
	}
	return commands
}

// TestRoleOfTheSchema: a target role is written in the words that the CIB's
// schema knows, and either word is the same.
func TestRoleOfTheSchema(t *testing.T) {
	const yaml = `properties: {stonith-enabled: false}
resources: [{id: c, promotable: {id: s, agent: "ocf:pacemaker:Stateful"}, meta: {target-role: Unpromoted}}]`
	old := strings.Replace(emptyCIB, "pacemaker-3.9", "pacemaker-3.5", 1)
	for live, want := range map[string]string{emptyCIB: "Unpromoted", old: "Slave"} {
		p := load(t, yaml)
		desired, err := Build(p, nil, secretsForTests, Options{})
		if err != nil {
			t.Fatal(err)
		}
		made := settle(t, want, live, desired)
		if !strings.Contains(made, `name="target-role" value="`+want+`"`) {
			t.Errorf("not %s in\n%s", want, made)
		}
		if got := changesTo(t, nil, "", yaml, pcs.Pcs011, live); !slices.ContainsFunc(got, func(c string) bool { return strings.HasSuffix(c, "target-role="+want) }) {
			t.Errorf("%s is in no command: %q", want, got)
		}
		for _, other := range []string{"Slave", "Unpromoted"} {
			c, err := Parse([]byte(strings.ReplaceAll(made, `value="`+want+`"`, `value="`+other+`"`)))
			if err != nil {
				t.Fatal(err)
			}
			if d, err := Compare(c, desired); err != nil || len(d.Changes) > 0 {
				t.Errorf("%s there, %s wanted: %v %s", other, want, err, changesText(d.Changes))
			}
		}
	}
}

// TestConstraintReleases: what only some releases can have in a constraint.
func TestConstraintReleases(t *testing.T) {
	const dummies = "properties: {stonith-enabled: false}\nresources: [{id: a, agent: \"ocf:pacemaker:Dummy\"}, {id: b, agent: \"ocf:pacemaker:Dummy\"}]\n"
	for _, c := range []struct {
		yaml    string
		release pacemaker.Release
		want    string // empty: it can
	}{
		{"colocation: [{resource: a, with: b, options: {influence: false}}]", pacemaker.Release{2, 0, 5}, "influence of a colocation came with Pacemaker 2.1.0"},
		{"colocation: [{resource: a, with: b, options: {influence: false}}]", pacemaker.Release{2, 1, 0}, ""},
		{`location: [{resource: a, rule: "date-spec yeardays=1-100"}]`, pacemaker.Release{2, 0, 5}, "yeardays in a date-spec came with Pacemaker 2.1.5"},
		{`location: [{resource: a, rule: "defined x and date-spec yeardays=1-100"}]`, pacemaker.Release{2, 1, 2}, "yeardays in a date-spec came with Pacemaker 2.1.5"},
		{`location: [{resource: a, rule: "date-spec yeardays=1-100"}]`, pacemaker.Release{3, 0, 0}, ""},
		{`location: [{resource: a, rule: "date-spec moon=4"}]`, pacemaker.Release{3, 0, 0}, "moon in a date-spec went with Pacemaker 3.0.0"},
		{`location: [{resource: a, rule: "date-spec moon=4"}]`, pacemaker.Release{2, 1, 9}, ""},
	} {
		got := CheckRelease(load(t, dummies+"constraints: {"+c.yaml+"}"), c.release)
		if (len(got) > 0) != (c.want != "") || len(got) > 0 && !strings.Contains(got[0].Message, c.want) {
			t.Errorf("%s with %s: got %v, want %q", c.yaml, c.release, got, c.want)
		}
		if len(got) > 0 && got[0].Line != 3 {
			t.Errorf("%s with %s: in line %d, want 3", c.yaml, c.release, got[0].Line)
		}
	}
}
