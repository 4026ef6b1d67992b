package steps

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/remote"
	"github.com/hadeploy/hadeploy/internal/remote/remotetest"
	"github.com/hadeploy/hadeploy/internal/yamldoc/cases"
)

// actor is a scripted node that also answers observations, with what was
// captured.
type actor struct {
	*remotetest.Conn
	observed observedNode
}

func (a actor) Run(ctx context.Context, cmd remote.Cmd) (remote.Result, error) {
	if cmd.Label == "observe" {
		return a.observed.Run(ctx, cmd)
	}
	return a.Conn.Run(ctx, cmd)
}

// did are the commands that are not marked as reading, and the files.
func (a actor) did() (out []string) {
	for _, c := range a.Commands() {
		if !c.Reads {
			out = append(out, strings.Join(append([]string{a.Name, c.Label}, c.Args...), " "))
		}
	}
	for _, f := range a.Files() {
		out = append(out, a.Name+" write "+f.Path)
	}
	return out
}

// actors makes all nodes of a case act: every command is answered as on nodes
// where all is well.
func actors(t *testing.T, cluster *Cluster, remotes ...string) (all []actor) {
	for _, n := range cluster.All() {
		a := actor{observed: n.Conn.(observedNode)}
		live := ""
		if n.Facts.CIB.Live != nil {
			text, err := n.Facts.CIB.Live.Text()
			if err != nil {
				t.Fatal(err)
			}
			live = text.Reveal()
		}
		a.Conn = remotetest.New(t, remotetest.Script{
			{Label: "cibadmin --query", Stdout: live, Times: remotetest.Any},
			{Label: "cibadmin --empty", Stdout: `<cib crm_feature_set="3.16.2" validate-with="pacemaker-3.9" epoch="0" num_updates="0" admin_epoch="0"><configuration><crm_config/><nodes/><resources/><constraints/></configuration><status/></cib>`, Times: remotetest.Any},
			{Label: "crm_mon -1 -r", Stdout: "Cluster Summary:\n  * Stack: corosync\n  * Current DC: n1 (version 2.1.5-2.1.5) - partition with quorum\n" +
				"  * Last updated: Thu Jul  2 10:00:00 2026\n  * 3 nodes configured\n  * 0 resource instances configured\n\nNode List:\n  * Online: [ n1 n2 n3 ]\n" + remoteOnline(remotes) + "\nFull List of Resources:\n  * No resources\n", Times: remotetest.Any},
			{Label: "read " + facts.PacemakerKey, Stdout: base64.StdEncoding.EncodeToString([]byte(aKey)), Times: remotetest.Any},
			{Label: "apt start", Stdout: "started\n", Times: remotetest.Any},
			{Label: "apt follow", Stdout: "end ok\n", Times: remotetest.Any},
			{Label: "/usr/lib/ocf/resource.d/acme/beacon meta-data", Stdout: `<resource-agent name="beacon"><version>1.0</version></resource-agent>`, Times: remotetest.Any},
			{Times: remotetest.Any},
		})
		a.Name, n.Conn = n.Name, a
		all = append(all, a)
	}
	return all
}

