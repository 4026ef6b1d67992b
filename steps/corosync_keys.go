package steps

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hadeploy/hadeploy/internal/corosync"
	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/remote"
)

// sharedKey is a key of which all members have the same.
type sharedKey struct {
	remote.File
	sum func(*facts.Facts) string
	// used says what a running cluster needs the key for, "" for nothing.
	used func(*Cluster) string
}

func sharedKeys() []sharedKey {
	return []sharedKey{
		{remote.File{Path: facts.CorosyncKey, Mode: "0400"}, func(f *facts.Facts) string { return f.Corosync.Key }, encrypted},
		pacemakerKey(),
	}
}

// pacemakerKey is the one that the hosts of remote and guest nodes have too.
func pacemakerKey() sharedKey {
	return sharedKey{remote.File{Path: facts.PacemakerKey, Mode: "0400", Owner: "hacluster:haclient"},
		func(f *facts.Facts) string { return f.Corosync.PacemakerKey }, remotes}
}

// origin is where a key comes from: the node that has it, or it is made. With
// neither there is none, and none is needed.
type origin struct {
	from *Node
	make bool
}

// origin decides it. The key of a running cluster is never made anew: its
// daemons have it in memory, and with another one a node that starts again would
// be alone. The error is a *RefusedError.
func (k sharedKey) origin(c *Cluster, want *corosync.Config) (origin, error) {
	running := runningMembers(c)
	if len(running) == 0 {
		return k.originAtRest(c), nil
	}
	have := map[string][]string{} // sum -> nodes
	var from *Node
	for _, n := range running {
		if sum := k.sum(n.Facts); sum != "" {
			have[sum] = append(have[sum], n.Name)
			if from == nil {
				from = n
			}
		}
	}
	use := k.used(c)
	switch {
	case len(have) > 1 && use != "":
		return origin{}, k.refuse("KEYS_DIFFER", fmt.Sprintf("the running members do not have the same %s (%s), and %s: which of them the daemons have in memory no file tells, so none is overwritten",
			k.Path, k.groups(running), use))
	case from != nil:
		return origin{from: from}, nil
	case use != "":
		return origin{}, k.refuse("KEY_LOST", fmt.Sprintf("no running member has %s any more, and %s: the daemons have the key in memory, and with a new one a node that starts again would be alone%s",
			k.Path, use, k.elsewhere(c)))
	case k.Path == facts.PacemakerKey && (len(c.Remotes) > 0 || reachesContainers(c.Playbook)):
		return origin{make: true}, nil // pacemaker reads it when it first connects
	case k.Path == facts.PacemakerKey:
		c.report(plan.Finding{Code: "KEY_MISSING", Severity: plan.Warning, Object: k.Path,
			Message: "no running member has " + k.Path + "; only remote and guest nodes and bundles with a primitive inside need it, and there are none, so none is made while the cluster runs",
			Fix:     "nothing, until there is to be one of them: declare it, and apply makes the key"})
		return origin{}, nil
	}
	return origin{make: want.UsesAuthkey()}, nil
}

// originAtRest is for a cluster of which no member runs: the first member that
// has a key, else the first node. A key without a corosync.conf is of a set-up
// that did not come to its end, and as good.
func (k sharedKey) originAtRest(c *Cluster) origin {
	var from *Node
	for _, n := range c.Nodes {
		if k.sum(n.Facts) != "" && (from == nil || !isMember(from) && isMember(n)) {
			from = n
		}
	}
	return origin{from: from, make: from == nil}
}

// refuse is the error that says what to do in a maintenance window.
func (k sharedKey) refuse(code, message string) error {
	return &RefusedError{[]plan.Finding{{Code: code, Severity: plan.Error, Object: k.Path, Message: message,
		Fix: "put the right key back on one running member, from a backup, or in a maintenance window: pcs cluster stop --all, remove " +
			k.Path + " on every member, hadeploy apply"}}}
}

// groups says which of the running members have the same key.
func (k sharedKey) groups(running []*Node) string {
	var parts []string
	told := map[string]bool{}
	for _, n := range running {
		sum := k.sum(n.Facts)
		if told[sum] {
			continue
		}
		told[sum] = true
		var names []string
		for _, m := range running {
			if k.sum(m.Facts) == sum {
				names = append(names, m.Name)
			}
		}
		what := "sha256 " + sum[:min(len(sum), 12)]
		if sum == "" {
			what = "none"
		}
		parts = append(parts, strings.Join(names, ", ")+": "+what)
	}
	return strings.Join(parts, "; ")
}

