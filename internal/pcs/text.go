package pcs

import (
	"strings"
)

// section is the part of the text that a line belongs to.
type section int

const (
	inHead section = iota // before anything, and the head of the status
	inWarnings
	inNodes
	inResources
	inAttributes
	inMigration // also the operations of crm_mon -o
	inFailed
	inFencing
	inBans
	inTickets
	inPCSD
	inDaemons
	inNodesOnly  // pcs status nodes
	inSimulation // what crm_simulate says beside a status
)

// sections are the headlines of every release, in lower case: "Full list of
// resources:" became "Full List of Resources:" with Pacemaker 2.0.3.
var sections = map[string]section{
	"cluster status:":                     inHead,
	"cluster summary:":                    inHead,
	"current cluster status:":             inHead, // crm_simulate
	"full cluster status:":                inHead,
	"warnings:":                           inWarnings,
	"node list:":                          inNodes,
	"full list of resources:":             inResources,
	"active resources:":                   inResources,
	"inactive resources:":                 inResources,
	"node attributes:":                    inAttributes,
	"migration summary:":                  inMigration,
	"operations:":                         inMigration,
	"failed actions:":                     inFailed,
	"failed resource actions:":            inFailed,
	"failed fencing actions:":             inFencing,
	"pending fencing actions:":            inFencing,
	"fencing history:":                    inFencing,
	"negative location constraints:":      inBans,
	"fencing constraints:":                inBans,
	"tickets:":                            inTickets,
	"pcsd status:":                        inPCSD,
	"daemon status:":                      inDaemons,
	"pacemaker nodes:":                    inNodesOnly,
	"pacemaker remote nodes:":             inNodesOnly,
	"corosync nodes:":                     inNodesOnly,
	"transition summary:":                 inSimulation,
	"performing requested modifications:": inSimulation,
	"allocation scores:":                  inSimulation,
	"utilization information:":            inSimulation,
	"executing cluster transition:":       inSimulation,
	"revised cluster status:":             inSimulation,
}

// reader reads one text.
type reader struct {
	st      *Status
	lines   lines
	section section
	seen    map[section]int // first line of each section seen

	head     head
	nodes    map[string]int // place in st.Nodes
	res      resourceReader
	action   pendingText // a failed or fencing action over several lines
	attrNode string      // whose attributes or history follow
	only     nodeBlock   // in pcs status nodes
	by       byNode
	stopped  bool // the rest belongs to something else
	isXML    bool // a document begins before any status
	// understood counts lines.
	understood int
	notRun     *NotRunningError
	last       line
}

// ParseStatus reads the text of pcs status, pcs cluster status, pcs status
// nodes or crm_mon -1, of any release from Pacemaker 1.1.10 and pcs 0.9 on.
//
// The error is *NotRunningError when the text says that the cluster does not
// run on the node, and *SyntaxError when nothing of a status is in it, or too
// much. Otherwise the Status holds all that was understood; ask its Unknown
// before believing it. A document that stands behind warnings is read as XML.
func ParseStatus(text []byte) (*Status, error) {
	if len(text) > maxInput {
		return nil, tooLarge(len(text))
	}
	text = decode(text)
	r := newReader(string(text))
	for !r.isXML {
		ln, ok := r.lines.next()
		if !ok {
			return r.finish()
		}
		r.line(ln)
		if len(r.st.Unparsed) > maxLines && r.nothing() {
			return nil, r.whyNothing()
		}
		if r.understood > maxEntries || r.st.full() {
			return nil, tooMany(ln.no)
		}
	}
	return ParseStatusXML(text)
}

func newReader(text string) *reader {
	st := &Status{Source: "text"}
	r := &reader{
		st:    st,
		lines: lines{rest: text},
		seen:  map[section]int{},
		nodes: map[string]int{},
	}
	// The line of a resource has this behind its agent, and at least 40 bytes.
	st.Resources = make([]Resource, 0, min(strings.Count(text, "):"), len(text)/40, maxEntries))
	r.res.init(st, r.gone)
	r.res.before21 = strings.Contains(text, "(ocf::")
	return r
}

