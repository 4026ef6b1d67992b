package steps

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/yamldoc/cases"
	"github.com/hadeploy/hadeploy/inventory"
	"github.com/hadeploy/hadeploy/playbook"
)

// TestPlan holds the quickstart playbook against nodes as they were observed
// on a lab (testdata/nodes: bare, with the cluster packages preinstalled, and with the
// quickstart applied). A case
// changes a part of what was observed, or of the playbook, and says what every
// step then finds. Sections of a case:
//
//	-nodes      bare, preinstalled or running
//	-playbook   edits: old => new
//	n2/units    what the frame "units" of n2 says instead
//	-n2         edits of what n2 said, in every frame: old => new
//	-remote     the first of the playbook's remote_nodes has a host web3, which said
//	            what n3 said in that state, but for its own ids; then how
//	            pacemaker_remote is there: active enabled. Not given: not installed
func TestPlan(t *testing.T) {
	t.Setenv("HACLUSTER_PASSWORD", "sekrit-pw")
	cases.Run(t, "testdata/plan/*.txtar", func(t *testing.T, c cases.Case) string {
		cluster := caseCluster(t, c)
		var out strings.Builder
		run := &Run{Cluster: cluster, op: Plan}
		for _, s := range run.op.Steps {
			for _, target := range run.targets(s) {
				changes, err := run.check(t.Context(), s, &target)
				var refused *RefusedError
				switch {
				case errors.As(err, &refused):
					for _, f := range refused.Findings {
						fmt.Fprintf(&out, "refused [%s] %s: %s\n", f.Code, orCluster(f.Node), f.Message)
					}
					return out.String()
				case err != nil:
					fmt.Fprintf(&out, "error %v\n", err)
					return out.String()
				}
				for _, ch := range changes {
					writeChange(&out, ch)
				}
			}
		}
		for _, f := range cluster.findings {
			fmt.Fprintf(&out, "%s [%s] %s: %s\n", f.Severity, f.Code, orCluster(f.Node), f.Message)
		}
		for _, o := range cluster.unmanaged {
			fmt.Fprintf(&out, "unmanaged %s %s\n", o.Kind, o.ID)
		}
		if out.Len() == 0 {
			return "nothing\n"
		}
		return out.String()
	})
}

// writeChange is a change as one line, without the long texts.
func writeChange(out *strings.Builder, c plan.Change) {
	fmt.Fprintf(out, "%s: %s %s %s %s", c.Step, orCluster(c.Node), c.Action.Symbol(), c.Kind, c.ID)
	if c.Disruption != plan.None {
		fmt.Fprintf(out, " (%s)", c.Disruption)
	}
	if c.Unknown != "" {
		fmt.Fprintf(out, " ? %s", c.Unknown)
	}
	if c.Maybe {
		out.WriteString(", if it is one")
	}
	out.WriteString("\n")
	if c.Action != plan.Update {
		return
	}
	for _, d := range c.Diffs {
		switch {
		case d.Secret:
			fmt.Fprintf(out, "    %s: secret\n", d.Name)
		case d.Lines:
			fmt.Fprintf(out, "    %s: %d -> %d bytes\n", d.Name, len(d.Before), len(d.After))
		default:
			fmt.Fprintf(out, "    %s: %q -> %q\n", d.Name, d.Before, d.After)
		}
	}
}

func orCluster(node string) string {
	if node == "" {
		return "cluster"
	}
	return node
}

