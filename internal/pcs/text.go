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
	"cluster status:":                inHead,
	"cluster summary:":               inHead,
	"current cluster status:":        inHead, // crm_simulate
	"full cluster status:":           inHead,
	"warnings:":                      inWarnings,
	"node list:":                     inNodes,
	"full list of resources:":        inResources,
	"active resources:":              inResources,
	"inactive resources:":            inResources,
	"node attributes:":               inAttributes,
	"migration summary:":             inMigration,
	"operations:":                    inMigration,
	"failed actions:":                inFailed,
	"failed resource actions:":       inFailed,
	"failed fencing actions:":        inFencing,
	"pending fencing actions:":       inFencing,
	"fencing history:":               inFencing,
	"negative location constraints:": inBans,
	"fencing constraints:":           inBans,
	"tickets:":                       inTickets,
	"pcsd status:":                   inPCSD,
	"daemon status:":                 inDaemons,
	"pacemaker nodes:":               inNodesOnly,
	"pacemaker remote nodes:":        inNodesOnly,
	"corosync nodes:":                inNodesOnly,
	"transition summary:":            inSimulation,
	"allocation scores:":             inSimulation,
	"utilization information:":       inSimulation,
	"executing cluster transition:":  inSimulation,
	"revised cluster status:":        inSimulation,
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
	stopped  bool        // the rest belongs to something else
	notRun   *NotRunningError
	last     line
}

// ParseStatus reads the text of pcs status, pcs cluster status, pcs status
// nodes or crm_mon -1, of any release from Pacemaker 1.1.10 and pcs 0.9 on.
//
// The error is *NotRunningError when the text says that the cluster does not
// run on the node, and *SyntaxError when nothing of a status is in it, or too
// much. Otherwise the Status holds all that was understood; ask its Unknown
// before believing it.
func ParseStatus(text []byte) (*Status, error) {
	if len(text) > maxInput {
		return nil, &SyntaxError{Message: tooLarge(len(text))}
	}
	r := newReader(string(text))
	for {
		ln, ok := r.lines.next()
		if !ok {
			break
		}
		r.line(ln)
	}
	return r.finish()
}

func newReader(text string) *reader {
	st := &Status{Source: "text"}
	r := &reader{
		st:    st,
		lines: lines{rest: text},
		seen:  map[section]int{},
		nodes: map[string]int{},
	}
	r.res.init(st, r.gone)
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
	if garbled(ln.s) {
		r.unparsed(ln)
		return
	}
	if ln.s[len(ln.s)-1] == ':' && len(ln.s) < 40 {
		// crm_simulate has bullets before these two
		if sec, ok := sections[strings.ToLower(ln.s)]; ok && (!ln.bullet || sec == inNodes || sec == inResources) {
			r.open(sec, ln)
			return
		}
	}
	if r.section != inWarnings && prompt(ln) {
		r.flushAction()
		return
	}
	if !r.dispatch(ln) {
		r.unparsed(ln)
	}
}

// blank ends the parts that have no other end.
func (r *reader) blank() {
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
	return r.headLine(ln) || r.nodeLine(ln) || r.res.line(ln, r.section == inResources) || ruler(ln)
}

// ruler recognises the lines of "=" around the head, until 1.1.7.
func ruler(ln line) bool { return strings.Trim(ln.s, "=-") == "" }

// prompt recognises what people paste along, the prompt of a shell and the
// command: "[root@n1 ~]# pcs status", "n1:~ # crm_mon -1", "sudo pcs status".
func prompt(ln line) bool {
	if ln.bullet || len(ln.s) > maxKept {
		return false
	}
	s := ln.s
	if strings.HasPrefix(s, "[") { // [root@n1 ~]#
		i := strings.IndexByte(s, ']')
		return i > 0 && i+1 < len(s) && (s[i+1] == '#' || s[i+1] == '$')
	}
	if command(s) {
		return true
	}
	i := strings.IndexAny(s, "#$")
	if i < 0 || i > 60 {
		return false
	}
	before, rest := s[:i], strings.TrimSpace(s[i+1:])
	if rest == "" {
		return strings.Contains(before, "@") // root@n1:~#
	}
	return command(rest) && len(strings.Fields(before)) <= 2
}

// command recognises a command that prints a status.
func command(s string) bool {
	word, rest := cutWord(s)
	if word == "sudo" {
		word, rest = cutWord(rest)
	}
	switch word {
	case "crm_mon", "crm_simulate":
		return rest == "" || strings.HasPrefix(rest, "-")
	case "pcs":
		sub, _ := cutWord(rest)
		return sub == "status" || sub == "cluster" || sub == "constraint" || sub == "resource" || sub == "node" || sub == "property" || sub == "stonith"
	case "crm":
		return rest == "status" || strings.HasPrefix(rest, "node ")
	}
	return false
}

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
