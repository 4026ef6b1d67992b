package pcs

import "strings"

// pendingText gathers an entry that goes over several lines.
type pendingText struct {
	text  strings.Builder
	line  int
	lines int
	begun bool // the first line looks like one of an entry
}

// actionLine reads a line of the failed resource or fencing actions.
func (r *reader) actionLine(ln line) bool {
	if ln.bullet || !r.continues(ln.s) {
		r.flushAction()
	}
	a := &r.action
	if a.lines == 0 {
		a.line = ln.no
		a.begun = strings.Contains(ln.s, " on ") || strings.Contains(ln.s, " (node=") || strings.Contains(ln.s, " of ")
	} else if a.lines < 20 && a.text.Len() < maxLine { // no entry has more; a huge text must not gather
		a.text.WriteByte(' ')
	} else {
		r.flushAction()
		a.line = ln.no
	}
	a.lines++
	a.text.WriteString(ln.s)
	return true
}

// continues tells that a line without a bullet goes on with the entry before.
func (r *reader) continues(s string) bool {
	if r.action.lines == 0 {
		return false
	}
	for _, start := range []string{"last-", "completed=", "queued=", "exec=", ",", ")", "exitreason=", "exit-reason="} {
		if strings.HasPrefix(s, start) {
			return true
		}
	}
	// An entry of 1.1.10 to 1.1.13 has no bullet, but begins with a key.
	key, rest := cutWord(s)
	var a FailedAction
	if r.section == inFailed && a.setKey(key) && (strings.HasPrefix(rest, "on ") || strings.HasPrefix(rest, "(node=")) {
		return false
	}
	// What an agent gave as its reason may hold line breaks.
	if !r.action.begun {
		return false
	}
	_, ok := r.parseAction()
	return !ok
}

func (r *reader) parseAction() (add func(), ok bool) {
	s := r.action.text.String()
	if r.section == inFencing {
		e, ok := parseFencingEvent(s)
		return func() { r.st.Fencing = append(r.st.Fencing, e) }, ok
	}
	a, ok := parseFailedAction(s)
	return func() { r.st.FailedActions = append(r.st.FailedActions, a) }, ok
}

// flushAction ends an entry.
func (r *reader) flushAction() {
	a := &r.action
	if a.lines == 0 {
		return
	}
	text := a.text.String()
	why, unread := strings.CutPrefix(text, "Failed to get fencing history: ")
	add, ok := func() {}, false
	if a.begun {
		add, ok = r.parseAction()
	}
	switch {
	case unread && r.section == inFencing:
		r.st.missing("line %d: the fencing history could not be read (%s)", a.line, clip(why, maxKept))
	case ok:
		add()
	default:
		r.st.keep(a.line, text)
	}
	a.text.Reset()
	a.lines = 0
}

// nodeHeading reads "Node: n1 (1):" and "Node n1:", which begin the
// attributes and the history of a node.
func (r *reader) nodeHeading(ln line) bool {
	rest, ok := strings.CutPrefix(ln.s, "Node")
	if !ok || rest == "" || rest[0] != ' ' && rest[0] != ':' || !strings.HasSuffix(rest, ":") && !strings.HasPrefix(rest, ": ") {
		return false
	}
	rest = strings.TrimSpace(strings.TrimPrefix(rest, ":"))
	name, id := cutWord(strings.TrimSpace(strings.TrimSuffix(rest, ":")))
	if _, left, ok := cutParens(id); id != "" && (!ok || left != "") {
		return false
	}
	n := Node{Kind: Member}
	if _, known := r.nodes[name]; !known && strings.IndexByte(name, '@') > 0 {
		n.Kind = Guest
	}
	n.setName(name)
	r.attrNode = n.Name
	return n.Name != ""
}

// attributeLine reads "* Node: n1:" and "* name   \t: value".
func (r *reader) attributeLine(ln line) bool {
	if r.nodeHeading(ln) {
		return true
	}
	if r.attrNode == "" {
		return false
	}
	s := strings.TrimPrefix(ln.s, "+ ")
	name, value, ok := strings.Cut(s, "\t:")
	if !ok { // the tab was lost
		name, value = cutWord(s)
		if value, ok = strings.CutPrefix(value, ":"); !ok {
			return false
		}
	}
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	// An attribute of ping has "\t: Connectivity is lost" behind it.
	if i := strings.LastIndex(value, ": Connectivity is "); i > 0 && (value[i-1] == '\t' || value[i-1] == ' ') {
		value = strings.TrimSpace(value[:i])
	}
	if i, ok := r.nodes[r.attrNode]; ok {
		n := &r.st.Nodes[i]
		if n.Attributes == nil {
			n.Attributes = map[string]string{}
		}
		n.Attributes[name] = value
	}
	return true
}

