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
	"github.com/hadeploy/hadeploy/internal/corosync"
	"github.com/hadeploy/hadeploy/internal/facts"
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
		if conf, ok := files["corosync.conf"]; ok {
			if r.kept, err = corosync.Parse(conf.Out); err != nil {
				return NodeErrors{{Node: r.Nodes[i].Name, Err: fmt.Errorf("the backup %s: corosync.conf: %w", id, err)}}
			}
		}
		r.learn(c)
		r.target = c
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
