package cib

import "github.com/hadeploy/hadeploy/internal/plan"

// Differences is what two configurations do not say alike.
type Differences struct {
	// Changes would make the first what the second is: what is created has only
	// the second, what is deleted only the first.
	Changes []plan.Change
	// NotCompared is what one side does not tell.
	NotCompared []plan.Object
	// Kept differs too, and is left out: operators keep it, or the playbook
	// leaves it as it is.
	Kept []plan.Object
}

// comparison is one that is under way.
type comparison struct {
	Differences

	first, second *Configuration
	a, b          string
}

// unknown notes what one side does not tell.
func (c *comparison) unknown(kind, id, why string) {
	c.NotCompared = append(c.NotCompared, plan.Object{Kind: kind, ID: id, Why: why})
}

// leaveOut notes a difference that does not count.
func (c *comparison) leaveOut(m *said, d plan.Diff, why string) {
	side := func(has bool, text string) string {
		if !has {
			return notSet
		}
		return text
	}
	c.Kept = append(c.Kept, plan.Object{Kind: m.kind, ID: m.id + " " + d.Name, Value: side(d.HasBefore, d.Before) + " in " + c.a + ", " + side(d.HasAfter, d.After) + " in " + c.b, Why: why})
}
