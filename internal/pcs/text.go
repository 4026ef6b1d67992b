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
	r.res.init(st)
	return r
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
	if !ln.bullet && ln.s[len(ln.s)-1] == ':' {
		if sec, ok := sections[strings.ToLower(ln.s)]; ok {
			r.open(sec, ln)
			return
		}
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
	return r.headLine(ln) || r.nodeLine(ln) || r.res.line(ln, r.section == inResources) || r.noise(ln)
}

// noise accepts what people paste along: rulers, the prompt of a shell with
// its command.
func (r *reader) noise(ln line) bool {
	if strings.Trim(ln.s, "=-") == "" {
		return true
	}
	return prompt(ln)
}

// prompt recognises "[root@n1 ~]# pcs status", "# crm_mon -1", "$ pcs status".
func prompt(ln line) bool {
	if ln.bullet {
		return false
	}
	s := ln.s
	if strings.HasPrefix(s, "[") {
		i := strings.IndexByte(s, ']')
		return i > 0 && strings.IndexByte(s[:i], '@') > 0 && i+1 < len(s) && (s[i+1] == '#' || s[i+1] == '$')
	}
	word, rest := cutWord(s)
	last := word[len(word)-1]
	return (last == '#' || last == '$') && (word == "#" || word == "$" || strings.IndexByte(word, '@') > 0) &&
		(rest == "" || strings.Contains(rest, "pcs ") || strings.Contains(rest, "crm"))
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
