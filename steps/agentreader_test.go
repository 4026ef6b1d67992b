package steps

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hadeploy/hadeploy/internal/agent"
	"github.com/hadeploy/hadeploy/internal/remote"
	"github.com/hadeploy/hadeploy/inventory"
)

// replayed is a node that answers each script with a recording, in which MARK
// stands for the random word.
type replayed struct {
	remote.Conn
	list, metadata string
	stderr         string
	err            error
}

func (r *replayed) Run(_ context.Context, cmd remote.Cmd) (remote.Result, error) {
	out := r.list
	if cmd.Script == agent.MetadataScript {
		out = r.metadata
	}
	if !cmd.Reads {
		return remote.Result{}, errors.New("it would change the node")
	}
	return remote.Result{Stdout: []byte(strings.ReplaceAll(out, "@MARK ", "@"+cmd.Args[0]+" ")), Stderr: []byte(r.stderr)}, r.err
}

func (r *replayed) Lost() <-chan struct{} { return nil }
func (r *replayed) Close() error          { return nil }

func recorded(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile("../internal/agent/testdata/list/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// agentReader reads nodes n1, n2 and so on; nil cannot be reached.
func agentReader(t *testing.T, conns ...remote.Conn) *AgentReader {
	t.Helper()
	cfg := Config{Forks: 2}
	for i := range conns {
		cfg.Nodes = append(cfg.Nodes, inventory.Node{Name: fmt.Sprintf("n%d", i+1)})
	}
	cfg.Dial = func(_ context.Context, n inventory.Node) (remote.Conn, error) {
		if c := conns[n.Name[1]-'1']; c != nil {
			return c, nil
		}
		return nil, errors.New(n.Name + ": cannot be reached")
	}
	r, err := NewAgentReader("made", cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

// What the script printed on real nodes gives the agents that Pacemaker itself
// listed there, of every standard.
func TestAgentListOfRealNodes(t *testing.T) {
	for release, version := range map[string]string{"debian11": "2.0.5", "debian12": "2.1.5", "debian13": "3.0.0"} {
		got := agentReader(t, &replayed{list: recorded(t, release+".txt")}).List(t.Context())[0]
		if got.Err != nil {
			t.Fatal(got.Err)
		}
		want := strings.Split(strings.TrimSpace(recorded(t, release+".pacemaker")), "\n")
		if d := cmp.Diff(want, got.Agents); d != "" || len(want) < 400 {
			t.Errorf("%s, %d agents: %s", release, len(want), d)
		}
		if got.Pacemaker != version {
			t.Errorf("%s: Pacemaker %q", release, got.Pacemaker)
		}
		if !got.Has("ocf:heartbeat:IPaddr2") || !got.Has("systemd:getty@") || got.Has("nothing") {
			t.Errorf("%s: Has is wrong", release)
		}
	}
}

func frames(parts ...string) string {
	var b strings.Builder
	for i := 0; i+1 < len(parts); i += 2 {
		fmt.Fprintf(&b, "\n@MARK begin %s\n%s\n@MARK end %[1]s\n", parts[i], parts[i+1])
	}
	return b.String() + "\n@MARK done\n"
}

// A node may answer anything: it is an error of that node, or is left out.
func TestAgentListOfOddNodes(t *testing.T) {
	for name, c := range map[string]struct {
		node *replayed
		want string // agents
		err  string
	}{
		"no Pacemaker": {&replayed{list: frames("pacemaker", "", "agents", "ocf:a:b", "units", "")}, "ocf:a:b", ""},
		"cut":          {&replayed{list: "\n@MARK begin pacemaker\n"}, "", "list agents: the answer ends early"},
		"noise only":   {&replayed{list: "Welcome!\n"}, "", "the answer ends early"},
		"lost":         {&replayed{err: errors.New("connection lost")}, "", "connection lost"},
	} {
		got := agentReader(t, c.node).List(t.Context())[0]
		if text := fmt.Sprint(got.Err); (got.Err != nil) != (c.err != "") || !strings.Contains(text, c.err) && c.err != "" {
			t.Errorf("%s: error %v, want %q", name, got.Err, c.err)
		}
		if d := cmp.Diff(c.want, strings.Join(got.Agents, " ")); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

// A node that cannot be reached does not keep the others from being read, and
// only those that have an agent are asked what it says.
func TestAgentMetadata(t *testing.T) {
	has := frames("pacemaker", "Pacemaker 2.1.5", "agents", "ocf:heartbeat:Dummy", "units", "")
	r := agentReader(t,
		&replayed{list: has, metadata: recorded(t, "dummy.txt")}, nil,
		&replayed{list: frames("pacemaker", "", "agents", "", "units", ""), metadata: "nobody asks for it"},
		&replayed{list: has, metadata: frames("metadata", ""), stderr: "one\ncrm_resource: no such thing\n\n"})
	list := r.List(t.Context())
	if list[0].Err != nil || list[1].Err == nil || list[2].Err != nil || list[3].Err != nil {
		t.Fatalf("%+v", list)
	}
	told := r.Metadata(t.Context(), "ocf:heartbeat:Dummy", list)
	if len(told) != 2 || told[0].Node != "n1" || told[1].Node != "n4" {
		t.Fatalf("%+v", told)
	}
	if told[0].Err != nil || !told[0].Agent.HasAction("monitor") {
		t.Errorf("%+v", told[0])
	}
	if err := fmt.Sprint(told[1].Err); err != "metadata of agent ocf:heartbeat:Dummy: the agent printed nothing; the node says: crm_resource: no such thing" {
		t.Error(err)
	}
}

// Each agent is asked once, of a node that has it, and the nodes share the work;
// units and scripts have nothing to say.
func TestMetadataOfAllAgents(t *testing.T) {
	list := func(agents ...string) string {
		return frames("pacemaker", "Pacemaker 2.1.5", "agents", strings.Join(agents, "\n"), "units", "nginx.service")
	}
	r := agentReader(t,
		&replayed{list: list("ocf:a:one", "ocf:a:three", "ocf:a:two", "lsb:script"), metadata: recorded(t, "dummy.txt")}, nil,
		&replayed{list: list("ocf:a:one", "ocf:a:three", "ocf:a:two", "stonith:fence_lamp"), metadata: frames("metadata", "")})
	var got []string
	for _, told := range r.MetadataOfAll(t.Context(), r.List(t.Context())) {
		got = append(got, fmt.Sprintf("%s of %s: %v", told.Name, told.Node, told.Err == nil && told.Agent.HasAction("monitor")))
	}
	slices.Sort(got)
	want := []string{"ocf:a:one of n3: false", "ocf:a:three of n3: false", "ocf:a:two of n1: true", "stonith:fence_lamp of n3: false"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestAgentReaderRefuses(t *testing.T) {
	if _, err := NewAgentReader("x", Config{}); err == nil || !strings.Contains(err.Error(), "forks") {
		t.Error(err)
	}
	if _, err := NewAgentReader("x", Config{Forks: 1}); err == nil || !strings.Contains(err.Error(), "no nodes") {
		t.Error(err)
	}
}
