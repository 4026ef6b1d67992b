package cib

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hadeploy/hadeploy/internal/agent"
	"github.com/hadeploy/hadeploy/internal/oracle"
	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/playbook"
)

// TestOracle lets the real pcs judge what this package writes: the large cases
// of testdata/oracle, and the small ones of testdata/oracle/small, each of which
// has one option or one form. For every step of every one, on every node:
//
//   - the configuration that is built is the one that the commands make which a
//     person would type;
//   - against the CIB that pcs made, there is nothing to change;
//   - the commands shown beside the planned changes make the same, too;
//   - crm_verify accepts it.
//
// A case is skipped where it says so itself, and nowhere else. Differences that
// are meant stand in testdata/oracle/meant.txt.
func TestOracle(t *testing.T) {
	for _, node := range oracle.Nodes(t) {
		j := &judge{Node: node, dialect: pcs.DialectOf(node.Version), agents: map[string]*agent.Agent{}, meant: readMeant(t)}
		t.Run("pcs-"+node.Version, func(t *testing.T) {
			t.Parallel()
			j.all(t)
		})
	}
}

type judge struct {
	*oracle.Node
	dialect pcs.Dialect
	agents  map[string]*agent.Agent
	empty   string
	meant   []*meant
	judged  []string // cases
	skipped []string // with the reason
}

// oracleNodes are in every case's CIB, as Pacemaker would have put them there.
const oracleNodes = `<nodes><node id="1" uname="n1"/><node id="2" uname="n2"/></nodes>`

func (o *judge) all(t *testing.T) {
	o.empty = strings.Replace(o.Run(t, "cibadmin --empty"), "<nodes/>", oracleNodes, 1)
	if !strings.Contains(o.empty, oracleNodes) {
		t.Fatalf("cibadmin --empty has no <nodes/>:\n%s", o.empty)
	}
	o.Run(t, oracleFencing)
	defer o.Run(t, "rm -f /usr/sbin/fence_oracle")
	large, families := largeCases(t), smallCases(t)
	o.learn(t, large, families)
	t.Run("large", func(t *testing.T) { o.batch(t, oracleFamily{name: "large", cases: large}) })
	for _, f := range families {
		t.Run(f.name, func(t *testing.T) { o.batch(t, f) })
	}
	t.Logf("%d cases judged, %d skipped, which say so themselves:\n%s", len(o.judged), len(o.skipped), strings.Join(o.skipped, "\n"))
	for _, m := range o.meant {
		if m.of(o.dialect) && m.used == 0 && slices.Contains(o.judged, m.name) {
			t.Errorf("meant.txt:%d: pcs %s no longer differs in %s step %d: take it out of the list", m.line, o.dialect, m.name, m.step)
		}
	}
}

// oracleFencing puts a fence agent there: no two releases have one in common.
const oracleFencing = `cat >/usr/sbin/fence_oracle <<'END-OF-AGENT'
#!/bin/sh
action=
while read -r line; do case $line in action=*) action=${line#action=};; esac; done
[ "$action" = metadata ] || exit 0
cat <<'END'
<?xml version="1.0" ?>
<resource-agent name="fence_oracle" shortdesc="Fence agent of the tests">
<longdesc>It fences nothing.</longdesc>
<parameters>
<parameter name="action" unique="0" required="1"><getopt mixed="-o"/><content type="string" default="reboot"/><shortdesc>Fencing action</shortdesc></parameter>
<parameter name="ip" unique="0" required="0"><getopt mixed="-a"/><content type="string"/><shortdesc>Address</shortdesc></parameter>
<parameter name="username" unique="0" required="0"><getopt mixed="-l"/><content type="string"/><shortdesc>User</shortdesc></parameter>
<parameter name="password" unique="0" required="0"><getopt mixed="-p"/><content type="string"/><shortdesc>Password</shortdesc></parameter>
<parameter name="port" unique="0" required="0"><getopt mixed="-n"/><content type="string"/><shortdesc>Plug</shortdesc></parameter>
</parameters>
<actions>
<action name="on" automatic="0"/><action name="off"/><action name="reboot"/><action name="status"/><action name="list"/>
<action name="monitor"/><action name="metadata"/><action name="manpage"/><action name="validate-all"/>
</actions>
</resource-agent>
END
END-OF-AGENT
chmod 755 /usr/sbin/fence_oracle`

