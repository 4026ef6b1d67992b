package steps

import (
	"context"
	"crypto/rand"
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/remote"
)

// Backup is what is known of the CIB and the corosync.conf that a run found and
// kept on a node before it changed anything. Both stay on that node.
type Backup struct {
	ID       string `json:"id"`   // 20261127-171000-k3f9: when, and a random word
	Time     string `json:"time"` // RFC 3339, UTC, of the controller
	By       string `json:"by"`   // who ran it, from where
	Command  string `json:"command"`
	Cluster  string `json:"cluster"`
	Playbook string `json:"playbook"`
	Hadeploy string `json:"hadeploy"`          // its version
	CIB      string `json:"cib,omitempty"`     // admin_epoch.epoch of the CIB that was found
	Changes  int    `json:"changes,omitempty"` // that the run was to make
}

// keptBackups is how many a node keeps.
const keptBackups = 10

//go:embed backup.sh
var backupScript string

// backUp keeps what is there on the node that pushes, before a plan changes the
// cluster's configuration. Where that cannot be done nothing is changed.
func (r *Run) backUp(ctx context.Context, p *plan.Plan) error {
	touched := slices.ContainsFunc(p.Changes, func(c plan.Change) bool {
		return c.Step == cibConf{}.Name() || c.Step == corosyncConf{}.Name() || c.Step == destroy{}.Name()
	})
	at := slices.IndexFunc(r.Nodes, func(n *Node) bool { return n.Facts.CIB.Live != nil })
	if at < 0 {
		at = slices.IndexFunc(r.Nodes, func(n *Node) bool { return n.Facts.CIB.Disk != nil || n.Facts.Corosync.Config != nil })
	}
	if !touched || at < 0 || r.stopped() {
		return nil
	}
	node, now := r.Nodes[at], time.Now().UTC()
	b := Backup{ID: now.Format("20060102-150405-") + strings.ToLower(rand.Text()[:4]), Time: now.Format(time.RFC3339), By: r.holder, Command: r.op.Name,
		Cluster: r.Playbook.Name, Playbook: r.Playbook.File, Hadeploy: r.made.Hadeploy, Changes: len(p.Changes)}
	if live := r.liveCIB(); live != nil {
		b.CIB = live.Epoch()
	}
	about, err := json.Marshal(b)
	if err != nil {
		return err
	}
	res, err := node.Conn.Run(ctx, remote.Cmd{Script: backupScript, Args: []string{b.ID, strconv.Itoa(keptBackups)},
		Stdin: strings.NewReader(r.mask.Text(string(about)) + "\n"), Timeout: time.Minute, Label: "keep a backup"})
	if err == nil {
		err = res.Err("keep a backup")
	}
	if err != nil {
		return NodeErrors{{Node: node.Name, Err: fmt.Errorf("what is there could not be kept in /var/lib/hadeploy/backups, and nothing was changed: %w", err)}}
	}
	return nil
}
