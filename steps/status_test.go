package steps

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/remote"
	"github.com/hadeploy/hadeploy/internal/verify"
	"github.com/hadeploy/hadeploy/inventory"
	"github.com/hadeploy/hadeploy/playbook"
)

// captured is a part of what a real node printed.
func captured(t *testing.T, state, part string) string {
	t.Helper()
	ar, err := txtar.ParseFile("../internal/pcs/testdata/states/debian12/" + state + ".txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range ar.Files {
		if f.Name == part {
			return string(f.Data)
		}
	}
	t.Fatalf("%s has no part %q", state, part)
	return ""
}

// shellNode is a connection to a node that runs scripts here, with the pcs
// and crm_mon of its folder.
type shellNode struct {
	remote.Conn
	bin  string
	lost chan struct{}
	runs atomic.Int32
}

func newShellNode(t *testing.T) *shellNode {
	return &shellNode{bin: t.TempDir(), lost: make(chan struct{})}
}

// prints makes a program that writes the text and ends with the status.
func (n *shellNode) prints(t *testing.T, program, out, errs string, status int) {
	t.Helper()
	for name, text := range map[string]string{program + ".out": out, program + ".err": errs} {
		if err := os.WriteFile(filepath.Join(n.bin, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	script := fmt.Sprintf("#!/bin/sh\ncat %[1]s/%[2]s.out; cat %[1]s/%[2]s.err >&2; exit %[3]d\n", n.bin, program, status)
	if program == "pcs" { // pcs status xml is another
		script = "#!/bin/sh\n[ \"$2\" != xml ] || exec cat " + n.bin + "/xml.out\n" + strings.TrimPrefix(script, "#!/bin/sh\n")
	}
	if err := os.WriteFile(filepath.Join(n.bin, program), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
}

func (n *shellNode) Run(ctx context.Context, cmd remote.Cmd) (remote.Result, error) {
	n.runs.Add(1)
	c := exec.CommandContext(ctx, "/bin/sh", append([]string{"-c", cmd.Script, "sh"}, cmd.Args...)...)
	c.Env = []string{"PATH=" + n.bin + ":/usr/bin:/bin"}
	c.Stdin = cmd.Stdin
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr = &out, &errs
	err := c.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return remote.Result{}, err
	}
	return remote.Result{Stdout: out.Bytes(), Stderr: errs.Bytes(), Status: c.ProcessState.ExitCode()}, nil
}

func (n *shellNode) Lost() <-chan struct{} { return n.lost }
func (n *shellNode) Close() error          { return nil }

func statusReader(t *testing.T, dial func(context.Context, inventory.Node) (remote.Conn, error), names ...string) *StatusReader {
	t.Helper()
	cfg := Config{Playbook: &playbook.Playbook{Name: "made"}, Forks: 2, Dial: dial}
	for _, name := range names {
		cfg.Nodes = append(cfg.Nodes, inventory.Node{Name: name, NodeName: name})
	}
	r, err := NewStatusReader(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

// What a node prints, and what comes of it.
func TestStatusRead(t *testing.T) {
	text, xml := captured(t, "standby", "pcs status"), captured(t, "standby", "pcs status xml")
	other := captured(t, "running", "pcs status xml")
	for name, c := range map[string]struct {
		out, errs string
		status    int
		xml       string // crm_mon prints it, "" it fails
		pcsXML    string // pcs status xml prints it, "" it fails
		err       string
		differ    string
		unknown   bool
	}{
		"text and XML":     {out: text, xml: xml},
		"text only":        {out: text},
		"XML of pcs":       {out: text, xml: "crm_mon - Provides a summary\nUsage: crm_mon mode\n", pcsXML: xml},
		"help, no XML":     {out: text, xml: "crm_mon - Provides a summary\nUsage: crm_mon mode\n"},
		"they disagree":    {out: text, xml: other, differ: "node n2: text says standby, online, XML says online"},
		"XML is broken":    {out: text, xml: xml[:len(xml)/2], differ: "the text can be read and the XML cannot"},
		"text is broken":   {out: "Cluster nombre: made\n", xml: xml, differ: "the XML can be read and the text cannot", unknown: true},
		"not running":      {errs: "Error: cluster is not currently running on this node\n", status: 1, xml: other, err: "the cluster is not running on this node"},
		"pcs is missing":   {status: 127, err: "pcs is not installed on this node"},
		"pcs fails midway": {out: text, errs: "Traceback: no\n", status: 1, err: "pcs status ended with exit status 1: Traceback: no"},
		"nothing at all":   {err: "empty"},
		"the text is cut":  {out: text[:len(text)-40], unknown: true},
	} {
		t.Run(name, func(t *testing.T) {
			n := newShellNode(t)
			n.prints(t, "pcs", c.out, c.errs, c.status)
			n.prints(t, "crm_mon", c.xml, "", map[bool]int{true: 105}[c.xml == ""])
			if c.pcsXML != "" {
				if err := os.WriteFile(filepath.Join(n.bin, "xml.out"), []byte(c.pcsXML), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			r := statusReader(t, func(context.Context, inventory.Node) (remote.Conn, error) { return n, nil }, "n1")
			got := r.Read(t.Context())[0]
			if c.err != "" {
				if got.Err == nil || !strings.Contains(got.Err.Error(), c.err) || got.Status != nil {
					t.Fatalf("got %v, %v", got.Status, got.Err)
				}
				return
			}
			if got.Err != nil || got.Status == nil {
				t.Fatal(got.Err)
			}
			if got.Status.Unknown() != c.unknown {
				t.Errorf("unknown: %v", got.Status.Problem())
			}
			if d := time.Since(got.Now); d < -2*time.Second || d > 10*time.Second {
				t.Errorf("the node's clock is read as %v", got.Now)
			}
			switch d := got.Disagreement; {
			case c.differ == "" && d != nil:
				t.Errorf("disagreement: %v", d.Differences)
			case c.differ == "":
			case d == nil || !strings.Contains(strings.Join(d.Differences, "\n"), c.differ):
				t.Errorf("disagreement: %+v", d)
			case string(d.Text) != c.out || strings.TrimSpace(string(d.XML)) != strings.TrimSpace(c.xml):
				t.Errorf("not what was read is kept")
			case n.runs.Load() != 2:
				t.Errorf("%d readings, want a second one", n.runs.Load())
			}
			if (name == "text and XML" || name == "XML of pcs") && got.Status.Node("n2").ID == "" {
				t.Error("what only XML says of the nodes is lost")
			}
		})
	}
}

// A cluster that moves on between text and XML is no bug of ours.
func TestStatusMovesOn(t *testing.T) {
	n := newShellNode(t)
	n.prints(t, "pcs", captured(t, "standby", "pcs status"), "", 0)
	n.prints(t, "crm_mon", captured(t, "running", "pcs status xml"), "", 0)
	first := true
	moving := &hookedNode{Conn: n, before: func() {
		if !first {
			n.prints(t, "pcs", captured(t, "running", "pcs status"), "", 0)
		}
		first = false
	}}
	r := statusReader(t, func(context.Context, inventory.Node) (remote.Conn, error) { return moving, nil }, "n1")
	got := r.Read(t.Context())[0]
	if got.Err != nil || got.Disagreement != nil || got.Status.Node("n2").Standby {
		t.Errorf("got %+v", got)
	}
}

type hookedNode struct {
	remote.Conn
	before func()
}

func (n *hookedNode) Run(ctx context.Context, cmd remote.Cmd) (remote.Result, error) {
	n.before()
	return n.Conn.Run(ctx, cmd)
}

// told is a connection that answers with a text, or as answer says.
type told struct {
	remote.Conn
	lost   chan struct{}
	answer func(context.Context) (string, error)
	closed *atomic.Int32
}

func (n *told) Run(ctx context.Context, cmd remote.Cmd) (remote.Result, error) {
	text, err := n.answer(ctx)
	var b strings.Builder
	for _, part := range [][3]string{{"now", "1\n", "0"}, {"links", "LINK ID 0\n", "0"}, {"text", text, "0"}} {
		fmt.Fprintf(&b, "\n@%[1]s begin %[2]s 999999\n%[3]s\n@%[1]s end %[2]s %[4]s\n", cmd.Args[0], part[0], part[1], part[2])
	}
	fmt.Fprintf(&b, "\n@%s done\n", cmd.Args[0])
	return remote.Result{Stdout: []byte(b.String())}, err
}
func (n *told) Lost() <-chan struct{} { return n.lost }
func (n *told) Close() error          { n.closed.Add(1); return nil }

// A node that goes away is shown as such and tried again, one that is silent
// keeps nobody waiting, one that refuses us is not asked often, and nothing
// is left behind.
func TestStatusWatch(t *testing.T) {
	text := captured(t, "running", "pcs status")
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		dials := map[string]int{}
		var opened, closed atomic.Int32
		began := time.Now()
		silentFrom, goneFrom, goneUntil := 6*time.Second, 4*time.Second, 10*time.Second
		dial := func(_ context.Context, n inventory.Node) (remote.Conn, error) {
			mu.Lock()
			dials[n.Name]++
			mu.Unlock()
			after := time.Since(began)
			switch {
			case n.Name == "refuses":
				return nil, &remote.AuthError{Node: n.Name, Reason: "no"}
			case n.Name == "goes" && after >= goneFrom && after < goneUntil:
				return nil, &remote.UnreachableError{Node: n.Name, Addr: "x:22", Err: errors.New("refused")}
			}
			opened.Add(1)
			c := &told{lost: make(chan struct{}), closed: &closed, answer: func(ctx context.Context) (string, error) {
				after := time.Since(began)
				if n.Name == "silent" && after >= silentFrom {
					<-ctx.Done()
					return "", ctx.Err()
				}
				if n.Name == "goes" && after >= goneFrom && after < goneUntil {
					return "", &remote.LostError{Node: n.Name}
				}
				return text, nil
			}}
			return c, nil
		}
		r := statusReader(t, dial, "well", "goes", "silent", "refuses")
		ctx, cancel := context.WithCancel(t.Context())
		var states []string
		err := r.Watch(ctx, 2*time.Second, func(all []verify.NodeStatus) error {
			state := fmt.Sprintf("%v", time.Since(began))
			for _, s := range all {
				switch {
				case s.Status != nil:
					state += " ok"
				case strings.HasPrefix(s.Err.Error(), "has not answered"):
					state += " silent"
				default:
					state += " error"
				}
			}
			states = append(states, state)
			if time.Since(began) >= 20*time.Second {
				cancel()
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		want := []string{"0s ok ok ok error", "2s ok ok ok error", "4s ok error ok error"}
		if len(states) < 8 || !slices.Equal(states[:3], want) {
			t.Errorf("got %v, want it to begin with %v", states, want)
		}
		if last := states[len(states)-1]; !strings.HasSuffix(last, " ok ok silent error") {
			t.Errorf("at the end: %s", last)
		}
		if dials["well"] != 1 || dials["refuses"] != 1 || dials["goes"] < 3 || dials["goes"] > 6 {
			t.Errorf("connected %v times", dials)
		}
		r.Close()
		if opened.Load() != closed.Load() {
			t.Errorf("%d connections opened, %d closed", opened.Load(), closed.Load())
		}
	})
}

func TestStatusWatchEndsWithShow(t *testing.T) {
	broken := errors.New("broken pipe")
	r := statusReader(t, func(context.Context, inventory.Node) (remote.Conn, error) { return nil, errors.New("off") }, "n1")
	if err := r.Watch(t.Context(), time.Second, func([]verify.NodeStatus) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

// What a status that is not understood leaves out is not missing.
func TestStatusDifferences(t *testing.T) {
	r := statusReader(t, nil, "n1", "n2", "n9")
	st, err := pcs.ParseStatus([]byte(captured(t, "standby", "pcs status")))
	if err != nil {
		t.Fatal(err)
	}
	found := r.Differences([]verify.NodeStatus{{Node: "n1", Status: st}, {Node: "n2", Err: errors.New("off")}, {Node: "n9"}})
	codes := map[string]bool{}
	for _, f := range found {
		codes[f.Code+" "+f.Node] = true
	}
	if !codes["NODE_STANDBY n2"] || !codes["NODE_OFFLINE n9"] {
		t.Errorf("got %v", found)
	}
	// The nodes of another partition do not judge the members of this one.
	alone, err := pcs.ParseStatus([]byte(captured(t, "no-quorum", "pcs status")))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.Differences([]verify.NodeStatus{{Node: "n1", Status: alone}, {Node: "n2", Status: st}, {Node: "n9"}}) {
		if f.Code == "NODE_OFFLINE" && f.Node == "n2" {
			t.Errorf("n2 is judged by n1, which has no quorum: %+v", f)
		}
	}
	st.Incomplete = append(st.Incomplete, "cut")
	if found := r.Differences([]verify.NodeStatus{{Node: "n1", Status: st}, {}, {}}); found != nil {
		t.Errorf("of an unknown state: %v", found)
	}
}
