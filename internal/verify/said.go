package verify

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/hadeploy/hadeploy/internal/cib"
	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/plan"
)

// NodeStatus is what one node says of the cluster: Status, or why not.
type NodeStatus struct {
	Node      string       // inventory name
	NodeName  string       // Pacemaker's name of it
	Reach     Reach        // how far the question got
	Status    *pcs.Status  // nil: see Err
	Err       error        // not reached, not running, not read
	Now       time.Time    // the node's clock when it answered
	Links     []facts.Link // of the node; none where Corosync tells none
	Addresses []netip.Addr // on its interfaces
	// Disagreement is set when the node's text and XML were read and do not
	// say the same.
	Disagreement *Disagreement
	// Unread is what the node did not answer beside its status: no verdict can
	// rest on it.
	Unread []*facts.Error

	Fencing []pcs.FencingEvent // all that the XML tells, successes too
	CIB     *cib.CIB           // of the same moment, nil when it could not be read
	Scores  *cib.Scores        // Pacemaker's own, nil as well
}

// Reach is how far a question to a node got.
type Reach int

// A node was asked, was lost while it was asked, or was not asked at all.
const (
	Asked Reach = iota // it was asked; what it answered is another matter
	Lost               // the connection was lost while it was asked
	Away               // it cannot be reached, and was not asked
)

// Disagreement is a fault of ours: a reader misunderstood the text or the XML.
type Disagreement struct {
	Differences []string
	Text, XML   []byte
}

// Take is what a node said, understood. What could not be read beside a status
// is in Unread.
func (s *NodeStatus) Take(said *facts.Status) {
	s.Links, s.Addresses, s.Now = said.Links, said.Addresses, said.Now
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
				s.Fencing = xml.Fencing
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
	s.CIB, s.Scores = live, cib.ParseScores(said.Scores)
	if said.Scores != nil && !s.Scores.Any() && len(live.ResourceIDs()) > 0 {
		s.Unread = append(s.Unread, &facts.Error{Command: "crm_simulate -sL", Why: "told no score of any resource"})
	}
}

// Daemons is what a node says of what its daemons run with.
type Daemons struct {
	Node     string
	Corosync *facts.Corosync // nil: not known; of an earlier moment where there is an Err
	Err      error           // it did not tell
}

// RemoteHost is what the host of a remote or guest node says of itself.
type RemoteHost struct {
	Node   string     // as the inventory names it
	Name   string     // of the remote or guest node
	Key    string     // SHA-256 of Pacemaker's key, "" where there is none
	Remote facts.Unit // pacemaker_remote
	Reach  Reach
	Err    error // it did not tell
}

// why is the error in its words, without the name of the node, which stands
// beside it.
func (s *NodeStatus) why() string { return strings.TrimPrefix(s.Err.Error(), s.Node+": ") }

// unreadFinding tells what a node did not answer beside its status.
func (s *NodeStatus) unreadFinding() plan.Finding {
	return plan.Finding{Code: "STATUS_UNKNOWN", Severity: plan.Error, Node: s.Node, Fix: "run the command on the node to see why",
		Message: "not all that a verdict rests on could be read: " + strings.ReplaceAll(facts.Errors(s.Unread).Error(), "\n", "; ")}
}