// caseCluster is the cluster of a case, observed.
func caseCluster(t *testing.T, c cases.Case) *Cluster {
	t.Helper()
	kind := strings.TrimSpace(c.Args["-nodes"])
	if err := os.CopyFS(c.Dir, os.DirFS("../examples/playbooks")); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(c.Dir, "quickstart.yaml")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	for line := range strings.Lines(c.Args["-playbook"]) {
		old, new, ok := strings.Cut(strings.TrimRight(line, "\n"), " => ")
		if !ok || !strings.Contains(text, old) {
			t.Fatalf("the playbook does not contain %q", old)
		}
		text = strings.Replace(text, old, strings.ReplaceAll(new, `\n`, "\n"), 1)
	}
	cases.Write(t, path, []byte(text))
	p, list := playbook.Load(path, playbook.LoadOptions{Vars: map[string]string{"vip": nodeNet + "200"}})
	if p == nil {
		t.Fatal(list)
	}
	cluster := &Cluster{Playbook: p, forks: 3, emit: func(Event) {}}
	for i := 1; i <= 3; i++ {
		name := fmt.Sprintf("n%d", i)
		cluster.Nodes = append(cluster.Nodes, &Node{Facts: &facts.Facts{}, Node: inventory.Node{Name: name, NodeName: name,
			Host: fmt.Sprintf("10.0.0.%d", i), Links: []string{fmt.Sprintf("%s1%d", nodeNet, i), fmt.Sprintf("%s1%d", nodeNet2, i)}}})
	}
	remote, remoted, _ := strings.Cut(strings.TrimSpace(c.Args["-remote"]), " ")
	if remote != "" {
		cluster.Remotes = []*Node{{Facts: &facts.Facts{}, Node: inventory.Node{Name: "web3", NodeName: "web3", Host: "10.0.0.9"}, Remote: &p.Remotes[0]}}
	}
	for _, n := range cluster.All() {
		captured := filepath.Join("testdata", "nodes", kind, n.Name+".txt")
		if n.Remote != nil {
			captured = filepath.Join("testdata", "nodes", remote, "n3.txt")
		}
		out, err := os.ReadFile(captured)
		if err != nil {
			t.Fatal(err)
		}
		frames, err := facts.Frames(out, "MARK")
		if err != nil {
			t.Fatal(err)
		}
		if remote != "" {
			knowRemote(frames)
		}
		if n.Remote != nil {
			asWeb3(t, frames, remoted)
		}
		override, err := filepath.Glob(filepath.Join(c.Dir, n.Name, "*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range override {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			frames[filepath.Base(file)] = answerOf(t, filepath.Base(file), b)
			if filepath.Base(file) == "files" { // whose content is then another
				maps.DeleteFunc(frames, func(name string, _ facts.Answer) bool { return strings.HasPrefix(name, "file:") })
			}
		}
		for line := range strings.Lines(c.Args["-"+n.Name]) {
			editFrames(t, frames, line)
		}
		clock := frames["clock"]
		clock.Out = fmt.Appendf(nil, "%d.0\n", time.Now().Unix())
		frames["clock"] = clock
		ask := cluster.ask(n, facts.All)
		stdout, stderr := framed(frames), unknownPackages(ask, frames["dpkg"])
		n.Conn = observedNode{stdout: string(stdout), stderr: string(stderr)}
		if err := n.Facts.Take(ask, "MARK", stdout, stderr, facts.Asked{Began: time.Now(), Took: time.Second}); err != nil {
			t.Fatal(err)
		}
		n.seen, n.Facts = n.Facts, withoutDefault(n.Facts)
	}
	return cluster
}

// knowRemote adds the agent that connects to remote nodes, where that of its
// neighbour is. The agents are in the order of their names.
func knowRemote(frames map[string]facts.Answer) {
	list := frames["agents"]
	answer := "no"
	if bytes.Contains(list.Out, []byte("yes ocf:pacemaker:Stateful")) {
		answer = "yes"
	}
	list.Out = fmt.Appendf(slices.Clone(list.Out), "%s ocf:pacemaker:remote\n", answer)
	frames["agents"] = list
	if nginx, told := frames["metadata:4"]; told {
		frames["metadata:4"], frames["metadata:5"] = facts.Answer{Out: []byte(remoteMetadata)}, nginx
	}
}

const remoteMetadata = `<resource-agent name="remote"><version>1.0</version><parameters><parameter name="server"><content type="string"/></parameter></parameters>
<actions><action name="start" timeout="60s"/><action name="stop" timeout="60s"/><action name="monitor" timeout="30s" interval="60s"/></actions></resource-agent>`

// asWeb3 makes what a node said that of the host of a remote node.
func asWeb3(t *testing.T, frames map[string]facts.Answer, remoted string) {
	t.Helper()
	frames["uname"] = facts.Answer{Out: []byte("web3\n")}
	frames["machine-id"] = answerOf(t, "machine-id", []byte("99f468e61090d1d97d1f30eff4da6099\n"))
	frames["boot-id"] = facts.Answer{Out: []byte("9cec2c12-6903-488b-9d74-1ddbe78e3999\n")}
	block := "Id=pacemaker_remote.service\nLoadState=not-found\nActiveState=inactive\nSubState=dead\nUnitFileState="
	if active, boot, installed := strings.Cut(remoted, " "); installed {
		block = "Id=pacemaker_remote.service\nLoadState=loaded\nActiveState=" + active + "\nSubState=running\nUnitFileState=" + boot
	}
	units := strings.Split(string(frames["units"].Out), "\n\n")
	frames["units"] = facts.Answer{Out: []byte(strings.Join(slices.Insert(units, 4, block), "\n\n"))}
}

// The lab's link networks at the time of the capture.
const (
	nodeNet  = "10.192.65."
	nodeNet2 = "10.192.66."
)

// answerOf is what a case says instead of what was captured. A first line
// "exit N" is the exit status. Of a file its content is given; what stat and
// sha256sum say of it is put before it.
func answerOf(t *testing.T, frame string, b []byte) facts.Answer {
	t.Helper()
	a := facts.Answer{Out: b}
	if first, rest, _ := bytes.Cut(b, []byte("\n")); bytes.HasPrefix(first, []byte("exit ")) {
		if _, err := fmt.Sscanf(string(first), "exit %d", &a.Status); err != nil {
			t.Fatal(err)
		}
		a.Out = rest
	}
	if fileFrames[frame] && string(a.Out) != "absent\n" {
		a.Out = fmt.Appendf(nil, "%d 1795413700 %x\n%s", len(a.Out), sha256.Sum256(a.Out), a.Out)
	}
	return a
}

// fileFrames have the size, time and SHA-256 of a file before its content.
var fileFrames = map[string]bool{"machine-id": true, "os-release": true, "corosync.conf": true, "corosync-record": true, "known-hosts": true, "pcs-users": true}

// editFrames makes one edit, in every frame that has the text.
func editFrames(t *testing.T, frames map[string]facts.Answer, line string) {
	t.Helper()
	old, new, ok := strings.Cut(strings.TrimRight(line, "\n"), " => ")
	old, new = strings.ReplaceAll(old, `\n`, "\n"), strings.ReplaceAll(new, `\n`, "\n")
	found := false
	for name, a := range frames {
		if !bytes.Contains(a.Out, []byte(old)) {
			continue
		}
		found = true
		out := bytes.ReplaceAll(a.Out, []byte(old), []byte(new))
		if _, content, _ := bytes.Cut(out, []byte("\n")); fileFrames[name] {
			out = answerOf(t, name, content).Out
		}
		a.Out = out
		frames[name] = a
	}
	if !ok || !found {
		t.Fatalf("there is no %q to edit", old)
	}
}

// framed writes answers as a node does.
func framed(frames map[string]facts.Answer) []byte {
	var b bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(frames)) {
		a := frames[name]
		fmt.Fprintf(&b, "\n@MARK begin %s %d\n%s\n@MARK end %s %d\n", name, 1<<24, a.Out, name, a.Status)
	}
	b.WriteString("\n@MARK done\n")
	return b.Bytes()
}