// migrationLine reads the migration summary and the history of operations,
// of which only the fail counts are kept.
func (r *reader) migrationLine(ln line) bool {
	if r.nodeHeading(ln) {
		return true
	}
	s := ln.s
	if strings.HasPrefix(s, "+ (") || strings.HasPrefix(s, "(") { // crm_mon -o
		_, rest, ok := cutParens(strings.TrimPrefix(s, "+ "))
		return ok && rest != ""
	}
	if strings.HasPrefix(s, "Orphan resource: ") {
		return true
	}
	id, rest, ok := strings.Cut(s, ":")
	for ok && rest != "" && rest[0] != ' ' { // an instance: r:0: migration-threshold=
		var more string
		more, rest, ok = strings.Cut(rest, ":")
		id += ":" + more
	}
	rest = strings.TrimSuffix(strings.TrimSpace(rest), ":") // before the operations
	if !ok || strings.ContainsAny(id, " \t") {
		return false
	}
	if rest == "" || rest == "orphan" {
		return true
	}
	f := Failures{Resource: id, Node: r.attrNode}
	if left, value, ok := cutLast(rest, "last-failure="); ok {
		f.LastFailure, rest = value, left
	}
	if !whole(f.LastFailure) {
		return false
	}
	for _, word := range strings.Fields(rest) {
		key, value, _ := strings.Cut(word, "=")
		switch key {
		case "migration-threshold":
			f.Threshold = value
		case "fail-count":
			f.Count = value
		default:
			return false
		}
	}
	r.st.FailCounts = append(r.st.FailCounts, f)
	return true
}

// banLine reads "id\tprevents r from running [as Master|in Promoted role ]on n1".
func (r *reader) banLine(ln line) bool {
	id, rest := cutWord(ln.s)
	rest, ok := strings.CutPrefix(rest, "prevents ")
	if !ok {
		return false
	}
	b := Ban{ID: id}
	b.Resource, rest, ok = strings.Cut(rest, " from running ")
	if !ok {
		return false
	}
	for _, role := range []string{"as Master ", "as Promoted ", "in Promoted role "} {
		var found bool
		if rest, found = strings.CutPrefix(rest, role); found {
			b.PromotedOnly = true
		}
	}
	rest, ok = strings.CutPrefix(rest, "on ")
	if !ok {
		return false
	}
	n := Node{Kind: Member}
	name, _ := cutWord(rest)
	if _, known := r.nodes[name]; !known && strings.IndexByte(name, '@') > 0 {
		n.Kind = Guest
	}
	n.setName(name)
	b.Node = n.Name
	r.st.Bans = append(r.st.Bans, b)
	return b.Node != ""
}

// ticketLine reads a ticket: of crm_mon, with a colon until 2.1, and of
// crm_ticket --details, which pcs status --full prints:
//
//	T:\tgranted [standby] last-granted='…'
//	T\tgranted           (granted=true, last-granted=…, owner=x)
func (r *reader) ticketLine(ln line) bool {
	if strings.HasPrefix(ln.s, "WARNING: Unable to get information about tickets") {
		r.st.missing("line %d: pcs could not get the tickets", ln.no)
		return true
	}
	id, rest := cutWord(ln.s)
	t := Ticket{ID: strings.TrimSuffix(id, ":")}
	if i := strings.IndexByte(rest, '('); i >= 0 {
		details, ok := strings.CutSuffix(rest[i+1:], ")")
		if !ok {
			return false
		}
		for _, part := range strings.Split(details, ", ") {
			key, value, ok := strings.Cut(part, "=")
			if !ok {
				return false
			}
			if key == "last-granted" {
				t.LastGranted = unquote(value)
			}
		}
		rest = rest[:i]
	}
	state, last, ok := cutFirst(rest, "last-granted=")
	if ok {
		if len(last) > 1 && (last[0] == '\'' || last[0] == '"') && last[len(last)-1] == last[0] { // "…" in 3.0
			last = last[1 : len(last)-1]
		}
		if t.LastGranted = last; strings.HasPrefix(last, "'") || strings.HasPrefix(last, `"`) {
			return false // was cut
		}
	}
	word, state := cutWord(state)
	t.Granted, t.Standby = word == "granted", state == "[standby]"
	if !t.Granted && word != "revoked" || !t.Standby && state != "" {
		return false
	}
	r.st.Tickets = append(r.st.Tickets, t)
	return true
}

// pcsdStates are what pcs says of the pcsd of a node.
var pcsdStates = map[string]bool{
	"Online": true, "Offline": true, "Unable to authenticate": true, "Unknown": true,
}

// pcsdLine reads "n1: Online" and "n1 (10.0.0.1): Online".
func (r *reader) pcsdLine(ln line) bool {
	name, state, ok := cutLastString(ln.s, ": ")
	if !ok || !pcsdStates[state] {
		return false
	}
	name, addr := cutWord(name)
	if _, left, ok := cutParens(addr); addr != "" && (!ok || left != "") {
		return false
	}
	if r.st.PCSD == nil {
		r.st.PCSD = map[string]string{}
	}
	r.st.PCSD[name] = state
	return true
}

// The words of systemctl that pcs prints; 0.9.143 passes them on, later
// releases know active, inactive, enabled and disabled.
var (
	activeWords  = words("active inactive failed activating deactivating reloading unknown")
	enabledWords = words("enabled disabled static masked indirect generated linked alias transient enabled-runtime linked-runtime masked-runtime unknown")
)

func words(s string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(s) {
		m[w] = true
	}
	return m
}

// daemonLine reads "corosync: active/enabled".
func (r *reader) daemonLine(ln line) bool {
	name, state, ok := strings.Cut(ln.s, ": ")
	active, enabled, both := strings.Cut(state, "/")
	if !ok || !both || strings.ContainsAny(name, " \t") || !activeWords[active] || !enabledWords[enabled] {
		return false
	}
	if r.st.Daemons == nil {
		r.st.Daemons = map[string]string{}
	}
	r.st.Daemons[name] = state
	return true
}
