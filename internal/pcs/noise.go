package pcs

import (
	"slices"
	"strings"
)

// What stands beside a status in a terminal, a mail or a log.

// bystander recognises a line that is no part of a status: the prompt of a
// shell with its command, what ssh, sudo, script and watch say of themselves.
func bystander(ln line) bool {
	if ln.bullet || len(ln.s) > maxKept {
		return false
	}
	return prompt(ln.s) || chatter(ln.s)
}

// prompt recognises what people paste along, the prompt of a shell with any
// command, and where it has no @ one that prints a status: "[root@n1 ~]# exit",
// "n1:~ # crm_mon -1", "sudo pcs status".
func prompt(s string) bool {
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
	// "root@n1:~# anything", "root@n1:~#", "crm(live)# anything"
	if strings.Contains(before, "@") && (rest == "" || strings.IndexByte(before, ' ') < 0) || strings.HasPrefix(before, "crm(") {
		return true
	}
	return command(rest) && len(strings.Fields(before)) <= 2
}

// wrappers are commands that run the one behind them.
var wrappers = words("sudo doas ssh watch env time timeout")

// command recognises a command that prints a status.
func command(s string) bool {
	first, _ := cutWord(s)
	wrapped := wrappers[first] || strings.HasPrefix(first, "LC_ALL=") || strings.HasPrefix(first, "LANG=")
	if !wrapped && tool(first) == "" {
		return false
	}
	words, i := strings.Fields(s), 0
	if wrapped {
		i = slices.IndexFunc(words, func(w string) bool { return tool(w) != "" })
		if i < 0 {
			return false
		}
	}
	next := ""
	if i+1 < len(words) {
		next = words[i+1]
	}
	switch tool(words[i]) {
	case "crm_mon", "crm_simulate":
		return next == "" || strings.HasPrefix(next, "-")
	case "pcs":
		return slices.Contains([]string{"status", "cluster", "constraint", "resource", "node", "property", "stonith"}, next)
	case "crm":
		return next == "status" || next == "node"
	}
	return false
}

// tool is the name of a command that prints a status, or "".
func tool(word string) string {
	name := strings.TrimPrefix(word[strings.LastIndexByte(word, '/')+1:], "'")
	switch name = strings.TrimPrefix(name, `"`); name {
	case "pcs", "crm", "crm_mon", "crm_simulate":
		return name
	}
	return ""
}

// chatter recognises what the tools around the command print.
func chatter(s string) bool {
	if strings.IndexByte("[sPLSCE`", s[0]) < 0 { // how they begin
		return false
	}
	for _, start := range []string{
		"[sudo] password for ", "sudo: unable to resolve host ", "Pseudo-terminal will not be allocated because ",
		"Last login: ", "Script started on ", "Script done on ",
	} {
		if strings.HasPrefix(s, start) {
			return true
		}
	}
	if rest, ok := strings.CutPrefix(s, "Connection to "); ok {
		return strings.HasSuffix(rest, " closed.")
	}
	if rest, ok := strings.CutPrefix(s, "Every "); ok { // watch: Every 2.0s: pcs status
		interval, cmd, ok := strings.Cut(rest, "s: ")
		return ok && strings.Trim(interval, "0123456789.,") == "" && command(strings.TrimSpace(cmd))
	}
	return strings.Trim(s, "`") == "" && len(s) >= 3 // a fence of Markdown
}

// cutLog recognises what Pacemaker's libraries say of the configuration on
// standard error, and gives it without the name of the function:
//
//	unpack_resources 	error: Resource start-up disabled since …    2.0 to 3.0
//	(unpack_rsc_op) 	warning: Processing failed probe of …      2.0, 2.1
//	   error: unpack_resources: Resource start-up disabled since …  1.1
func cutLog(s string) (string, bool) {
	if strings.HasPrefix(s, "Schema validation of configuration is disabled (") || strings.HasPrefix(s, "Deprecated argument format '") ||
		strings.HasPrefix(s, "Please use '") && strings.Contains(s, " instead.") {
		return s, true
	}
	if level, message, ok := strings.Cut(s, ": "); ok && levels[level] {
		return strings.TrimSpace(message), true
	}
	word, rest := cutWord(s)
	function := strings.TrimSuffix(strings.TrimPrefix(word, "("), ")")
	level, message, ok := strings.Cut(rest, ": ")
	if !ok || !levels[level] || strings.Trim(function, "abcdefghijklmnopqrstuvwxyz_0123456789") != "" {
		return "", false
	}
	return message, true
}

var levels = words("crit error warning notice info debug trace")
