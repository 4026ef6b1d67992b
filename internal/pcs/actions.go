package pcs

import (
	"strconv"
	"strings"
	"time"
)

// Failed actions come in three grammars. With technical details, on one line
// or on two, as Pacemaker prints them from 1.1.11 on (and with --full still):
//
//	r_monitor_0 on n1 'not installed' (5): call=36, status='complete', exitreason='…', last-rc-change='…', queued=0ms, exec=66ms
//
// in 1.1.10, with line breaks in it:
//
//	r_monitor_0 (node=n1, call=3, rc=7, status=complete, last-rc-change=…, queued=0ms, exec=0ms): not running
//
// and for people, from 2.1.2 on:
//
//	r 10s-interval monitor on n1 returned 'error' (reason) at … after 20ms
//	r start on n1 could not be executed (Timed Out: reason) at … after 20s
//
// where 2.1.2 gives the reason as: because '…'. An operation without a key is
// called "unknown operation", or "unknown resource unknown action".
func parseFailedAction(s string) (FailedAction, bool) {
	if a, ok := technicalAction(s); ok {
		return a, true
	}
	if a, ok := oldAction(s); ok {
		return a, true
	}
	return friendlyAction(s)
}

func technicalAction(s string) (a FailedAction, ok bool) {
	key, rest, ok := strings.Cut(s, " on ")
	if !ok || key != "unknown operation" && (strings.ContainsAny(key, " \t") || !a.setKey(key)) {
		return a, false
	}
	node, rest, ok := strings.Cut(rest, " '")
	if !ok {
		return a, false
	}
	text, rest, ok := strings.Cut(rest, "' (")
	if !ok {
		return a, false
	}
	code, attrs, ok := strings.Cut(rest, "): ")
	rc, err := strconv.Atoi(code)
	if !ok || err != nil {
		return a, false
	}
	a.Node, a.RCText, a.RC = node, text, rc
	return a, a.attributes(attrs)
}

// attributes reads "call=…, status=…, exitreason='…', last-rc-change='…',
// queued=0ms, exec=66ms" from its end, for the reason may hold anything.
func (a *FailedAction) attributes(s string) bool {
	s = strings.TrimSuffix(strings.TrimSpace(s), ",")
	var exec, queued string
	s, exec, _ = cutLast(s, "exec=")
	s, queued, _ = cutLast(s, "queued=")
	s, a.LastChange, _ = cutLast(s, "last-rc-change=")
	var reason string
	var ok bool
	if s, reason, ok = cutFirst(s, "exitreason="); !ok {
		s, reason, _ = cutFirst(s, "exit-reason=")
	}
	s, a.Status, ok = cutLast(s, "status=")
	if !ok || a.Status == "" {
		return false
	}
	s, a.Call, ok = cutLast(s, "call=")
	if !ok || s != "" {
		return false
	}
	a.ExitReason = oneReason(reason)
	var okExec, okQueued bool
	a.ExecMS, okExec = millis(exec)
	a.QueuedMS, okQueued = millis(queued)
	return okExec && okQueued && whole(a.LastChange) && whole(a.Status) && whole(reason)
}

// cutLast cuts "key=value" off the end of a list, with quotes or without.
func cutLast(s, key string) (before, value string, ok bool) {
	i := strings.LastIndex(s, key)
	if i < 0 || i > 0 && s[i-1] != ' ' {
		return s, "", false
	}
	return trimComma(s[:i]), unquote(s[i+len(key):]), true
}

// cutFirst is cutLast for a value that may hold the key itself.
func cutFirst(s, key string) (before, value string, ok bool) {
	i := strings.Index(s, key)
	if i < 0 || i > 0 && s[i-1] != ' ' {
		return s, "", false
	}
	return trimComma(s[:i]), unquote(s[i+len(key):]), true
}

func trimComma(s string) string {
	return strings.TrimSuffix(strings.TrimSpace(s), ",")
}

