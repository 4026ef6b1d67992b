package steps

import (
	"context"
	"strings"
	"time"

	"github.com/hadeploy/hadeploy/internal/excerpt"
	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/remote"
)

// run runs a command whose failure is the caller's, and whose answer is nobody's.
func run(ctx context.Context, n *Node, cmd remote.Cmd) error {
	res, err := n.Conn.Run(ctx, cmd)
	if err != nil {
		return err
	}
	return res.Err(cmd.Label)
}

// act runs a script that changes the node.
func act(ctx context.Context, n *Node, label, script string) error {
	res, err := n.Conn.Run(ctx, remote.Cmd{Script: script, Timeout: time.Minute, Limit: 64 << 10, Label: label})
	if err != nil {
		return err
	}
	return res.Err(label)
}

// systemctl runs it, where it changes something.
func systemctl(ctx context.Context, n *Node, words ...string) error {
	label := "systemctl " + strings.Join(words, " ")
	res, err := n.Conn.Run(ctx, remote.Cmd{Argv: append([]string{"systemctl"}, words...), Timeout: 3 * time.Minute, Label: label})
	if err != nil {
		return err
	}
	return res.Err(label)
}

// crmMon reads the cluster's state as one node sees it: 30 ms, no Python.
func crmMon(ctx context.Context, n *Node) (*pcs.Status, error) {
	res, err := n.Conn.Run(ctx, remote.Cmd{Argv: []string{"crm_mon", "-1", "-r"}, Reads: true, Timeout: 30 * time.Second, Limit: 8 << 20, Label: "crm_mon -1 -r",
		Sensitive: true}) // agents' own words
	if err != nil {
		return nil, err
	}
	if res.Status != 0 && len(res.Stdout) == 0 {
		st, err := pcs.ParseStatus(res.Stderr)
		if err == nil {
			err = &remote.CommandError{Node: res.Node, Label: "crm_mon -1 -r", Status: res.Status, Stderr: excerpt.Tail(res.Stderr, 5)}
		}
		return st, err
	}
	return pcs.ParseStatus(res.Stdout)
}

// findNode is a member as the cluster sees it, nil where it does not.
func findNode(st *pcs.Status, name string) *pcs.Node {
	for i := range st.Nodes {
		if st.Nodes[i].Name == name {
			return &st.Nodes[i]
		}
	}
	return nil
}
