package pcs

import "strings"

// pcsdStates are what pcs says of the pcsd of a node.
var pcsdStates = map[string]bool{
	"Online": true, "Offline": true, "Unable to authenticate": true, "Unknown": true,
}

// pcsdLine reads "n1: Online" and "n1 (10.0.0.1): Online".
func (r *reader) pcsdLine(ln line) bool {
	if strings.TrimPrefix(ln.s, "Error: ") == "Unable to get PCSD status" { // for who is not root
		r.st.missing("line %d: pcs could not get the state of pcsd on the nodes", ln.no)
		return true
	}
	name, state, ok := cutLastString(ln.s, ": ")
	if !ok || !pcsdStates[state] {
		return false
	}
	name, addr := cutWord(name)
	addr = strings.TrimPrefix(addr, "member ") // 0.9, where corosync names the nodes by address
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
