package pcs

import "strings"

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
		r.noTickets = ln
		r.st.missing("line %d: pcs could not get the tickets", ln.no)
		return true
	}
	if r.noTickets.no > 0 && ln.indent > r.noTickets.indent { // what crm_ticket said
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
				if t.LastGranted = unquote(value); !whole(t.LastGranted) {
					return false
				}
			}
		}
		rest = rest[:i]
	}
	state, last, ok := cutFirst(rest, "last-granted=")
	if ok {
		if len(last) > 1 && (last[0] == '\'' || last[0] == '"') && last[len(last)-1] == last[0] { // "…" in 3.0
			last = last[1 : len(last)-1]
		}
		if t.LastGranted = last; !whole(last) || strings.HasPrefix(last, `"`) || strings.HasPrefix(last, "\u201d") || strings.HasPrefix(last, "\u201c") {
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