// TestApplyDoesWhatItIsGiven gives each step some of the changes that it finds:
// it makes those, and does nothing else to any node.
func TestApplyDoesWhatItIsGiven(t *testing.T) {
	t.Setenv("HACLUSTER_PASSWORD", "sekrit-pw")
	tried := map[string]bool{}
	for _, c := range []struct {
		name     string
		step     Step
		nodes    string
		playbook string            // edits, as in TestPlan
		remote   string            // as in TestPlan
		online   string            // the remote node that the cluster is connected to
		frames   map[string]string // n2/units: what a frame says instead
		node     string            // a step of nodes works on; else the cluster
		give     string            // the changes, as "n2 kind id", separated by commas
		of       int               // as many as are found
		want     string
		err      string
	}{
		{name: "one of three", step: leftovers{}, nodes: "bare", frames: map[string]string{"n1/leftovers": "2\t.hadeploy-AAAAAA\t.hadeploy-BBBBBB\n3\t.hadeploy-AAAAAA\nwhole\n"},
			node: "n1", give: "n1 leftover /etc/nginx/conf.d/.hadeploy-BBBBBB", of: 3, want: "n1 remove what a write that was cut off left in /etc/nginx/conf.d /etc/nginx/conf.d .hadeploy-BBBBBB"},
		{name: "one package", step: packages{}, nodes: "bare", node: "n1", give: "n1 package corosync", of: 6, want: "n1 apt start start careful --hold=nginx corosync, n1 apt follow follow"},
		{name: "one file", step: files{}, nodes: "bare", playbook: "  - path: /etc/nginx/conf.d/quickstart.conf =>   - {path: /etc/motd, content: hello}\\n  - path: /etc/nginx/conf.d/quickstart.conf",
			frames: map[string]string{"*/files": "1\tabsent\n2\tabsent\n3\tabsent\n"},
			node:   "n2", give: "n2 file /etc/motd", of: 2, want: "n2 write /etc/motd"},
		{name: "one agent", step: agents{}, nodes: "bare", playbook: "  - name: ocf:acme:beacon =>   - {name: 'ocf:acme:other', source: agents/beacon}\\n  - name: ocf:acme:beacon",
			frames: map[string]string{"*/files": "1\tabsent\n2\tabsent\n3\tabsent\n"},
			node:   "n2", give: "n2 agent /usr/lib/ocf/resource.d/acme/beacon", of: 2, want: "n2 /usr/lib/ocf/resource.d/acme/beacon meta-data /usr/lib/ocf/resource.d/acme/beacon, n2 write /usr/lib/ocf/resource.d/acme/beacon"},
		{name: "a unit that runs, and is not started at boot", step: ownedUnits{}, nodes: "bare", frames: map[string]string{"n1/units": unitsOf("nginx active disabled")},
			node: "n1", give: "n1 service nginx", of: 1, want: "n1 systemctl stop nginx.service"},
		{name: "a unit that is started at boot, and does not run", step: ownedUnits{}, nodes: "bare", frames: map[string]string{"n1/units": unitsOf("nginx inactive enabled")},
			node: "n1", give: "n1 service nginx", of: 1, want: "n1 systemctl disable nginx.service"},
		{name: "a unit that runs and is started at boot", step: ownedUnits{}, nodes: "bare", frames: map[string]string{"n1/units": unitsOf("nginx active enabled")},
			node: "n1", give: "n1 service nginx", of: 1, want: "n1 systemctl disable --now nginx.service"},
		{name: "pcsd at boot", step: pcsd{}, nodes: "running", frames: map[string]string{"n1/units": unitsOf("pcsd active disabled")},
			node: "n1", give: "n1 service pcsd", of: 1, want: "n1 systemctl enable pcsd.service"},
		{name: "pcsd now", step: pcsd{}, nodes: "running", frames: map[string]string{"n1/units": unitsOf("pcsd inactive enabled")},
			node: "n1", give: "n1 service pcsd", of: 1, want: "n1 systemctl start pcsd.service"},
		{name: "pcsd now and at boot", step: pcsd{}, nodes: "running", frames: map[string]string{"n1/units": unitsOf("pcsd inactive disabled")},
			node: "n1", give: "n1 service pcsd", of: 1, want: "n1 systemctl enable --now pcsd.service"},
		{name: "tokens of one node of two", step: nodeAuth{}, nodes: "running", frames: map[string]string{"n2/known-hosts": "absent\n", "n3/known-hosts": "absent\n"},
			give: "n3 authentication n3", of: 2, want: "n3 write /var/lib/pcsd/known-hosts"},
		{name: "a token that nobody has", step: nodeAuth{}, nodes: "running", frames: map[string]string{"n3/pcs-users": "[]"},
			give: "n2 authentication n2", of: 3, want: "n2 pcs host auth n3", err: "left no token for n3"},
		{name: "one key on one node", step: corosyncConf{}, nodes: "bare", give: "n2 key /etc/corosync/authkey", of: 9, want: "n2 write /etc/corosync/authkey"},
		{name: "corosync.conf of one node; the record of it is ours", step: corosyncConf{}, nodes: "bare", give: "n2 corosync.conf /etc/corosync/corosync.conf", of: 9,
			want: "n1 write " + facts.CorosyncRecord + ", n2 rename the new corosync.conf, n2 write " + facts.CorosyncRecord + ", n2 write " + stagedConf + ", n3 write " + facts.CorosyncRecord},
		{name: "the daemons of one node, and its first CIB", step: start{}, nodes: "bare", give: "n2 service corosync, n2 service pacemaker", of: 6,
			want: "n2 systemctl start corosync.service pacemaker.service, n2 write " + cibFile},
		{name: "one daemon", step: start{}, nodes: "bare", give: "n3 service corosync", of: 6, want: "n3 systemctl start corosync.service, n3 write " + cibFile},
		{name: "one daemon at boot", step: enable{}, nodes: "bare", node: "n1", give: "n1 service pacemaker", of: 2, want: "n1 systemctl enable pacemaker.service"},
		{name: "the daemon of a remote node, whose key is to come", step: remoteNodes{}, nodes: "running", playbook: withWeb3, remote: "bare", give: "web3 service pacemaker_remote", of: 2,
			want: "web3 systemctl enable --now pacemaker_remote.service"},
		{name: "the key of a remote node whose daemon runs and that no member is connected to", step: remoteNodes{}, nodes: "running", playbook: withWeb3, remote: "bare active enabled", frames: sameKey(), give: "web3 key " + facts.PacemakerKey, of: 1,
			want: "web3 systemctl restart pacemaker_remote.service, web3 write " + facts.PacemakerKey},
		{name: "the key of a remote node that is connected", step: remoteNodes{}, nodes: "running", playbook: withWeb3, remote: "bare active enabled", online: "web3", frames: sameKey(), give: "web3 key " + facts.PacemakerKey, of: 1,
			want: "web3 write " + facts.PacemakerKey},
		{name: "packages of a remote node: its daemon is held back", step: packages{}, nodes: "running", playbook: withWeb3, remote: "bare", node: "web3", give: "web3 package pacemaker-remote", of: 4,
			want: "web3 apt start start careful --hold=nginx --hold=pacemaker_remote pacemaker-remote, web3 apt follow follow"},
		{name: "one object of two: the CIB is patched as a whole, so it is refused", step: cibConf{}, nodes: "running",
			playbook: "monitor: {interval: 10s} => monitor: {interval: 12s}\nresource-stickiness: 100 => resource-stickiness: 50\n",
			give:     "cluster primitive web-ip", of: 2, err: "resource default resource-stickiness: not in the plan"},
	} {
		tried[c.step.Name()] = true
		t.Run(c.step.Name()+", "+c.name, func(t *testing.T) {
			d := cases.Case{Dir: t.TempDir(), Args: map[string]string{"-nodes": c.nodes, "-playbook": c.playbook, "-remote": c.remote}}
			for name, text := range c.frames {
				for _, n := range []string{"n1", "n2", "n3", "web3"} {
					cases.Write(t, filepath.Join(d.Dir, strings.Replace(name, "*", n, 1)), []byte(text))
				}
			}
			cluster := caseCluster(t, d)
			cluster.strict, cluster.approved = true, &plan.Plan{}
			r := &Run{Cluster: cluster, op: Plan}
			target := Target{Cluster: cluster}
			for _, n := range cluster.All() {
				if n.Name == c.node {
					target.Node = n
				}
			}
			all := actors(t, cluster, strings.Fields(c.online)...)
			found, err := r.check(t.Context(), c.step, &target)
			if err != nil {
				t.Fatal(err)
			}
			var given []plan.Change
			for _, name := range strings.Split(c.give, ", ") {
				i := slices.IndexFunc(found, func(ch plan.Change) bool { return orCluster(ch.Node)+" "+ch.Kind+" "+ch.ID == name })
				if i < 0 {
					t.Fatalf("there is no change %q in %v", name, found)
				}
				given = append(given, found[i])
			}
			if len(found) != c.of {
				t.Errorf("%d changes are found, not %d: %v", len(found), c.of, found)
			}
			err = c.step.Apply(t.Context(), &target, given)
			if c.err == "" && err != nil || c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
				t.Errorf("got %v, want %q", err, c.err)
			}
			var did []string
			for _, a := range all {
				did = append(did, a.did()...)
			}
			if got := strings.Join(did, ", "); got != c.want {
				t.Errorf("did\n%s, want\n%s", got, c.want)
			}
		})
	}
	for _, s := range append(All(), Destroy.Steps...) {
		if !tried[s.Name()] && !oneChange(t, s) {
			t.Errorf("step %s finds several changes and is not tried", s.Name())
		}
	}
}

