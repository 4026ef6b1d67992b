package pcs

import "strings"

// roles gives each word that a release uses for the state of a resource its
// word of today.
var roles = map[string]string{
	"Started": Started, "Stopped": Stopped,
	"Master": Promoted, "Promoted": Promoted,
	"Slave": Unpromoted, "Unpromoted": Unpromoted,
	"Starting": Starting, "Stopping": Stopping,
	"Promoting": Promoting, "Demoting": Demoting, "Migrating": Migrating,
}

// resourceLine reads one line of a primitive or of one instance of it:
//
//	ID\t(AGENT):\t[ ORPHANED ][FAILED [ROLE]|STATE][ NODE][ (flags)][ (description)][ [ NODES ]]
//
// with any blanks between, and what old releases print elsewhere: the target
// role before the state (1.1.13, 1.1.14), FAILED at the end (1.1.10), no blank
// before the list of nodes (1.1.13 to 2.0.5).
func resourceLine(s string) (r Resource, ok bool) {
	head, rest, agent, ok := cutAgent(s)
	if !ok {
		return r, false
	}
	r.Agent, r.Managed = agent, true
	id, more := cutWord(head)
	if more != "" { // a replica: b-0 (192.168.122.131)
		in, left, ok := cutParens(more)
		if !ok || left != "" {
			return r, false
		}
		r.Address = in
	}
	r.ID = id
	return r, r.state(rest)
}

// cutAgent finds "(class:provider:type):" in a line. The agent itself may
// hold more colons (systemd:m0d@0x72:0x9) and slashes.
func cutAgent(s string) (head, rest, agent string, ok bool) {
	for from := 0; ; {
		end := strings.Index(s[from:], "):")
		if end < 0 {
			return "", "", "", false
		}
		end += from
		if open := strings.LastIndexByte(s[from:end], '('); open >= 0 {
			open += from
			if in := s[open+1 : end]; strings.IndexByte(in, ':') > 0 && !strings.ContainsAny(in, " \t)") {
				head = strings.TrimRight(s[:open], " \t")
				rest = strings.TrimLeft(s[end+2:], " \t")
				return head, rest, oneColon(in), head != ""
			}
		}
		from = end + 2
	}
}

// oneColon writes ocf::heartbeat:IPaddr2, as it was until 2.0.5, with one.
func oneColon(agent string) string {
	if i := strings.Index(agent, "::"); i > 0 && strings.IndexByte(agent[:i], ':') < 0 {
		return agent[:i] + agent[i+1:]
	}
	return agent
}

// maxWords bounds the words and groups behind an agent, and maxFlags the bytes
// of a group that can hold flags.
const (
	maxWords = 32
	maxFlags = 200
)

// state reads what stands behind the agent. Where a resource is active on
// several nodes, their list ends the line, and until 2.1.0 a description
// without parentheses may stand before it.
func (r *Resource) state(s string) bool {
	several := false
	if strings.HasSuffix(s, "]") {
		i := strings.LastIndexByte(s, '[')
		if i <= 0 {
			return false
		}
		r.Nodes, _, several = cutList(s[i:])
		if s = strings.TrimRight(s[:i], " \t"); !several || len(r.Nodes) == 0 {
			return false
		}
	}
	known := false // a role or FAILED was seen
	for parts := 0; s != ""; parts++ {
		if parts == maxWords {
			return false
		}
		if s[0] == '(' {
			before := r.Description
			in, rest, ok := cutParens(s)
			if ok && (r.parens(in) || rest == "" || rest[0] == '(') {
				s = rest
				continue
			}
			// a description with half a parenthesis of its own, at the end
			if in, ok = strings.CutSuffix(s[1:], ")"); !ok || !known {
				return false
			}
			r.Description = strings.TrimSpace(before + " " + in)
			break
		}
		word, rest := cutWord(s)
		switch {
		case (word == "ORPHANED" || word == "REMOVED") && !known: // 3.0.2 announces the second
			r.Orphaned = true
		case word == "FAILED" && !r.Failed && (!known || rest == "" || rest[0] == '('): // 1.1.10: behind the role
			r.Failed, known = true, true
		case roles[word] != "" && r.Role == "" && (several || len(r.Nodes) == 0):
			r.Role, known = roles[word], true
		case word == "Monitoring" && !known:
			r.Role, r.Pending, known = Started, word, true
		case known && len(r.Nodes) == 0 && !strings.ContainsAny(word, "()[]"):
			r.Nodes = []string{word}
		case known && several:
			r.Description, rest = s, ""
		default:
			return false
		}
		s = rest
	}
	if r.Role == "" { // FAILED alone says nothing of promotion
		r.Role = Started
		if len(r.Nodes) == 0 {
			r.Role = Stopped
		}
	}
	if r.Role == Stopped && r.Pending != "" { // the node is that of the probe
		r.StoppedOn, r.Nodes = r.Nodes, nil
	}
	if r.LockedTo != "" && len(r.Nodes) == 1 {
		r.LockedTo, r.Nodes = r.Nodes[0], nil
	}
	return known
}

// parens reads flags, the reason of a failed probe or else a description,
// which looks the same; it tells whether these are flags or a reason.
func (r *Resource) parens(in string) bool {
	if low := strings.ToLower(in); exitTexts[low] > 0 { // which may hold a comma
		r.Probe = low
		return true
	}
	for _, sep := range []string{",", " "} { // 2.0.3 puts a blank between flags
		if len(in) >= maxFlags {
			break
		}
		try, ok := *r, true
		for _, flag := range strings.Split(strings.ReplaceAll(in, "failure ignored", "failure-ignored"), sep) {
			ok = ok && try.flag(strings.TrimSpace(flag))
		}
		if ok {
			*r = try
			return true
		}
	}
	r.Description = strings.TrimSpace(r.Description + " " + in)
	return false
}

func (r *Resource) flag(f string) bool {
	switch f {
	case "UNCLEAN":
		r.Unclean = true
	case "LOCKED":
		r.LockedTo = "?" // the node that the line names
	case "Monitoring":
		r.Pending = f
	case "disabled":
		r.Disabled = true
	case "blocked": // and maintenance: both imply unmanaged, and hide it
		r.Blocked, r.Managed = true, false
	case "unmanaged":
		r.Managed = false
	case "maintenance":
		r.Maintenance, r.Managed = true, false
	case "failure-ignored":
		r.FailureIgnored = true
	default:
		if role, ok := strings.CutPrefix(f, "target-role:"); ok {
			r.TargetRole = targetRole(role)
			r.Disabled = r.TargetRole == Stopped
			return role != ""
		}
		return false
	}
	return true
}

// targetRole gives a target role its word of today; people write it in any
// case.
func targetRole(s string) string {
	for word, role := range roles {
		if strings.EqualFold(s, word) {
			return role
		}
	}
	return s
}

// cutInstance takes the number off the id of an instance: r:2.
func cutInstance(id string) (base, number string) {
	i := strings.LastIndexByte(id, ':')
	if i <= 0 || i+1 == len(id) {
		return id, ""
	}
	for _, c := range id[i+1:] {
		if c < '0' || c > '9' {
			return id, ""
		}
	}
	return id[:i], id[i+1:]
}
