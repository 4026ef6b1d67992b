package pcs

import (
	"slices"
	"strings"
)

// What stands beside a status in a terminal, a mail or a log.

// bystander recognises a line that is no part of a status: the prompt of a
// shell with its command, what ssh, sudo, script, watch and Ansible say of
// themselves.
func bystander(ln line) bool {
	if ln.bullet || len(ln.s) > maxKept {
		return false
	}
	_, ok := promptCommand(ln.s)
	return ok || chatter(ln.s) || ansibleHeader(ln.s)
}

// atPromptOf gives the command behind a prompt; a header of Ansible stands for
// one that is not known.
func atPromptOf(ln line) (command string, ok bool) {
	if ln.bullet || len(ln.s) > maxKept {
		return "", false
	}
	if ansibleHeader(ln.s) {
		return "pcs status", true
	}
	return promptCommand(ln.s)
}

// promptCommand recognises what people paste along, the prompt of a shell with
// any command, and where it has no @ or path one that prints a status:
// "[root@n1 ~]# exit", "n1:~ # exit", "sudo pcs status". The command may be
// empty.
func promptCommand(s string) (cmd string, ok bool) {
	if in, rest, ok := cutParens(s); ok && rest != "" && !strings.ContainsAny(in, " :") { // (venv) [u@n1 ~]$
		s = rest
	}
	if strings.HasPrefix(s, "[") { // [root@n1 ~]#
		i := strings.IndexByte(s, ']')
		if i <= 0 || i+1 >= len(s) || s[i+1] != '#' && s[i+1] != '$' {
			return "", false
		}
		return strings.TrimSpace(s[i+2:]), true
	}
	if command(s) {
		return s, true
	}
	if rest, ok := strings.CutPrefix(s, "$ "); ok {
		return rest, true
	}
	i := strings.IndexAny(s, "#$>")
	if i < 0 || i > 60 {
		return "", false
	}
	before, rest := s[:i], strings.TrimSpace(s[i+1:])
	host, path, hasPath := strings.Cut(strings.TrimSpace(before), ":")
	switch {
	case strings.Contains(before, "@") && (rest == "" || strings.IndexByte(before, ' ') < 0) && s[i] != '>', strings.HasPrefix(before, "crm("):
		return rest, true // "root@n1:~# anything", "root@n1:~#", "crm(live)# anything"
	case hasPath && host != "" && path != "" && !strings.ContainsAny(host, " \t") && !strings.ContainsAny(path, " \t") && (path[0] == '~' || path[0] == '/'):
		return rest, true // "n1:~ # anything"
	}
	return rest, s[i] != '>' && command(rest) && len(strings.Fields(before)) <= 2
}

// ansibleHeader recognises "n1 | CHANGED | rc=0 >>" and "fatal: [n1]: FAILED! =>".
func ansibleHeader(s string) bool {
	if !strings.Contains(s, " | ") {
		return strings.HasPrefix(s, "fatal: [") && (strings.Contains(s, "]: FAILED!") || strings.Contains(s, "]: UNREACHABLE!"))
	}
	parts := strings.Split(s, " | ")
	switch strings.TrimSuffix(strings.ToUpper(parts[1]), "!") {
	case "CHANGED", "SUCCESS", "FAILED", "UNREACHABLE":
	default:
		return false
	}
	return !strings.ContainsAny(parts[0], " \t") && (len(parts) == 2 || strings.HasPrefix(parts[2], "rc="))
}

// saysFailed tells that Ansible says of a command that it failed: in the header of
// a result, or in its return code, a line of its own.
func saysFailed(s string) bool {
	if ansibleHeader(s) {
		before, rest, told := strings.Cut(s, "| rc=")
		rc, _ := cutWord(rest)
		return strings.Contains(before, "FAILED") || strings.Contains(before, "UNREACHABLE") || told && rc != "0"
	}
	rc, ok := strings.CutPrefix(strings.ReplaceAll(s, `"`, ""), "rc: ")
	rc = strings.TrimSuffix(rc, ",")
	return ok && digits(rc) && rc != "0"
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

// printsStatus tells that the output of a command is a status, or that it may
// be: nothing is known of a script.
func printsStatus(command string) bool {
	words := strings.Fields(command)
	i := slices.IndexFunc(words, func(w string) bool { return tool(w) != "" })
	if i < 0 {
		return false
	}
	next, then := "", ""
	if i+1 < len(words) {
		next = strings.Trim(words[i+1], `"'`)
	}
	if i+2 < len(words) {
		then = strings.Trim(words[i+2], `"'`)
	}
	switch tool(words[i]) {
	case "crm_mon", "crm_simulate":
		return true
	case "pcs":
		return next == "status" && then != "corosync" && then != "quorum" && then != "booth" && then != "qdevice" || next == "cluster" && then == "status"
	case "crm":
		return next == "status"
	}
	return false
}

// showsResources tells that a command lists resources as a status does.
func showsResources(command string) bool {
	words := strings.Fields(command)
	i := slices.IndexFunc(words, func(w string) bool { return tool(w) == "pcs" || tool(w) == "crm" })
	return i >= 0 && i+1 < len(words) && (words[i+1] == "resource" || words[i+1] == "stonith" || words[i+1] == "node")
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
	if strings.IndexByte("[sPLSCE`{}~<", s[0]) < 0 { // how they begin
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
	switch s { // fences
	case "{noformat}", "{code}", "~~~", "[/code]", "[code]", "</pre>", "</code>", "</code></pre>", "}}}", "{{{":
		return true
	}
	return len(s) >= 3 && strings.Trim(s, "`") == "" // of Markdown
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
