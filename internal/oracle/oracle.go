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
		nodes = append(nodes, At(t, prefix))
	}
	return nodes
}

// At is the node on which a command runs a shell.
func At(t *testing.T, prefix string) *Node {
	t.Helper()
	n := &Node{argv: append(strings.Fields(prefix), "sh", "-s")}
	n.Version = strings.TrimSpace(n.Run(t, "pcs --version"))
	return n
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

// OnCopy runs one command a line on a copy of a CIB and returns what it became.
// What a plan hides is "secret MASKED".
func (n *Node) OnCopy(t *testing.T, live, commands string) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("d=$(mktemp -d); f=$d/cib; export CIB_file=$f\n" + PCS)
	b.WriteString("pcs() { fork_pcs -f $f \"$@\" >$d/said 2>&1 || { echo \"pcs $*:\" >&2; cat $d/said >&2; exit 1; }; }\n")
	b.WriteString("cat >$f <<'END-OF-CIB'\n" + live + "\nEND-OF-CIB\n")
	for _, line := range strings.Split(commands, "\n") {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			b.WriteString(strings.ReplaceAll(line, "=***", "='secret MASKED'") + " || exit 1\n")
		}
	}
	b.WriteString("cat $f\n")
	return n.Run(t, b.String())
}

// PCS is the beginning of a script that calls pcs often: it makes of pcs a
// function that starts no Python for each call, and a folder $d (if there is
// none yet) that goes when the script ends. What pcs takes from the environment
// has to be exported before.
//
//go:embed pcs.sh
var PCS string
