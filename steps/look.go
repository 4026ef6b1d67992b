package steps

import (
	"context"
	"crypto/rand"
	_ "embed"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hadeploy/hadeploy/internal/cib"
	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/remote"
)

// NodeStatus is what one node says of the cluster: Status, or why not.
type NodeStatus struct {
	Node      string       // inventory name
	Status    *pcs.Status  // nil: see Err
	Err       error        // not reached, not running, not read
	Now       time.Time    // the node's clock when it answered
	Links     []Link       // of the node; none where Corosync tells none
	Addresses []netip.Addr // on its interfaces
	// Disagreement is set when the node's text and XML were read and do not
	// say the same.
	Disagreement *Disagreement

	fencing []pcs.FencingEvent // all that the XML tells, successes too
	cib     *cib.CIB           // of the same moment, nil when it could not be read
	scores  *cib.Scores        // Pacemaker's own, nil as well
}

// Disagreement is a fault of ours: a reader misunderstood the text or the XML.
type Disagreement struct {
	Differences []string
	Text, XML   []byte
}

//go:embed look.sh
var lookScript string

// How lookAt asks for the status.
const (
	lookText    = "text"  // pcs status
	lookXML     = "xml"   // and the XML beside it
	lookBriefly = "brief" // crm_mon alone: no Python, and no word of the daemons
)

// lookAt asks a node what it says of the cluster. The error, which is also in
// the answer, means that the question did not get through.
func lookAt(ctx context.Context, n *Node, how string) (NodeStatus, error) {
	out := NodeStatus{Node: n.Name}
	mark := rand.Text() // nothing that a node prints can look like it
	res, err := n.Conn.Run(ctx, remote.Cmd{
		Script: lookScript, Args: []string{mark, how}, Reads: true, Sensitive: true, // a CIB holds passwords
		Timeout: time.Minute, Limit: 64 << 20, Label: "pcs status",
	})
	if err != nil {
		out.Err = err
		return out, err
	}
	parts, err := splitFrames(res.Stdout, mark)
	if err != nil {
		out.Err = fmt.Errorf("pcs status: %w", err)
		return out, nil
	}
	part := func(name string) string { return strings.TrimSuffix(string(parts[name]), "\n") }
	out.Links = parseLinks(part("links"))
	for _, p := range parseAddresses(part("addresses")) {
		out.Addresses = append(out.Addresses, p.Addr())
	}
	if sec, err := strconv.ParseInt(part("now"), 10, 64); err == nil {
		out.Now = time.Unix(sec, 0).UTC()
	}
	code, _ := strconv.Atoi(part("code"))
	out.take(string(parts["text"]), code, string(res.Stderr), string(parts["xml"]))
	if live, err := cib.Parse(parts["cib"]); err == nil && out.Status != nil {
		out.cib, out.scores = live, cib.ParseScores(parts["scores"])
	}
	return out, nil
}

// lookTwice reads text and XML. The cluster may move on between the two: only
// what differs in a second reading as in the first is a disagreement.
func lookTwice(look func() NodeStatus) NodeStatus {
	first := look()
	if first.Disagreement == nil {
		return first
	}
	second := look()
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
				s.fencing = xml.Fencing
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
