package steps

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/hadeploy/hadeploy/internal/agent"
	"github.com/hadeploy/hadeploy/internal/facts"
	pkgs "github.com/hadeploy/hadeploy/internal/packages"
	"github.com/hadeploy/hadeploy/internal/remote"
)

// What an observation may cost. A CIB of some megabytes is the most that a node
// has to say; each answer has a bound of its own in its script.
const (
	observeTimeout = 90 * time.Second
	observeLimit   = 24 << 20
)

// observe reads the sections on the node and stores them in its facts; facts
// of other sections stay. What the node did not answer is an error.
func (n *Node) observe(ctx context.Context, q facts.Ask) error {
	if n.seen == nil {
		n.seen = &facts.Facts{}
	}
	defer func() { n.Facts = withoutDefault(n.seen) }()
	take := func() error {
		mark := rand.Text()
		res, when, err := n.inquire(ctx, q, mark, "observe", observeTimeout)
		if err != nil {
			return err
		}
		return n.seen.Take(q, mark, res.Stdout, res.Stderr, when)
	}
	err := take()
	var unread facts.Errors
	if errors.As(err, &unread) && unread.Changed() { // somebody wrote in that moment
		err = take()
	}
	return err
}

// inquire runs an observation. What the node was asked when it stopped answering is
// in the error.
func (n *Node) inquire(ctx context.Context, q facts.Ask, mark, label string, limit time.Duration) (remote.Result, facts.Asked, error) {
	var open atomic.Pointer[string]
	began := time.Now()
	res, err := n.Conn.Run(ctx, remote.Cmd{
		Script:    facts.Script(),
		Args:      []string{mark},
		Stdin:     strings.NewReader(q.Stdin()),
		Timeout:   limit,
		Limit:     observeLimit,
		Label:     label,
		Reads:     true,
		Sensitive: true, // hashes, tokens and passwords pass here
		OnLine: func(line string) {
			if frame, ok := facts.Begun(line, mark); ok {
				open.Store(&frame)
			}
		},
	})
	when := facts.Asked{Began: began, Took: res.Took}
	var late *remote.TimeoutError
	var flood *remote.LimitError
	if frame := open.Load(); frame != nil && (errors.As(err, &late) || errors.As(err, &flood)) {
		return res, when, fmt.Errorf("%w, while it was asked: %s", err, *frame)
	}
	if err != nil {
		return res, when, err
	}
	return res, when, res.Err(label)
}

// ask is what an observation of these sections asks of the node.
func (c *Cluster) ask(n *Node, sections []facts.Section) facts.Ask {
	q := facts.Ask{Sections: sections, Units: []string{facts.Corosyncd, facts.Pacemakerd, unitPcsd, unitSBD}}
	if n.Remote != nil {
		q.Sections = slices.DeleteFunc(slices.Clone(sections), func(s facts.Section) bool { return !slices.Contains(ofRemotes, s) })
		q.Units = append(q.Units, facts.PacemakerRemoted)
	}
	q.Units = append(q.Units, slices.Sorted(maps.Keys(systemdResources(c.Playbook)))...)
	for _, m := range c.Nodes {
		q.Names = append(q.Names, m.NodeName)
	}
	q.Packages = pkgs.Watched(c.Playbook)
	for _, f := range c.Playbook.Files {
		q.Files = append(q.Files, f.Path)
	}
	for _, a := range c.Playbook.Agents {
		q.Files = append(q.Files, a.Path())
	}
	q.Folders = foldersOf(n, q.Files)
	q.Agents = agent.Names(c.Playbook)
	if n == c.Nodes[0] { // one node's word for what an agent's options are is enough
		q.Metadata = q.Agents
	}
	return q
}

// Where hadeploy writes files of its own: on every host, and on members.
var (
	everyHostFolders = []string{"/etc/pacemaker"}
	memberFolders    = []string{"/etc/corosync", "/var/lib/hadeploy", "/var/lib/pacemaker/cib", "/var/lib/pcsd"}
)

// foldersOf are those in which hadeploy writes on a node: those of the declared
// files, and of its own.
func foldersOf(n *Node, files []string) []string {
	folders := slices.Clone(everyHostFolders)
	if n.Remote == nil {
		folders = append(folders, memberFolders...)
	}
	for _, f := range files {
		folders = append(folders, path.Dir(f))
	}
	slices.Sort(folders)
	return slices.Compact(folders)
}

// ofRemotes is what the host of a remote or guest node is asked: it has no CIB and
// no pcsd of its own. What Corosync's section tells is whether there is one, and
// Pacemaker's key.
var ofRemotes = []facts.Section{facts.SectionHost, facts.SectionPackages, facts.SectionUnits, facts.SectionFiles, facts.SectionCorosync, facts.SectionAgents}

// observe reads the sections on the nodes, all at once.
func (c *Cluster) observe(ctx context.Context, nodes []*Node, sections []facts.Section) []error {
	errs := c.each(nodes, func(n *Node) error { return c.read(ctx, n, sections) })
	if slices.Contains(sections, facts.SectionCIB) && !c.divided { // what is divided may go
		c.agree(ctx, nodes, errs)
	}
	return errs
}

// How long, and how often, nodes are asked whose CIBs are not the same: one that
// has just been changed, or that joins, has the others' in a moment.
const (
	agreeLimit = 5 * time.Second
	agreeEvery = 300 * time.Millisecond
)

// agree makes it an error of a node when its CIB stays behind another's: it is cut
// off from the others, and what it has is not the cluster's.
func (c *Cluster) agree(ctx context.Context, nodes []*Node, errs []error) {
	for began := time.Now(); ; {
		newest, behind := c.behindOthers(nodes, errs)
		if behind == nil {
			return
		}
		if time.Since(began) > agreeLimit || ctx.Err() != nil {
			for _, i := range behind {
				errs[i] = &facts.Error{Command: "cibadmin --query", Why: fmt.Sprintf("its CIB is at version %s, and that of %s at %s: "+
					"it is cut off from the others, or still joins them; look at pcs status on both", nodes[i].Facts.CIB.Live.Epoch(), newest.Name, newest.Facts.CIB.Live.Epoch())}
			}
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(agreeEvery):
		}
		again := c.each(nodes, func(n *Node) error { return c.read(ctx, n, []facts.Section{facts.SectionCIB}) })
		for i, err := range again {
			if errs[i] == nil {
				errs[i] = err
			}
		}
	}
}

// behindOthers are the nodes, by their place, whose live CIB is older than that of
// the newest.
func (c *Cluster) behindOthers(nodes []*Node, errs []error) (newest *Node, behind []int) {
	member := func(i int, n *Node) bool { // of the declared cluster: preflight tells of others
		f := n.Facts
		return errs[i] == nil && f.CIB.Live != nil && f.Corosync.Config != nil && f.Corosync.Config.ClusterName() == c.Playbook.Name
	}
	for i, n := range nodes {
		if member(i, n) && (newest == nil || newest.Facts.CIB.Live.Before(n.Facts.CIB.Live)) {
			newest = n
		}
	}
	for i, n := range nodes {
		if member(i, n) && n.Facts.CIB.Live.Before(newest.Facts.CIB.Live) {
			behind = append(behind, i)
		}
	}
	return newest, behind
}

// read reads the sections on one node, and learns what of it is secret.
func (c *Cluster) read(ctx context.Context, n *Node, sections []facts.Section) error {
	err := n.observe(ctx, c.ask(n, sections))
	if n.Facts != nil {
		c.learn(n.Facts.CIB.Live)
		c.learn(n.Facts.CIB.Disk)
	}
	return err
}
