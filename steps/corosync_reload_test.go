package steps

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/remote"
	"github.com/hadeploy/hadeploy/internal/yamldoc/cases"
)

// member is a node that acts as Corosync and its files do: a file is read when
// all are told to reload.
type member struct {
	remote.Conn
	t       *testing.T
	name    string
	all     *[]*member
	frames  map[string]facts.Answer
	files   map[string]string // what was written
	trouble map[string]int    // label -> how often it fails; -1: always
	deaf    bool              // takes no reload
	did     []string
}

// aKey is the authkey of those members that are said to have it.
const aKey = "a key of no secrecy"

func (m *member) Run(_ context.Context, cmd remote.Cmd) (remote.Result, error) {
	if cmd.Label == "observe" {
		mark := cmd.Args[0]
		text := strings.ReplaceAll(string(framed(m.frames)), "@MARK ", "@"+mark+" ")
		return remote.Result{Stdout: []byte(text)}, nil
	}
	m.did = append(m.did, cmd.Label)
	if left := m.trouble[cmd.Label]; left != 0 {
		m.trouble[cmd.Label] = left - 1
		return remote.Result{Node: m.name, Status: 1, Stdout: []byte("Nov 27 00:00:00 error   [MAIN  ] no, says " + m.name + "\n"), Stderr: []byte("no, says " + m.name)}, nil
	}
	switch cmd.Label {
	case "rename the new corosync.conf":
		m.conf(m.files[stagedConf])
		delete(m.files, stagedConf)
	case "remove the new corosync.conf":
		delete(m.files, stagedConf)
	case "read " + facts.CorosyncKey:
		return remote.Result{Stdout: []byte(base64.StdEncoding.EncodeToString([]byte(aKey)))}, nil
	case "corosync-cfgtool -R":
		for _, other := range *m.all {
			other.reload()
		}
	}
	return remote.Result{}, nil
}

func (m *member) WriteFile(_ context.Context, f remote.File) error {
	m.did = append(m.did, "write "+f.Path)
	if m.trouble["write "+f.Path] != 0 {
		return errors.New("no, says " + m.name)
	}
	m.files[f.Path] = string(f.Content)
	if f.Path == facts.CorosyncConf {
		m.conf(string(f.Content))
	}
	return nil
}

// conf puts a corosync.conf in its place.
func (m *member) conf(text string) {
	m.files[facts.CorosyncConf] = text
	m.frames["corosync.conf"] = answerOf(m.t, "corosync.conf", []byte(text))
}

// reload reads totem.token, the one setting that these tests change.
func (m *member) reload() {
	if m.deaf {
		return
	}
	var out strings.Builder
	for line := range strings.Lines(string(m.frames["cmap"].Out)) {
		if !strings.HasPrefix(line, "totem.token ") {
			out.WriteString(line)
		}
		if _, token, ok := strings.Cut(m.files[facts.CorosyncConf], "token: "); ok && strings.HasPrefix(line, "totem.crypto_hash ") {
			number, _, _ := strings.Cut(token, "\n")
			fmt.Fprintf(&out, "totem.token (u32) = %s\n", number)
		}
	}
	m.frames["cmap"] = facts.Answer{Out: []byte(out.String())}
}

// actingCluster are three running members that act, and a playbook that declares
// another token. frames says what frames say instead, such as n2/corosync-key.
func actingCluster(t *testing.T, frames map[string]string) (*Cluster, map[string]*member) {
	t.Helper()
	c := cases.Case{Dir: t.TempDir(), Args: map[string]string{"-nodes": "running",
		"-playbook": "  enable: true  =>   totem: {token: 7000}\\n  enable: true  "}}
	for name, text := range frames {
		cases.Write(t, filepath.Join(c.Dir, name), []byte(text))
	}
	cluster := caseCluster(t, c)
	byName, all := map[string]*member{}, &[]*member{}
	for _, n := range cluster.Nodes {
		frames, err := facts.Frames([]byte(n.Conn.(observedNode).stdout), "MARK")
		if err != nil {
			t.Fatal(err)
		}
		m := &member{t: t, name: n.Name, all: all, frames: maps.Clone(frames), files: map[string]string{facts.CorosyncConf: string(n.Facts.Corosync.Text)}, trouble: map[string]int{}}
		byName[n.Name], n.Conn = m, m
		*all = append(*all, m)
	}
	return cluster, byName
}

