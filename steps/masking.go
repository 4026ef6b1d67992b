package steps

import (
	"context"

	"github.com/hadeploy/hadeploy/internal/cib"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/secret"
	"github.com/hadeploy/hadeploy/internal/verify"
	"github.com/hadeploy/hadeploy/inventory"
	"github.com/hadeploy/hadeploy/playbook"
)

// A node may print what it was given: an agent its password as its exit reason,
// a command its input. So everything that leaves this package as words (events,
// findings, plans, summaries) has passed the run's Masker, and nothing that it
// compares has.

// maskEvents masks events before anybody sees them.
func maskEvents(m *secret.Masker, emit func(Event)) func(Event) {
	return func(e Event) { emit(secret.Words(m, e)) }
}

// know tells the Masker what is known before any node was asked: the passwords
// of the inventory, and the playbook's secrets, but for those that a command
// would have to be run for. The names of the playbook are no secrets.
func (c *Cluster) know(nodes []inventory.Node) {
	if c.mask == nil {
		return
	}
	for _, n := range nodes {
		c.mask.Add(n.Password, n.BecomePassword)
		c.mask.Public(n.Name, n.NodeName, n.Host, n.User)
	}
	if c.Playbook == nil {
		return
	}
	c.mask.Public(publicNames(c.Playbook)...)
	refs := []playbook.SecretRef{c.Playbook.Hacluster.Password}
	for o := range c.Playbook.Secrets() {
		refs = append(refs, *o.Value.Secret)
	}
	for _, ref := range refs {
		if !ref.IsZero() && ref.Command == nil {
			_, _ = c.Secret(context.Background(), ref) // who needs it says what is wrong with it
		}
	}
}

// learn tells the Masker the secrets of a live CIB: what stands under the name
// of a secret, or of an option that the playbook has a secret for.
func (c *Cluster) learn(live *cib.CIB) {
	if c.mask == nil || live == nil {
		return
	}
	declared := map[string]bool{}
	if c.Playbook != nil {
		for o := range c.Playbook.Secrets() {
			declared[o.Name] = true
		}
	}
	c.mask.Add(live.Secrets(func(name string) bool { return declared[name] || secret.Named(name) })...)
}

// maskStatus takes the secrets out of the agents' own words in a status, before it is
// judged: Pacemaker cuts them at 128 bytes, and what is left of a secret at the
// end can be recognised only while it is the end.
func (c *Cluster) maskStatus(s *verify.NodeStatus) {
	c.learn(s.CIB)
	if s.Status != nil {
		for i := range s.Status.FailedActions {
			a := &s.Status.FailedActions[i]
			a.ExitReason = c.mask.Cut(a.ExitReason)
		}
		for i := range s.Status.Fencing {
			e := &s.Status.Fencing[i]
			e.ExitReason = c.mask.Cut(e.ExitReason)
		}
	}
	for i := range s.Fencing {
		s.Fencing[i].ExitReason = c.mask.Cut(s.Fencing[i].ExitReason)
	}
}

// maskChanges makes a difference that holds a known secret a secret one, and
// masks the words beside it.
func (c *Cluster) maskChanges(changes []plan.Change) {
	for i := range changes {
		ch := &changes[i]
		ch.Note, ch.Pcs = c.mask.Text(ch.Note), c.mask.Text(ch.Pcs)
		for j, d := range ch.Diffs {
			if !d.Secret && (c.mask.Holds(d.Before) || c.mask.Holds(d.After)) {
				d.Secret = true
				ch.Diffs[j] = d.Sealed([]byte(d.Before), []byte(d.After))
			}
		}
	}
}
