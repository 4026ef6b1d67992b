package steps

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/remote"
	"github.com/hadeploy/hadeploy/internal/yamldoc/cases"
)

// monStatus is crm_mon of a cluster of which n3 is away.
const monStatus = `Cluster Summary:
  * Stack: corosync
  * Current DC: n2 (version 2.1.5-2.1.5) - partition with quorum
  * Last updated: Thu Jul  2 10:00:00 2026
  * Last change:  Thu Jul  2 09:00:00 2026 by root via cibadmin on n1
  * 3 nodes configured
  * 3 resource instances configured

Node List:
  * Online: [ n1 n2 ]
  * OFFLINE: [ n3 ]

Full List of Resources:
  * web-ip	(ocf:heartbeat:IPaddr2):	 Started n1
  * web-server	(systemd:nginx):	 Started n1
  * fence	(stonith:fence_ipmilan):	 Started n2
`

// TestPlanDestroy: what stops is named by node, and what is not known is not
// passed over.
func TestPlanDestroy(t *testing.T) {
	for name, c := range map[string]struct {
		out  string
		err  error
		want string
	}{
		"told":     {out: monStatus, want: "n1: web-ip stops, web-server stops\nn2:\nn3: what runs there is not known: the cluster does not see it online\n"},
		"no word":  {err: errors.New("connection lost"), want: "n1: what runs there is not known: connection lost\nn2: what runs there is not known: connection lost\nn3: what runs there is not known: connection lost\n"},
		"no sense": {out: "hm\n", want: ""},
	} {
		t.Run(name, func(t *testing.T) {
			cluster := caseCluster(t, cases.Case{Dir: t.TempDir(), Args: map[string]string{"-nodes": "running"}})
			for _, n := range cluster.Nodes {
				n.Conn = monNode{out: c.out, err: c.err}
			}
			p, err := (&Run{Cluster: cluster, op: Destroy}).Plan(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var out strings.Builder
			for _, ch := range p.Changes {
				var words []string
				for _, i := range ch.Interrupts {
					words = append(words, i.What+" "+i.How)
				}
				if ch.Note != "" {
					words = append(words, ch.Note)
				}
				out.WriteString(strings.TrimRight(ch.Node+": "+strings.Join(words, ", "), " ") + "\n")
			}
			if name == "no sense" {
				if strings.Count(out.String(), "what runs there is not known: ") != 3 {
					t.Errorf("got:\n%s", out.String())
				}
				return
			}
			if out.String() != c.want {
				t.Errorf("want:\n%sgot:\n%s", c.want, out.String())
			}
			if name == "told" && (p.Counts.Delete != 3 || p.Counts.Interruptions != 2 || p.Interruptions[0] != (plan.Interruption{
				What: "web-ip", Node: "n1", How: plan.Stops, Why: "the cluster is destroyed"})) {
				t.Errorf("got %+v, %+v", p.Counts, p.Interruptions)
			}
		})
	}
}

// doomed is a node of the running quickstart on which pcs cluster destroy works.
type doomed struct {
	remote.Conn
	name          string
	before, after observedNode
	mon           string // what crm_mon says

	did  *deeds // of all nodes
	fail func(label string) error
	gone bool
	kept bool // pcs says that it is gone, and it is not
}

// deeds are what was done on nodes that work side by side.
type deeds struct {
	mu   sync.Mutex
	list []string
}

func (d *deeds) add(what string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.list = append(d.list, what)
}

// String is in the order of the nodes where it was done at once.
func (d *deeds) String() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	list := slices.Clone(d.list)
	slices.SortStableFunc(list, func(a, b string) int {
		_, x, _ := strings.Cut(a, " ")
		_, y, _ := strings.Cut(b, " ")
		return cmp.Or(cmp.Compare(x, y), cmp.Compare(a, b))
	})
	return strings.Join(list, ", ")
}

func (d *doomed) Run(ctx context.Context, cmd remote.Cmd) (remote.Result, error) {
	if cmd.Label == "observe" && d.gone && !d.kept {
		return d.after.Run(ctx, cmd)
	}
	if cmd.Label == "observe" {
		return d.before.Run(ctx, cmd)
	}
	if !strings.HasPrefix(cmd.Label, "remove the record") {
		d.did.add(d.name + " " + cmd.Label)
	}
	if d.fail != nil {
		if err := d.fail(cmd.Label); err != nil {
			return remote.Result{}, err
		}
	}
	switch cmd.Label {
	case "crm_mon -1 -r":
		return remote.Result{Stdout: []byte(d.mon)}, nil
	case "pcs cluster destroy":
		d.gone = true
	}
	return remote.Result{}, nil
}

