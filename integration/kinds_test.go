//go:build linux

package integration

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"

	"github.com/hadeploy/hadeploy/internal/oracle"
	"github.com/hadeploy/hadeploy/playbook"
)

// kindsBase is what all playbooks of TestKindsLive say.
const kindsBase = `name: kinds
inventory: inventory.yaml
properties:
  stonith-enabled: false
  load-threshold: 10000%   # a busy machine is no reason to wait
`

// kindsStay is a cluster's own, which each round leaves as it is.
const kindsStay = `resources:
  - {id: stays, agent: "ocf:pacemaker:Dummy"}
  - {id: stays-group, group: [{id: stays-a, agent: "ocf:pacemaker:Dummy"}]}
`

// untouched makes one object of each kind in which nobody but a person has a
// hand, and untouchedIDs are its elements.
const untouched = `
pcs property set pe-input-series-max=4001
pcs resource defaults update migration-threshold=5
pcs resource op defaults update on-fail=restart
pcs resource create hand ocf:pacemaker:Dummy fake=h op monitor interval=33s meta priority=3
pcs resource utilization hand cpu=1
pcs resource create hand-1 ocf:pacemaker:Dummy --group hand-group
pcs resource create hand-c ocf:pacemaker:Dummy clone
pcs resource create hand-s ocf:pacemaker:Stateful promotable
pcs stonith create hand-fence fence_lab pcmk_host_list="n1 n2 n3"
pcs stonith level add 3 n1 hand-fence
pcs constraint location hand prefers n2=7
pcs constraint colocation add hand-group with hand 50
pcs constraint order hand then hand-group kind=Optional
pcs constraint ticket add hand-ticket hand-s-clone
pcs tag create hand-tag hand stays
pcs acl role create hand-role read xpath /cib write id hand
pcs acl user create hand-user hand-role
pcs acl group create hand-ops hand-role
pcs alert create id=hand-alert path=/bin/true
pcs node attribute n1 hand=made
pcs node utilization n1 hand=4
cibadmin --create --scope resources --xml-text '<template id="hand-template" class="ocf" provider="pacemaker" type="Dummy"/>'`

var untouchedIDs = []string{"cib-bootstrap-options-pe-input-series-max", "rsc_defaults-meta_attributes-migration-threshold", "op_defaults-meta_attributes-on-fail",
	"hand", "hand-group", "hand-c-clone", "hand-s-clone", "hand-fence", "fl-n1-3", "location-hand-n2-7", "colocation-hand-group-hand-50", "order-hand-hand-group-Optional",
	"ticket-hand-ticket-hand-s-clone", "hand-tag", "hand-role", "hand-user", "hand-ops", "hand-alert", "nodes-1-hand", "nodes-1-utilization-hand", "hand-template"}

// TestKindsLive: on a running cluster each kind of object is created by one
// apply, changed by a second and removed by a third. What the simulation
// foretold is what Pacemaker does, by its own log; the commands that the plan
// shows make the same of a copy of the CIB; the plan after it is empty; and what
// nobody declares is as it was. Then the examples of docs/playbook.md are applied.
func TestKindsLive(t *testing.T) {
	t.Parallel()
	checkKindCases(t)
	l := newLab(t, "debian12", "--preinstalled")
	standIns(t, l)
	examples := newExamples(t, l)
	// The cluster is made as the examples of its sections have it.
	declare := func(fragments ...string) {
		l.t.Helper()
		l.write("quickstart.yaml", merged(l.t, append([]string{kindsBase, examples.take(t, "hacluster 1"), examples.take(t, "cluster 1")}, fragments...)...), 0o644)
	}
	declare(kindsStay)
	contains(t, l.must(0, "apply", "--yes"), "verified")
	judge := oracle.At(t, "ssh -q -F /dev/null -o BatchMode=yes -i "+l.dir+"/id_ed25519 -o UserKnownHostsFile="+l.dir+"/known_hosts root@"+l.address("n1"))
	byHand := func(commands string) {
		judge.Run(t, oracle.PCS+"set -e\n"+commands+"\ncrm_resource --wait --timeout=60")
	}
	byHand(untouched)
	before := l.elements(untouchedIDs...)

	var prune []string
	created, changed, parts := []string{kindsStay}, []string{kindsStay}, ""
	names := slices.Sorted(maps.Keys(kindCases))
	for _, name := range names {
		c := kindCases[name]
		if c.byHand != "" {
			parts += c.byHand + "\n"
		} else {
			created, changed = append(created, c.created), append(changed, c.changed)
		}
		rules := c.prune
		if rules == "" {
			rules = strings.ReplaceAll(name, " ", "-") + ",*k-*"
		}
		for rule := range strings.FieldsSeq(rules) {
			prune = append(prune, "--prune="+rule)
		}
	}
	type push struct{ round, before, commands, after string }
	var pushes []push
	round := func(name, action string, fragments []string, flags ...string) {
		t.Helper()
		if !l.part(t, name, func(t *testing.T) {
			declare(fragments...)
			live := l.ssh("n1", "cibadmin -Q")
			plan, did := l.edited(t, flags...)
			t.Logf("%d changes, %d operations as foretold", len(plan.Changes), len(did))
			var commands strings.Builder
			for _, c := range plan.Changes {
				if own := kindCases[c.Kind]; c.Pcs == "" && action != "delete" {
					c.Pcs = map[string]string{"create": own.create, "update": own.change}[c.Action]
				}
				commands.WriteString(c.Pcs + "\n")
			}
			now := l.ssh("n1", "cibadmin -Q")
			pushes = append(pushes, push{name, live, commands.String(), now})
			if after := l.elements(untouchedIDs...); after != before {
				t.Errorf("what nobody declares was changed:\n%s", diffLines(before, after))
			}
			l.ssh("n1", "crm_verify --live-check")
			for _, kind := range names {
				if kindCases[kind].byHand != "" && action != "delete" {
					continue
				}
				if !slices.ContainsFunc(plan.Changes, func(c change) bool { return is(c, kind) && c.Action == action }) {
					t.Errorf("%s: the plan has none to %s", kind, action)
				}
			}
			if left := strings.Count(now, `id="k-`); action == "delete" && left > 0 {
				t.Errorf("%d elements are left:\n%s", left, l.ssh("n1", `cibadmin -Q -o configuration | grep 'id="k-'`))
			}
		}) {
			t.FailNow() // what follows rests on it
		}
	}
	round("created", "create", created)
	byHand(parts)
	round("changed", "update", changed)
	// Of every kind at once: what the import cannot say it names, and of all else plan
	// finds nothing to change.
	l.part(t, "imported", func(t *testing.T) {
		r := l.exec(t, 3*time.Minute, nil, "import", "-i", filepath.Join(l.dir, "inventory.yaml"), "--dir", l.path("imported"), "--with-files", "--secrets", l.path("imported/secrets"))
		if r.code != 0 && !(r.code == 1 && strings.Contains(r.err, "Not in the playbook")) {
			t.Fatal(r)
		}
		t.Log(r.err)
		contains(t, l.own(0, nil, "plan", "imported/cluster.yaml", "--detailed-exitcode"), "No changes.")
	})
	round("removed", "delete", []string{kindsStay}, prune...)
	// What is left takes time on files and on the cluster: side by side.
	for _, p := range pushes {
		t.Run("pcs makes the same: "+p.round, func(t *testing.T) {
			t.Parallel()
			if d := cmp.Diff(oracle.Normal(t, judge.OnCopy(t, p.before, p.commands), false), oracle.Normal(t, p.after, false)); d != "" {
				t.Errorf("the commands in the plan make (-), what was done (+):\n%s\ncommands:\n%s", d, p.commands)
			}
		})
	}
	t.Run("docs", func(t *testing.T) {
		t.Parallel()
		examples.apply(t, declare)
	})
}