// unquote takes quotes off; a value with only the first one was cut and keeps
// it, see whole.
func unquote(s string) string {
	s = strings.TrimSpace(s)
	if len(s) >= 2 && s[0] == '\'' && s[len(s)-1] == '\'' {
		return s[1 : len(s)-1]
	}
	return s
}

func whole(value string) bool {
	return !strings.HasPrefix(value, "'") && !strings.HasPrefix(value, "\u2018") && !strings.HasPrefix(value, "\u2019") // see typography
}

// oneReason gives a reason on one line, as text and XML break and pad it in ways
// of their own, and "" for the word that releases before 2.1 and all XML have
// for none.
func oneReason(s string) string {
	if s == "none" {
		return ""
	}
	return strings.Join(strings.Fields(s), " ")
}

func millis(s string) (int64, bool) {
	if s == "" || s == "(null)ms" {
		return 0, true
	}
	number, ok := strings.CutSuffix(s, "ms")
	n, err := strconv.ParseInt(number, 10, 64)
	return n, ok && err == nil
}

func oldAction(s string) (a FailedAction, ok bool) {
	key, rest, ok := strings.Cut(s, " (node=")
	if !ok || strings.ContainsAny(key, " \t") || !a.setKey(key) {
		return a, false
	}
	i := strings.LastIndex(rest, "): ")
	if i < 0 {
		return a, false
	}
	rest, a.RCText = rest[:i], strings.TrimSpace(rest[i+3:])
	if strings.Contains(rest, "): ") {
		return a, false
	}
	var rc string
	a.Node, rest, ok = strings.Cut(rest, ", call=")
	if !ok {
		return a, false
	}
	a.Call, rest, ok = strings.Cut(rest, ", rc=")
	if !ok {
		return a, false
	}
	rc, rest, ok = strings.Cut(rest, ", status=")
	n, err := strconv.Atoi(rc)
	if !ok || err != nil || a.RCText == "" {
		return a, false
	}
	a.RC = n
	a.Status, rest, _ = strings.Cut(rest, ",")
	if i := strings.Index(rest, "last-rc-change="); i >= 0 {
		a.LastChange = trimComma(strings.SplitN(rest[i+len("last-rc-change="):], "queued=", 2)[0])
		a.LastChange = unquote(a.LastChange)
	}
	_, exec, timed := cutLast(strings.TrimSpace(rest), "exec=")
	if timed {
		if a.ExecMS, ok = millis(exec); !ok {
			return a, false
		}
	} else if a.LastChange != "" || strings.Contains(rest, "queued=") { // all are printed, or none
		return a, false
	}
	a.Status = strings.TrimSpace(a.Status)
	return a, true
}

func friendlyAction(s string) (a FailedAction, ok bool) {
	a.RC = -1
	// The first of these, for a reason may hold the other.
	const done, not = " returned '", " could not be executed ("
	end, returned := strings.Index(s, done), true
	start := end + len(done)
	if i := strings.Index(s, not); i >= 0 && (end < 0 || i < end) {
		end, start, returned = i, i+len(not), false
	}
	if end < 0 {
		return a, false
	}
	head, rest := s[:end], s[start:]
	what, node, ok := cutLastString(head, " on ")
	words := strings.Fields(what)
	nameless := what == "unknown resource unknown action"
	if !ok || node == "" || strings.ContainsAny(node, " \t") && node != "unknown node" || len(words) < 2 || len(words) > 4 {
		return a, false
	}
	a.Resource, _ = cutInstance(words[0])
	a.Node = node
	a.Operation = strings.Join(words[1:], " ")
	if len(words) >= 3 {
		interval, ok := strings.CutSuffix(words[1], "-interval")
		if ok {
			if a.IntervalMS, ok = duration(interval); !ok {
				return a, false
			}
			a.Operation = strings.Join(words[2:], " ")
		}
	}
	if a.Operation == "probe" {
		a.Operation = "monitor"
	}
	if nameless {
		a.Resource, a.Operation = "", ""
	}
	rest, after, ok := cutAfter(rest)
	if ok {
		a.ExecMS = after
	}
	if rest, a.LastChange = cutAt(rest); strings.Contains(a.LastChange, " after ") {
		return a, false // what follows "after" was cut
	}
	what, reason, ok := cutReason(rest, returned)
	if !ok {
		return a, false
	}
	a.ExitReason = oneReason(reason)
	if !returned {
		a.Status = what
		return a, true
	}
	a.Status, a.RCText = "complete", what
	if rc, ok := exitTexts[strings.ToLower(what)]; ok {
		a.RC = rc
	}
	return a, true
}

