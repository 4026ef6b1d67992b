package steps

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sourcegraph/conc/iter"

	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/remote"
	"github.com/hadeploy/hadeploy/inventory"
)

// NodeStatus is what one node says of the cluster: Status, or why not.
type NodeStatus struct {
	Node   string      // inventory name
	Status *pcs.Status // nil: see Err
	Err    error       // not reached, not running, not read
	Now    time.Time   // the node's clock when it answered
	Links  []Link      // of the node; none where Corosync tells none
	// Disagreement is set when the node's text and XML were read and do not
	// say the same.
	Disagreement *Disagreement
}

// Disagreement is a fault of ours: a reader misunderstood the text or the XML.
type Disagreement struct {
	Differences []string
	Text, XML   []byte
}

// StatusReader reads what each node says of the cluster. It keeps one
// connection to each, and makes it again when it was lost. A node that cannot
// be reached does not keep the others from being read.
type StatusReader struct {
	cluster *Cluster // what is declared
	nodes   []*statusNode
}

// statusNode is a node that is read, by one goroutine at a time.
type statusNode struct {
	*Node
	dial   func(context.Context, inventory.Node) (remote.Conn, error)
	emit   func(Event)
	failed error         // of the last attempt to connect
	pause  time.Duration // until the next
	again  time.Time
}

// NewStatusReader prepares to read; it connects to no node yet.
func NewStatusReader(cfg Config) (*StatusReader, error) {
	if cfg.Forks < 1 {
		return nil, fmt.Errorf("forks must be at least 1, not %d", cfg.Forks)
	}
	if len(cfg.Nodes) == 0 {
		return nil, errors.New("no nodes: the playbook's hosts select nothing from the inventory")
	}
	emit := serialised(cfg.Events)
	r := &StatusReader{cluster: &Cluster{Playbook: cfg.Playbook, forks: cfg.Forks, emit: emit, command: "status"}}
	var names []string
	for _, n := range cfg.Nodes {
		node := &Node{Node: n}
		r.cluster.Nodes = append(r.cluster.Nodes, node)
		r.nodes = append(r.nodes, &statusNode{Node: node, dial: cfg.Dial, emit: emit})
		names = append(names, n.Name)
	}
	emit(RunStarted{Command: "status", Cluster: cfg.Playbook.Name, Nodes: names})
	return r, nil
}

// Close closes every connection. Nothing may be reading.
func (r *StatusReader) Close() {
	for _, n := range r.nodes {
		n.drop()
	}
}

// Read asks every node once, for text and, where the node offers it, XML,
// which have to agree.
func (r *StatusReader) Read(ctx context.Context) []NodeStatus {
	return iter.Mapper[*statusNode, NodeStatus]{MaxGoroutines: r.cluster.forks}.Map(r.nodes, func(n **statusNode) NodeStatus {
		return (*n).readBoth(ctx)
	})
}

// Differences says where the cluster is not as declared, as far as its status
// tells; what is not understood in full is not judged.
func (r *StatusReader) Differences(all []NodeStatus) (found []plan.Finding) {
	var views []view
	for i, s := range all {
		if s.Status != nil && !s.Status.Unknown() {
			views = append(views, view{node: r.nodes[i].Node, status: s.Status})
		}
	}
	if len(views) == 0 {
		return nil
	}
	slices.SortStableFunc(views, func(a, b view) int { // those with quorum first
		switch {
		case a.status.Quorum == b.status.Quorum:
			return 0
		case a.status.Quorum:
			return -1
		}
		return 1
	})
	found = checkDaemons(r.cluster, views)
	first := views[0].status // the nodes of another partition do not judge
	one := slices.DeleteFunc(slices.Clone(views), func(v view) bool { return v.status.DC != first.DC || v.status.Quorum != first.Quorum })
	found = append(checkMembers(r.cluster, one), found...)
	return append(found, checkResources(r.cluster, first)...)
}

// readBoth reads text and XML. The cluster may move on between the two: only
// what differs in a second reading as in the first is a disagreement.
func (n *statusNode) readBoth(ctx context.Context) NodeStatus {
	first := n.read(ctx, true)
	if first.Disagreement == nil {
		return first
	}
	second := n.read(ctx, true)
	if second.Disagreement != nil {
		second.Disagreement.Differences = slices.DeleteFunc(second.Disagreement.Differences, func(d string) bool {
			return !slices.Contains(first.Disagreement.Differences, d)
		})
		if len(second.Disagreement.Differences) == 0 {
			second.Disagreement = nil
		}
	}
	return second
}