// is reports whether a change is of a kind: what follows an "of" says whose it is.
func is(c change, kind string) bool {
	word, _, _ := strings.Cut(c.Kind, " of ")
	return word == kind
}

// checkKindCases: each kind has a case, or a reason for having none.
func checkKindCases(t *testing.T) {
	t.Helper()
	for _, kind := range playbook.PruneKinds {
		_, here := kindCases[kind]
		if _, elsewhere := kindsElsewhere[kind]; here == elsewhere {
			t.Errorf("kindCases or kindsElsewhere, one of the two, has the %s: it is created, changed and removed there, or it says why not", kind)
		}
	}
	for _, kind := range slices.Concat(slices.Collect(maps.Keys(kindCases)), slices.Collect(maps.Keys(kindsElsewhere))) {
		if !slices.Contains(playbook.PruneKinds, kind) {
			t.Errorf("there is no kind %q", kind)
		}
	}
}

// standIns puts on every node a fencing agent and a unit that no package of the
// lab has.
func standIns(t *testing.T, l *lab) {
	t.Helper()
	script, err := os.ReadFile("testdata/states/fence_lab")
	if err != nil {
		t.Fatal(err)
	}
	l.everywhere(nodes, "cat >/usr/sbin/fence_lab <<'END-OF-AGENT'\n"+string(script)+"END-OF-AGENT\nchmod 755 /usr/sbin/fence_lab\n"+
		"printf '[Service]\nExecStart=/bin/sleep infinity\n' >/etc/systemd/system/postfix.service; systemctl daemon-reload")
}

// address is where a node of the lab is reached.
func (l *lab) address(node string) string {
	l.t.Helper()
	s, err := l.nodes().Read()
	if err != nil {
		l.t.Fatal(err)
	}
	for _, n := range s.Nodes {
		if n.Name == node {
			return n.Address
		}
	}
	l.t.Fatalf("the lab has no node %s", node)
	return ""
}

// merged is one playbook made of several: mappings are joined, lists follow each
// other without what they already have. What two say differently is an error.
func merged(t *testing.T, fragments ...string) string {
	t.Helper()
	var all yaml.Node
	for _, text := range fragments {
		var doc yaml.Node
		if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		if len(doc.Content) == 0 {
			continue
		}
		if all.Kind == 0 {
			all = *doc.Content[0]
			continue
		}
		join(t, "", &all, doc.Content[0])
	}
	out, err := yaml.Marshal(&all)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func join(t *testing.T, at string, into, more *yaml.Node) {
	t.Helper()
	text := func(n *yaml.Node) string {
		b, err := yaml.Marshal(n)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	switch {
	case into.Kind == yaml.MappingNode && more.Kind == yaml.MappingNode:
		into.Style = 0
		for i := 0; i < len(more.Content); i += 2 {
			key, value := more.Content[i], more.Content[i+1]
			k := 0
			for k < len(into.Content) && into.Content[k].Value != key.Value {
				k += 2
			}
			if k < len(into.Content) {
				join(t, at+"."+key.Value, into.Content[k+1], value)
			} else {
				into.Content = append(into.Content, key, value)
			}
		}
	case into.Kind == yaml.SequenceNode && more.Kind == yaml.SequenceNode:
		into.Style = 0
		for _, item := range more.Content {
			if !slices.ContainsFunc(into.Content, func(n *yaml.Node) bool { return text(n) == text(item) }) {
				into.Content = append(into.Content, item)
			}
		}
	case text(into) != text(more):
		t.Fatalf("two fragments say differently what %s is:\n%s\n%s", at, text(into), text(more))
	}
}
