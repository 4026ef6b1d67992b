package report

import (
	"fmt"

	"github.com/hadeploy/hadeploy/internal/plan"
)

// secretsSum is the end of a plan's sum: the secrets that are replaced, and
// those of which that is not known. They are counted apart, so that the rest
// is the same for whoever has the secrets and for whoever has not.
func secretsSum(p *plan.Plan) string {
	text := ""
	if n := p.Counts.Secrets; n > 0 {
		text = fmt.Sprintf("; %s to replace", count(n, "secret"))
	}
	if n := notCompared(p); n > 0 {
		text += fmt.Sprintf("; %s not compared", count(n, "secret"))
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