// gone tells that a node is off and needs no fencing. Guests that are off are
// in no list of short text.
func (r *reader) gone(node string) bool {
	i, ok := r.nodes[node]
	if !ok {
		return len(r.st.Nodes) > 0
	}
	n := &r.st.Nodes[i]
	return !n.Online && !n.Unclean && !n.Pending
}

func (r *reader) line(ln line) {
	if ln.s == "" {
		r.blank()
		return
	}
	r.last = ln
	if r.stopped {
		return
	}
	if len(ln.s) > maxLine || garbled(ln.s) {
		r.unparsed(ln)
		return
	}
	if ln.s[0] == '<' && beginsXML(ln.s) {
		if r.nothing() {
			r.isXML = true
		} else {
			r.second(ln)
		}
		return
	}
	if ln.s[len(ln.s)-1] == ':' && len(ln.s) < 40 {
		// crm_simulate has bullets before them
		if sec, ok := sections[strings.ToLower(ln.s)]; ok && (!ln.bullet || sec != inHead && sec != inWarnings) {
			r.open(sec, ln)
			return
		}
	}
	switch r.section {
	case inFailed, inFencing, inNodesOnly: // where any line may belong
		if bystander(ln) {
			r.flushAction()
			return
		}
	}
	if r.dispatch(ln) {
		r.understood++
	} else if !bystander(ln) {
		r.unparsed(ln)
	}
}

// blank ends the parts that have no other end.
func (r *reader) blank() {
	r.by.end()
	switch r.section {
	case inWarnings:
		r.section = inHead
	case inFailed, inFencing:
		r.flushAction()
	}
}

func (r *reader) open(sec section, ln line) {
	r.flushAction()
	if sec == inSimulation {
		// crm_simulate goes on with what it would do; the state is read.
		r.stopped = true
		return
	}
	if sec == inDaemons && r.seen[inDaemons] > 0 {
		r.second(ln)
		return
	}
	if r.seen[sec] == 0 {
		r.seen[sec] = ln.no
	}
	r.section = sec
	switch sec {
	case inResources:
		if strings.HasPrefix(strings.ToLower(ln.s), "active") {
			r.st.ActiveOnly = true
		}
		r.res.close()
	case inNodesOnly:
		r.only.open(ln.s)
	case inHead:
		if strings.EqualFold(ln.s, "cluster status:") {
			r.head.clusterStatus = true
		}
	}
	r.attrNode = ""
}

// dispatch gives a line to the part it stands in. Head, nodes and resources
// are told apart by the shape of the line, for old releases have no headline
// between them and pasted text has lost its blank lines.
func (r *reader) dispatch(ln line) bool {
	switch r.section {
	case inWarnings:
		r.st.Warnings = append(r.st.Warnings, ln.s)
		return true
	case inFailed, inFencing:
		return r.actionLine(ln)
	case inAttributes:
		return r.attributeLine(ln)
	case inMigration:
		return r.migrationLine(ln)
	case inBans:
		return r.banLine(ln)
	case inTickets:
		return r.ticketLine(ln)
	case inPCSD:
		return r.pcsdLine(ln)
	case inDaemons:
		return r.daemonLine(ln)
	case inNodesOnly:
		return r.only.line(r, ln)
	}
	return r.headLine(ln) || r.nodeLine(ln) || r.section != inResources && r.by.read(ln) ||
		r.res.line(ln) || ruler(ln)
}

// beginsXML recognises the start of a document with a status.
func beginsXML(s string) bool {
	return strings.HasPrefix(s, "<?xml ") || strings.HasPrefix(s, "<pacemaker-result") || strings.HasPrefix(s, "<crm_mon")
}

// ruler recognises the lines of "=" around the head, until 1.1.7.
func ruler(ln line) bool { return strings.Trim(ln.s, "=-") == "" }

func (r *reader) unparsed(ln line) {
	s := ln.s
	if ln.bullet {
		s = "* " + s
	}
	r.st.keep(ln.no, s)
}

// second stops at the start of another status in the same text: reading both
// into one model would tell of a cluster that never was.
func (r *reader) second(ln line) {
	r.st.missing("line %d: a second status begins here, and only the first was read: give one at a time", ln.no)
	r.stopped = true
}
