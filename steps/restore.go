package steps

import (
	"bytes"
	"context"
	"crypto/rand"
	_ "embed"
	"fmt"
	"strings"
	"time"

	"github.com/hadeploy/hadeploy/internal/cib"
	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/remote"
)

//go:embed restore.sh
var restoreScript string

// TakeBackup finds a backup on the nodes: from then on its configuration is what
// the run compares with and makes. The error says where it was looked for.
func (r *Run) TakeBackup(ctx context.Context, id string) error {
	ctx, done := r.looking(ctx)
	defer done()
	found := make([]map[string]facts.Answer, len(r.Nodes))
	place := map[*Node]int{}
	for i, n := range r.Nodes {
		place[n] = i
	}
	err := r.eachErr(r.Nodes, func(n *Node) (err error) {
		found[place[n]], err = backupOf(ctx, n, id)
		return err
	})
	if err != nil {
		return r.orInterrupted(err, "reading the backup")
	}
	for i, files := range found {
		text, ok := files["cib.xml"]
		if !ok {
			continue
		}
		c, err := cib.Parse(bytes.TrimSpace(text.Out))
		if err != nil {
			return NodeErrors{{Node: r.Nodes[i].Name, Err: fmt.Errorf("the backup %s: %w", id, err)}}
		}
		r.learn(c)
		r.target, r.kept = c, files["corosync.conf"].Out
		return nil
	}
	return fmt.Errorf("no node has a backup %s with a CIB; asked were %s", id, strings.Join(namesOf(r.Nodes), ", "))
}

func backupOf(ctx context.Context, n *Node, id string) (map[string]facts.Answer, error) {
	mark := rand.Text()
	res, err := n.Conn.Run(ctx, remote.Cmd{Script: restoreScript, Args: []string{mark, id}, Reads: true, Sensitive: true, Limit: maxCIB, Timeout: time.Minute, Label: "read a backup"})
	if err != nil {
		return nil, err
	}
	files, err := facts.Frames(res.Stdout, mark)
	if err != nil {
		return nil, err
	}
	for name, f := range files {
		if f.Status != 0 {
			return nil, fmt.Errorf("the backup %s: %s cannot be read", id, name)
		}
	}
	return files, nil
}

// tellKept reports a corosync.conf that is not as it was: it is not restored, for
// what each change of it costs only the declared way knows.
func (r *Run) tellKept() {
	if r.target == nil || r.kept == nil {
		return
	}
	for _, n := range r.Nodes {
		if now := n.Facts.Corosync.Text; !bytes.Equal(bytes.TrimSpace(now), bytes.TrimSpace(r.kept)) {
			r.report(plan.Finding{Code: "COROSYNC_NOT_RESTORED", Severity: plan.Warning, Node: n.Name, Object: facts.CorosyncConf,
				Message: "corosync.conf is not what it was at the backup, and is not restored: a change of it may stop the cluster, and must be the same on every node",
				Fix:     "declare it under cluster: as it was, and run hadeploy apply, whose plan says what it costs"})
		}
	}
}
