// Package oracle lets tests ask the real pcs, Pacemaker and Corosync of a node
// to judge what this program writes. It is for tests only.
package oracle

import (
	"bytes"
	"context"
	_ "embed"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// Variable holds commands that run a shell on a node with pcs, Pacemaker's
// tools and the agents installed, separated by semicolons; "sh -s" is added to
// each:
//
//	HADEPLOY_ORACLE_SSH='ssh -i KEY root@10.0.0.1; ssh -i KEY root@10.0.0.2'
//
// No cluster need run there, and none is touched: all is done on files, but for
// a fence agent of the tests' own that stands there meanwhile.
const Variable = "HADEPLOY_ORACLE_SSH"

// Node is one judge.
type Node struct {
	Version string // of its pcs
	argv    []string
}

// Nodes are those that Variable names; without it the test is skipped.
func Nodes(t *testing.T) (nodes []*Node) {
	t.Helper()
	all := os.Getenv(Variable)
	if all == "" {
		t.Skip(Variable + " is not set: no node whose pcs could judge")
	}
	for _, prefix := range strings.Split(all, ";") {
		n := &Node{argv: append(strings.Fields(prefix), "sh", "-s")}
		n.Version = strings.TrimSpace(n.Run(t, "pcs --version"))
		nodes = append(nodes, n)
	}
	return nodes
}

// Run runs a script on the node and returns what it printed. A script that
// fails ends the test.
func (n *Node) Run(t *testing.T, script string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, n.argv[0], n.argv[1:]...)
	cmd.Stdin = strings.NewReader(script)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s\n%s", n.argv, err, out, stderr.Bytes())
	}
	return string(out)
}

// PCS is the beginning of a script that calls pcs often: it makes of pcs a
// function that starts no Python for each call, and a folder $d (if there is
// none yet) that goes when the script ends. What pcs takes from the environment
// has to be exported before.
//
//go:embed pcs.sh
var PCS string