// TestReplaceConf lets token become 7000 on three running members, and says what
// is in the files and what runs afterwards.
func TestReplaceConf(t *testing.T) {
	for _, c := range []struct {
		name        string
		spoil       func(m map[string]*member)
		want        string // of the error; empty: none
		file, runs  string // token on every member, 3000 is none
		neverLabels string // a command that must not have been given
	}{
		{"all is well", func(map[string]*member) {}, "", "7000", "7000", "remove the new corosync.conf"},
		{"one node's Corosync refuses the file", func(m map[string]*member) { m["n3"].trouble["corosync -t"] = 1 },
			"corosync.conf was left as it is on all nodes: n3: corosync would not start with the new file (corosync -t, exit status 1): no, says n3", "", "", "rename the new corosync.conf"},
		{"one node cannot rename", func(m map[string]*member) { m["n2"].trouble["rename the new corosync.conf"] = 1 },
			"n2: rename the new corosync.conf: exit status 1: no, says n2\nthe old corosync.conf is in place again on n1, n3", "", "", "corosync-cfgtool -R"},
		{"the reload is refused", func(m map[string]*member) { m["n1"].trouble["corosync-cfgtool -R"] = 1 },
			"n1: corosync-cfgtool -R: exit status 1: no, says n1\nthe old corosync.conf is in place again on n1, n2, n3, and it is what runs", "", "", ""},
		{"and so is the next", func(m map[string]*member) { m["n1"].trouble["corosync-cfgtool -R"] = -1 },
			"n1: corosync-cfgtool -R: exit status 1: no, says n1\nthe old corosync.conf is in place again on n1, n2, n3, and it is what runs", "", "", ""},
		{"one member does not take it", func(m map[string]*member) { m["n2"].deaf = true },
			"n2: it still runs with other settings: totem.token is nothing, in the file 7000\nthe old corosync.conf is in place again on n1, n2, n3, and it is what runs", "", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			cluster, byName := actingCluster(t, nil)
			synctest.Test(t, func(t *testing.T) {
				c.spoil(byName)
				changes, err := corosyncConf{}.Check(t.Context(), &Target{Cluster: cluster})
				if err != nil || len(changes) != 3 || changes[0].Disruption != plan.Reload {
					t.Fatalf("%+v, %v", changes, err)
				}
				began := time.Now()
				err = corosyncConf{}.Apply(t.Context(), &Target{Cluster: cluster}, changes)
				if got := fmt.Sprint(err); got != c.want && (err != nil || c.want != "") {
					t.Errorf("got  %s\nwant %s", got, c.want)
				}
				if left, ok := errors.AsType[*PartlyError](err); ok {
					t.Errorf("it says that %v stays", left.Wrote)
				}
				if took := time.Since(began); took > 2*reloadLimit+time.Second {
					t.Errorf("it took %s", took)
				}
				for _, m := range byName {
					if got := tokenIn(m.files[facts.CorosyncConf], "token: "); got != c.file {
						t.Errorf("the file on %s has token %q", m.name, got)
					}
					if got := tokenIn(string(m.frames["cmap"].Out), "totem.token (u32) = "); got != c.runs {
						t.Errorf("%s runs with token %q", m.name, got)
					}
					if m.files[stagedConf] != "" {
						t.Errorf("%s has a file left", m.name)
					}
					if slices.Contains(m.did, c.neverLabels) {
						t.Errorf("%s: %v", m.name, m.did)
					}
					record := m.files[facts.CorosyncRecord]
					if at := slices.Index(m.did, "write "+facts.CorosyncRecord); !strings.Contains(record, "7000") || at > slices.Index(m.did, "rename the new corosync.conf") && slices.Contains(m.did, "rename the new corosync.conf") {
						t.Errorf("%s has the record %q: %v", m.name, record, m.did)
					}
				}
			})
		})
	}
}

// tokenIn is the rest of the line behind a text, "" where it is not.
func tokenIn(text, before string) string {
	_, rest, _ := strings.Cut(text, before)
	line, _, _ := strings.Cut(rest, "\n")
	return line
}

// What could not be put back is told, so that nobody says that nothing was done.
func TestReplaceConfPartly(t *testing.T) {
	sum := fmt.Sprintf("256 1795413700 %x\n", sha256.Sum256([]byte(aKey)))
	for what, wrote := range map[string][]string{
		"write " + facts.CorosyncConf: {facts.CorosyncKey + " on n2", facts.CorosyncConf + " on n1, n2, n3"},
		"corosync -t":                 {facts.CorosyncKey + " on n2"},
	} {
		cluster, byName := actingCluster(t, map[string]string{"n1/corosync-key": sum, "n2/corosync-key": "absent\n", "n3/corosync-key": sum})
		byName["n1"].trouble["corosync-cfgtool -R"] = 1
		byName["n2"].trouble[what] = -1
		changes, err := corosyncConf{}.Check(t.Context(), &Target{Cluster: cluster})
		if err != nil {
			t.Fatal(err)
		}
		err = corosyncConf{}.Apply(t.Context(), &Target{Cluster: cluster}, changes)
		var left *PartlyError
		if !errors.As(err, &left) || !slices.Equal(left.Wrote, wrote) {
			t.Errorf("%s: got %v, %+v", what, err, left)
		}
	}
}
