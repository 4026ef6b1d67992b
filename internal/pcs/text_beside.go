package pcs

import (
	"slices"
	"strings"
)

// What is no status is told by its place: before the first line of a whole
// head, between a prompt with another command and the next one, and behind the
// last line of a status. It is named and does not make the state unknown, but
// is looked through for a second status and for "not running".

// away says where the reader is when it is not in a status.
type away int

const (
	here         away = iota
	inSimulation      // what crm_simulate says beside a status
	atPrompt          // what another command printed
	behind            // the end of the status
	inSecond          // a status that is not read
)

// beginsStatus recognises the lines that only the head of a status has.
func beginsStatus(ln line) bool {
	key, _, ok := strings.Cut(ln.s, ":")
	if !ok || len(ln.s) > maxLine {
		return false
	}
	switch key {
	case "Cluster name", "Stack", "Current DC", "Cluster Summary", "Cluster Status", "Current cluster status":
		return true
	}
	return false
}

// elsewhere reads a line outside a status; false is for one that ends it.
func (r *reader) elsewhere(ln line) bool {
	if r.away == inSecond {
		return true
	}
	if ln.s[0] == '<' && beginsXML(ln.s) {
		r.away = here
		return false
	}
	if len(ln.s) > maxLine || garbled(ln.s) {
		if r.away != inSimulation {
			r.unparsed(ln)
		}
		return true
	}
	if beginsStatus(ln) {
		r.away, r.section = here, inHead
		return false
	}
	if command, ok := atPromptOf(ln); ok {
		r.atPrompt(ln, command)
		return true
	}
	switch {
	case r.notRunningLine(ln):
	case r.away == inSimulation:
		r.aside(ln)
	case bystander(ln):
	case r.isHeadline(ln), r.away == behind && likeStatus(ln):
		r.second(ln)
	default:
		r.aside(ln)
	}
	return true
}

// isHeadline recognises a headline that no other command prints.
func (r *reader) isHeadline(ln line) bool {
	t, _ := titleOf(ln.s)
	switch t.opens {
	case inNodes, inResources, inDaemons, inPCSD:
		return true
	}
	return false
}

// atPrompt takes a prompt: what follows is a status again, or no part of one.
func (r *reader) atPrompt(ln line, command string) {
	if r.nothing() && !saysFailed(ln.s) {
		r.ran = line{}
	}
	r.flushAction()
	r.res.close()
	r.section = inHead
	if printsStatus(command) || r.nothing() && showsResources(command) {
		r.away = here
		r.part = nil
		return
	}
	r.away = atPrompt
	r.prompt = ln
	r.part = nil
}

// aside notes a line of what is no status, once for each part.
func (r *reader) aside(ln line) {
	titled := r.away != inSimulation && hasLandmark(ln.s)
	if r.part != nil {
		r.part.Lines = ln.no - r.part.Line + 1
		r.part.titled = r.part.titled || titled
		return
	}
	if len(r.st.Beside) >= maxLines {
		return
	}
	first := ln
	if r.away == atPrompt && r.prompt.no > 0 {
		first = r.prompt
	}
	r.st.Beside = append(r.st.Beside, Beside{Line: first.no, Lines: ln.no - first.no + 1, Text: clip(first.s, maxKept), titled: titled})
	r.part = &r.st.Beside[len(r.st.Beside)-1]
}

// before keeps a line that stands before any of a status, until it is known
// whether a whole head follows.
func (r *reader) before(ln line) bool {
	if r.section != inHead || !r.nothing() || r.head.begun || garbled(ln.s) || len(ln.s) > maxLine || likeStatus(ln) || len(r.preamble) > maxLines {
		return false
	}
	r.preamble = append(r.preamble, ln)
	return true
}

// preambleKnown puts what stands before the head where it belongs.
func (r *reader) preambleKnown() {
	if len(r.preamble) == 0 {
		return
	}
	if r.head.dc && r.head.begun {
		beside := r.st.Beside
		r.st.Beside, r.part, r.away = nil, nil, behind
		for i, ln := range r.preamble {
			if i > 0 && ln.no > r.preamble[i-1].no+3 {
				r.part = nil
			}
			r.aside(ln)
		}
		r.st.Beside = append(r.st.Beside, beside...)
		return
	}
	for _, ln := range r.preamble {
		r.unparsed(ln)
	}
}

// likeStatus recognises a line of a status wherever it stands.
func likeStatus(ln line) bool {
	s := ln.s
	if s == "" || len(s) > maxLine {
		return false
	}
	if beginsStatus(ln) {
		return true
	}
	if _, ok := titleOf(s); ok {
		return true
	}
	if key, value, ok := strings.Cut(s, ":"); ok {
		value = strings.TrimSpace(value)
		if _, _, list := cutList(value); list {
			word, _ := cutWord(key)
			_, nodes := nodeLists[key]
			return nodes || instanceLists[word] != ""
		}
		if setKinds[key] != "" && value != "" {
			return true
		}
		switch key {
		case "Last updated", "Last change", "Online", "Offline", "Standby": // the last ones of pcs status nodes
			return true
		}
	}
	if word, rest := cutWord(s); nodeKinds[word] != "" {
		var n Node
		if _, state, ok := cutLastString(rest, ": "); ok && n.mode(state) {
			return true
		}
	}
	if _, ok := resourceLine(s); ok {
		return true
	}
	return configured(s)
}

// configured recognises the counts of the head.
func configured(s string) bool {
	number, rest := cutWord(s)
	what, rest := cutWord(rest)
	return digits(number) && slices.Contains([]string{"node", "nodes", "resource", "resources"}, strings.ToLower(what)) && strings.Contains(rest, "configured") ||
		digits(number) && strings.HasPrefix(rest, "configured")
}

// oneLine takes one line apart.
func oneLine(s string) line {
	ls := lines{rest: s}
	ln, _ := ls.next()
	return ln
}
