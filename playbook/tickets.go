package playbook

import (
	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// Ticket lets resources run at a site only while the site holds a ticket, which
// booth or a person grants and revokes.
type Ticket struct {
	ID       string // empty: made from the ticket and the resource as pcs does
	Ticket   string
	Resource string
	Role     string        // Started, Promoted, Unpromoted; empty: any
	Options  Options       // loss-policy
	Sets     []ResourceSet // instead of Resource and Role
	Pos      diag.Pos
}

func (l *loader) ticket(n *yamldoc.Node, path yamldoc.Path, once map[string]int) Ticket {
	c := Ticket{ID: text(n.Get("id")), Ticket: text(n.Get("ticket")), Resource: text(n.Get("resource")), Role: text(n.Get("role")), Pos: l.doc.Pos(n)}
	l.declare(n.Get("id"), path+".id", &declared{kind: "constraint"})
	if t := n.Get("ticket"); c.Ticket != "" && !idText.MatchString(c.Ticket) {
		l.judgeAt(l.doc.Pos(t), path+".ticket", "start with a letter or _, and go on with letters, digits, _ . -", "%s cannot be the name of a ticket", quote(c.Ticket))
	}
	if f := n.Field("loss_policy"); f != nil && f.Value.Kind == yamldoc.Scalar {
		c.Options = Options{{Name: "loss-policy", Value: Value{Text: f.Value.Text, Pos: l.doc.Pos(f.Value)}, Pos: l.doc.KeyPos(f)}}
	}
	l.oneForm(n, path, []string{"resource"}, []string{"role"})
	c.Sets = l.resourceSets(n.Get("sets"), path+".sets", "role")
	if len(c.Sets) > 0 {
		l.only(once, c.Pos, path, "ticket %q %s", c.Ticket, setsWord(c.Sets))
		return c
	}
	l.promotes(n.Get("role"), c.Role, l.refer(n.Get("resource"), path+".resource"), c.Resource, path+".role")
	if c.Resource != "" && c.Ticket != "" {
		l.only(once, c.Pos, path, "ticket %q %q %q", c.Ticket, c.Role, c.Resource)
	}
	return c
}

// checkTickets finds what Pacemaker would replace by another policy.
func (l *loader) checkTickets(p *Playbook) {
	property, off := p.fencingOff()
	if !off {
		return
	}
	for _, c := range p.Constraints.Ticket {
		if v, ok := c.Options.Get("loss-policy"); ok && v.Text == "fence" {
			l.judgeAt(v.Pos, "constraints.ticket", "use stop, or add a fencing device and remove "+property,
				"%s is false, so nothing can be fenced when the ticket %s is lost: Pacemaker would stop the resource", property, c.Ticket)
		}
	}
}