// elsewhere names the nodes that do not run and have a key.
func (k sharedKey) elsewhere(c *Cluster) string {
	var names []string
	for _, n := range c.Nodes {
		if k.sum(n.Facts) != "" {
			names = append(names, n.Name)
		}
	}
	if names == nil {
		return ""
	}
	return fmt.Sprintf("; %s, where the cluster does not run, has one, and whether it is the same no file tells", strings.Join(names, ", "))
}

// changes are the nodes that do not have the key.
func (k sharedKey) changes(c *Cluster, o origin, coming bool) (changes []plan.Change) {
	for _, n := range c.Nodes {
		// Debian's pacemaker package makes a key, on each node another: while it
		// is to come, no key of a node to be is the last word.
		open := coming && !isMember(n)
		have := k.sum(n.Facts)
		if !open && have != "" && (o.from == nil || have == k.sum(o.from.Facts)) || o.from == nil && !o.make {
			continue
		}
		ch := plan.Change{Node: n.Name, Action: plan.Create, Kind: "key", ID: k.Path,
			Diffs: []plan.Diff{{Name: "content", HasAfter: true, Secret: true}}}
		if open {
			ch.Open = []string{"content"}
		}
		if have != "" {
			ch.Action, ch.Diffs[0].HasBefore = plan.Update, true
		}
		if o.from != nil {
			ch.Note = "the key of " + o.from.Name
		}
		if r := n.Facts.Corosync.Runtime; k.Path == facts.CorosyncKey && slices.Contains(runningMembers(c), n) && r != nil && r.UsesAuthkey() {
			ch.Disruption = plan.Reload // it reads the file again, and nothing changes for it
		}
		changes = append(changes, ch)
	}
	return changes
}

// content reads the key, or makes one.
func (k sharedKey) content(ctx context.Context, o origin) ([]byte, error) {
	if o.from == nil {
		key, err := corosync.Keygen(rand.Reader)
		if err != nil {
			return nil, err
		}
		return []byte(key.Reveal()), nil
	}
	res, err := o.from.Conn.Run(ctx, remote.Cmd{Argv: []string{"base64", "-w0", "--", k.Path}, Reads: true, Sensitive: true, Timeout: 30 * time.Second, Label: "read " + k.Path})
	if err != nil {
		return nil, err
	}
	if err := res.Err("read " + k.Path); err != nil {
		return nil, err
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(res.Stdout)))
	if err != nil || len(key) == 0 {
		return nil, fmt.Errorf("%s on %s is not readable as a key", k.Path, o.from.Name)
	}
	if sum := sha256.Sum256(key); hex.EncodeToString(sum[:]) != k.sum(o.from.Facts) {
		return nil, fmt.Errorf("%s on %s is no longer what it was when the nodes were looked at", k.Path, o.from.Name)
	}
	return key, nil
}

// isMember reports whether a node belongs to a cluster that somebody made. Its
// key outlives Debian's default cluster, which has none of its own: the
// pacemaker package makes one, on each node another.
func isMember(n *Node) bool { return n.Facts.Corosync.Config != nil }

// runningMembers are the nodes on which Corosync runs, comes up or has not yet
// ended, though its file may be gone: it has a key in memory, or is about to read it.
func runningMembers(c *Cluster) []*Node {
	return slices.DeleteFunc(slices.Clone(c.Nodes), func(n *Node) bool {
		return !n.Facts.Units[facts.Corosyncd].Alive()
	})
}

// encrypted says that Corosync uses its key, by the file or by what runs.
func encrypted(c *Cluster) string {
	for _, n := range runningMembers(c) {
		file, r := n.Facts.Corosync.Config, n.Facts.Corosync.Runtime
		if file != nil && file.UsesAuthkey() || r != nil && r.UsesAuthkey() {
			return "they encrypt with it"
		}
	}
	return ""
}

// remotes says that Pacemaker uses its key.
func remotes(c *Cluster) string {
	if live := c.liveCIB(); live != nil {
		if names := live.Remotes(); names != nil {
			return "remote nodes (" + strings.Join(names, ", ") + ") are reached with it"
		}
	}
	return ""
}