// learn asks for the metadata of all agents that the cases use.
func (o *judge) learn(t *testing.T, large []oracleCase, families []oracleFamily) {
	t.Helper()
	all := slices.Clone(large)
	for _, f := range families {
		all = append(append(all, f.frame), f.cases...)
	}
	var names []string
	for _, c := range all {
		for _, s := range c.steps {
			if p, err := loadText(t, s.yaml); err == nil { // the case itself tells the error
				names = append(names, agent.Names(p)...)
			}
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	var script strings.Builder
	for i, name := range names {
		fmt.Fprintf(&script, "echo '@@ %d 0'; crm_resource --show-metadata '%s' 2>/dev/null; echo\n", i, name)
	}
	said := answers(t, o.Run(t, script.String()), len(names))
	for i, name := range names {
		a, err := agent.Parse(name, []byte(strings.TrimSuffix(said[i].text, "\n")))
		if err != nil {
			t.Errorf("the agent %s is not installed there, or does not answer: %v", name, err)
			continue
		}
		o.agents[name] = a
	}
}

// trial is a step on the way to be judged: what it is to become of which CIB,
// and the numbers of the scripts that say what pcs makes of it.
type trial struct {
	err                    error
	p                      *playbook.Playbook
	live, ours             string
	commands, shown        []string
	unsaid                 []string // changes without a command: the container's has it, or pcs has none
	byPcs, byShown, verify int
}

// batch judges a family in one connection: what takes long is to begin one, and to
// start Python.
func (o *judge) batch(t *testing.T, f oracleFamily) {
	t.Helper()
	var s oracleScript
	frame, live := o.prepareCase(t, &s, o.empty, f.frame)
	cases, tries := f.cases, make([][]*trial, len(f.cases))
	for i, c := range cases {
		if c.in(o.dialect) {
			tries[i], _ = o.prepareCase(t, &s, live, c)
		}
	}
	if len(frame) > 0 {
		cases, tries = append([]oracleCase{f.frame}, cases...), append([][]*trial{frame}, tries...)
	}
	said := answers(t, o.Run(t, s.String()), s.count)
	for i, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			name := caseName(f, c)
			if !c.in(o.dialect) {
				o.skipped = append(o.skipped, name+": "+c.why)
				t.Skipf("for pcs %s only: %s", c.only, c.why)
			}
			o.judged = append(o.judged, name)
			for n, x := range tries[i] {
				o.check(t, name, n+1, x, said)
			}
		})
	}
}

// prepareCase builds the steps of a case and asks for what judges them. It returns
// the CIB that they end with.
func (o *judge) prepareCase(t *testing.T, s *oracleScript, live string, c oracleCase) (list []*trial, end string) {
	t.Helper()
	for _, step := range c.steps {
		x := o.prepare(t, live, step)
		if list = append(list, x); x.err != nil {
			break
		}
		live = x.ours
		x.byPcs = s.pcs(x.live, x.commands)
		// A person's commands are shown word for word in most cases.
		if x.byShown = x.byPcs; strings.Join(x.shown, " && ") != strings.Join(x.commands, " && ") {
			x.byShown = s.pcs(x.live, x.shown)
		}
		x.verify = s.verify(x.ours)
	}
	return list, live
}

// prepare builds what a step is to become.
func (o *judge) prepare(t *testing.T, live string, step oracleStep) *trial {
	t.Helper()
	x := &trial{live: live, commands: step.commands(o.dialect)}
	if x.p, x.err = loadText(t, step.yaml); x.err != nil {
		return x
	}
	var delta *Delta
	if delta, x.err = o.compare(live, x.p); x.err != nil {
		return x
	}
	result, err := delta.Result()
	if x.ours, x.err = result.Reveal(), err; err != nil {
		return x
	}
	for _, c := range delta.Changes {
		if c.Pcs == "" {
			x.unsaid = append(x.unsaid, c.Kind+" "+c.ID)
		} else {
			x.shown = append(x.shown, c.Pcs)
		}
	}
	return x
}

func (o *judge) compare(live string, p *playbook.Playbook) (*Delta, error) {
	c, err := Parse([]byte(live))
	if err != nil {
		return nil, err
	}
	want, err := Build(p, o.agents, secretsForTests, Options{Dialect: o.dialect})
	if err != nil {
		return nil, err
	}
	return Compare(c, want)
}