// unknownPackages is what dpkg-query says of those that it does not list.
func unknownPackages(q facts.Ask, listed facts.Answer) []byte {
	var b bytes.Buffer
	b.WriteString("\n@MARK begin dpkg\n")
	for _, name := range q.Packages {
		if !bytes.Contains(append([]byte("\n"), listed.Out...), []byte("\n"+name+"\t")) {
			fmt.Fprintf(&b, "dpkg-query: no packages found matching %s\n", name)
		}
	}
	b.WriteString("\n@MARK end dpkg\n")
	return b.Bytes()
}

func TestWaitTellsWhatItWaitsFor(t *testing.T) {
	var seen []Waiting
	c := &Cluster{emit: func(e Event) { seen = append(seen, e.(Waiting)) }}
	err := c.wait(t.Context(), Waiting{Step: "start", For: "a DC", Limit: 30 * time.Millisecond}, time.Millisecond,
		func(context.Context) (bool, string, error) { return false, "2 of 3 members online", nil })
	var waited *WaitError
	if !errors.As(err, &waited) || waited.Detail != "2 of 3 members online" {
		t.Fatalf("got %v", err)
	}
	if len(seen) != 3 || seen[1].Detail == "" || !seen[2].Done {
		t.Errorf("expected begin, detail, done: %+v", seen)
	}
	if err := c.wait(t.Context(), Waiting{Limit: time.Minute}, time.Millisecond,
		func(context.Context) (bool, string, error) { return true, "", nil }); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err = c.wait(ctx, Waiting{Limit: time.Minute}, time.Millisecond, func(context.Context) (bool, string, error) { return false, "", nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled wait gave %v", err)
	}
}