// remoteOnline is the line of crm_mon about remote nodes.
func remoteOnline(names []string) string {
	if names == nil {
		return ""
	}
	return "  * RemoteOnline: [ " + strings.Join(names, " ") + " ]\n"
}

// sameKey is aKey as Pacemaker's, on each member.
func sameKey() map[string]string {
	sum := fmt.Sprintf("%d 1795413700 %x\n", len(aKey), sha256.Sum256([]byte(aKey)))
	return map[string]string{"n1/pacemaker-key": sum, "n2/pacemaker-key": sum, "n3/pacemaker-key": sum}
}

// withWeb3 declares a remote node.
const withWeb3 = "resource_defaults: => remote_nodes: [{name: web3}]\\n\\nresource_defaults:"

// oneChange reports whether a step never finds more than one change on a target,
// so that it cannot be given some of them.
func oneChange(t *testing.T, s Step) bool {
	t.Helper()
	for _, kind := range []string{"bare", "preinstalled", "running"} {
		r := &Run{Cluster: caseCluster(t, cases.Case{Dir: t.TempDir(), Args: map[string]string{"-nodes": kind}})}
		actors(t, r.Cluster)
		for _, target := range r.targets(s) {
			changes, err := r.check(t.Context(), s, &target)
			if refused := new(RefusedError); err != nil && !errors.As(err, &refused) {
				t.Fatal(err)
			}
			if len(changes) > 1 {
				return false
			}
		}
	}
	return true
}

// unitsOf is systemctl show of one unit: its name, state and boot setting.
func unitsOf(words string) string {
	w := strings.Fields(words)
	sub := map[string]string{"active": "running", "inactive": "dead"}[w[1]]
	text := ""
	for _, unit := range []string{"corosync", "pacemaker", "pcsd", "sbd", "nginx"} {
		load, active, state, boot := "not-found", "inactive", "dead", ""
		if unit == w[0] {
			load, active, state, boot = "loaded", w[1], sub, w[2]
		}
		text += "Id=" + unit + ".service\nLoadState=" + load + "\nActiveState=" + active + "\nSubState=" + state + "\nUnitFileState=" + boot + "\n\n"
	}
	return text
}