// check holds what the node said of a step against what was built.
func (o *judge) check(t *testing.T, name string, step int, x *trial, said []answer) {
	t.Helper()
	if x.err != nil {
		t.Fatalf("step %d: %v", step, x.err)
	}
	if err := agent.CheckOptions(x.p, o.agents).Err(); err != nil {
		t.Errorf("step %d: options: %v", step, err)
	}
	byPcs, byShown, verify := said[x.byPcs], said[x.byShown], said[x.verify]
	ours := oracle.Normal(t, x.ours, true)
	if byPcs.failed {
		t.Fatalf("step %d: pcs refuses what a person would type:\n%s", step, byPcs.text)
	}
	m := meantFor(o.meant, name, step, o.dialect)
	theirs := oracle.Normal(t, byPcs.text, true)
	switch d := differences(theirs, ours); {
	case m != nil && d == m.lines:
		m.used++
	case m != nil:
		t.Errorf("step %d: meant.txt:%d has other differences than\n%s", step, m.line, d)
	case theirs != ours:
		t.Errorf("step %d: pcs wrote (-), this package (+):\n%s", step, cmp.Diff(theirs, ours))
	}
	switch again, err := o.compare(byPcs.text, x.p); {
	case err != nil:
		t.Errorf("step %d: the CIB that pcs wrote: %v", step, err)
	case len(again.Changes) > 0:
		t.Errorf("step %d: against the CIB that pcs wrote there is something to change:\n%s", step, changesText(again.Changes))
	}
	unlike := ""
	if !byShown.failed {
		unlike = cmp.Diff(oracle.Normal(t, byShown.text, false), oracle.Normal(t, x.ours, false))
	}
	switch {
	case (byShown.failed || unlike != "") && len(x.unsaid) > 0 && slices.ContainsFunc(x.commands, func(c string) bool { return !strings.HasPrefix(c, "pcs ") }):
		// What pcs cannot do no command is shown for, and the others may need it.
	case byShown.failed:
		t.Errorf("step %d: pcs refuses what is shown beside the changes:\n%s", step, byShown.text)
	case unlike != "":
		t.Errorf("step %d: the commands in the plan make (-), this package (+):\n%s\ncommands:\n%s\nwithout a command: %q", step, unlike, strings.Join(x.shown, "\n"), x.unsaid)
	}
	// Exit status 78 means warnings, too: that the nodes of this file, which
	// never ran, cannot be fenced.
	if strings.Contains(strings.ToLower(verify.text), "error") || verify.failed && !strings.Contains(verify.text, "arning") {
		t.Errorf("step %d: crm_verify: %s", step, verify.text)
	}
}

// oracleScript is one shell script with many tries on files of its own. Each
// says "@@ N STATUS" and what came of it.
type oracleScript struct {
	body  strings.Builder
	lives []string
	count int
}

// file has a CIB written once, and names it.
func (s *oracleScript) file(text string) string {
	n := slices.Index(s.lives, text)
	if n < 0 {
		n = len(s.lives)
		s.lives = append(s.lives, text)
		fmt.Fprintf(&s.body, "cat >$d/live%d <<'END-OF-CIB'\n%s\nEND-OF-CIB\n", n, text)
	}
	return "$d/live" + strconv.Itoa(n)
}

// pcs runs commands on a copy of live: what it became, or what was refused.
func (s *oracleScript) pcs(live string, commands []string) int {
	fmt.Fprintf(&s.body, "cp %s $f; (\nset -e\n", s.file(live))
	for _, c := range commands {
		s.body.WriteString(strings.ReplaceAll(c, "=***", "='secret MASKED'") + "\n")
	}
	s.body.WriteString("exit 0\n) >$d/out 2>&1; rc=$?; [ $rc != 0 ] || cp $f $d/out\n")
	return s.end()
}

// verify has crm_verify look at a CIB.
func (s *oracleScript) verify(text string) int {
	fmt.Fprintf(&s.body, "crm_verify -VV -x %s >$d/out 2>&1; rc=$?\n", s.file(text))
	return s.end()
}

func (s *oracleScript) end() int {
	fmt.Fprintf(&s.body, "echo \"@@ %d $rc\"; cat $d/out; echo\n", s.count)
	s.count++
	return s.count - 1
}

func (s *oracleScript) String() string {
	return "d=$(mktemp -d); f=$d/cib; export CIB_file=$f\n" + oracle.PCS +
		"pcs() { fork_pcs -f $f \"$@\" >$d/said 2>&1 || { echo \"pcs $*:\"; cat $d/said; exit 1; }; }\n" + s.body.String()
}

type answer struct {
	failed bool
	text   string
}

var answerLine = regexp.MustCompile(`(?m)^@@ ([0-9]+) ([0-9]+)\n`)

// answers takes apart what a script said.
func answers(t *testing.T, said string, count int) (list []answer) {
	t.Helper()
	at := answerLine.FindAllStringSubmatchIndex(said, -1)
	if len(at) != count {
		t.Fatalf("%d answers to %d questions:\n%s", len(at), count, said)
	}
	for i, m := range at {
		end := len(said)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		if said[m[2]:m[3]] != strconv.Itoa(i) {
			t.Fatalf("answer %d is to %s", i, said[m[2]:m[3]])
		}
		list = append(list, answer{said[m[4]:m[5]] != "0", said[m[1]:end]})
	}
	return list
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
