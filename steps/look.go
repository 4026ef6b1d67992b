package steps

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/hadeploy/hadeploy/internal/cib"
	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/pcs"
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
	// Unread is what the node did not answer beside its status: no verdict can
	// rest on it.
	Unread []*facts.Error

	fencing []pcs.FencingEvent // all that the XML tells, successes too
	cib     *cib.CIB           // of the same moment, nil when it could not be read
	scores  *cib.Scores        // Pacemaker's own, nil as well
}

// Disagreement is a fault of ours: a reader misunderstood the text or the XML.
type Disagreement struct {
	Differences []string
	Text, XML   []byte
}

// lookTimeout is more than a sound node needs; each command has a bound of its own.
const lookTimeout = 90 * time.Second

// lookAt asks a node what it says of the cluster. The error, which is also in
// the answer, means that the question did not get through.
func lookAt(ctx context.Context, n *Node, how string) (NodeStatus, error) {
	out := NodeStatus{Node: n.Name}
	q := facts.Ask{Sections: []facts.Section{facts.SectionStatus}, Status: how}
	mark := rand.Text()
	res, _, err := n.inquire(ctx, q, mark, "pcs status", lookTimeout)
	if err != nil {
		out.Err = err
		return out, err
	}
	said, err := facts.TakeStatus(q, mark, res.Stdout, res.Stderr)
	if err != nil {
		out.Err = fmt.Errorf("pcs status: %w", err)
		return out, nil
	}
	out.Links, out.Addresses, out.Now = parseLinks(said.Links), said.Addresses, said.Now
	out.take(said)
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

// take makes the status of what the node printed. What could not be read beside
// a status is in Unread.
func (s *NodeStatus) take(said *facts.Status) {
	if said.TextErr != nil {
		s.Err = said.TextErr
		return
	}
	text, code := said.Text, said.TextCode
	if strings.TrimSpace(text) == "" {
		if code == 127 {
			s.Err = errors.New("pcs is not installed on this node")
			return
		}
		text = said.TextSaid
	}
	st, err := pcs.ParseStatus([]byte(text))
	var down *pcs.NotRunningError
	var xml *pcs.Status
	var xmlErr error
	document := said.XML
	if len(document) > 0 && !errors.As(err, &down) {
		xml, xmlErr = pcs.ParseStatusXML(document)
	}
	differ := func(found ...string) {
		if len(found) > 0 {
			s.Disagreement = &Disagreement{Differences: found, Text: []byte(text), XML: document}
		}
	}
	switch {
	case err == nil && code != 0 && xml == nil:
		s.Err = fmt.Errorf("pcs status ended with exit status %d: %s", code, strings.TrimSpace(said.TextSaid))
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
	if s.Status != nil {
		s.beside(said)
	}
}

// beside takes what a node told beside its status.
func (s *NodeStatus) beside(said *facts.Status) {
	s.Unread = said.Problems
	// Pacemaker 1.1 has no XML of its own, and old releases of pcs have none.
	if said.XMLErr != nil && !strings.HasPrefix(s.Status.DCVersion, "1.") {
		s.Unread = append(s.Unread, said.XMLErr)
	}
	if said.CIB == nil {
		return
	}
	live, err := cib.Parse(said.CIB)
	if err != nil {
		s.Unread = append(s.Unread, &facts.Error{Command: "cibadmin --query", Why: "answered with something else than a CIB: " + err.Error()})
		return
	}
	s.cib, s.scores = live, cib.ParseScores(said.Scores)
	if said.Scores != nil && !s.scores.Any() && len(live.ResourceIDs()) > 0 {
		s.Unread = append(s.Unread, &facts.Error{Command: "crm_simulate -sL", Why: "told no score of any resource"})
	}
}
