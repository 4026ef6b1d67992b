package pcs

import (
	"strings"
)

// reader reads one text.
type reader struct {
	st        *Status
	lines     lines
	section   section
	seen      map[section]int // first line of each section seen
	headlines map[string]bool // that were seen, in lower case

	head     head
	nodes    map[string]int // place in st.Nodes
	res      resourceReader
	action   pendingText // a failed or fencing action over several lines
	attrNode string      // whose attributes or history follow
	// noTickets is where pcs says that it could not get them.
	noTickets line
	only      nodeBlock // in pcs status nodes
	by        byNode
	isXML     bool // a document begins before any status
	away      away
	prompt    line    // the last one, of another command
	ran       line    // where Ansible says that the command that printed it failed
	part      *Beside // that is being passed by
	preamble  []line  // not understood, before anything of a status
	// understood counts lines.
	understood int
	notRun     *NotRunningError
	last       line
	previous   line
	brokenSaid bool
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
	st, _, err := parseText(string(decode(text)))
	return st, err
}

// parseText tells also how many lines were understood.
func parseText(text string) (st *Status, understood int, err error) {
	r := newReader(text)
	for !r.isXML {
		ln, ok := r.lines.next()
		if !ok {
			st, err := r.finish()
			return st, r.understood, err
		}
		r.line(ln)
		if len(r.st.Unparsed)+len(r.preamble) > maxLines && r.nothing() {
			r.preambleKnown()
			return nil, 0, r.whyNothing()
		}
		if r.understood > maxEntries || r.st.full() {
			return nil, 0, tooMany(ln.no)
		}
	}
	st, err = ParseStatusXML([]byte(text))
	if err == nil {
		understood = strings.Count(text, "\n") + 1
		st.failed(r.ran)
	}
	return st, understood, err
}

func newReader(text string) *reader {
	st := &Status{Source: "text"}
	r := &reader{
		st:        st,
		lines:     lines{rest: text},
		seen:      map[section]int{},
		headlines: map[string]bool{},
		nodes:     map[string]int{},
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
	if r.nothing() && saysFailed(ln.s) {
		r.ran = ln
	}
	if r.away != here && r.elsewhere(ln) {
		return
	}
	r.previous, r.last = r.last, ln
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
	// crm_simulate has bullets before them
	if t, ok := titleOf(ln.s); ok && (!ln.bullet || t.opens != inHead && t.opens != inWarnings) {
		r.open(t.opens, ln)
		return
	}
	switch r.section {
	case inFailed, inFencing, inNodesOnly, inWarnings: // where any line may belong
		if r.bystander(ln) {
			return
		}
	}
	switch {
	case r.dispatch(ln):
		r.understood++
	case scored(ln.s) && !r.nothing():
		r.open(inSimulated, ln)
	case linesLost(ln):
		r.broken(ln)
		r.unparsed(ln)
	case r.bystander(ln), r.before(ln):
	case r.ended() && (ln.indent == 0 || strings.ContainsAny(ln.s, " \t")): // else it is half a line of a daemon
		r.away, r.part = behind, nil
		if !r.elsewhere(ln) { // another status
			r.line(ln)
		}
	default:
		r.broken(ln)
		if r.section == inHead || r.section == inNodes || r.section == inResources {
			r.res.unread(ln)
		}
		r.unparsed(ln)
	}
}

// bystander passes by what the terminal and the tools around a command print.
func (r *reader) bystander(ln line) bool {
	if command, ok := atPromptOf(ln); ok {
		r.atPrompt(ln, command)
		return true
	}
	if !bystander(ln) {
		return false
	}
	r.flushAction()
	return true
}

// ended tells that the last line of pcs status was read.
func (r *reader) ended() bool {
	if r.section != inDaemons || !r.head.dc {
		return false
	}
	for _, name := range []string{"pacemaker", "pcsd"} {
		if _, ok := r.st.Daemons[name]; !ok {
			return false
		}
	}
	return true
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
	title := strings.ToLower(ln.s)
	switch {
	case sec == inSimulated:
		// crm_simulate goes on with what it would do; the state is read.
		r.away, r.part = inSimulation, nil
		r.aside(ln)
		return
	case sec == inHead:
		if r.anotherHead(ln) {
			return
		}
	case r.headlines[title] && (sec == inNodes || sec == inResources):
		if r.another(ln) {
			return
		}
	case r.headlines[title] && sec != inNodesOnly, sec == inDaemons && r.seen[inDaemons] > 0:
		r.second(ln)
		return
	}
	r.headlines[title] = true
	if r.seen[sec] == 0 {
		r.seen[sec] = ln.no
	}
	r.section = sec
	switch sec {
	case inResources:
		if strings.HasPrefix(title, "active") {
			r.st.ActiveOnly = true
		}
		r.res.close()
		r.res.base = ln.indent
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
		if !beginsStatus(ln) && !strings.HasPrefix(ln.s, "Last updated:") && !strings.HasPrefix(ln.s, "Status of pacemakerd:") {
			r.st.Warnings = append(r.st.Warnings, ln.s)
			return true
		}
		r.section = inHead // the blank line between was lost
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
		r.res.line(ln) || r.notRunningLine(ln) || r.logLine(ln) || ruler(ln)
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
	r.away = inSecond
}

// anotherHead looks whether a line of a head begins another status: reads on
// where what stands above has no head, and else stops.
func (r *reader) anotherHead(ln line) bool {
	if len(r.st.Nodes) == r.head.nodes && len(r.st.Resources) == 0 && r.seen[inDaemons] == 0 && r.seen[inPCSD] == 0 {
		return false
	}
	if r.head.begun {
		r.second(ln)
		return true
	}
	if r.only.seen && len(r.st.Resources) == 0 { // pcs status nodes and pcs cluster status say different things
		return false
	}
	r.again("line %d: a status with a head begins here, and only it was read: what stands above belongs to another", ln.no)
	return false
}

// another takes a line with which a status without a head begins, below one: of
// two without, the later is read. It tells that reading ends here.
func (r *reader) another(ln line) bool {
	if r.head.begun || r.head.any || r.only.seen {
		r.second(ln)
		return true
	}
	r.again("line %d: another status begins here, and only it was read: give one at a time", ln.no)
	return false
}

// again forgets the status above, and reads on.
func (r *reader) again(why string, line int) {
	r.flushAction()
	fresh := newReader("")
	fresh.lines, fresh.understood, fresh.notRun, fresh.preamble = r.lines, r.understood, r.notRun, r.preamble
	fresh.previous, fresh.last = r.previous, r.last
	fresh.st.Unparsed, fresh.st.Incomplete, fresh.st.Beside = r.st.Unparsed, r.st.Incomplete, r.st.Beside
	fresh.res.before21 = r.res.before21
	fresh.st.missing(why, line)
	*r = *fresh
	r.res.gone = r.gone
}
