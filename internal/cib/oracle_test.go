package cib

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hadeploy/hadeploy/internal/agent"
	"github.com/hadeploy/hadeploy/internal/oracle"
	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/playbook"
)

// TestOracle lets the real pcs judge what this package writes. Each
// testdata/oracle/*.txtar holds a playbook and the commands that a person would
// type for it. For every one, on every node:
//
//   - the configuration that is built is the one that those commands make;
//   - against the CIB that pcs made, there is nothing to change;
//   - the commands shown beside the planned changes make the same, too;
//   - crm_verify accepts it;
//   - when the case has a second playbook ("then"), all of this holds for the
//     way from the first to the second.
func TestOracle(t *testing.T) {
	for _, node := range oracle.Nodes(t) {
		j := &judge{Node: node, dialect: pcs.DialectOf(node.Version)}
		t.Run("pcs-"+node.Version, func(t *testing.T) { j.cases(t) })
	}
}

type judge struct {
	*oracle.Node
	dialect pcs.Dialect
	empty   string
	agents  map[string]*agent.Agent
}

// oracleNodes are in every case's CIB, as Pacemaker would have put them there.
const oracleNodes = `<nodes><node id="1" uname="n1"/><node id="2" uname="n2"/></nodes>`

func (o *judge) cases(t *testing.T) {
	o.empty = strings.Replace(o.Run(t, "cibadmin --empty"), "<nodes/>", oracleNodes, 1)
	if !strings.Contains(o.empty, oracleNodes) {
		t.Fatalf("cibadmin --empty has no <nodes/>:\n%s", o.empty)
	}
	o.agents = map[string]*agent.Agent{}
	files, err := filepath.Glob("testdata/oracle/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	for _, f := range files {
		t.Run(strings.TrimSuffix(filepath.Base(f), ".txtar"), func(t *testing.T) {
			part := parts(t, f)
			if only := part["dialects"]; only != "" && !strings.Contains(only, string(o.dialect)) {
				t.Skipf("pcs %s cannot do it; it is for %s", o.dialect, strings.TrimSpace(only))
			}
			live := o.hold(t, o.empty, part["playbook.yaml"], part[o.pick(part, "pcs")])
			if part["then.yaml"] != "" {
				o.hold(t, live, part["then.yaml"], part[o.pick(part, "then-pcs")])
			}
		})
	}
}

// pick names the commands in this pcs's words, where they differ.
func (o *judge) pick(part map[string]string, name string) string {
	if own := name + "-" + string(o.dialect); part[own] != "" {
		return own
	}
	return name
}

// hold holds the way from live to the playbook against pcs, and returns the
// resulting CIB.
func (o *judge) hold(t *testing.T, live, yaml, commands string) string {
	t.Helper()
	p := load(t, yaml)
	for _, name := range agent.Names(p) {
		if o.agents[name] == nil {
			text := o.Run(t, "crm_resource --show-metadata '"+name+"' 2>/dev/null; true")
			if text == "" && !strings.HasPrefix(name, "ocf:pacemaker:") {
				t.Skipf("the agent %s is not installed there, or does not answer", name)
			}
			a, err := agent.Parse(name, []byte(text))
			if err != nil {
				t.Fatal(err)
			}
			o.agents[name] = a
		}
	}
	if err := agent.CheckOptions(p, o.agents).Err(); err != nil {
		t.Errorf("options: %v", err)
	}
	delta := o.compare(t, live, p)
	result, err := delta.Result()
	if err != nil {
		t.Fatal(err)
	}
	var shown strings.Builder
	all := true
	for _, c := range delta.Changes {
		shown.WriteString(c.Pcs + "\n")
		all = all && c.Pcs != ""
	}
	byPcs := o.pcs(t, live, commands)
	if d := cmp.Diff(normal(t, byPcs, true), normal(t, result.Reveal(), true)); d != "" {
		t.Errorf("pcs wrote (-), this package (+):\n%s", d)
	}
	if again := o.compare(t, byPcs, p); len(again.Changes) > 0 {
		t.Errorf("against the CIB that pcs wrote there is something to change:\n%s", changesText(again.Changes))
	}
	if all {
		byShown := o.pcs(t, live, shown.String())
		if d := cmp.Diff(normal(t, byShown, false), normal(t, result.Reveal(), false)); d != "" {
			t.Errorf("the commands in the plan make (-), this package (+):\n%s\ncommands:\n%s", d, shown.String())
		}
	}
	// Exit status 78 means warnings, too: that the nodes of this file, which
	// never ran, cannot be fenced.
	said := o.Run(t, "f=$(mktemp) && cat >$f <<'END-OF-CIB'\n"+result.Reveal()+"\nEND-OF-CIB\n"+
		"crm_verify -VV -x $f 2>&1; echo \"exit status $?\"; rm -f $f")
	if strings.Contains(strings.ToLower(said), "error") || !strings.Contains(said, "exit status 0") && !strings.Contains(said, "arning") {
		t.Errorf("crm_verify: %s", said)
	}
	return result.Reveal()
}

func (o *judge) compare(t *testing.T, live string, p *playbook.Playbook) *Delta {
	t.Helper()
	c, err := Parse([]byte(live))
	if err != nil {
		t.Fatal(err)
	}
	want, err := Build(p, o.agents, secretsForTests, Options{Dialect: o.dialect})
	if err != nil {
		t.Fatal(err)
	}
	d, err := Compare(c, want)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// pcs runs one command a line on a copy of live and returns what it became.
func (o *judge) pcs(t *testing.T, live, commands string) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("d=$(mktemp -d); f=$d/cib; export CIB_file=$f\n" + oracle.PCS)
	b.WriteString("pcs() { fork_pcs -f $f \"$@\" >$d/said 2>&1 || { echo \"pcs $*:\" >&2; cat $d/said >&2; exit 1; }; }\n")
	b.WriteString("cat >$f <<'END-OF-CIB'\n" + live + "\nEND-OF-CIB\n")
	for _, line := range strings.Split(commands, "\n") {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			b.WriteString(strings.ReplaceAll(line, "=***", "='secret MASKED'") + "\n")
		}
	}
	b.WriteString("cat $f\n")
	return o.Run(t, b.String())
}

func changesText(list []plan.Change) string {
	var b strings.Builder
	for _, c := range list {
		fmt.Fprintf(&b, "%s %s %s", c.Action.Symbol(), c.Kind, c.ID)
		if c.Disruption != plan.None {
			fmt.Fprintf(&b, " (%s)", c.Disruption)
		}
		if c.Unknown != "" {
			fmt.Fprintf(&b, " unknown: %s, open: %s", c.Unknown, strings.Join(c.Open, " "))
		}
		if c.At != "" {
			fmt.Fprintf(&b, " (%s)", filepath.Base(c.At))
		}
		b.WriteByte('\n')
		for _, d := range c.Diffs {
			was, is := "(none)", "(none)"
			if d.HasBefore {
				was = fmt.Sprintf("%q", d.Before)
			}
			if d.HasAfter {
				is = fmt.Sprintf("%q", d.After)
			}
			byDefault := ""
			if d.Default {
				byDefault = " (default)"
			}
			if d.Secret != (d.Seal != "") {
				byDefault += " (secret without a seal)"
			}
			fmt.Fprintf(&b, "    %s: %s -> %s%s\n", d.Name, was, is, byDefault)
		}
		if c.Note != "" {
			fmt.Fprintf(&b, "    note: %s\n", c.Note)
		}
		if c.Pcs != "" {
			fmt.Fprintf(&b, "    $ %s\n", c.Pcs)
		}
	}
	return b.String()
}
