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
		if strings.HasSuffix(a.text.String(), "=") {
			r.st.missing("lines %d and %d were one line: a = ends what a mail in quoted-printable breaks; attach the text as a file (pcs status > status.txt)", ln.no-1, ln.no)
		}
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
	if a.begun && !strings.HasSuffix(text, ",") { // else its last line is missing
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
