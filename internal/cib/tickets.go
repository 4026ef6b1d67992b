package cib

import (
	"cmp"
	"regexp"

	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/playbook"
)

// tickets let resources run where a ticket is granted.
var tickets = &kind{
	word: "ticket constraint", section: "constraints", tag: "rsc_ticket",
	want:  wantTickets,
	match: alike(ends{"rsc", "ticket"}, "rsc", "ticket", "rsc-role"), write: writeConstraint, pcs: pcsTicket,
	keeps: byTool, text: ticketText, autoID: ticketID, setsID: "ticket_set_", binds: bindTicket,
}

func wantTickets(b *builder, p *playbook.Playbook) (list []*object) {
	for _, c := range p.Constraints.Ticket {
		ticket := pair{name: "ticket", value: c.Ticket}
		if len(c.Sets) > 0 {
			list = append(list, b.setConstraint(c.ID, c.Pos, c.Sets, c.Options, ticket))
			continue
		}
		list = append(list, b.constraint(c.ID, c.Pos, c.Options, pair{name: "rsc", value: c.Resource}, pair{name: "rsc-role", value: pacemaker.Role(c.Role)}, ticket))
	}
	return list
}

// ticketID is the id of pcs (_create_id in its lib/cib/constraint/ticket.py).
func ticketID(get func(string) string) string {
	id := "ticket-" + get("ticket") + "-" + get("rsc")
	if role := get("rsc-role"); role != "" {
		id += "-" + role
	}
	return sanitizeID(id)
}

// pcsTicketName is what pcs takes for the name of a ticket, as booth does; before
// 0.11 it took any.
var pcsTicketName = regexp.MustCompile(`^[A-Za-z0-9-]{1,63}$`)

func pcsTicket(e *editor, w *object, x *etree.Element) string {
	if e.want.dialect != pcs.Pcs010 && !pcsTicketName.MatchString(w.get("ticket")) {
		return ""
	}
	if len(w.sets) > 0 {
		return pcsInstead(x) + e.pcsSets("ticket", w, w.attrs)
	}
	line := "pcs constraint ticket add " + w.get("ticket") + " "
	if role := w.get("rsc-role"); role != "" {
		line += pacemaker.RoleFor(role, e.want.dialect.NewRoles()) + " "
	}
	return pcsInstead(x) + pcsLine(line+w.get("rsc"), w.withID(w.besides("rsc", "rsc-role", "ticket"))...)
}

// ticketText is a ticket constraint as pcs lists it.
func ticketText(_ *editor, x *etree.Element) string {
	return spaced(cmp.Or(setsText(x), roleText(x, "rsc-role", "rsc")), "ticket "+attr(x, "ticket"), named(x, "loss-policy"))
}

func bindTicket(r reader, x *etree.Element) []Constraint {
	base := r.base(x, Ticket)
	base.TicketID, base.Score = attr(x, "ticket"), -Infinity
	return bindOnly(base, r.resourceSets(x))
}