// TestDestroy: it is planned, held against the plan, carried out on all nodes
// and looked at again by the engine, as every other step.
func TestDestroy(t *testing.T) {
	// What the node ran as a unit is seen to once more.
	stopped := func(node string) string { return ", " + node + " systemctl stop nginx.service" }
	all := "n1 crm_mon -1 -r, n1 keep a backup, n1 pcs cluster destroy, n2 pcs cluster destroy, n3 pcs cluster destroy"
	moved := strings.ReplaceAll(monStatus, "Started n1", "Started n2")
	for name, c := range map[string]struct {
		spoil func(r *Run, nodes map[string]*doomed)              // before the plan
		since func(r *Run, nodes map[string]*doomed, stop func()) // after it
		did   string
		err   string // of the plan, or else of the run
		sum   string
	}{
		"all is well": {did: all + stopped("n1"), sum: "n1 1, n2 1, n3 1"},
		"what runs has moved on while somebody read": {since: func(r *Run, nodes map[string]*doomed, _ func()) {
			r.Paused(time.Minute)
			nodes["n1"].mon = moved
		}, did: "n1 crm_mon -1 -r, " + all + stopped("n2"), sum: "n1 1, n2 1, n3 1"},
		"a resource more than was read of": {since: func(r *Run, nodes map[string]*doomed, _ func()) {
			r.Paused(time.Minute)
			for _, n := range nodes {
				n.before.stdout = strings.Replace(n.before.stdout, "</resources>", `<primitive id="more" class="ocf" provider="pacemaker" type="Dummy"/></resources>`, 1)
			}
		}, did: "n1 crm_mon -1 -r, n1 crm_mon -1 -r", err: "nothing of step destroy was changed", sum: "n1 0, n2 0, n3 0"},
		"one node fails, the others go": {spoil: func(_ *Run, nodes map[string]*doomed) {
			nodes["n2"].fail = func(label string) error { return &remote.LostError{Node: "n2", Label: label} }
		}, did: all + stopped("n1"), err: "n2 failed at destroy", sum: "n1 1, n2 0 failed at destroy, n3 1"},
		"it is not gone": {spoil: func(_ *Run, nodes map[string]*doomed) { nodes["n3"].kept = true },
			did: all + stopped("n1"), err: "n3 failed at destroy", sum: "n1 1, n2 1, n3 0 failed at destroy"},
		"the first one has no cluster, so the second tells what runs": {spoil: func(_ *Run, nodes map[string]*doomed) { nodes["n1"].gone = true },
			did: "n2 crm_mon -1 -r, n2 keep a backup, n2 pcs cluster destroy, n3 pcs cluster destroy", sum: "n1 0, n2 1, n3 1"},
		"of somebody else": {spoil: func(r *Run, _ map[string]*doomed) { r.Playbook.Name = "other" },
			err: "n1: is a member of cluster \"quickstart\"", sum: "n3: is a member of"},
		"interrupted before it began": {since: func(_ *Run, _ map[string]*doomed, stop func()) { stop() }, did: "n1 crm_mon -1 -r",
			err: "nothing was changed", sum: "n1 0, n2 0, n3 0"},
	} {
		t.Run(name, func(t *testing.T) {
			running := caseCluster(t, cases.Case{Dir: t.TempDir(), Args: map[string]string{"-nodes": "running"}})
			bare := caseCluster(t, cases.Case{Dir: t.TempDir(), Args: map[string]string{"-nodes": "bare"}})
			stop := make(chan struct{})
			running.stop = stop
			r := &Run{Cluster: running, op: Destroy}
			did := &deeds{}
			nodes := map[string]*doomed{}
			for i, n := range r.Nodes {
				d := &doomed{name: n.Name, before: n.Conn.(observedNode), after: bare.Nodes[i].Conn.(observedNode), mon: monStatus, did: did}
				nodes[n.Name], n.Conn = d, d
			}
			if c.spoil != nil {
				c.spoil(r, nodes)
			}
			if err := r.Observe(t.Context()); err != nil {
				t.Fatal(err)
			}
			p, err := r.Plan(t.Context())
			if err != nil {
				if c.err == "" || !strings.Contains(err.Error(), c.err) || !strings.Contains(err.Error(), c.sum) || did.String() != "" {
					t.Errorf("got %v, did %q", err, did.String())
				}
				return
			}
			if c.since != nil {
				c.since(r, nodes, func() { close(stop) })
			}
			sum, err := r.Apply(t.Context(), p)
			if c.err == "" && err != nil || c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
				t.Errorf("got %v, want %q", err, c.err)
			}
			if got := did.String(); got != c.did {
				t.Errorf("did\n%s, want\n%s", got, c.did)
			}
			var words []string
			for _, n := range sum.Nodes {
				words = append(words, strings.TrimSpace(fmt.Sprintf("%s %d %s", n.Node, n.Changes, strings.TrimSpace(map[bool]string{true: "failed at " + n.FailedAt}[n.FailedAt != ""]))))
			}
			if got := strings.Join(words, ", "); got != c.sum || !sum.Ends {
				t.Errorf("got %q, want %q", got, c.sum)
			}
		})
	}
}
