package planreport

import (
	"fmt"

	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/plural"
)

// countsInWords puts a plan's counts in words, the same in the terminal and in a
// comment.
func countsInWords(p *plan.Plan) string {
	c := p.Counts
	text := fmt.Sprintf("Plan: %d to create, %d to change, %d to delete", c.Create, c.Update, c.Delete) + secretsSum(p)
	if n := c.Unknown - notCompared(p); n > 0 {
		text += fmt.Sprintf(" (%d not known in full yet)", n)
	}
	switch {
	case c.Restarts > 0:
		text += fmt.Sprintf("; %s, %s in all", plural.Of(c.Restarts, "restart"), plural.Of(c.Interruptions, "interruption"))
	case c.Interruptions > 0:
		text += "; " + plural.Of(c.Interruptions, "interruption")
	}
	return text
}

// secretsSum is the end of a plan's sum: the secrets that are replaced, and
// those of which that is not known. They are counted apart, so that the rest
// is the same for whoever has the secrets and for whoever has not.
func secretsSum(p *plan.Plan) string {
	text := ""
	if n := p.Counts.Secrets; n > 0 {
		text = fmt.Sprintf("; %s to replace", plural.Of(n, "secret"))
	}
	if n := notCompared(p); n > 0 {
		text += fmt.Sprintf("; %s not compared", plural.Of(n, "secret"))
	}
	return text
}

func notCompared(p *plan.Plan) (n int) {
	for _, c := range p.Changes {
		if c.Maybe {
			n++
		}
	}
	return n
}