// cutReason reads what stands behind "returned '" or "could not be executed
// (" up to the time.
func cutReason(s string, returned bool) (what, reason string, ok bool) {
	end := ")"
	if returned {
		end = "'"
	}
	if before, because, found := strings.Cut(s, end+" because '"); found { // 2.1.2
		if reason, ok = strings.CutSuffix(because, "'"); ok && before != "" && !strings.Contains(before, end) {
			return before, reason, true
		}
	}
	if !returned {
		s, ok = strings.CutSuffix(s, ")")
		what, reason, _ = strings.Cut(s, ": ")
		return what, reason, ok
	}
	what, s, ok = strings.Cut(s, "'")
	if s = strings.TrimSpace(s); !ok || s == "" {
		return what, "", ok
	}
	if len(s) < 2 || s[0] != '(' || s[len(s)-1] != ')' {
		return "", "", false
	}
	return what, s[1 : len(s)-1], true
}

func cutLastString(s, sep string) (before, after string, ok bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// cutAfter cuts " after 1m20s" off the end.
func cutAfter(s string) (string, int64, bool) {
	before, after, ok := cutLastString(s, " after ")
	if !ok {
		return s, 0, false
	}
	ms, ok := duration(after)
	if !ok {
		return s, 0, false
	}
	return before, ms, true
}

// cutAt cuts " at TIME" off the end. It stands behind a quote or a
// parenthesis, which a reason that holds " at " itself does not.
func cutAt(s string) (string, string) {
	for end := len(s); ; {
		i := strings.LastIndex(s[:end], " at ")
		if i <= 0 {
			return s, ""
		}
		if s[i-1] == ')' || s[i-1] == '\'' {
			return s[:i], s[i+len(" at "):]
		}
		end = i
	}
}

// duration reads what Pacemaker prints for an interval: 20ms, 10s, 1m30s,
// 1h, 2d4h. The result is in milliseconds.
func duration(s string) (int64, bool) {
	days := int64(0)
	if i := strings.IndexByte(s, 'd'); i > 0 {
		n, err := strconv.ParseInt(s[:i], 10, 32)
		if err != nil {
			return 0, false
		}
		days, s = n, s[i+1:]
		if s == "" {
			return days * 24 * 3600 * 1000, true
		}
	}
	d, err := time.ParseDuration(s)
	return days*24*3600*1000 + d.Milliseconds(), err == nil && !strings.HasPrefix(s, "-")
}

// setKey takes an operation key apart: resource_operation_interval.
func (a *FailedAction) setKey(key string) bool {
	i := strings.LastIndexByte(key, '_')
	if i <= 0 {
		return false
	}
	ms, err := strconv.ParseInt(key[i+1:], 10, 64)
	if err != nil {
		return false
	}
	a.IntervalMS = ms
	rest := key[:i]
	for _, op := range []string{"migrate_to", "migrate_from"} { // these hold a _
		if id, ok := strings.CutSuffix(rest, "_"+op); ok {
			a.Operation = op
			a.Resource, _ = cutInstance(id)
			return id != ""
		}
	}
	j := strings.LastIndexByte(rest, '_')
	if j <= 0 {
		return false
	}
	a.Operation = rest[j+1:]
	id := rest[:j]
	for _, notify := range []string{"_pre_notify", "_post_notify", "_confirmed-pre_notify", "_confirmed-post_notify"} {
		if base, ok := strings.CutSuffix(id, notify); ok {
			a.Operation, id = "notify", base
		}
	}
	a.Resource, _ = cutInstance(id)
	return true
}
