package pcs

import "strings"

// parseFencingEvent reads an entry of the fencing history: with technical
// details (until 2.1.4, and with --full),
//
//	reboot of n2 failed: delegate=n1, client=pacemaker-controld.1, origin=n1, last-failed='…'
//
// or for people, from 2.1.5 on:
//
//	reboot of n2 by n1 for pacemaker-controld.1@n1 last failed (No such device) at …
func parseFencingEvent(s string) (e FencingEvent, ok bool) {
	action, rest, ok := strings.Cut(s, " of ")
	if !ok || action == "" || len(strings.Fields(action)) > 3 {
		return e, false
	}
	e.Action = action
	switch action { // as the XML has it
	case "turning off":
		e.Action = "off"
	case "unfencing", "turning on":
		e.Action = "on"
	}
	e.Target, rest = cutWord(rest)
	if e.Target == "" {
		return e, false
	}
	if i := strings.LastIndex(rest, " (a later attempt"); i >= 0 && strings.HasSuffix(rest, "succeeded)") {
		e.LaterSucceeded = true
		rest = rest[:i]
	}
	if strings.HasPrefix(rest, "by ") || strings.HasPrefix(rest, "for ") {
		return e.friendly(rest)
	}
	return e.technical(rest)
}

var fencingStates = map[string]string{"failed": "failed", "successful": "success", "pending": "pending"}

// state reads "failed (reason)" up to the end or the next separator.
func (e *FencingEvent) state(s string) (rest string, ok bool) {
	for word, state := range fencingStates {
		if left, found := strings.CutPrefix(s, word); found {
			e.Status = state
			if in, more, ok := cutParens(strings.TrimLeft(left, " ")); ok {
				e.ExitReason = in
				return more, true
			}
			return strings.TrimLeft(left, " "), true
		}
	}
	return s, false
}

func (e *FencingEvent) technical(s string) (FencingEvent, bool) {
	rest, ok := e.state(s)
	if !ok {
		return *e, false
	}
	rest, ok = strings.CutPrefix(rest, ":")
	if !ok {
		return *e, false
	}
	rest = strings.TrimSpace(rest)
	for _, key := range []string{"last-failed=", "last-successful=", "completed="} {
		var found bool
		if rest, e.Completed, found = cutLast(rest, key); found {
			break
		}
	}
	if !whole(e.Completed) {
		return *e, false
	}
	for _, part := range strings.Split(trimComma(rest), ", ") {
		key, value, _ := strings.Cut(part, "=")
		switch strings.TrimSpace(key) {
		case "delegate":
			e.Delegate = value
		case "client":
			e.Client = value
		case "origin":
			e.Origin = value
		default:
			return *e, false
		}
	}
	if e.Status == "pending" && e.Completed != "" { // the end of another
		return *e, false
	}
	return *e, e.Client != "" && (e.Origin != "" || e.Status == "pending")
}

func (e *FencingEvent) friendly(s string) (FencingEvent, bool) {
	if rest, ok := strings.CutPrefix(s, "by "); ok {
		e.Delegate, s = cutWord(rest)
	}
	rest, ok := strings.CutPrefix(s, "for ")
	if !ok {
		return *e, false
	}
	who, rest := cutWord(rest)
	e.Client, e.Origin, ok = cutLastString(who, "@")
	if !ok {
		return *e, false
	}
	rest, ok = e.state(strings.TrimPrefix(rest, "last "))
	if !ok {
		return *e, false
	}
	if rest == "" {
		return *e, e.Status == "pending"
	}
	e.Completed, ok = strings.CutPrefix(rest, "at ")
	return *e, ok && e.Completed != ""
}
