package pcs

import (
	"strings"
	"unicode"
)

// What happened to a text on its way cannot always be undone; it is named then,
// with how to get a good one.

// linesLost tells that what should be several lines stands on one.
func linesLost(ln line) bool {
	n := 0
	for _, t := range landmarks {
		if strings.Contains(ln.s, t) {
			n++
		}
	}
	return n >= 3
}

// broken names, once, what happened to the line breaks where a line is not
// understood.
func (r *reader) broken(ln line) {
	if r.brokenSaid {
		return
	}
	switch {
	case linesLost(ln):
		r.st.missing("line %d: the line breaks are lost, several lines stand on one; attach the text as a file (pcs status > status.txt)", ln.no)
	case r.wrapped(ln):
		r.st.missing("lines %d and %d were one line that somebody's mail or window broke; attach the text as a file (pcs status > status.txt)", r.previous.no, ln.no)
	default:
		return
	}
	r.brokenSaid = true
}

// wrapped tells that a line is the rest of the one before: nothing is between
// them, and together they say what neither says alone.
func (r *reader) wrapped(ln line) bool {
	p := r.previous
	if p.no+1 != ln.no || p.s == "" || ln.bullet || len(p.s)+len(ln.s) > maxLine {
		return false
	}
	both := p
	both.s = p.s + " " + ln.s
	if _, ok := resourceLine(p.s); ok && !strings.ContainsAny(ln.s, ":[]()") && len(strings.Fields(ln.s)) == 1 { // Started, and the node below
		_, ok = resourceLine(both.s)
		return ok
	}
	return !likeStatus(p) && likeStatus(both) || strings.HasPrefix(p.s, "Current DC:") && strings.Contains(both.s, "partition ") && !strings.Contains(p.s, " quorum")
}

// otherText says what to give in place of a text of which no line is one of a
// status.
func otherText(lines []Line) string {
	const give = "give the output of pcs status"
	var first string
	for _, l := range lines {
		if linesLost(line{s: l.Text}) {
			return "the line breaks are lost, several lines stand on one: attach the text as a file (pcs status > status.txt)"
		}
	}
	first = strings.TrimSpace(lines[0].Text)
	low := strings.ToLower(first)
	switch {
	case garbled(first):
		return "this is no text; " + give
	case strings.Contains(low, "command not found"), strings.Contains(low, "no such file or directory"), strings.Contains(low, "permission denied"),
		strings.Contains(low, "must be run as root"), strings.Contains(low, "unable to read"):
		return "the command failed where it ran; " + give + ", as root on a node of the cluster"
	case strings.HasPrefix(first, "{") || strings.HasPrefix(first, "[") && strings.HasSuffix(first, "{"):
		return "this is JSON, and no text or list of lines in it is a status; " + give
	case strings.HasPrefix(first, "totem {"), strings.HasPrefix(first, "# Please read the corosync.conf"):
		return "this is a configuration of Corosync; " + give
	case strings.HasPrefix(low, "cluster name:"), strings.HasPrefix(low, "corosync nodes:"), strings.HasPrefix(low, "resources:"):
		return "this is what pcs config prints, which says nothing of the state; " + give
	case strings.HasPrefix(low, "error:"), strings.HasPrefix(low, "usage:"), strings.HasPrefix(low, "could not connect"):
		return give + " of a node where it succeeds"
	}
	for _, l := range lines {
		if strings.ContainsFunc(l.Text, func(c rune) bool { return c > 0x7f && unicode.IsLetter(c) }) {
			return give + ", in English (LC_ALL=C)"
		}
	}
	if strings.ContainsAny(first, "<>{}=;") {
		return give
	}
	return give + ", in English (LC_ALL=C)"
}
