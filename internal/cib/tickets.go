package cib

import (
	"cmp"

	"github.com/beevik/etree"
)

// tickets is a constraint that cannot be declared yet.
var tickets = &kind{
	word: "ticket constraint", section: "constraints", tag: "rsc_ticket",
	keeps: byTool, text: ticketText, binds: bindTicket,
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
