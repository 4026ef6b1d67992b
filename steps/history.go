package steps

import (
	"cmp"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/sourcegraph/conc/iter"

	"github.com/hadeploy/hadeploy/internal/remote"
)

//go:embed history.sh
var historyScript string

// NodeHistory are the backups of one node, the newest first, or why they are not
// known.
type NodeHistory struct {
	Node    string
	Backups []Backup
	Err     error
}

// HistoryReader asks nodes for the backups that they keep. A node that cannot be
// reached does not keep the others from being read.
type HistoryReader struct {
	*AgentReader
}

// NewHistoryReader prepares to read; it connects to no node yet.
func NewHistoryReader(cfg Config) (*HistoryReader, error) {
	c, err := newCluster(History, cfg.Playbook.Name, cfg)
	if err != nil {
		return nil, err
	}
	return &HistoryReader{&AgentReader{c}}, nil
}

// Read asks every node, in the order of the inventory.
func (r *HistoryReader) Read(ctx context.Context) []NodeHistory {
	return iter.Mapper[*Node, NodeHistory]{MaxGoroutines: r.forks}.Map(r.Nodes, func(n **Node) NodeHistory {
		h := NodeHistory{Node: (*n).Name}
		frames, _, err := r.askFramed(ctx, *n, remote.Cmd{Script: historyScript, Reads: true, Timeout: time.Minute, Limit: 1 << 20, Label: "list backups"})
		if h.Err = err; err == nil {
			h.Backups, h.Err = takeBackups(frames)
		}
		return h
	})
}

var backupID = regexp.MustCompile(`^[0-9]{8}-[0-9]{6}-[a-z0-9]{4}$`)

// IsBackupID reports whether a text can be the id of a backup.
func IsBackupID(text string) bool { return backupID.MatchString(text) }

// takeBackups reads what a node told, by id. One that cannot be read is an error,
// beside those that can.
func takeBackups(frames map[string][]byte) (list []Backup, err error) {
	var bad []string
	for id, text := range frames {
		var b Backup
		if !IsBackupID(id) || json.Unmarshal(text, &b) != nil || b.ID != id {
			bad = append(bad, fmt.Sprintf("%.40q", id))
			continue
		}
		list = append(list, b)
	}
	slices.SortFunc(list, func(a, b Backup) int { return cmp.Compare(b.ID, a.ID) })
	if bad != nil {
		slices.Sort(bad)
		err = fmt.Errorf("/var/lib/hadeploy/backups: what is kept as %s is not as hadeploy wrote it", strings.Join(bad, ", "))
	}
	return list, err
}