// statusScript prints the node's clock, its links, pcs status with its exit status, and
// the XML if $2 asks for it, each below a line that begins with $1. Releases
// that have no such XML print none; old ones have it from pcs.
const statusScript = `
printf '%s now %s\n' "$1" "$(date -u +%s)"
corosync-cfgtool -s 2>/dev/null && corosync-cmapctl nodelist. 2>/dev/null
printf '\n%s links\n' "$1"
pcs status
printf '\n%s text %s\n' "$1" "$?"
if [ "$2" = xml ]; then
	if x=$(crm_mon -1 -r --output-as=xml 2>/dev/null) || x=$(pcs status xml 2>/dev/null); then
		printf '%s\n' "$x"
	fi
fi
printf '\n%s end\n' "$1"
`

// read asks the node once.
func (n *statusNode) read(ctx context.Context, xml bool) NodeStatus {
	out := NodeStatus{Node: n.Name}
	if out.Err = n.connect(ctx); out.Err != nil {
		return out
	}
	want := "text"
	if xml {
		want = "xml"
	}
	mark := "--hadeploy-" + rand.Text() // nothing that a node prints can look like it
	res, err := n.Conn.Run(ctx, remote.Cmd{
		Script: statusScript, Args: []string{mark, want},
		Timeout: time.Minute, Limit: 32 << 20, Label: "pcs status",
	})
	if err != nil {
		n.drop() // the next reading finds out whether the node is still there
		out.Err = err
		return out
	}
	parts := strings.SplitN(string(res.Stdout), mark, 5)
	if len(parts) != 5 {
		out.Err = errors.New("pcs status: the answer was cut on its way")
		return out
	}
	clock, links, _ := strings.Cut(parts[1], "\n")
	_, text, _ := strings.Cut(parts[2], "\n")
	status, document, _ := strings.Cut(parts[3], "\n")
	out.Links = parseLinks(links)
	if sec, err := strconv.ParseInt(strings.TrimPrefix(clock, " now "), 10, 64); err == nil {
		out.Now = time.Unix(sec, 0).UTC()
	}
	text = strings.TrimSuffix(text, "\n") // the one before the mark
	code, _ := strconv.Atoi(strings.TrimPrefix(status, " text "))
	out.take(text, code, string(res.Stderr), strings.TrimSuffix(document, "\n"))
	return out
}

// take makes the status of what the node printed.
func (s *NodeStatus) take(text string, code int, stderr, document string) {
	if strings.TrimSpace(text) == "" {
		if code == 127 {
			s.Err = errors.New("pcs is not installed on this node")
			return
		}
		text = stderr
	}
	st, err := pcs.ParseStatus([]byte(text))
	var down *pcs.NotRunningError
	var xml *pcs.Status
	var xmlErr error
	if document != "" && !errors.As(err, &down) {
		xml, xmlErr = pcs.ParseStatusXML([]byte(document))
	}
	differ := func(found ...string) {
		if len(found) > 0 {
			s.Disagreement = &Disagreement{Differences: found, Text: []byte(text), XML: []byte(document)}
		}
	}
	switch {
	case err == nil && code != 0 && xml == nil:
		s.Err = fmt.Errorf("pcs status ended with exit status %d: %s", code, strings.TrimSpace(stderr))
	case err == nil:
		s.Status = st
		switch {
		case xmlErr != nil:
			differ("the text can be read and the XML cannot: " + xmlErr.Error())
		case xml != nil:
			found := pcs.Compare(*st, *xml)
			if differ(found...); len(found) == 0 {
				st.Nodes = xml.Nodes // of which text names only the first trouble
			}
		}
	case xml != nil: // better than nothing, and no whole status
		s.Status = xml
		xml.Incomplete = append(xml.Incomplete, "the text of pcs status cannot be read: "+err.Error())
		differ("the XML can be read and the text cannot: " + err.Error())
	default:
		s.Err = err
	}
}

// Pauses between attempts to connect.
const (
	firstPause   = 2 * time.Second
	longestPause = 30 * time.Second
)

// connect makes the connection where there is none. After a failure it gives
// the same error for a while, so that a node is not flooded with attempts.
func (n *statusNode) connect(ctx context.Context) error {
	if n.Conn != nil {
		select {
		case <-n.Conn.Lost():
			n.drop()
		default:
			return nil
		}
	}
	if n.failed != nil && time.Now().Before(n.again) {
		return n.failed
	}
	began := time.Now()
	conn, err := n.dial(ctx, n.Node.Node)
	if err != nil {
		var auth *remote.AuthError
		var key *remote.HostKeyError
		n.failed, n.pause = err, min(max(firstPause, 2*n.pause), longestPause)
		if errors.As(err, &auth) || errors.As(err, &key) {
			n.pause = longestPause // trying often would lock us out
		}
		n.again = time.Now().Add(n.pause)
		return err
	}
	n.Conn, n.failed, n.pause = remote.ReadOnly(conn), nil, 0
	n.emit(NodeConnected{Node: n.Name, Took: time.Since(began)})
	return nil
}

// drop closes the connection.
func (n *statusNode) drop() {
	if n.Conn != nil {
		_ = n.Conn.Close()
		n.Conn = nil
	}
}
